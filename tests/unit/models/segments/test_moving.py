"""Shares of segments and distances that moved between two days, by hand."""

import re

import numpy as np
import pytest

from models.segments.clusters import NONE, Assigned
from models.segments.moving import (
    SegmentsOther,
    segment_drift,
    segment_reference,
)


def assigned(segment: list[int], distance: float = 1.0) -> Assigned:
    count = len(segment)
    spread = np.linspace(0.5, 1.5, count) * distance
    return Assigned(np.array(segment), spread, np.ones(count))


def test_nothing_has_moved_where_nothing_changed() -> None:
    customers = assigned([0] * 60 + [1] * 30 + [NONE] * 10)
    found = segment_drift(segment_reference(customers, 2), customers)
    assert found.psi == pytest.approx(0.0)
    assert found.rows["segment"].tolist() == [0, 1, NONE]
    assert found.rows["share_then"].tolist() == found.rows["share_now"].tolist() == [0.6, 0.3, 0.1]
    assert found.rows["distance_psi"].iloc[:2].tolist() == pytest.approx([0.0, 0.0])


def test_the_index_of_moved_shares_by_hand() -> None:
    then = segment_reference(assigned([0] * 60 + [1] * 40), 2)
    found = segment_drift(then, assigned([0] * 20 + [1] * 80))
    shares = [(60.5, 20.5), (40.5, 80.5), (0.5, 0.5)]
    expected = sum((b - a) / 101.5 * np.log(b / a) for a, b in shares)
    assert found.psi == pytest.approx(expected)
    assert found.psi > 0.25
    row = found.rows.iloc[0]
    assert row["share_now_low"] < row["share_now"] == 0.2 < row["share_now_high"]
    assert (row["customers_then"], row["customers_now"]) == (60, 20)


def test_customers_that_moved_away_from_the_middle_are_seen_while_shares_stay() -> None:
    then = segment_reference(assigned([0] * 60 + [1] * 40), 2)
    found = segment_drift(then, assigned([0] * 60 + [1] * 40, distance=3.0))
    assert found.psi == pytest.approx(0.0)
    assert (found.rows["distance_psi"].iloc[:2] > 0.25).all()
    first = found.rows.iloc[0]
    assert first["distance_now"] == pytest.approx(3 * first["distance_then"])


def test_an_empty_segment_has_no_distance() -> None:
    then = segment_reference(assigned([0] * 60 + [1] * 40), 2)
    found = segment_drift(then, assigned([0] * 50)).rows
    assert np.isnan(found["distance_now"].iloc[1])
    assert float(found["distance_then"].iloc[1]) > 0
    assert found.loc[1, "customers_now"] == 0


def test_a_reference_of_other_segments_is_refused() -> None:
    then = segment_reference(assigned([0] * 6 + [1] * 4), 2)
    expected = (
        "drift needs customers in the 2 segments of the reference, but found segments [4]; assign "
        "them by the model that the reference was made with"
    )
    with pytest.raises(SegmentsOther, match=re.escape(expected)):
        segment_drift(then, assigned([0, 4]))

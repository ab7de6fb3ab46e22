import io
import re

import numpy as np
import pandas as pd
import pytest

from models.drift import drift, medians, reference
from models.spec import ColumnsMissing
from tests.churners import churners

THEN = churners(4000, seed=1).features
NOW = churners(3000, seed=2).features


def psi(then: pd.DataFrame, now: pd.DataFrame) -> dict[str, float]:
    found = drift(reference(then), now)
    return dict(zip(found["column"], found["psi"], strict=True))


def test_the_same_customers_have_not_drifted() -> None:
    assert max(psi(THEN, THEN).values()) < 1e-12


def test_other_customers_of_the_same_kind_have_hardly_drifted() -> None:
    assert max(psi(THEN, NOW).values()) < 0.02


def test_a_moved_column_is_found_and_no_other() -> None:
    found = psi(THEN, NOW.assign(spend_28d=NOW["spend_28d"] * 3))
    assert found["spend_28d"] > 0.25
    assert max(value for name, value in found.items() if name != "spend_28d") < 0.02


def test_the_index_of_two_bins_by_hand() -> None:
    then = pd.DataFrame({"flag": np.repeat([0.0, 1.0], [60, 40])})
    now = pd.DataFrame({"flag": np.repeat([0.0, 1.0], [20, 80])})
    shares = [(0.5, 0.5), (60.5, 20.5), (40.5, 80.5), (0.5, 0.5)]  # missing, 0, 1, above
    expected = sum((b - a) / 102 * np.log(b / a) for a, b in shares)
    assert psi(then, now)["flag"] == pytest.approx(expected)


def test_more_missing_values_are_a_drift() -> None:
    gone = NOW["gap_mean_days"].where(np.arange(3000) % 2 == 0)
    found = drift(reference(THEN), NOW.assign(gap_mean_days=gone)).set_index("column")
    row = found.loc["gap_mean_days"]
    assert row["psi"] > 0.25
    assert (row["missing_share_then"], row["missing_share_now"]) == pytest.approx(
        (0.2, 0.6), abs=0.03
    )


def test_columns_that_became_empty_or_constant_have_a_finite_index() -> None:
    found = psi(THEN, NOW.assign(color=np.nan, spend_28d=-1e300))
    assert np.isfinite(list(found.values())).all()


def test_nobody_today_is_a_finite_index_too() -> None:
    assert np.isfinite(list(psi(THEN, NOW.iloc[:0]).values())).all()


def test_a_reference_survives_parquet() -> None:
    file = io.BytesIO()
    reference(THEN).to_parquet(file)
    pd.testing.assert_frame_equal(drift(pd.read_parquet(file), NOW), drift(reference(THEN), NOW))


def test_shares_of_every_column_sum_to_one() -> None:
    sums = reference(THEN).groupby("column")["share"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(6))


def test_a_new_column_is_left_out_and_a_lost_one_refused() -> None:
    assert "extra" not in set(drift(reference(THEN), NOW.assign(extra=1.0))["column"])
    with pytest.raises(ColumnsMissing, match=re.escape("the table lacks ['color']")):
        drift(reference(THEN), NOW.drop(columns="color"))


def test_medians_are_those_of_known_values() -> None:
    found = medians(reference(THEN.assign(empty=np.nan)))
    assert found["gap_mean_days"] == THEN["gap_mean_days"].median()
    assert np.isnan(found["empty"])

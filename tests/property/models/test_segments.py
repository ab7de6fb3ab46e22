"""What holds for segments of any customers."""

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from models.segments.agreement import adjusted_rand, overlaps
from models.segments.clusters import NONE, Centres
from models.segments.describing import roundest
from models.segments.fitting import split
from models.segments.model import SegmentModel, restored
from models.segments.preparing import NothingToGroup
from models.segments.reducing import space_of
from models.segments.settings import SegmentsSpec
from tests.oracles import segments as oracle

FEW = settings(max_examples=settings().max_examples // 2)
VALUES = st.one_of(
    st.none(), st.integers(0, 3).map(float), st.floats(-1e9, 1e9, allow_subnormal=False)
)
ROWS = st.lists(
    st.tuples(VALUES, VALUES, st.sampled_from([0.0, 1.0, None]), st.sampled_from(["a", "b", None])),
    min_size=6,
    max_size=30,
)
LABELS = st.lists(st.integers(NONE, 3), min_size=2, max_size=25)


def table_of(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["spend", "gap", "is_new", "region"])
    return table.astype({"spend": float, "gap": float, "is_new": float})


def model_of(table: pd.DataFrame, reduce: str) -> SegmentModel | None:
    spec = SegmentsSpec.model_validate(
        {"columns": ("spend", "gap", "is_new"), "categories": ("region",), "reduce": reduce}
    )
    try:
        space = space_of(table, spec)
    except NothingToGroup:
        return None
    with threadpool_limits(limits=1):
        return SegmentModel(space, split(space.points(table), 2, spec, 0))


def bytes_of(model: SegmentModel, table: pd.DataFrame) -> list[bytes]:
    found = model.assign(table)
    return [found.segment.tobytes(), found.distance.tobytes(), found.certainty.tobytes()]


@FEW
@given(ROWS, st.sampled_from(["none", "pca"]), st.randoms(use_true_random=False))
def test_a_customer_belongs_where_they_belong_whoever_is_beside_them(
    rows: list[tuple[object, ...]], reduce: str, chance: random.Random
) -> None:
    table = table_of(rows)
    model = model_of(table, reduce)
    if model is None:
        return
    whole = model.assign(table)
    order = list(range(len(rows)))
    chance.shuffle(order)
    some = model.assign(table.iloc[order[:4]])
    assert some.segment.tolist() == whole.segment[order[:4]].tolist()
    assert some.distance.tobytes() == whole.distance[order[:4]].tobytes()
    assert np.isfinite(whole.distance).all()
    assert ((whole.certainty >= 0) & (whole.certainty <= 1)).all()
    assert bytes_of(restored(model.tables()), table) == bytes_of(model, table)


@given(st.data())
def test_agreement_is_that_of_pairs_and_of_sets(data: st.DataObject) -> None:
    one = data.draw(LABELS)
    other = data.draw(st.lists(st.integers(NONE, 3), min_size=len(one), max_size=len(one)))
    ours, theirs = np.array(one), np.array(other)
    found = adjusted_rand(ours, theirs)
    assert found == pytest.approx(oracle.adjusted_rand(one, other))
    assert found == pytest.approx(adjusted_rand(theirs, ours))
    assert adjusted_rand(ours, ours) == 1.0
    assert overlaps(ours, theirs, 4).tolist() == pytest.approx(_overlaps(one, other))


def _overlaps(one: list[int], other: list[int]) -> list[float]:
    there = set(one)
    found = oracle.overlaps(one, other, 4) if there else []
    return [each if number in there else 0.0 for number, each in enumerate(found)]


@given(st.lists(st.lists(st.floats(-9, 9), min_size=2, max_size=2), min_size=1, max_size=9))
def test_every_point_belongs_to_the_nearest_centre(points: list[list[float]]) -> None:
    centres = np.array([[0.0, 0.0], [4.0, 1.0], [-3.0, 2.0]])
    found = Centres(centres).assign(np.array(points)).segment
    assert found.tolist() == oracle.nearest(np.array(points), centres)


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_a_round_threshold_divides_as_it_did(low: float, step: float) -> None:
    high = low + step
    if low < high:
        assert low <= roundest(low, high) < high

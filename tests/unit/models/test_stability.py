from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contract import Cause, Column
from models.explain import CAUSES
from models.spec import Fitted, FloatArray
from models.stability import LEAST_TOLD, Stability, bootstrapped, stability, told
from tests.oracles import looking, reasons

CAUSE: dict[str, Cause | None] = {
    "spend_7d": "rival",
    "spend_28d": "rival",
    "gap_7d": "habit fading",
    "visits_7d": "novelty",
    "place_7d": None,
}
COLUMNS = tuple(
    Column(name, "days", None, "never", f"meaning of {name}", "", cause)
    for name, cause in CAUSE.items()
)


@dataclass(frozen=True)
class Saying:
    """A model that says what it is told to."""

    moved: FloatArray
    columns: tuple[str, ...] = tuple(CAUSE)
    library_object: object = None
    base: float = 0.0

    def predict(self, features: pd.DataFrame) -> FloatArray:
        return np.full(len(features), 0.5)

    def contributions(self, features: pd.DataFrame, of_rows: int | None = None) -> FloatArray:
        del features, of_rows
        return self.moved

    def calibrated(self, slope: float, intercept: float) -> Fitted:
        del intercept
        return Saying(self.moved * slope)


def judged(own: FloatArray, *others: FloatArray) -> Stability:
    table = pd.DataFrame(np.zeros((len(own), len(COLUMNS))), columns=list(CAUSE))
    said = [told(Saying(each), table, COLUMNS) for each in (own, *others)]
    return stability(said[0], said[1:], seed=3)


def noise(rows: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(rows, len(COLUMNS)))


@given(data=st.data(), rows=st.integers(1, 5), refits=st.integers(1, 3))
def test_agreement_is_that_of_plain_loops(data: st.DataObject, rows: int, refits: int) -> None:
    eighths = st.integers(-8, 8).map(lambda eighths: eighths / 8)
    size = rows * len(COLUMNS)

    def drawn() -> FloatArray:
        values = data.draw(st.lists(eighths, min_size=size, max_size=size))
        return np.array(values).reshape(rows, len(COLUMNS))

    own, others = drawn(), [drawn() for _ in range(refits)]
    found = judged(own, *others)
    pairs = [(mine, theirs) for other in others for mine, theirs in zip(own, other, strict=True)]
    overlaps = [looking.overlap(*pair, COLUMNS) for pair in pairs]
    assert found.overlap.value == pytest.approx(np.mean(overlaps), abs=1e-12)
    causes = [[reasons.leading(moved, COLUMNS)[0] for moved in pair] for pair in pairs]
    same = [mine == theirs for mine, theirs in causes if mine]
    assert found.first_cause.value == pytest.approx(np.mean(same) if same else np.nan, nan_ok=True)
    sizes = [
        [abs(table[:, :2].sum(axis=1)).sum(), *np.abs(table[:, 2:]).sum(axis=0)]
        for table in (own, *others)
    ]
    ranks = [looking.spearman(sizes[0], each) for each in sizes[1:]]
    assert found.ranks.value == pytest.approx(np.mean(ranks), abs=1e-9, nan_ok=True)


def test_refits_that_say_the_same_agree_wholly_at_any_calibration() -> None:
    own = noise(100, seed=1)
    found = judged(own, own, 3.5 * own)
    for each in (found.ranks, found.overlap, found.first_cause):
        assert (each.value, each.low, each.high) == pytest.approx((1, 1, 1))


def test_models_that_say_anything_agree_as_much_as_chance() -> None:
    found = judged(noise(4000, seed=1), *(noise(4000, seed=seed) for seed in (2, 3, 4)))
    assert found.first_cause.value == pytest.approx(found.by_chance, abs=0.03)
    assert found.first_cause.low <= found.by_chance <= found.first_cause.high


def test_a_cause_that_moves_on_is_told_apart_from_one_that_stays() -> None:
    rows = 2 * LEAST_TOLD
    own, other = np.zeros((rows, 5)), np.zeros((rows, 5))
    own[:LEAST_TOLD, 2], own[LEAST_TOLD:, 3] = 1, 1
    other[:, 2] = 1
    found = judged(own, other)
    shares = {each.cause: each.share and each.share.value for each in found.by_cause}
    assert shares == {"habit fading": 1.0, "novelty": 0.0}
    assert found.first_cause.value == 0.5
    assert found.by_chance == 0.5


def test_of_a_cause_that_leads_few_customers_nothing_is_said() -> None:
    own = np.zeros((LEAST_TOLD, 5))
    own[1:, 2], own[0, 3] = 1, 1
    found = {each.cause: (each.customers, each.share) for each in judged(own, own).by_cause}
    assert found["novelty"] == (1, None)
    assert found["habit fading"] == (LEAST_TOLD - 1, None)


def test_the_interval_holds_what_more_refits_would_say() -> None:
    """Refits differ more than customers do, so that the interval must come from them."""
    random = np.random.default_rng(8)
    own = noise(400, seed=1)
    spreads = random.uniform(0.2, 3.0, size=200)
    refits = [own + spread * noise(400, seed=9) for spread in spreads]
    truth = judged(own, *refits).overlap.value
    held = [judged(own, *refits[first : first + 5]).overlap for first in range(0, len(refits), 5)]
    assert np.mean([each.low <= truth <= each.high for each in held]) > 0.75


def test_a_resample_holds_whole_customers_as_often_as_they_are_drawn() -> None:
    customers = np.array(["a", "b", "c", "a", "b", "a"], dtype=object)
    for rows in bootstrapped(customers, refits=20, seed=4):
        times = np.bincount(rows, minlength=6)
        assert times[0] == times[3] == times[5]
        assert times[1] == times[4]
        assert times[0] + times[1] + times[2] == 3


def test_resamples_differ_and_are_the_same_for_one_seed() -> None:
    customers = np.arange(50)
    first = [rows.tolist() for rows in bootstrapped(customers, 3, seed=4)]
    assert first == [rows.tolist() for rows in bootstrapped(customers, 3, seed=4)]
    assert first[0] != first[1]
    assert len(set(CAUSES)) == 7

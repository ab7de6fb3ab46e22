"""A hazard model: its curves, its calibration, and what is read from a curve."""

import re
from functools import cache

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.churn.booster import restore
from models.hazard import (
    WEEK_COLUMN,
    HazardFitted,
    HazardGbm,
    calibrate,
    extrapolated_mean,
    fit,
    leaving_within,
    median_weeks,
    restored,
    restricted_mean,
)
from models.lifetimes import Lifetimes
from models.spec import ColumnsMissing, FloatArray, OneClassOnly
from models.survival_metrics import Judged, gone_ratio

WEEKS = 10
SPEC = HazardGbm(trees=40, rows_per_leaf=50, learning_rate=0.15, column_share=1.0)


def hazards(features: pd.DataFrame) -> FloatArray:
    """Half leave slowly at a steady pace; the others soon or never: their curves cross."""
    week = np.arange(1, WEEKS + 1)
    steady, soon = np.full(WEEKS, 0.08), 0.3 * (week <= 2)
    is_steady = features["is_steady"].to_numpy()[:, None] == 1
    return np.where(is_steady, steady, soon) * np.exp(features["pull"].to_numpy()[:, None] / 2)


def drawn(customers: int, seed: int, harsher: float = 1.0) -> tuple[pd.DataFrame, Lifetimes]:
    """Customers and when they left; who was watched for less long is left open."""
    random = np.random.default_rng(seed)
    features = pd.DataFrame(
        {
            "is_steady": random.integers(0, 2, customers).astype(float),
            "pull": random.normal(size=customers),
            "idle": np.where(random.random(customers) < 0.3, np.nan, 1.0),
        }
    )
    ends = random.random((customers, WEEKS)) < np.clip(hazards(features) * harsher, 0, 0.95)
    end = np.where(ends.any(axis=1), ends.argmax(axis=1) + 1, WEEKS + 1)
    watched = random.integers(1, WEEKS + 1, customers)
    return features, Lifetimes(np.minimum(end, watched), end <= watched)


@cache
def learnt() -> HazardFitted:
    features, lifetimes = drawn(4_000, 1)
    return fit(SPEC, features, lifetimes, WEEKS, seed=3)


def test_curves_are_those_that_lifetimes_were_drawn_from() -> None:
    features, _ = drawn(2_000, 2)
    truth = np.cumprod(1 - np.clip(hazards(features), 0, 0.95), axis=1)
    assert np.abs(learnt().survival(features) - truth).mean() < 0.04


def test_hazards_need_not_be_proportional() -> None:
    both = pd.DataFrame({"is_steady": [1.0, 0.0], "pull": [0.0, 0.0], "idle": [1.0, 1.0]})
    steady, soon = learnt().hazards(both)
    assert steady[0] < soon[0] / 2
    assert steady[-1] > 2 * soon[-1]


def test_curves_fall_within_0_to_1_and_begin_with_the_first_hazard() -> None:
    features, _ = drawn(50, 3)
    survival, hazard = learnt().survival(features), learnt().hazards(features)
    assert survival.shape == (50, WEEKS)
    assert np.all(np.diff(survival, axis=1) <= 0)
    assert survival[:, 0] == pytest.approx(1 - hazard[:, 0])
    assert survival.min() >= 0


def test_nobody_has_no_curve() -> None:
    features, _ = drawn(5, 3)
    assert learnt().survival(features.head(0)).shape == (0, WEEKS)


def test_equal_arguments_learn_equal_models_at_any_threads() -> None:
    features, lifetimes = drawn(500, 4)
    few = SPEC.model_copy(update={"trees": 10})
    threaded = few.model_copy(update={"threads": 2})
    found = [fit(spec, features, lifetimes, WEEKS, 3) for spec in (few, few, threaded)]
    texts = [each.library_object.model_to_string().split("parameters:")[0] for each in found]
    assert texts[0] == texts[1] == texts[2]


def test_a_sample_of_the_weeks_learns_nearly_the_same() -> None:
    features, lifetimes = drawn(4_000, 1)
    few = SPEC.model_copy(update={"rows_most": int(lifetimes.weeks.sum()) // 2})
    asked, _ = drawn(500, 5)
    sampled = fit(few, features, lifetimes, WEEKS, seed=3).survival(asked)
    assert np.abs(sampled - learnt().survival(asked)).mean() < 0.025


def test_the_object_alone_gives_hazards_with_the_week_as_its_last_column() -> None:
    features, _ = drawn(20, 6)
    alone = lgb.Booster(model_str=learnt().library_object.model_to_string())
    assert alone.feature_name() == ["is_steady", "pull", "idle", WEEK_COLUMN]
    third = alone.predict(features.assign(**{WEEK_COLUMN: 3.0}))
    assert np.array_equal(third, learnt().hazards(features)[:, 2])
    again = restored(alone, [*features.columns, WEEK_COLUMN], WEEKS)
    assert np.array_equal(again.survival(features), learnt().survival(features))


def test_later_weeks_correct_the_level_at_every_horizon() -> None:
    """Customers have begun to leave more readily; those weeks of each that came later say so."""
    features, lifetimes = drawn(3_000, 7, harsher=1.8)
    before = np.minimum(lifetimes.weeks, 2)
    later = Lifetimes(lifetimes.weeks, lifetimes.ended, before)
    assert np.all(later.entered <= later.weeks)
    calibrated, line = calibrate(learnt(), features, later, 10**6, seed=1)
    assert line.intercept > 0.2
    asked, truth = drawn(3_000, 8, harsher=1.8)
    for week in (4, 7, 10):
        off, right = (
            gone_ratio(Judged(truth, each.survival(asked)), week)(np.ones((1, 3_000)))[0]
            for each in (learnt(), calibrated)
        )
        assert off > 1.2
        assert right == pytest.approx(1, abs=0.1)


def test_calibration_ranks_as_before_and_can_do_with_a_part_of_the_customers() -> None:
    features, lifetimes = drawn(3_000, 9, harsher=1.8)
    some, line = calibrate(learnt(), features, lifetimes, 4_000, seed=1)
    _, every_line = calibrate(learnt(), features, lifetimes, 10**6, seed=1)
    assert line.intercept == pytest.approx(every_line.intercept, abs=0.3)
    assert line != every_line
    before, after = learnt().hazards(features), some.hazards(features)
    assert np.array_equal(before.argsort(axis=None), after.argsort(axis=None))


def test_without_later_weeks_nothing_is_corrected() -> None:
    features, lifetimes = drawn(50, 10)
    later = Lifetimes(lifetimes.weeks, lifetimes.ended, lifetimes.weeks)
    same, line = calibrate(learnt(), features, later, 100, seed=1)
    assert line.fallback == "one_class"
    assert np.array_equal(same.survival(features), learnt().survival(features))


def test_what_a_curve_says() -> None:
    """Leaving in a week is leaving in its middle: 3/4 of the first week, 1/2 and 1/2, 3/8."""
    curve = np.array([[0.5, 0.5, 0.25], [1.0, 1.0, 1.0], [0.9, 0.8, 0.7], [0.4, 0.0, 0.0]])
    assert restricted_mean(curve) == pytest.approx([1.625, 3, 2.55, 0.9])
    assert median_weeks(curve).tolist() == [1, 0, 0, 1]
    assert leaving_within(curve, [1, 3]).tolist() == [
        [0.5, 0.75],
        [0.0, 0.0],
        [pytest.approx(0.1), pytest.approx(0.3)],
        [0.6, 1.0],
    ]


def test_the_tail_goes_on_with_the_last_hazards() -> None:
    """A hazard of 1/4 for ever: 4 weeks, less the half of the week in which it happens."""
    curve = np.cumprod(np.full((1, 8), 0.75), axis=1, dtype=np.float64)
    assert extrapolated_mean(curve) == pytest.approx([3.5])
    assert extrapolated_mean(curve[:, :1]) == pytest.approx([3.5])
    assert restricted_mean(curve)[0] < 3.5
    assert np.isinf(extrapolated_mean(np.ones((1, 4)))[0])
    assert extrapolated_mean(np.zeros((1, 4))) == pytest.approx([0.5])


def test_a_lifetime_without_an_end_teaches_nothing() -> None:
    features, lifetimes = drawn(100, 11)
    nobody = Lifetimes(lifetimes.weeks, np.zeros(100, dtype=bool))
    with pytest.raises(OneClassOnly, match=r"^training on weeks at risk needs"):
        fit(SPEC, features, nobody, WEEKS, 1)


def test_a_table_without_the_columns_is_refused() -> None:
    text = (
        "the model needs 3 columns, but the table lacks ['pull']; "
        "build the behaviour table with the config that the model was trained with"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(text)}$"):
        learnt().survival(drawn(5, 1)[0].drop(columns="pull"))
    with pytest.raises(ColumnsMissing):
        restore(learnt().library_object, ["pull", WEEK_COLUMN])

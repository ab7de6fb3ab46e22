import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.calibration import (
    Platt,
    ScoresUncalibrated,
    calibrate,
    fit_platt,
    level,
    log_odds,
    reliability,
    require_calibrated,
    sigmoid,
)
from models.churn import gbm
from models.metrics import expected_calibration_error
from models.spec import BoolArray, ChurnGbm, FiguresUnfit, FloatArray, OneClassOnly
from tests.churners import churners


def sloped(slope: float, intercept: float, rows: int = 20_000) -> tuple[BoolArray, FloatArray]:
    random = np.random.default_rng(2)
    odds = random.normal(-1, 1.5, rows)
    return random.random(rows) < sigmoid(slope * odds + intercept), odds


def test_the_line_that_made_the_outcomes_is_found_again() -> None:
    churned, odds = sloped(0.6, -0.4)
    line = fit_platt(churned, odds)
    assert (line.slope, line.intercept) == pytest.approx((0.6, -0.4), abs=0.05)
    assert line.fallback is None


def test_the_line_is_that_of_an_unpenalised_logistic_regression() -> None:
    churned, odds = sloped(0.6, -0.4)
    line = fit_platt(churned, odds)
    other = LogisticRegression(C=np.inf, tol=1e-8).fit(odds[:, None], churned)
    assert line.slope == pytest.approx(other.coef_[0, 0], rel=2e-3)  # Platt's targets pull a little
    assert line.intercept == pytest.approx(other.intercept_[0], rel=2e-3)


def test_a_perfectly_separated_slice_gives_a_finite_line() -> None:
    line = fit_platt(np.array([False, False, True, True]), np.array([-2.0, -1.0, 1.0, 2.0]))
    assert 0 < line.slope < 10


def test_one_class_leaves_the_model_as_it_is() -> None:
    line = fit_platt(np.zeros(4, dtype=np.bool_), np.arange(4.0))
    assert line == Platt(slope=1.0, intercept=0.0, fallback="one_class")


def test_a_slice_without_anybody_leaves_the_model_as_it_is() -> None:
    assert fit_platt(np.zeros(0, dtype=np.bool_), np.zeros(0)).fallback == "one_class"


def test_scores_that_run_against_the_outcome_are_not_turned_round() -> None:
    churned, odds = sloped(-0.6, 0.0)
    assert fit_platt(churned, odds) == Platt(fallback="no_signal")


def test_constant_scores_are_left_as_they_are() -> None:
    assert fit_platt(np.array([True, False]), np.zeros(2)) == Platt(fallback="no_signal")


def test_log_odds_of_certainty_are_finite_and_the_sigmoid_never_overflows() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert sigmoid(np.array([-1e4, 0.0, 1e4])) == pytest.approx([0.0, 0.5, 1.0])


def test_an_overfitted_model_is_better_calibrated_afterwards() -> None:
    people = churners(6000)
    train, later = people.first(1000), people.last(2500)
    between = people.features.iloc[1000:3500], people.churned[1000:3500]
    params = {
        "trees": 400,
        "leaves": 31,
        "learning_rate": 0.15,
        "rows_per_leaf": 20,
        "column_share": 1.0,
        "l2": 0.01,
    }
    wild = gbm.fit(ChurnGbm(), params, train.features, train.churned, seed=1)
    calm, line = calibrate(wild, *between)
    assert line.slope < 0.5
    before, after = (
        expected_calibration_error(later.churned, model.predict(later.features))
        for model in (wild, calm)
    )
    assert after < before / 2


def drawn(rows: int, seed: int = 3) -> tuple[BoolArray, FloatArray]:
    """Outcomes that come true, and the probabilities with which they do."""
    random = np.random.default_rng(seed)
    probability = random.beta(1.5, 5, rows)
    return random.random(rows) < probability, probability


def moved(probability: FloatArray, slope: float, intercept: float) -> FloatArray:
    return sigmoid(slope * log_odds(probability) + intercept)


def test_probabilities_that_come_true_have_a_ratio_and_a_slope_of_one() -> None:
    found = require_calibrated(*drawn(20_000), "expected profits")
    assert found.ratio.value == pytest.approx(1, abs=0.05)
    assert found.slope.value == pytest.approx(1, abs=0.05)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.slope.low < 1 < found.slope.high


def test_reliability_of_four_customers_by_hand() -> None:
    churned = np.array([True, False, False, False])
    found = reliability(churned, np.full(4, 0.5))
    assert found.ratio.value == 0.5
    # Found: 4 residuals of 1/2, a variance of 1; promised: 4 times 1/4, the same.
    assert found.ratio.high == pytest.approx(0.5 + 1.96 * 1 / 2, abs=1e-4)
    assert np.isnan(found.slope.value)


def test_a_slope_and_its_error_are_those_of_the_simulation() -> None:
    slopes = []
    for seed in range(100):
        churned, probability = drawn(2000, seed)
        found = reliability(churned, moved(probability, 2.0, 0.0)).slope
        slopes.append((found.value, (found.high - found.low) / 2 / 1.96))
    values, errors = np.array(slopes).T
    assert values.mean() == pytest.approx(0.5, abs=0.01)
    assert errors.mean() == pytest.approx(values.std(), rel=0.2)


@pytest.mark.parametrize(
    ("slope", "intercept", "found"),
    [
        (1.0, 1.5, "the ratio of customers who left to the sum of the probabilities is 0.4"),
        (1.0, -1.0, "the ratio of customers who left to the sum of the probabilities is 2."),
        (2.0, 1.3, "the slope on their log-odds is 0.4"),
        (0.4, -0.7, "the slope on their log-odds is 2."),
        (-1.0, -2.4, "the slope on their log-odds is -"),
    ],
)
def test_scores_that_do_not_come_true_are_refused(
    slope: float, intercept: float, found: str
) -> None:
    churned, probability = drawn(5000)
    with pytest.raises(ScoresUncalibrated, match=re.escape(found)):
        require_calibrated(churned, moved(probability, slope, intercept), "expected profits")


def test_a_refusal_says_what_was_needed_what_was_found_and_what_to_do() -> None:
    text = (
        "expected profits need probabilities that come true, with a ratio and a slope within 0.80 "
        "to 1.25, but over 800 rows the ratio of customers who left to the sum of the "
        "probabilities is 0.50 (95 % interval 0.43 to 0.57); calibrate the scores on customers "
        "that the model was not fitted on, or use figures that need the ranking alone, such as "
        "the expected maximum profit"
    )
    with pytest.raises(ScoresUncalibrated, match=f"^{re.escape(text)}$"):
        require_calibrated(
            np.tile([True, False, False, False], 200), np.full(800, 0.5), "expected profits"
        )


def test_few_customers_refute_nothing() -> None:
    churned, probability = drawn(30)
    require_calibrated(churned, moved(probability, 1.0, 0.5), "expected profits")
    require_calibrated(np.array([True, False]), np.array([0.7, 0.2]), "expected profits")


def test_scores_that_separate_many_customers_too_timidly_are_refused() -> None:
    churned = np.arange(1000) >= 500
    with pytest.raises(ScoresUncalibrated, match="the slope on their log-odds is"):
        require_calibrated(churned, np.where(churned, 0.6, 0.4), "expected profits")


def test_customers_who_repeat_prove_no_more_than_once() -> None:
    churned, probability = drawn(400)
    score = moved(probability, 1.0, 0.3)
    once = reliability(churned, score)
    many = reliability(np.tile(churned, 9), np.tile(score, 9), np.tile(np.arange(400), 9))
    width = once.ratio.high - once.ratio.low
    assert many.ratio.high - many.ratio.low == pytest.approx(width, rel=0.1)
    width = once.slope.high - once.slope.low
    assert many.slope.high - many.slope.low == pytest.approx(width, rel=0.1)


@pytest.mark.parametrize("least", [0.0, 2e-313])
def test_probabilities_of_nothing_are_refused_where_somebody_left(least: float) -> None:
    with pytest.raises(ScoresUncalibrated, match="probabilities is inf"):
        require_calibrated(np.array([True, False]), np.array([0.0, least]), "expected profits")


def test_a_test_of_calibration_refuses_log_odds_and_one_class() -> None:
    with pytest.raises(FiguresUnfit, match=r"need probability within 0\.\.1, but it"):
        reliability(np.array([True, False]), np.array([-1.0, 0.5]))
    with pytest.raises(OneClassOnly, match="a test of calibration needs customers who left"):
        reliability(np.array([True, True]), np.array([0.9, 0.5]))


def test_a_level_has_the_mean_probability_be_the_rate() -> None:
    odds = np.random.default_rng(4).normal(scale=3, size=500)
    for rate in (1e-6, 0.3, 0.999):
        assert sigmoid(odds + level(odds, rate)).mean() == pytest.approx(rate, rel=1e-6)
    assert level(np.zeros(4), 0.25) == pytest.approx(np.log(1 / 3), abs=1e-12)

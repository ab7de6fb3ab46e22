import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.calibration import Platt, calibrate, fit_platt, level, log_odds, sigmoid
from models.churn import gbm
from models.metrics import expected_calibration_error
from models.spec import BoolArray, ChurnGbm, FloatArray
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


def test_a_level_has_the_mean_probability_be_the_rate() -> None:
    odds = np.random.default_rng(4).normal(scale=3, size=500)
    for rate in (1e-6, 0.3, 0.999):
        assert sigmoid(odds + level(odds, rate)).mean() == pytest.approx(rate, rel=1e-6)
    assert level(np.zeros(4), 0.25) == pytest.approx(np.log(1 / 3), abs=1e-12)

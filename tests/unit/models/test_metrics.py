import re
import time

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from models.metrics import (
    METRICS,
    average_precision,
    brier,
    evaluate,
    expected_calibration_error,
    lift_at,
    log_loss,
    roc_auc,
)
from models.spec import BoolArray, FloatArray, OneClassOnly

CHURNED = np.array([True, False, True, False, False])
PROBABILITY = np.array([0.9, 0.8, 0.3, 0.3, 0.1])


def sample(rows: int, seed: int = 3, digits: int = 6) -> tuple[BoolArray, FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    probability = random.beta(1, 5, rows).round(digits)
    return (
        random.random(rows) < probability,
        probability,
        random.integers(0, 4, rows).astype(np.float64),
    )


def test_roc_auc_counts_a_tie_as_half_a_pair() -> None:
    assert roc_auc(CHURNED, PROBABILITY) == pytest.approx((3 + 0 + 0.5 + 1) / 6)


def test_average_precision_of_five_customers_by_hand() -> None:
    assert average_precision(CHURNED, PROBABILITY) == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)


def test_lift_of_the_first_fifth_by_hand() -> None:
    assert lift_at(0.2, CHURNED, PROBABILITY) == pytest.approx(1 / 0.4)


def test_a_tie_at_the_edge_of_the_share_counts_in_proportion() -> None:
    assert lift_at(0.6, CHURNED, PROBABILITY) == pytest.approx((1.5 / 3) / 0.4)


def test_lift_of_everybody_is_one() -> None:
    assert lift_at(1.0, CHURNED, PROBABILITY) == pytest.approx(1)


def test_log_loss_of_two_customers_by_hand() -> None:
    loss = log_loss(np.array([True, False]), np.array([0.8, 0.4]))
    assert loss == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)


def test_log_loss_of_a_certain_mistake_is_finite() -> None:
    assert log_loss(np.array([True]), np.array([0.0])) == pytest.approx(52 * np.log(2))


def test_brier_of_five_customers_by_hand() -> None:
    assert brier(CHURNED, PROBABILITY) == pytest.approx((0.01 + 0.64 + 0.49 + 0.09 + 0.01) / 5)


def test_calibration_error_of_one_level_is_its_distance_from_the_churn_rate() -> None:
    assert expected_calibration_error(CHURNED, np.full(5, 0.3)) == pytest.approx(0.1)


def test_calibration_error_does_not_let_bins_cancel_each_other_out() -> None:
    churned = np.repeat([True, False], 50)
    assert expected_calibration_error(churned, np.repeat([0.8, 0.2], 50)) == pytest.approx(0.2)


@pytest.mark.parametrize("digits", [6, 1])
def test_weighted_figures_are_those_of_scikit_learn(digits: int) -> None:
    churned, probability, weight = sample(700, digits=digits)
    ours = (roc_auc, average_precision, brier, log_loss)
    theirs = (
        sklearn_metrics.roc_auc_score,
        sklearn_metrics.average_precision_score,
        sklearn_metrics.brier_score_loss,
        sklearn_metrics.log_loss,
    )
    for own, other in zip(ours, theirs, strict=True):
        expected = other(churned, probability, sample_weight=weight)
        assert own(churned, probability, weight) == pytest.approx(expected, rel=1e-12)


def test_rank_metrics_of_one_class_are_not_a_number() -> None:
    nobody = np.zeros(3, dtype=np.bool_)
    probability = np.array([0.1, 0.2, 0.3])
    assert np.isnan([roc_auc(nobody, probability), lift_at(0.5, nobody, probability)]).all()


def test_a_probability_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("one probability per customer, not (4,) for")):
        roc_auc(CHURNED, PROBABILITY[:4])


def test_an_evaluation_holds_every_metric_inside_its_interval() -> None:
    churned, probability, _ = sample(2000)
    estimates = evaluate(churned, probability, seed=5)
    assert list(estimates) == list(METRICS)
    for name in ("roc_auc", "average_precision", "lift_at_5", "lift_at_10", "log_loss", "brier"):
        assert estimates[name].low < estimates[name].value < estimates[name].high


def test_equal_seeds_give_equal_intervals() -> None:
    churned, probability, _ = sample(300)
    assert evaluate(churned, probability, 5) == evaluate(churned, probability, 5)
    assert evaluate(churned, probability, 5) != evaluate(churned, probability, 6)


def test_the_interval_of_brier_is_that_of_a_mean() -> None:
    churned, probability, _ = sample(2000)
    errors = (probability - churned) ** 2
    half = 1.96 * errors.std() / np.sqrt(len(errors))
    estimate = evaluate(churned, probability, seed=5)["brier"]
    assert estimate.low == pytest.approx(errors.mean() - half, abs=half / 8)
    assert estimate.high == pytest.approx(errors.mean() + half, abs=half / 8)


def test_customers_who_repeat_are_drawn_whole() -> None:
    churned, probability, _ = sample(500)
    once = evaluate(churned, probability, seed=5)["brier"]
    four_times = evaluate(
        np.tile(churned, 4), np.tile(probability, 4), seed=5, groups=np.tile(np.arange(500), 4)
    )["brier"]
    assert four_times.low == pytest.approx(once.low)
    assert four_times.high == pytest.approx(once.high)


def test_resamples_in_many_pieces_are_still_as_many_as_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    churned, probability, _ = sample(300)
    whole = evaluate(churned, probability, seed=5)["roc_auc"]
    monkeypatch.setattr("models.metrics._CELLS_AT_ONCE", 300 * 7)
    pieces = evaluate(churned, probability, seed=5)["roc_auc"]
    assert (pieces.low, pieces.high) == pytest.approx((whole.low, whole.high), rel=1e-12)


def test_an_evaluation_of_one_class_says_what_to_do() -> None:
    text = (
        "an evaluation needs customers who left and customers who stayed, but of 3 rows 0 left; "
        "widen the cohort, change the horizon or use other as_of dates"
    )
    with pytest.raises(OneClassOnly, match=f"^{re.escape(text)}$"):
        evaluate(np.zeros(3, dtype=np.bool_), np.full(3, 0.5), seed=1)


def test_a_thousand_resamples_of_2500_customers_take_less_than_a_second() -> None:
    churned, probability, _ = sample(2500)
    began = time.process_time()
    evaluate(churned, probability, seed=1, resamples=1000)
    assert time.process_time() - began < 1

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.metrics import expected_calibration_error
from pipelines.findings import Traces
from pipelines.traces import traces

CHURNED = np.array([True, False, True, False, False])
PROBABILITY = np.array([0.91, 0.81, 0.31, 0.31, 0.11])


def test_gains_join_the_ends_and_take_equal_scores_in_one_step() -> None:
    gains = traces(CHURNED, PROBABILITY).gains
    assert gains == ((0, 0), (0.2, 0.5), (0.4, 0.5), (0.8, 1), (1, 1))


def test_the_area_below_the_roc_curve_is_the_auc() -> None:
    rng = np.random.default_rng(7)
    probability = rng.random(400).round(2)
    churned = rng.random(400) < probability
    across, up = np.array(traces(churned, probability).roc).T
    assert np.trapezoid(up, across) == pytest.approx(roc_auc_score(churned, probability))


def test_bins_hold_every_customer_once_in_order_of_the_chance() -> None:
    rng = np.random.default_rng(7)
    probability = rng.random(1003)
    bins = traces(rng.random(1003) < probability, probability).reliability
    assert len(bins) == 10
    assert sum(part.customers for part in bins) == 1003
    assert max(part.customers for part in bins) - min(part.customers for part in bins) <= 2
    assert [part.predicted for part in bins] == sorted(part.predicted for part in bins)


def test_the_distance_of_bins_from_the_diagonal_is_the_calibration_error() -> None:
    rng = np.random.default_rng(7)
    probability = rng.random(500).round(2)
    churned = rng.random(500) < probability**2
    bins = traces(churned, probability).reliability
    distance = sum(part.customers * abs(part.observed - part.predicted) for part in bins) / 500
    assert distance == pytest.approx(expected_calibration_error(churned, probability))


def test_customers_with_equal_chances_share_a_bin() -> None:
    bins = traces(np.array([True, False, False, False]), np.full(4, 0.2)).reliability
    assert [(part.observed, part.customers) for part in bins] == [(0.25, 4)]


def test_scores_are_counted_in_steps_of_five_per_cent() -> None:
    scores = traces(CHURNED, PROBABILITY).scores
    assert (len(scores), sum(scores), scores[18], scores[6]) == (20, 5, 1, 2)


def test_the_order_of_customers_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    probability = rng.random(300).round(1)
    churned = rng.random(300) < probability
    order = rng.permutation(300)
    assert traces(churned[order], probability[order]).gains == traces(churned, probability).gains


def test_without_leavers_there_is_nothing_to_reach() -> None:
    found = traces(np.zeros(3, bool), np.array([0.1, 0.2, 0.3]))
    assert (found.gains, found.roc) == ((), ())
    assert sum(found.scores) == 3


def test_when_all_leave_there_are_no_false_alarms_to_draw() -> None:
    found = traces(np.ones(2, bool), np.array([0.1, 0.2]))
    assert found.roc == ()
    assert found.gains == ((0, 0), (0.5, 0.5), (1, 1))


def test_nobody_leaves_no_trace() -> None:
    found = traces(np.zeros(0, bool), np.zeros(0))
    assert found == Traces()

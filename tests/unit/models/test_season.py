import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import log_odds, sigmoid
from models.churn import gbm
from models.metrics import expected_calibration_error, roc_auc
from models.season import Rate, shift_to, shifted
from models.spec import ChurnGbm, FloatArray
from tests.churners import churners

MANY = Rate(10_000_000, 4_000_000)


def chances(rows: int = 5_000) -> FloatArray:
    return sigmoid(np.random.default_rng(5).normal(-0.5, 1.2, rows))


@pytest.mark.parametrize("rate", [0.001, 0.2, 0.5, 0.97])
def test_the_mean_chance_becomes_the_rate(rate: float) -> None:
    probability = chances()
    shift = shift_to(probability, Rate(100_000_000, round(100_000_000 * rate)))
    assert shifted(probability, shift).mean() == pytest.approx(rate, abs=1e-5)


def test_a_rate_of_ten_customers_moves_nobody_who_is_near_it() -> None:
    probability = np.full(50, 0.4)
    assert shift_to(probability, Rate(10, 5)) == 0


def test_what_chance_may_have_done_is_left_out() -> None:
    rate = Rate(400, 200)
    whole = -float(log_odds(np.array([0.25]))[0])
    variance = 1 / 200 + 1 / 200
    assert rate.variance == variance
    found = shift_to(np.full(50, 0.25), rate)
    assert found == pytest.approx(whole - variance / whole)
    assert 0 < found < whole


@given(
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=30),
    st.integers(2, 10_000).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(1, n - 1)),
    ),
)
def test_chances_move_towards_the_rate_and_never_past_it(
    given_chances: list[float], counted: tuple[int, int]
) -> None:
    probability, rate = np.array(given_chances), Rate(*counted)
    moved = shifted(probability, shift_to(probability, rate)).mean()
    low, high = sorted([probability.mean(), rate.value])
    assert low - 1e-9 <= moved <= high + 1e-9


def test_a_rate_that_the_chances_have_already_changes_no_digit() -> None:
    probability = np.full(40, 0.4)
    assert shift_to(probability, MANY) == 0
    assert shifted(probability, 0.0) is probability


def test_a_shift_changes_no_ranking() -> None:
    probability = chances()
    churned = np.random.default_rng(6).random(len(probability)) < probability
    moved = shifted(probability, 1.3)
    assert roc_auc(churned, moved) == roc_auc(churned, probability)


def test_chances_from_another_season_come_true_again() -> None:
    probability = chances(40_000)
    churned = np.random.default_rng(7).random(len(probability)) < sigmoid(
        log_odds(probability) + 0.8
    )
    rate = Rate(len(churned), int(churned.sum()))
    assert expected_calibration_error(churned, probability) > 0.1
    moved = shifted(probability, shift_to(probability, rate))
    assert expected_calibration_error(churned, moved) < 0.01


def test_a_shift_is_the_base_of_the_model_and_no_reason_of_a_customer() -> None:
    people = churners(400, seed=3)
    fitted = gbm.fit(
        ChurnGbm(trees=40),
        {**gbm.first_params(ChurnGbm()), "trees": 40},
        people.features,
        people.churned,
        1,
    )
    moved = shifted(fitted.predict(people.features), 0.7)
    told = fitted.contributions(people.features).sum(axis=1) + fitted.base + 0.7
    assert log_odds(moved) == pytest.approx(told, abs=1e-9)
    as_object = fitted.calibrated(1.0, 0.7)
    assert moved == pytest.approx(as_object.predict(people.features), abs=1e-12)
    assert as_object.base == pytest.approx(fitted.base + 0.7)

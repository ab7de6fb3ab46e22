"""Money that is still to be expected of customers under contract."""

import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.hazard import HazardGbm, fit
from models.lifetimes import Lifetimes
from models.value.contract_value import CurvesUnfit, Discounting, contract_value

YEARLY = Discounting(rate=0.1, periods_a_year=1)


def test_two_periods_by_hand() -> None:
    found = contract_value(np.array([[0.8, 0.5]]), np.array([100.0]), YEARLY)
    assert found.value[0] == pytest.approx(80 / 1.1 + 50 / 1.21)
    assert found.periods.tolist() == [1.3]
    paid_first = Discounting(rate=0.1, periods_a_year=1, paid="start")
    assert contract_value(np.array([[0.8, 0.5]]), np.array([100.0]), paid_first).value[
        0
    ] == pytest.approx(100 + 80 / 1.1)


@pytest.mark.parametrize("paid", ["start", "end"])
def test_a_constant_hazard_and_its_tail_are_the_textbook_figure(paid: str) -> None:
    kept, rate = 0.9, 0.1
    survival = np.array([[kept**week for week in range(1, 13)]])
    asked = Discounting.model_validate({"rate": rate, "periods_a_year": 1, "paid": paid})
    found = contract_value(survival, np.array([50.0]), asked)
    multiple = {"end": kept / (1 + rate - kept), "start": (1 + rate) / (1 + rate - kept)}[paid]
    assert (found.value + found.beyond)[0] == pytest.approx(50.0 * multiple)


def test_a_year_of_weeks_is_discounted_by_the_yearly_rate() -> None:
    assert Discounting(rate=0.2).factor ** (365.25 / 7) == pytest.approx(1 / 1.2)


def test_who_never_leaves_is_worth_infinitely_much_only_without_a_rate() -> None:
    ones = np.ones((1, 4))
    free = Discounting(rate=0.0, periods_a_year=1)
    assert np.isinf(contract_value(ones, np.array([1.0]), free).beyond[0])
    found = contract_value(ones, np.array([1.0]), YEARLY)
    assert (found.value + found.beyond)[0] == pytest.approx(10.0)


def test_who_is_gone_or_brings_nothing_is_worth_nothing_beyond() -> None:
    free = Discounting(rate=0.0, periods_a_year=1)
    found = contract_value(np.array([[0.5, 0.0], [1.0, 1.0]]), np.array([1.0, 0.0]), free)
    assert found.beyond.tolist() == [0.0, 0.0]
    assert found.value.tolist() == [0.5, 0.0]


def test_hazards_in_place_of_survival_are_refused() -> None:
    text = (
        "the value of contracts needs curves that fall from 1 at most to 0 at least, and finite "
        "margins, but 1 curves and 1 margins of 2 are not so; pass survival, not hazards"
    )
    with pytest.raises(CurvesUnfit, match=f"^{re.escape(text)}$"):
        contract_value(np.array([[0.1, 0.2], [0.9, 0.8]]), np.array([np.nan, 1.0]))


def test_margins_of_others_are_refused() -> None:
    text = (
        "the value of contracts needs a curve of one period or more and a margin per customer, but "
        "the shapes are (2, 2) and (3,); pass them in one order"
    )
    with pytest.raises(CurvesUnfit, match=f"^{re.escape(text)}$"):
        contract_value(np.ones((2, 2)), np.ones(3))


def test_a_rate_of_minus_one_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than -1"):
        Discounting(rate=-1.0)


def test_a_hazard_model_tells_the_chances() -> None:
    draws = np.random.default_rng(0)
    left_in = draws.geometric(0.1, 3000)
    features = pd.DataFrame({"x": draws.normal(size=3000)})
    weeks = np.minimum(left_in, 12).astype(np.int64)
    spec = HazardGbm(trees=20, leaves=2, rows_per_leaf=500)
    model = fit(spec, features, Lifetimes(weeks, left_in <= 12), 12, seed=0)
    found = contract_value(model.survival(features), np.full(3000, 10.0))
    factor = 0.9 * Discounting().factor
    expected = 10.0 * factor * (1 - factor**12) / (1 - factor)
    assert found.value.mean() == pytest.approx(expected, rel=0.05)
    assert found.periods.mean() == pytest.approx(9 * (1 - 0.9**12), rel=0.05)

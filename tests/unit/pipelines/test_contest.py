import numpy as np
import pandas as pd
import pytest

from models.economics import CustomerEconomics, Economics
from models.spec import FloatArray
from pipelines.contest import SAVINGS, Contest, metrics_with

ECONOMICS = Economics()


def contest(worth: FloatArray | None = None, *, rows: int = 600) -> Contest:
    """Chances that come true, the same ones halved in log-odds, and what somebody is worth."""
    random = np.random.default_rng(4)
    chance = random.beta(1, 3, rows)
    churned = random.random(rows) < chance
    given = {"honest": chance, "boastful": chance**0.25}
    if worth is None:
        return Contest(churned, given, metrics_with(None))
    economics = Economics(clv_column="spend_91d")
    stakes = CustomerEconomics.of(economics, pd.DataFrame({"spend_91d": worth}), digits=0)
    return Contest(churned, given, metrics_with(economics), stakes)


def test_without_economics_nothing_in_money_is_measured() -> None:
    measured = {key for found in contest().estimates().values() for key in found}
    assert not {SAVINGS, "maximum_profit", "expected_maximum_profit"} & measured


def test_savings_are_those_of_chances_that_come_true() -> None:
    found = contest(np.full(600, 200.0)).estimates()
    saved = found["honest"][SAVINGS]
    assert 0 < saved.low < saved.value < saved.high < 1
    assert SAVINGS not in found["boastful"]
    assert found["boastful"]["maximum_profit"] == found["honest"]["maximum_profit"]


def test_customers_worth_nothing_are_left_alone_and_nothing_can_be_saved() -> None:
    assert SAVINGS not in contest(np.zeros(600)).estimates()["honest"]


def test_knowing_who_is_worth_the_offer_saves_more() -> None:
    worth = np.where(np.arange(600) % 3 == 0, 590.0, 5.0)
    own, alike = contest(worth), contest(np.full(600, float(worth.mean())))
    knowing = Contest(own.churned, own.probabilities, own.metrics, own.stakes).estimates()
    assert knowing["honest"][SAVINGS].value > alike.estimates()["honest"][SAVINGS].value


@pytest.mark.parametrize("economics", [None, ECONOMICS])
def test_differences_are_there_for_every_metric(economics: Economics | None) -> None:
    held = contest()
    both = Contest(held.churned, held.probabilities, metrics_with(economics))
    found = both.differences("honest", "boastful")
    assert list(found) == list(metrics_with(economics))
    assert found["roc_auc"].value == 0
    assert found["brier"].value < 0

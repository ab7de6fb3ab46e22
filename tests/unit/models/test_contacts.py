import re

import numpy as np
import pandas as pd
import pytest

from models.contacts import (
    Choice,
    LimitUnfit,
    chosen_under_budget,
    expected_profit,
    expected_spending,
    worth_contacting,
)
from models.economics import CustomerEconomics, Economics
from models.profit import maximum_profit
from models.savings import retention_costs
from models.spec import FiguresUnfit

LITERATURE = Economics()
CERTAIN = np.array([1.0, 0.0, 0.5])


def two_kinds() -> CustomerEconomics:
    """One costly customer of great worth among four cheap ones; all would leave and accept."""
    clv = np.array([100.0, 22.0, 22.0, 22.0, 22.0])
    contact_cost = np.array([60.0, 10.0, 10.0, 10.0, 10.0])
    return CustomerEconomics(clv, np.zeros(5), contact_cost, np.ones(5))


def positions(choice: Choice) -> list[int]:
    return [int(position) for position in np.flatnonzero(choice.contacted)]


def test_expected_profit_of_a_leaver_a_loyal_one_and_one_between_by_hand() -> None:
    found = expected_profit(CERTAIN, LITERATURE)
    assert found == pytest.approx([0.3 * 190 - 1, -10 - 1, 0.5 * 57 - 0.5 * 10 - 1])


def test_expected_spending_is_less_on_a_leaver_who_may_decline() -> None:
    assert expected_spending(CERTAIN, LITERATURE) == pytest.approx([1 + 3, 1 + 10, 1 + 6.5])


def test_expected_profit_with_what_happened_is_that_of_the_ranking() -> None:
    churned = np.array([True, False, True, False, False, True])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.3, 0.2])
    best = maximum_profit(churned, score, LITERATURE)
    earned = expected_profit(churned.astype(np.float64), LITERATURE)
    assert earned[score >= best.threshold].sum() / 6 == pytest.approx(best.profit)


def test_customers_who_are_all_alike_are_worth_what_one_setting_says() -> None:
    alike = CustomerEconomics.of(LITERATURE, pd.DataFrame(index=range(3)), digits=2)
    assert expected_profit(CERTAIN, alike) == pytest.approx(expected_profit(CERTAIN, LITERATURE))


def test_contacting_pays_from_the_probability_that_repays_it() -> None:
    # A probability p earns 57 p less 10 times 1 - p, less the contact.
    probability = np.array([11 / 67 - 1e-9, 11 / 67 + 1e-9])
    assert worth_contacting(probability, LITERATURE).tolist() == [False, True]


def test_whom_to_contact_is_whom_the_cost_matrix_says() -> None:
    random = np.random.default_rng(4)
    p = random.random(500)
    clv = random.uniform(20, 300, 500)
    economics = CustomerEconomics(
        clv, random.uniform(0, 20, 500), random.uniform(0, 20, 500), random.random(500)
    )
    costs = retention_costs(economics)
    contacted = p * costs.true_positive + (1 - p) * costs.false_positive
    left_alone = p * costs.false_negative + (1 - p) * costs.true_negative
    assert (worth_contacting(p, economics) == (contacted < left_alone)).all()
    assert expected_profit(p, economics) == pytest.approx(left_alone - contacted)


def test_a_number_of_customers_is_filled_with_the_most_profitable() -> None:
    probability = np.array([0.2, 0.9, 0.1, 0.5])
    choice = chosen_under_budget(probability, LITERATURE, customers=2)
    assert positions(choice) == [1, 3]
    assert choice.profit == choice.most == pytest.approx((0.9 + 0.5) * 67 - 22)
    assert choice.spending == pytest.approx((1 + 3.7) + (1 + 6.5))


def test_nobody_is_contacted_at_a_loss_however_much_may_be_spent() -> None:
    probability = np.array([0.2, 0.9, 0.1, 0.5])
    for choice in (
        chosen_under_budget(probability, LITERATURE, customers=4),
        chosen_under_budget(probability, LITERATURE, money=1e6),
    ):
        assert positions(choice) == [0, 1, 3]


def test_a_limit_of_nothing_contacts_nobody() -> None:
    for choice in (
        chosen_under_budget(CERTAIN, LITERATURE, customers=0),
        chosen_under_budget(CERTAIN, LITERATURE, money=0),
    ):
        assert (positions(choice), choice.profit, choice.spending, choice.most) == ([], 0, 0, 0)


def test_free_contacts_fit_any_budget() -> None:
    free = Economics(incentive=0, contact_cost=0)
    choice = chosen_under_budget(CERTAIN, free, money=0)
    assert positions(choice) == [0, 2]


def test_money_goes_where_it_earns_most_per_unit() -> None:
    choice = chosen_under_budget(np.ones(5), two_kinds(), money=40)
    assert positions(choice) == [1, 2, 3, 4]
    assert (choice.profit, choice.spending, choice.most) == (48, 40, 48)


def test_one_rich_customer_is_not_passed_over_for_many_poor_ones() -> None:
    few = CustomerEconomics(np.array([100.0, 5.0]), np.zeros(2), np.array([50.0, 1.0]), np.ones(2))
    choice = chosen_under_budget(np.ones(2), few, money=50)
    assert positions(choice) == [0]
    assert choice.most == pytest.approx(4 + 50 * 49 / 50)


def test_what_is_left_of_the_money_goes_to_those_who_still_fit() -> None:
    choice = chosen_under_budget(np.ones(5), two_kinds(), money=75)
    assert positions(choice) == [0, 1]
    assert (choice.profit, choice.spending) == (52, 70)
    assert choice.most == pytest.approx(48 + 40 * 35 / 60)


def test_a_choice_by_money_may_miss_the_best_one_and_says_by_how_much_at_most() -> None:
    # Profits 60, 50, 50 for 6, 5.1, 5.1 and money for 10.2: the last two would earn 100.
    cost = np.array([6.0, 5.1, 5.1])
    three = CustomerEconomics(np.array([66.0, 55.1, 55.1]), np.zeros(3), cost, np.ones(3))
    choice = chosen_under_budget(np.ones(3), three, money=10.2)
    assert positions(choice) == [0]
    assert choice.most == pytest.approx(60 + 50 * 4.2 / 5.1)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({}, "a choice needs one limit, money or customers, but neither was given; give one"),
        (
            {"money": 1.0, "customers": 1},
            "a choice needs one limit, money or customers, but both were given; give one",
        ),
        ({"money": -1.0}, "money needs to be 0 or more, but is -1.0; give the limit of the"),
        ({"money": float("nan")}, "money needs to be 0 or more, but is nan; give the limit"),
        ({"customers": -1}, "customers needs to be 0 or more, but is -1; give the limit of"),
    ],
)
def test_limits_that_are_none_are_refused(limits: dict[str, float], text: str) -> None:
    with pytest.raises(LimitUnfit, match=f"^{re.escape(text)}"):
        chosen_under_budget(CERTAIN, LITERATURE, **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "function", [expected_profit, expected_spending, worth_contacting, chosen_under_budget]
)
def test_log_odds_are_refused(function: object) -> None:
    assert callable(function)
    text = (
        "expected profits need probability within 0..1, but it runs from -2 to 3; "
        "pass probabilities, not log-odds or percentages"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        function(np.array([-2.0, 3.0]), LITERATURE)


def test_a_customer_without_a_score_is_refused() -> None:
    with pytest.raises(FiguresUnfit, match="but 1 of 2 in probability are not; mend them"):
        expected_profit(np.array([0.1, np.nan]), LITERATURE)


def test_economics_of_other_customers_are_refused() -> None:
    text = "expected profits need one figure per customer, but the shapes are probability (3,), clv"
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}"):
        expected_profit(CERTAIN, two_kinds())


def test_nobody_to_choose_from_is_refused() -> None:
    with pytest.raises(FiguresUnfit, match="expected profits need customers, but probability is"):
        chosen_under_budget(CERTAIN[:0], LITERATURE, customers=1)

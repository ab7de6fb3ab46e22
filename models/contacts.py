"""Whom to contact, when the probability of churn can be taken at its word.

Everything here depends on the size of the probabilities and so needs calibrated ones; on a past
where the outcomes are known, `models.calibration.require_calibrated` refuses others.
"""

from dataclasses import dataclass
from math import fsum
from typing import Final

import numpy as np

from features.errors import RegularsError
from models.economics import CustomerEconomics, Economics
from models.spec import BoolArray, FloatArray, IntArray, require_figures, require_shares

_PURPOSE: Final = "expected profits"


class LimitUnfit(RegularsError):
    """A budget is not one limit, or not one that money or customers can have."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Whom to contact, and what is to be expected of it.

    Attributes
    ----------
    contacted
        Shape (n,): whether to contact each customer, in the order given.
    profit
        Currency: expected profit of all contacts.
    spending
        Currency: expected cost of all contacts and incentives.
    most
        Currency: an expected profit that no choice within the limit exceeds; what ``profit``
        lacks of it is the most that was lost by choosing quickly.
    """

    contacted: BoolArray
    profit: float
    spending: float
    most: float


def expected_profit(
    probability: FloatArray, economics: Economics | CustomerEconomics
) -> FloatArray:
    r"""Profit to be expected of contacting each customer, shape (n,), currency.

    .. math:: p\, g\, (clv - incentive) - (1 - p)\, incentive - contact\_cost

    with g the (mean) acceptance. A loyal customer takes the offer; a would-be churner who declines
    costs the contact alone. Summed over those contacted, with what happened in place of p, and
    divided by all customers, this is P(t; g) of `models.profit.expected_maximum_profit`.

    Needs calibrated probabilities.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    """
    _require(probability, economics)
    accepted = probability * economics.acceptance * (economics.clv - economics.incentive)
    wasted = (1 - probability) * economics.incentive
    profit: FloatArray = accepted - wasted - economics.contact_cost
    return profit


def expected_spending(
    probability: FloatArray, economics: Economics | CustomerEconomics
) -> FloatArray:
    r"""Money to be expected to be spent on each customer contacted, shape (n,), currency.

    .. math:: contact\_cost + (p\, g + 1 - p)\, incentive

    Needs calibrated probabilities.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    """
    _require(probability, economics)
    takers = probability * economics.acceptance + 1 - probability
    spending: FloatArray = economics.contact_cost + takers * economics.incentive
    return spending


def worth_contacting(
    probability: FloatArray, economics: Economics | CustomerEconomics
) -> BoolArray:
    r"""Whether contacting each customer is cheaper than not, in expectation; shape (n,).

    .. math:: p\, C_{TP} + (1 - p)\, C_{FP} < p\, C_{FN} + (1 - p)\, C_{TN}

    with the costs of `models.savings.retention_costs`, which is an `expected_profit` above 0.
    Needs calibrated probabilities. Source: Elkan 2001, "The foundations of cost-sensitive
    learning"; customer by customer as in Bahnsen et al. 2014, "Improving credit card fraud
    detection with calibrated probabilities" (Bayes minimum risk).

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    """
    worth: BoolArray = expected_profit(probability, economics) > 0
    return worth


def chosen_under_budget(
    probability: FloatArray,
    economics: Economics | CustomerEconomics,
    *,
    money: float | None = None,
    customers: int | None = None,
) -> Choice:
    """Whom to contact to expect the most profit within one limit; never at an expected loss.

    Parameters
    ----------
    probability
        Shape (n,), 0..1: calibrated.
    economics
        Money, the same for all or one each.
    money
        Currency: the most that contacts and incentives may be expected to cost. More may be spent
        when more customers take the offer than expected.
    customers
        The greatest number of contacts.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    LimitUnfit
        When not exactly one limit is given, or it is below 0 or not a number.

    Notes
    -----
    A number of customers is filled with the greatest expected profits: no choice is better.
    An amount of money is a knapsack, and is filled by profit per unit spent, passing over those
    who no longer fit; once more with the most profitable customer first, and the better of the
    two is kept. That need not be the best choice, but expects at least half of its profit, and
    lacks less than the profit of one customer when all are small beside the budget. Exact
    when all cost the same. ``most`` is the relaxed knapsack of Dantzig 1957, "Discrete-variable
    extremum problems", where a customer can be contacted in part.
    """
    profit = expected_profit(probability, economics)
    spending = expected_spending(probability, economics)
    worth = np.flatnonzero(profit > 0)
    if money is not None and customers is None:
        _require_limit("money", money)
        chosen, most = _within_money(profit, spending, worth, float(money))
    elif customers is not None and money is None:
        _require_limit("customers", customers)
        chosen = worth[np.argsort(-profit[worth], kind="stable")][:customers]
        most = fsum(profit[chosen])
    else:
        found = "neither was" if money is None else "both were"
        message = f"a choice needs one limit, money or customers, but {found} given; give one"
        raise LimitUnfit(message)
    contacted = np.zeros(len(probability), dtype=np.bool_)
    contacted[chosen] = True
    return Choice(contacted, fsum(profit[chosen]), fsum(spending[chosen]), most)


def _within_money(
    profit: FloatArray, spending: FloatArray, worth: IntArray, money: float
) -> tuple[IntArray, float]:
    """Positions of the customers chosen, and a profit that no choice exceeds."""
    no_cost = np.full(len(worth), np.inf)
    rate = np.divide(profit[worth], spending[worth], out=no_cost, where=spending[worth] > 0)
    queue = worth[np.lexsort((-profit[worth], -rate))]
    affordable = queue[spending[queue] <= money]
    most = _relaxed(profit[affordable], spending[affordable], money)
    if len(affordable) == 0:
        return affordable, most
    star = affordable[[np.argmax(profit[affordable])]]
    star_first = np.concatenate([star, affordable[affordable != star]])
    fillings = [_filled(spending, order, money) for order in (affordable, star_first)]
    return max(fillings, key=lambda chosen: fsum(profit[chosen])), most


def _filled(spending: FloatArray, queue: IntArray, money: float) -> IntArray:
    """Positions taken in the order of the queue, passing over those who do not fit any more."""
    taken: list[IntArray] = []
    while len(queue):
        so_far = np.cumsum(spending[queue])
        fit = int(np.searchsorted(so_far, money, side="right"))
        taken.append(queue[:fit])
        money -= so_far[fit - 1] if fit else 0.0
        queue = queue[fit:]
        queue = queue[spending[queue] <= money]
    return np.concatenate(taken)


def _relaxed(profit: FloatArray, spending: FloatArray, money: float) -> float:
    """Profit of the queue when the last customer may be contacted in part."""
    so_far = np.cumsum(spending)
    whole = int(np.searchsorted(so_far, money, side="right"))
    filled = fsum(profit[:whole])
    if whole == len(profit):
        return filled
    left_over = money - (so_far[whole - 1] if whole else 0.0)
    return filled + float(profit[whole] * left_over / spending[whole])


def _require(probability: FloatArray, economics: Economics | CustomerEconomics) -> None:
    figures = {"probability": probability}
    if isinstance(economics, CustomerEconomics):
        figures["clv"] = economics.clv
    require_figures(_PURPOSE, figures)
    require_shares(_PURPOSE, "probability", probability)


def _require_limit(name: str, limit: float) -> None:
    if not limit >= 0:
        message = f"{name} needs to be 0 or more, but is {limit}; give the limit of the campaign"
        raise LimitUnfit(message)

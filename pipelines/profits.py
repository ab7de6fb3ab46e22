"""What it earns to make the first of a list an offer, over every length of the list."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.settings import Currency
from models.economics import Economics
from models.profit import MaximumProfit, maximum_profit, profit_curve
from pipelines.contest import SEED, Contest
from pipelines.curves import Curve, ProfitCurves
from pipelines.rounding import amount, count, percent

_FALLS_TO = -0.5  # of the greatest profit: where a curve has fallen so far, it is cut off


@dataclass(frozen=True)
class Profits:
    """Profit curves of some contestants, and the best that the first of them can do.

    Attributes
    ----------
    curves
        What is drawn; currency per customer of the whole list.
    best
        Of the first contestant.
    told
        The best in words, with the economics behind it.
    """

    curves: ProfitCurves
    best: MaximumProfit
    told: str


def profits_of(
    contest: Contest, names: Sequence[str], economics: Economics, currency: Currency
) -> Profits:
    """Curves of the named contestants, the first with its interval."""
    slots = {name: slot for slot, name in enumerate(contest.probabilities, start=1)}
    found = {
        name: profit_curve(contest.churned, contest.probabilities[name], economics, SEED)
        for name in names
    }
    first = found[names[0]]
    greatest = max(float(curve.profit.max()) for curve in found.values())
    floor = _FALLS_TO * greatest if greatest > 0 else -math.inf
    curves = tuple(
        Curve(
            name,
            slots[name],
            tuple(
                (share, profit)
                for share, profit in zip(curve.share.tolist(), curve.profit.tolist(), strict=True)
                if profit >= floor
            ),
        )
        for name, curve in found.items()
    )
    band = tuple(
        (share, max(low, floor), max(high, floor))
        for share, low, high, profit in zip(
            first.share.tolist(),
            first.low.tolist(),
            first.high.tolist(),
            first.profit.tolist(),
            strict=True,
        )
        if profit >= floor
    )
    best = maximum_profit(contest.churned, contest.probabilities[names[0]], economics)
    told = _told(best, len(contest.churned), economics, currency)
    label = f"profit per customer of the list, {currency.code}"
    return Profits(ProfitCurves(curves, band, label, best.target_share), best, told)


def _told(best: MaximumProfit, customers: int, economics: Economics, currency: Currency) -> str:
    def money(value: float) -> str:
        return f"{currency.code} {amount(value, currency.digits)}"

    assumed = (
        f"Assumed: a customer kept is worth {money(economics.clv)}, an offer taken costs "
        f"{money(economics.incentive)}, a contact {money(economics.contact_cost)}, and of those "
        f"who would leave {percent(economics.acceptance)} accept."
    )
    if math.isinf(best.threshold):
        return f"No contact pays. {assumed}"
    earned = f"{currency.code} {count(best.profit * customers)}"
    return (
        f"At best, the first {count(best.customers)} customers ({percent(best.target_share)} of "
        f"the list, a chance of {percent(best.threshold)} or more) get the offer, which earns "
        f"{earned}. {assumed}"
    )

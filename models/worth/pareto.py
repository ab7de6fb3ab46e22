"""How few customers make how much of the profit, and how much the others lose again."""

from dataclasses import dataclass

import numpy as np

from features.errors import RegularsError
from models.metrics import Estimate, estimate, resampled_weights
from models.spec import FloatArray, require_figures

STEPS = 100


class NoProfitToShare(RegularsError):
    """All customers together make no profit, so that there are no shares of it."""


@dataclass(frozen=True, eq=False)
class Pareto:
    """The share of the profit that the most profitable share of customers makes.

    Intervals are of 95 %, percentiles of a bootstrap over customers.

    Attributes
    ----------
    share
        Shape (s,), 0..1, rising: the most profitable so many of the customers.
    profit_share, low, high
        Shape (s,): what they make, in multiples of all profit; above 1 where others lose money.
    asked
        Share of the profit that was asked for, such as .8.
    needed
        Least share of customers (0..1) that makes it.
    peak
        Greatest multiple of the profit that any share makes: who does not lose, makes that much.
    loss_makers
        Share of customers (0..1) with a profit below 0.
    lost
        What these lose, in multiples of all profit.
    profit
        All of it, money.
    """

    share: FloatArray
    profit_share: FloatArray
    low: FloatArray
    high: FloatArray
    asked: float
    needed: Estimate
    peak: Estimate
    loss_makers: Estimate
    lost: Estimate
    profit: float


def pareto(
    profit: FloatArray, asked: float = 0.8, *, seed: int = 0, resamples: int = 500
) -> Pareto:
    """The curve of cumulated profit, most profitable customers first.

    Where losses follow, the curve rises above 1 and falls back to it: the whale curve of Cooper and
    Kaplan 1991, "Profit priorities from activity-based costing"; Kaplan and Narayanan 2001. Shares
    within a customer count in proportion. Resamples without a profit are left out.

    Parameters
    ----------
    profit
        Shape (n,): money of each customer, losses negative, all known.
    asked
        Share of the profit, above 0, that ``needed`` is about.
    seed
        Of the bootstrap.
    resamples
        How many.

    Raises
    ------
    FiguresUnfit
        When nobody is there or a figure is not finite: leave out customers whose costs are unknown.
    NoProfitToShare
        When the sum is not above 0.
    """
    require_figures("a curve of profit", {"profit": profit})
    total = float(profit.sum())
    if total <= 0:
        message = (
            f"shares of profit need a profit in all, but these {len(profit):,} customers make "
            f"{total:,.2f}; look at a longer period, or at revenue"
        )
        raise NoProfitToShare(message)
    falling = np.sort(profit)[::-1]
    share = np.linspace(0.0, 1.0, STEPS + 1)
    exact = _figures(falling, np.ones((1, len(profit))), share, asked)
    drawn = resampled_weights(len(profit), seed, resamples, None)
    sampled = np.concatenate([_figures(falling, weights, share, asked) for weights in drawn])
    found = [estimate(value, sampled[:, place]) for place, value in enumerate(exact[0])]
    curve, rest = found[: len(share)], found[len(share) :]
    values, low, high = np.array([(one.value, one.low, one.high) for one in curve]).T
    return Pareto(share, values, low, high, asked, rest[0], rest[1], rest[2], rest[3], total)


def _figures(
    falling: FloatArray, weights: FloatArray, share: FloatArray, asked: float
) -> FloatArray:
    """Curve, needed, peak, loss makers and lost of each resample, shape (b, shares + 4)."""
    rows = np.full((len(weights), len(share) + 4), np.nan)
    people = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    money = np.cumsum(weights * falling, axis=1)
    loses = falling < 0
    for row, (held, made, times) in enumerate(zip(people, money, weights, strict=True)):
        if made[-1] <= 0:
            continue
        parts, shares = np.r_[0.0, made / made[-1]], np.r_[0.0, held]
        reached = int(np.argmax(parts >= asked)) if parts.max() >= asked else -1
        rows[row, : len(share)] = np.interp(share, shares, parts)
        rows[row, -4] = _crossing(parts, shares, reached, asked)
        rows[row, -3] = parts.max()
        rows[row, -2] = times[loses].sum() / times.sum()
        rows[row, -1] = (times[loses] * -falling[loses]).sum() / made[-1]
    return rows


def _crossing(parts: FloatArray, shares: FloatArray, reached: int, asked: float) -> float:
    """Share of customers at which the curve first reaches what is asked; NaN where never."""
    if reached < 1:
        return np.nan if reached < 0 else 0.0
    before, after = parts[reached - 1], parts[reached]
    within = (asked - before) / (after - before)
    return float(shares[reached - 1] + within * (shares[reached] - shares[reached - 1]))

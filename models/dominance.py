"""Cliff's delta: how much more often one group has the higher value, with its interval."""

from math import sqrt

import numpy as np

from models.metrics import Z_95, Estimate
from models.spec import FloatArray


def cliffs_delta(one: FloatArray, other: FloatArray) -> Estimate:
    r"""How much more often one group's values are higher than lower, -1..1, with its interval.

    .. math:: \delta = P(X > Y) - P(X < Y)

    Picked at random, one of each, the first has the higher value in :math:`(1 + \delta) / 2` of the
    pairs, ties counting half. Source: Cliff 1993, "Dominance statistics: ordinal analyses to answer
    ordinal questions", with his unbiased variance; asymmetric interval of Cliff 1996, "Ordinal
    methods for behavioral data analysis"; from ranks, without a matrix of pairs. Where all pairs
    point one way, the variance is 0 and the far end is that of the least variance that he allows.

    Parameters
    ----------
    one, other
        Values of both groups, without missing ones; at least two each.
    """
    m, n = len(one), len(other)
    of_one, ties = _dominance(one, other)
    of_other, _ = _dominance(other, one)
    delta = float(of_one.mean())
    rows = float(((of_one - delta) ** 2).sum())
    columns = float(((of_other + delta) ** 2).sum())
    cells = m * n * (1 - ties - delta**2)
    variance = (n**2 * rows + m**2 * columns - cells) / (m * n * (m - 1) * (n - 1))
    variance = max(variance, (1 - delta**2) / (m * n - 1))
    if 1 - delta**2 < 1e-12:  # noqa: PLR2004  all pairs point one way
        return _one_sided(delta, min(m, n))
    half = Z_95 * sqrt(variance) * sqrt((1 - delta**2) ** 2 + Z_95**2 * variance)
    scale = 1 - delta**2 + Z_95**2 * variance
    middle = delta - delta**3
    low, high = (middle - half) / scale, (middle + half) / scale
    return Estimate(delta, max(-1.0, low), min(1.0, high))


def ties(one: FloatArray, other: FloatArray) -> float:
    """Share (0..1) of the pairs, one value of each group, whose values are equal."""
    return _dominance(one, other)[1]


def _dominance(one: FloatArray, other: FloatArray) -> tuple[FloatArray, float]:
    """Of each value: share of the other group below it less the share above; and ties of all."""
    ordered = np.sort(other)
    below = np.searchsorted(ordered, one, side="left")
    upto = np.searchsorted(ordered, one, side="right")
    ties = float((upto - below).mean()) / len(other)
    found: FloatArray = (below + upto - len(other)) / len(other)
    return found, ties


def _one_sided(delta: float, customers: int) -> Estimate:
    """Every pair points one way: the near end is that of Cliff's own suggestion."""
    near = (customers - Z_95**2) / (customers + Z_95**2)
    return Estimate(delta, near, 1.0) if delta > 0 else Estimate(delta, -1.0, -near)

r"""Chances of at least so many successes in independent trials of unlike chances: compiled loops.

**Few.** The chances of 0, 1, ... successes are added up trial by trial (Hong 2013, "On computing
the distribution function for the Poisson binomial distribution"). It takes as many steps as trials
times successes, so it is done up to `EXACT` of them.

**Many.** Trials of nearly the same chance p are taken together, by equal steps of the arcsine of
its root, and each of them gets the mean chance of its group. That makes the sum wider and leaves
its mean :math:`\mu` as it is, and so k successes or more are no less likely than before, for
:math:`k \ge \mu + 2` (Gleser 1975, "On the distribution of the number of successes in independent
trials", after Hoeffding 1956, "On the distribution of the number of successes in independent
trials"). For fewer successes the sum over groups of

.. math:: \sum_i (p_i - p)^2 / ((n + 1) p (1 - p))

is added, which the chances of no event differ by more than (Ehm 1991, "Binomial approximation to
the Poisson binomial distribution"). So what is told is never below the chance that is meant. How
far it is above: the variance grows by at most :math:`h^2 = (\pi / 2 / 128)^2`, .015 %, of itself,
so a chance that lies z spreads out grows by :math:`z^2 h^2 / 2` of itself, about: .2 % for 1e-7.

The sum of the groups is added up where it is asked for: every chance is tilted to the odds at which
so many successes are the mean, :math:`P(j) \omega^j / M(\omega)`, so that a small chance is made of
large numbers. Shares below 1e-17 of the largest are left out, some 1e-11 of what is told.
"""

import math

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.coding import WholeArray

FloatArray = npt.NDArray[np.float64]

EXACT = 20_000_000
"""Trials times successes, up to which they are added up one by one: some hundredth of a second."""

GROUPS = 128

_NONE = 1e-300
"""Chances below this are none."""

_BELOW_ONE = 1 - 2**-53
_LEAST = 1e-15
"""Smaller chances count as this: no tilt would reach them, and what is told may only grow by it."""

_NEGLIGIBLE = 1e-17
_STEEPEST = 60.0
_HALVINGS = 60


@compiled
def at_least(chances: FloatArray, successes: int) -> float:
    """Chance of so many successes or more in independent trials; 0 below 1e-300.

    Exact up to `EXACT` trials times successes; a little more than the chance, never less, beyond.

    Parameters
    ----------
    chances
        Of each trial, shape (trials,).
    successes
        How many.
    """
    if chances.size * successes <= EXACT:
        return one_by_one(chances, successes)
    return in_groups(chances, successes)


@compiled
def one_by_one(chances: FloatArray, successes: int) -> float:
    """What `at_least` returns, exact, in as many steps as trials times successes."""
    if successes <= 0:
        return 1.0
    found = np.zeros(successes)
    found[0] = 1.0
    tail, low, high = 0.0, 0, 0
    for chance in chances:
        if high == successes - 1:
            tail += found[high] * chance
        high = min(high + 1, successes - 1)
        for number in range(high, low, -1):
            found[number] = found[number] * (1 - chance) + found[number - 1] * chance
        found[low] *= 1 - chance
        while low < high and found[low] < _NONE:
            found[low] = 0.0
            low += 1
    return min(tail, 1.0)


@compiled
def in_groups(chances: FloatArray, successes: int) -> float:
    """What `at_least` returns, or a little more, in some hundred steps a trial."""
    counts, means, apart = _groups(chances)
    sure = 0
    for chance in chances:
        sure += int(chance >= 1.0)
    left = successes - sure
    mean, most, wrong = 0.0, 0, 0.0
    for group in range(GROUPS):
        if counts[group]:
            share = means[group]
            mean += counts[group] * share
            most += counts[group]
            wrong += apart[group] / ((counts[group] + 1) * share * (1 - share))
    if left <= 0:
        return 1.0
    if left > most:
        return 0.0
    tilt = _tilt(counts, means, left) if left > mean else 0.0
    odds, scale, first = math.exp(tilt), -tilt * left, 0
    total = np.ones(1)
    for group in range(GROUPS):
        if counts[group]:
            share = means[group]
            scale += counts[group] * math.log1p(share * (odds - 1))
            shares, begin = _binomial(counts[group], odds * share / (1 - share))
            total, cut = _added(total, shares)
            first += begin + cut
    summed = 0.0
    for place in range(max(0, left - first), total.size):
        summed += total[place] * math.exp(-tilt * (first + place - left))
    found = summed * math.exp(min(scale, 0.0))
    if found < _NONE:
        return 0.0
    return min(found + (wrong if left < mean + 2 else 0.0), 1.0)


@compiled
def _groups(chances: FloatArray) -> tuple[WholeArray, FloatArray, FloatArray]:
    """Trials of each group that may end either way, their mean chance and squares about it."""
    group = np.full(chances.size, -1, np.int64)
    counts, means, apart = np.zeros(GROUPS, np.int64), np.zeros(GROUPS), np.zeros(GROUPS)
    for trial in range(chances.size):
        chance = chances[trial]
        if 0.0 < chance < 1.0:
            step = int(math.asin(math.sqrt(chance)) / (math.pi / 2) * GROUPS)
            group[trial] = min(step, GROUPS - 1)
            counts[group[trial]] += 1
            means[group[trial]] += max(chance, _LEAST)
    for each in range(GROUPS):
        means[each] = min(means[each] / max(counts[each], 1), _BELOW_ONE)
    for trial in range(chances.size):
        if group[trial] >= 0:
            apart[group[trial]] += (max(chances[trial], _LEAST) - means[group[trial]]) ** 2
    return counts, means, apart


@compiled
def _tilt(counts: WholeArray, means: FloatArray, wanted: int) -> float:
    """Logarithm of the odds at which so many are the mean, by halving."""
    low, high = 0.0, _STEEPEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        odds, mean = math.exp(middle), 0.0
        for group in range(GROUPS):
            mean += counts[group] * means[group] * odds / (1 + means[group] * (odds - 1))
        if mean < wanted:
            low = middle
        else:
            high = middle
    return low


@compiled
def _binomial(trials: int, odds: float) -> tuple[FloatArray, int]:
    """Chances of the numbers of successes that are not negligible, and the least of these."""
    mode = min(int((trials + 1) * (odds / (1 + odds))), trials)
    found = np.zeros(trials + 1)
    found[mode] = 1.0
    low = high = mode
    while high < trials and found[high] > _NEGLIGIBLE:
        found[high + 1] = found[high] * odds * (trials - high) / (high + 1.0)
        high += 1
    while low > 0 and found[low] > _NEGLIGIBLE:
        found[low - 1] = found[low] * low / (odds * (trials - low + 1.0))
        low -= 1
    shares = found[low : high + 1]
    return shares / shares.sum(), low


@compiled
def _added(left: FloatArray, right: FloatArray) -> tuple[FloatArray, int]:
    """Chances of the sum of two numbers that are not negligible, and how many are below these."""
    if left.size < right.size:
        left, right = right, left
    found = np.zeros(left.size + right.size - 1)
    for one in range(right.size):
        share = right[one]
        for other in range(left.size):
            found[one + other] += share * left[other]
    low, high, least = 0, found.size, found.max() * _NEGLIGIBLE
    while found[low] < least:
        low += 1
    while found[high - 1] < least:
        high -= 1
    return found[low:high].copy(), low

r"""Exact chances of at least so many baskets with both, if neither side told of the other.

Of N baskets, a hold the antecedent and c the consequent. If these fell together by chance, the
number with both is hypergeometric (Fisher 1935, "The logic of inductive inference"). Over strata of
baskets it is a sum of such numbers, one of each stratum, and its tail is that of the exact
conditional test of several 2 × 2 tables (Cox 1970, "Analysis of binary data"; the exact form of
Cochran 1954 and of Mantel and Haenszel 1959, "Statistical aspects of the analysis of data from
retrospective studies of disease").

The tail is summed where it is: every stratum is tilted to an odds ratio at which the mean of the
sum is about the number that was found, :math:`P(k) \omega^k / M(\omega)`, so that small chances are
made of large numbers and none is lost. It is exact to some 1e-12 of itself down to 1e-300.
"""

import math

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.rules.baskets import Codes, WholeArray

Doubles = npt.NDArray[np.float64]
Table = tuple[int, int, int]

NEGLIGIBLE = 1e-16
"""Share of the likeliest number below which numbers are left out."""

_NORMAL = 0.56
"""How far, times its spread, a sum of chances of yes or no may lie from the normal law, at most."""

_STEEPEST, _NEAR = 60.0, 0.01
"""Largest logarithm of an odds ratio that is tried, and how near the one that is taken comes."""

_EVEN = 1e-9
"""Odds ratios this near to 1 are 1."""

_SERIES = 16
"""Whole numbers from which on the series of Stirling's formula is exact to 1e-15."""


@compiled
def chances(counts: Codes, tests: Codes, both: WholeArray) -> Doubles:
    """Chance of each test's number of baskets with both, or more, shape (tests,).

    Parameters
    ----------
    counts
        Baskets by stratum, shape (rows, strata).
    tests
        Rows of ``counts``: among what baskets, the antecedent, the consequent; shape (tests, 3).
    both
        Baskets that hold both, over all strata, shape (tests,).
    """
    found = np.empty(len(tests))
    for test in range(len(tests)):
        every, lead, follow = counts[tests[test, 0]], counts[tests[test, 1]], counts[tests[test, 2]]
        found[test] = _tail(every, lead, follow, both[test])
    return found


@compiled
def floors(counts: Codes, tests: Codes, both: WholeArray) -> Doubles:
    """What the chance of each test is not below, for a hundredth of the work; shape (tests,).

    May be below 0, and is lower the less likely the test.

    A hypergeometric number is a sum of independent numbers that are 0 or 1 (Vatutin and Mikhailov
    1982, "Limit theorems for the number of empty cells in an equiprobable scheme for group
    allocation of particles"), so a sum over strata is one, too. Such a sum reaches the whole part
    of its mean in half of all cases or more (Jogdeo and Samuels 1968, "Monotone convergence of
    binomial probabilities and a generalization of Ramanujan's equation"), and its distribution
    keeps within .56 of its spread's inverse to the normal one (Shevtsova 2010, "An improvement of
    convergence rate estimates in the Lyapunov theorem").

    Parameters
    ----------
    counts, tests, both
        As of `chances`.
    """
    found = np.zeros(len(tests))
    for test in range(len(tests)):
        every, lead, follow = counts[tests[test, 0]], counts[tests[test, 1]], counts[tests[test, 2]]
        mean, variance = 0.0, 0.0
        for i in range(len(every)):
            if lead[i] > 0 and follow[i] > 0:
                n, a, c = float(every[i]), float(lead[i]), float(follow[i])
                mean += a * c / n
                variance += a * c * (n - a) * (n - c) / (n * n * max(n - 1.0, 1.0))
        if both[test] <= math.floor(mean):
            found[test] = 0.5
        elif variance > 0.0:
            spread = math.sqrt(variance)
            away = (both[test] - 1 - mean) / spread
            found[test] = 0.5 * math.erfc(away / math.sqrt(2.0)) - _NORMAL / spread
    return found


@compiled
def _tail(every: Codes, lead: Codes, follow: Codes, both: int) -> float:
    """Chance of so many with both, or more, of baskets by stratum."""
    least, most, mean = 0, 0, 0.0
    for i in range(len(every)):
        if lead[i] > 0 and follow[i] > 0:
            least += max(0, int(lead[i]) + int(follow[i]) - int(every[i]))
            most += min(lead[i], follow[i])
            mean += float(lead[i]) * float(follow[i]) / float(every[i])
    if both <= least:
        return 1.0
    if both > most:
        return 0.0
    tilt = _tilted(every, lead, follow, both) if both > mean else 0.0
    total, first, scale = np.ones(1), 0, 0.0
    for i in range(len(every) - 1, -1, -1):  # the largest baskets are few: what is narrow is first
        if lead[i] > 0 and follow[i] > 0:
            table = (int(every[i]), int(lead[i]), int(follow[i]))
            share, begin, log_sum = _stratum(table, tilt)
            total, cut = _added(total, share)
            first, scale = first + begin + cut, scale + log_sum
    summed = 0.0
    for place in range(max(0, both - first), len(total)):
        summed += total[place] * math.exp(-tilt * (first + place - both))
    return min(1.0, summed * math.exp(scale - tilt * both))


@compiled
def _tilted(every: Codes, lead: Codes, follow: Codes, both: int) -> float:
    """Logarithm of an odds ratio at which about so many have both, by halving.

    The mean of a stratum is Cornfield's (1956, "A statistical problem arising from retrospective
    studies"), which is near enough: any odds ratio gives the same chance.
    """
    low, high = 0.0, _STEEPEST
    while high - low > _NEAR:
        middle = (low + high) / 2
        odds, mean = math.exp(middle), 0.0
        for i in range(len(every)):
            if lead[i] > 0 and follow[i] > 0:
                mean += _mean((int(every[i]), int(lead[i]), int(follow[i])), odds)
        if mean < both - 0.25:
            low = middle
        else:
            high = middle
    return low


@compiled
def _mean(table: Table, odds: float) -> float:
    """Root m of m(N − a − c + m) = ω(a − m)(c − m) that a table may have."""
    every, lead, follow = float(table[0]), float(table[1]), float(table[2])
    if odds - 1.0 < _EVEN:
        return lead * follow / every
    linear = every + (lead + follow) * (odds - 1.0)
    root = math.sqrt(max(0.0, linear * linear - 4.0 * odds * (odds - 1.0) * lead * follow))
    return 2.0 * odds * lead * follow / (linear + root)


@compiled
def _stratum(table: Table, tilt: float) -> tuple[Doubles, int, float]:
    """Tilted shares of the numbers of a stratum.

    Returns
    -------
    shares
        Of the numbers that are not negligible, adding up to 1.
    first
        The least of them.
    log_sum
        Logarithm of the sum that the chances times the odds ratio's powers have.
    """
    every, lead, follow = table
    neither, odds = every - lead - follow, math.exp(tilt)
    least, most = max(0, -neither), min(lead, follow)
    mode = min(most, max(least, int(_mean(table, odds))))
    low = high = mode
    weight, above = 1.0, 1.0
    below_weights, above_weights = np.empty(mode - least + 1), np.empty(most - mode + 1)
    below_weights[0] = above_weights[0] = 1.0
    while high < most and above > NEGLIGIBLE:
        above *= odds * (lead - high) * (follow - high) / ((high + 1.0) * (neither + high + 1.0))
        high += 1
        above_weights[high - mode] = above
    while low > least and weight > NEGLIGIBLE:
        weight *= low * float(neither + low) / (odds * (lead - low + 1.0) * (follow - low + 1.0))
        low -= 1
        below_weights[mode - low] = weight
    shares = np.empty(high - low + 1)
    shares[: mode - low] = below_weights[1 : mode - low + 1][::-1]
    shares[mode - low :] = above_weights[: high - mode + 1]
    total = shares.sum()
    if tilt == 0:  # these are the chances, which add up to 1
        return shares / total, low, 0.0
    return shares / total, low, log_chance(table, mode) + tilt * mode + math.log(total)


@compiled
def _added(left: Doubles, right: Doubles) -> tuple[Doubles, int]:
    """Shares of the sum of two numbers that are not negligible, and how many are below these."""
    if len(left) < len(right):
        left, right = right, left
    found = np.zeros(len(left) + len(right) - 1)
    for i in range(len(right)):
        share = right[i]
        for j in range(len(left)):
            found[i + j] += share * left[j]
    low, high, least = 0, len(found), found.max() * NEGLIGIBLE
    while found[low] < least:
        low += 1
    while found[high - 1] < least:
        high -= 1
    return found[low:high].copy(), low


@compiled
def log_chance(table: Table, both: int) -> float:
    """Logarithm of the chance of exactly so many with both.

    Source: Loader 2000, "Fast and accurate computation of binomial probabilities", as a quotient of
    three of these; it loses nothing however large the numbers are.
    """
    every, lead, follow = table
    there = _log_binomial(both, lead, follow, every)
    elsewhere = _log_binomial(follow - both, every - lead, follow, every)
    return there + elsewhere - _log_binomial(follow, every, follow, every)


@compiled
def _log_binomial(found: int, trials: int, share: int, whole: int) -> float:
    """Logarithm of the chance of so many of the trials, each of chance share/whole."""
    p, q, left = share / whole, (whole - share) / whole, trials - found
    if left == 0 or found == 0:
        one, other = (q, p) if found == 0 else (p, q)
        if trials == 0 or one == 1.0:
            return 0.0
        return trials * (math.log1p(-other) if other < one else math.log(one))
    rounded = _stirling(trials) - _stirling(found) - _stirling(left)
    away = _deviance(found, trials * p) + _deviance(left, trials * q)
    return rounded - away + 0.5 * math.log(trials / (2.0 * math.pi * found * left))


@compiled
def _stirling(n: int) -> float:
    """What Stirling's formula for the logarithm of n! lacks, n above 0."""
    x = float(n)
    if n < _SERIES:
        return math.lgamma(x + 1.0) - (x + 0.5) * math.log(x) + x - 0.5 * math.log(2.0 * math.pi)
    s = 1.0 / (x * x)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / x


@compiled
def _deviance(found: int, expected: float) -> float:
    """Of x and m, x·ln(x/m) + m − x, also where both are large and close."""
    x = float(found)
    if abs(x - expected) >= 0.1 * (x + expected):
        return x * math.log(x / expected) + expected - x
    v = (x - expected) / (x + expected)
    total, power = (x - expected) * v, 2.0 * x * v
    for j in range(1, 1000):
        power *= v * v
        before, total = total, total + power / (2 * j + 1)
        if total == before:
            break
    return total

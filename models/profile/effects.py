"""Effect sizes with their intervals: how large a difference is, whatever the number of customers.

Intervals of shares of variance invert the noncentral distribution of the statistic: Steiger and
Fouladi 1997, "Noncentrality interval estimation and the evaluation of statistical models"; Smithson
2003, "Confidence intervals".
"""

from collections.abc import Callable
from math import isfinite, nan, sqrt
from typing import Final

from scipy.optimize import brentq
from scipy.stats import chi2, ncf, ncx2, ttest_ind
from scipy.stats import f as central_f

from models.metrics import Estimate
from models.profile.findings import Effect, Size, without_interval
from models.spec import FloatArray

_SIDES: Final = (0.975, 0.025)
_FARTHEST: Final = 1e9
"""Statistic beyond which nothing is looked for: of variance there is nothing left by then."""

OF_ETA: Final = (0.01, 0.06, 0.14)
"""Shares of variance that count as small, medium and large (Cohen 1988, "Statistical power analysis
for the behavioral sciences", 2nd edition, section 8.2)."""
OF_R_SQUARED: Final = (0.0196, 0.13, 0.26)
"""The same of regressions (section 9.2)."""
OF_W: Final = (0.1, 0.3, 0.5)
"""The same of tables of counts (section 7.2), of correlations as well (section 3.2)."""
OF_DELTA: Final = (0.147, 0.33, 0.474)
"""Of Cliff's delta (Romano et al. 2006, "Appropriate statistics for ordinal level data")."""


def size_of(value: float, bounds: tuple[float, float, float]) -> Size:
    """What an effect is called; the sign does not matter, and nothing known is negligible."""
    sizes: tuple[Size, ...] = ("small", "medium", "large")
    reached = [size for size, bound in zip(sizes, bounds, strict=True) if abs(value) >= bound]
    return reached[-1] if reached else "negligible"


def noncentrality_of_f(f: float, between: float, within: float) -> tuple[float, float]:
    """Ends of the 95 % interval of the noncentrality of an F statistic, at least 0; NaN: not known.

    Parameters
    ----------
    f
        The statistic.
    between, within
        Its degrees of freedom.
    """
    if not (isfinite(f) and f >= 0 and within > 0):
        return nan, nan
    centre = float(central_f.cdf(f, between, within))
    return _ends(lambda far: float(ncf.cdf(f, between, within, far)), centre, f * between)


def noncentrality_of_chi_squared(statistic: float, freedom: float) -> tuple[float, float]:
    """The same of a chi-squared statistic."""
    if not (isfinite(statistic) and statistic >= 0):
        return nan, nan
    centre = float(chi2.cdf(statistic, freedom))
    return _ends(lambda far: float(ncx2.cdf(statistic, freedom, far)), centre, statistic)


def _ends(below: Callable[[float], float], centre: float, near: float) -> tuple[float, float]:
    """Where the chance to be below falls to 97.5 and to 2.5 per cent; `centre`: it is at 0."""
    if near > _FARTHEST:  # farther out the library's distributions are not defined
        return nan, nan
    return _end(below, _SIDES[0], centre, near), _end(below, _SIDES[1], centre, near)


def _end(below: Callable[[float], float], side: float, centre: float, near: float) -> float:
    if centre <= side:  # the noncentral distributions are not defined for every tiny statistic
        return 0.0
    least = 1e-12  # nor are they at 0 itself
    if below(least) <= side:
        return 0.0
    top = max(1.0, near)
    while below(top) > side:
        top *= 2
    return float(brentq(lambda far: below(far) - side, least, top, xtol=1e-9, rtol=1e-12))


def partial_eta_squared(f: float, between: float, within: float) -> Estimate:
    r"""Share (0..1) of the variance that a factor explains of what others leave.

    .. math:: \eta_p^2 = \frac{F \nu_1}{F \nu_1 + \nu_2}, \quad
              \frac{\lambda}{\lambda + \nu_1 + \nu_2 + 1}

    Of one factor it is eta squared; of a whole regression R squared. The interval's ends lie at
    those of the noncentrality. Source: Smithson 2003, chapter 4.
    """
    ends = noncentrality_of_f(f, between, within)
    value = f * between / (f * between + within) if within > 0 else nan
    low, high = (far / (far + between + within + 1) for far in ends)
    return Estimate(float(value), low, high)


def omega_squared(f: float, between: float, within: float) -> Estimate:
    r"""Share of variance, corrected for what chance explains; below 0 by chance.

    .. math:: \omega^2 = \frac{\nu_1 (F - 1)}{\nu_1 (F - 1) + n}, \quad n = \nu_1 + \nu_2 + 1

    Source: Hays 1963, "Statistics for psychologists"; of a factor among others it is the partial
    one (Olejnik and Algina 2003). It estimates the same share of everybody as eta squared does, so
    that the interval is that of `partial_eta_squared` (Steiger 2004, "Beyond the F test").
    """
    above = between * (f - 1)
    ends = partial_eta_squared(f, between, within)
    return Estimate(above / (above + between + within + 1), ends.low, ends.high)


def cramers_v(statistic: float, shape: tuple[int, int], customers: int) -> tuple[Effect, Effect]:
    r"""Association of two classifications, 0..1: corrected for bias with its interval, and plain.

    .. math:: \tilde V = \sqrt{\frac{\max(0, \chi^2/n - (r-1)(c-1)/(n-1))}
              {\min(\tilde r, \tilde c) - 1}}, \quad \tilde r = r - \frac{(r-1)^2}{n-1}

    Source: Cramér 1946, "Mathematical methods of statistics", section 21.9; Bergsma 2013, "A
    bias-correction for Cramér's V and Tschuprow's T". The interval's ends are those of the
    noncentrality over n, in the denominator of each.
    """
    rows, columns = shape
    freedom = (rows - 1) * (columns - 1)
    reach = min(each - 1 - (each - 1) ** 2 / (customers - 1) for each in shape)
    reach = max(reach, 1e-12)
    corrected = max(0.0, statistic / customers - freedom / (customers - 1)) / reach
    ends = noncentrality_of_chi_squared(statistic, freedom)
    least = min(rows, columns) - 1
    inside, outside = (
        [min(1.0, sqrt(far / customers / part)) for far in ends] for part in (reach, least)
    )
    bounds = (OF_W[0] / sqrt(least), OF_W[1] / sqrt(least), OF_W[2] / sqrt(least))
    value, plain = min(1.0, sqrt(corrected)), sqrt(statistic / customers / least)
    return (
        Effect("Cramér's V, corrected", Estimate(value, *inside), size_of(value, bounds)),
        Effect("Cramér's V", Estimate(plain, *outside), size_of(plain, bounds)),
    )


def rank_epsilon_squared(h: float, groups: int, customers: int) -> Estimate:
    r"""Share (0..1) of the variance of ranks that lies between groups.

    .. math:: \varepsilon^2 = \frac{H}{n - 1}

    It is eta squared of an analysis of variance of the ranks, whose F gives the interval (Conover
    and Iman 1981, "Rank transformations as a bridge between parametric and nonparametric
    statistics"). Source: Kelley 1935; Tomczak and Tomczak 2014, "The need to report effect size
    estimates revisited".
    """
    share = min(h / (customers - 1), 1.0)
    between, within = groups - 1, customers - groups
    if share >= 1 or within <= 0:
        return without_interval(share)
    f = share / between / ((1 - share) / within)
    found = partial_eta_squared(f, between, within)
    return Estimate(share, found.low, found.high)


def mean_difference(one: FloatArray, other: FloatArray) -> Estimate:
    """Difference of two means with Welch's 95 % interval, in the unit of the values.

    Source: Welch 1947, "The generalization of Student's problem when several different population
    variances are involved".
    """
    found = ttest_ind(one, other, equal_var=False)
    ends = found.confidence_interval(0.95)
    return Estimate(float(one.mean() - other.mean()), float(ends.low), float(ends.high))

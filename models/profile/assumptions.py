"""What methods assume of the customers, looked at before the method is believed."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.stats import chi2, kurtosis, levene, norm, normaltest, skew
from statsmodels.stats.multivariate import test_cov_diagonal, test_cov_oneway

from models.profile.findings import SURE, Check
from models.profile.groups import Groups
from models.spec import FloatArray

SKEW_MOST: Final = 2.0
KURTOSIS_MOST: Final = 7.0
"""Bounds of skewness and of excess kurtosis, beyond which means of many customers are not to be
trusted either: Kim 2013, "Statistical notes for clinical researchers: assessing normal distribution
using skewness and kurtosis", after West, Finch and Curran 1995."""

MANY: Final = 50
"""Customers of a group from which on the bounds decide: a test would find any trifle by then."""

FEWEST: Final = 8
"""Customers below which no test of normality can say anything."""

ALIKE_MOST: Final = 0.001
"""Chance below which covariances count as unequal: Box's test is known to be over-sensitive
(Tabachnick and Fidell 2013, "Using multivariate statistics", section 7.3.2)."""

INFLATION_MOST: Final = 10.0
"""Variance inflation beyond which columns say the same (Marquardt 1970)."""

ADEQUACY_LEAST: Final = 0.5
"""Kaiser's measure below which correlations do not make factors (Kaiser 1974)."""


def _check(
    assumption: str, by: str, found: tuple[float, float], instead: str, least: float
) -> Check:
    """A check by a test: it is met where chance alone brings the statistic often enough."""
    statistic, p = found
    is_met = bool(p >= least)
    return Check(assumption, by, float(statistic), float(p), is_met, "" if is_met else instead)


def _not_seen(assumption: str, by: str, instead: str) -> Check:
    """A check that cannot be made counts as failed."""
    return Check(assumption, by, np.nan, np.nan, is_met=False, instead=instead)


def bell_shaped(parts: Sequence[FloatArray], instead: str) -> Check:
    """Whether the values of each group lie about their mean as a normal distribution does.

    Groups of `MANY` and more must keep `SKEW_MOST` and `KURTOSIS_MOST`, since their means follow a
    normal distribution whatever the values do within those; of smaller groups, D'Agostino and
    Pearson's test of all of them together must not find a difference, each in units of its own
    standard deviation, lest unequal spread be taken for a shape.

    Parameters
    ----------
    parts
        Values, or residuals, of each group.
    instead
        What is done where they do not.
    """
    if all(len(part) >= MANY for part in parts):
        shapes = [_shape(part) for part in parts]
        worst = max(shapes, key=lambda each: max(each[0] / SKEW_MOST, each[1] / KURTOSIS_MOST))
        is_met = worst[0] <= SKEW_MOST and worst[1] <= KURTOSIS_MOST
        by = f"skewness at most {SKEW_MOST:g} and excess kurtosis at most {KURTOSIS_MOST:g}"
        value = worst[0] if worst[0] / SKEW_MOST >= worst[1] / KURTOSIS_MOST else worst[1]
        return Check("bell-shaped values", by, value, np.nan, is_met, "" if is_met else instead)
    by = "D'Agostino and Pearson's test"
    if sum(map(len, parts)) < FEWEST or min(float(np.ptp(part)) for part in parts) == 0:
        return _not_seen("bell-shaped values", f"{by}: too few", instead)
    left = np.concatenate([(part - part.mean()) / part.std(ddof=1) for part in parts])
    return _check("bell-shaped values", by, tuple(normaltest(left)), instead, SURE)


def _shape(part: FloatArray) -> tuple[float, float]:
    """Absolute skewness and excess kurtosis; values that are all alike have no shape at all."""
    if np.ptp(part) <= 1e-12 * max(1.0, float(np.abs(part).max())):
        return np.inf, np.inf
    return abs(float(skew(part))), abs(float(kurtosis(part)))


def equal_spread(parts: Sequence[FloatArray], instead: str) -> Check:
    """Whether groups spread alike, by Brown and Forsythe's test: Levene's about the medians.

    Source: Brown and Forsythe 1974, "Robust tests for the equality of variances".

    Parameters
    ----------
    parts, instead
        As of `bell_shaped`.
    """
    by = "Brown and Forsythe's test"
    if len(parts) < 2:  # noqa: PLR2004
        return _not_seen("equal spread", f"{by}: too few", instead)
    spreads = [np.ptp(np.abs(part - np.median(part))) for part in parts]
    if not any(spreads):  # each group's values all lie equally far from its median
        values = {float(np.abs(part - np.median(part)).max()) for part in parts}
        is_met = len(values) == 1
        return Check("equal spread", by, np.nan, np.nan, is_met, "" if is_met else instead)
    return _check("equal spread", by, tuple(levene(*parts, center="median")), instead, SURE)


def equal_covariances(rows: FloatArray, groups: Groups, instead: str) -> Check:
    """Whether columns vary together alike in all groups, by Box's M.

    Source: Box 1949, "A general distribution theory for a class of likelihood criteria".

    Parameters
    ----------
    rows
        Shape (n, k).
    groups
        Of the rows.
    instead
        What is done where they do not.
    """
    parts = groups.split(rows)
    by = "Box's M"
    if min(len(part) for part in parts) <= rows.shape[1]:
        return _not_seen("equal covariances", f"{by}: a group is too small", instead)
    covariances = [np.atleast_2d(np.cov(part, rowvar=False)) for part in parts]
    if min(float(np.linalg.eigvalsh(each)[0]) for each in covariances) <= 0:
        return _not_seen("equal covariances", f"{by}: a column is constant", instead)
    found = test_cov_oneway(covariances, [len(part) for part in parts])
    told = (found.statistic_chi2, found.pvalue_chi2)
    return _check("equal covariances", by, told, instead, ALIKE_MOST)


def jointly_bell_shaped(rows: FloatArray, groups: Groups, instead: str) -> Check:
    r"""Whether columns are jointly normal within groups, by Mardia's skewness and kurtosis.

    .. math:: b_1 = \frac{1}{n^2} \sum_{ij} g_{ij}^3, \quad b_2 = \frac1n \sum_i g_{ii}^2, \quad
              g_{ij} = z_i' S^{-1} z_j

    for rows less their group's mean; n b1 / 6 is chi-squared with k (k + 1) (k + 2) / 6 degrees of
    freedom, and b2 is normal about k (k + 2) with variance 8 k (k + 2) / n. The smaller chance
    counts, twice. Source: Mardia 1970, "Measures of multivariate skewness and kurtosis with
    applications".

    Parameters
    ----------
    rows, groups, instead
        As of `equal_covariances`.
    """
    skewness, tailed = mardia(within_groups(rows, groups))
    n, k = rows.shape
    of_skewness = float(chi2.sf(n * skewness / 6, k * (k + 1) * (k + 2) / 6))
    z = (tailed - k * (k + 2)) / np.sqrt(8 * k * (k + 2) / n)
    of_kurtosis = float(2 * norm.sf(abs(z)))
    p = min(1.0, 2 * min(of_skewness, of_kurtosis))
    is_met = p >= SURE
    by = "Mardia's skewness and kurtosis"
    return Check("jointly bell-shaped", by, float(tailed), p, is_met, "" if is_met else instead)


def mardia(rows: FloatArray) -> tuple[float, float]:
    """Multivariate skewness b1 and kurtosis b2 of rows with mean 0; see `jointly_bell_shaped`.

    The sum over all pairs is one over all triples of columns of their third moments, squared, once
    the columns are made independent: n k³ operations instead of n².
    """
    n = len(rows)
    values, vectors = np.linalg.eigh(rows.T @ rows / n)
    is_real = values > 1e-12 * values[-1]
    white = rows @ (vectors[:, is_real] / np.sqrt(values[is_real]))
    thirds = ((white * each[:, None]).T @ white / n for each in white.T)
    return sum(float((third**2).sum()) for third in thirds), float(
        ((white**2).sum(axis=1) ** 2).mean()
    )


def within_groups(rows: FloatArray, groups: Groups) -> FloatArray:
    """Rows less the mean of their group."""
    means = np.stack([part.mean(axis=0) for part in groups.split(rows)])
    found: FloatArray = rows - means[groups.code]
    return found


def sphericity(correlations: FloatArray, customers: int, instead: str) -> Check:
    r"""Whether columns have anything in common, by Bartlett's test of sphericity.

    .. math:: \chi^2 = -\left(n - 1 - \frac{2k + 5}{6}\right) \ln |R|

    Source: Bartlett 1951, "The effect of standardization on a chi-squared approximation in factor
    analysis".

    Parameters
    ----------
    correlations
        Shape (k, k).
    customers
        n.
    instead
        What is said where they have not.
    """
    found = test_cov_diagonal(correlations, customers)
    is_met = bool(found.pvalue < SURE)
    return Check(
        "columns that go together",
        "Bartlett's test of sphericity",
        float(found.statistic),
        float(found.pvalue),
        is_met,
        "" if is_met else instead,
    )


def adequacy(correlations: FloatArray, instead: str) -> Check:
    r"""Whether correlations are shared by many columns, by Kaiser, Meyer and Olkin's measure, 0..1.

    .. math:: KMO = \frac{\sum_{i \ne j} r_{ij}^2}
              {\sum_{i \ne j} r_{ij}^2 + \sum_{i \ne j} p_{ij}^2}

    with the partial correlations p given all other columns. Source: Kaiser 1974, "An index of
    factorial simplicity".

    Parameters
    ----------
    correlations, instead
        As of `sphericity`.
    """
    inverse = np.linalg.inv(correlations)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(correlations), dtype=bool)
    shared, alone = (float((each[off] ** 2).sum()) for each in (correlations, partial))
    value = shared / (shared + alone)
    is_met = value >= ADEQUACY_LEAST
    by = f"Kaiser, Meyer and Olkin's measure at least {ADEQUACY_LEAST:g}"
    return Check("shared correlations", by, value, np.nan, is_met, "" if is_met else instead)


def inflation(correlations: FloatArray) -> FloatArray:
    r"""Variance inflation of each column, shape (k,): :math:`1 / (1 - R_j^2)`, at least 1.

    R² is that of a column by all others; the diagonal of the inverse of the correlations.
    """
    found: FloatArray = np.diag(np.linalg.inv(correlations)).copy()
    return found


def told_apart(correlations: FloatArray, instead: str) -> Check:
    """Whether no column is said by the others, by the largest variance inflation."""
    worst = float(inflation(correlations).max())
    is_met = worst <= INFLATION_MOST
    by = f"largest variance inflation at most {INFLATION_MOST:g}"
    return Check("columns told apart", by, worst, np.nan, is_met, "" if is_met else instead)

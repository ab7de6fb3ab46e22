"""What lies behind many columns: factor analysis by maximum likelihood, rotated to be read."""

import warnings
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import chi2
from sklearn.decomposition import FactorAnalysis
from sklearn.exceptions import ConvergenceWarning
from statsmodels.multivariate.factor_rotation import rotate_factors

from models.metrics import Estimate
from models.profile.assumptions import adequacy, sphericity
from models.profile.components import eigenvalues_by_chance, require_rows
from models.profile.effects import noncentrality_of_chi_squared
from models.profile.findings import Check, Effect, Finding, Test, without_interval
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import Prepared
from models.spec import FloatArray

MISFIT_MOST: Final = 0.08
"""Root mean square error of approximation up to which factors fit (Browne and Cudeck 1993)."""

UNIQUE_LEAST: Final = 0.005
"""Variance of its own below which a column would be a factor itself (a Heywood case)."""

_STEPS: Final = 4_000

_UNRELATED: Final = "factors say no more than single columns"
_SCATTERED: Final = "few columns share a factor"
_MISFIT: Final = "factors leave some correlations unexplained"
_HEYWOOD: Final = "a factor is one of the columns"
_UNENDED: Final = "loadings are near those of the largest likelihood, not at them"


@dataclass(frozen=True, eq=False)
class Factors:
    """What lies behind columns.

    Attributes
    ----------
    finding
        Test of fit (small chances: something is left), checks; the share of variance that is
        common, and the root mean square error of approximation.
    loadings
        Correlations of columns with the factors, rotated by varimax.
    communalities
        Share (0..1) of each column's variance that the factors explain.
    scores
        Factors of each customer as they are expected (Thomson's regression), shape (n, factors).
    """

    finding: Finding
    loadings: pd.DataFrame
    communalities: pd.Series
    scores: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Share (0..1) of the variance of all columns, by factor, falling, shape (factors,)."""
        squares = self.loadings.to_numpy() ** 2
        found: FloatArray = squares.sum(axis=0) / len(squares)
        return found


def factors(table: Prepared, seed: int, count: int | None = None) -> Factors:
    """What lies behind columns, by maximum likelihood, with loadings rotated by varimax.

    As many factors as principal components tell more than chance (see
    `models.profile.components.components`), as far as so many columns can tell them apart.

    Parameters
    ----------
    table
        Columns side by side.
    seed
        Of the tables of chance.
    count
        Factors; None: by that rule.

    Raises
    ------
    ColumnsUnfit
        When there are fewer than three columns, or not more customers than columns.
    """
    n, k = table.rows.shape
    _require_enough(k, count)
    require_rows(table)
    correlations = table.correlations
    wanted = count or _by_chance(correlations, n, seed, most_factors(k))
    library = FactorAnalysis(wanted, svd_method="lapack", tol=1e-8, max_iter=_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a check says so
        fitted = library.fit(_few_rows(correlations))
    loadings = _rotated(fitted.components_.T)
    unique = np.maximum(fitted.noise_variance_, 1e-12)
    fit, misfit = _fit(correlations, loadings, unique, n)
    common = Effect(f"common variance of {wanted}", without_interval((loadings**2).sum() / k))
    finding = Finding(
        method="factor analysis by maximum likelihood, varimax",
        subject=f"{k} columns",
        customers=n,
        tests=(fit,),
        checks=(
            sphericity(correlations, n, _UNRELATED),
            adequacy(correlations, _SCATTERED),
            _misfit(misfit),
            _heywood(unique),
            _ended(int(fitted.n_iter_)),
        ),
        effects=(common, Effect("root mean square error of approximation", misfit)),
    )
    rows = (table.rows - table.rows.mean(axis=0)) / table.rows.std(axis=0)
    names = [f"factor {place + 1}" for place in range(wanted)]
    return Factors(
        finding=finding,
        loadings=pd.DataFrame(loadings, index=list(table.columns), columns=names),
        communalities=pd.Series((loadings**2).sum(axis=1), index=list(table.columns)),
        scores=rows @ np.linalg.solve(correlations, loadings),
    )


def _require_enough(columns: int, count: int | None) -> None:
    most = most_factors(columns)
    if most < (count or 1):
        message = (
            f"{count or 1} factors need more columns than {columns}, which can tell {most}; name "
            "more columns"
        )
        raise ColumnsUnfit(message)


def _few_rows(correlations: FloatArray) -> FloatArray:
    """Rows with mean 0 and these correlations, two per column: all that the likelihood looks at."""
    root = np.linalg.cholesky(correlations).T * sqrt(len(correlations))
    return np.vstack([root, -root])


def most_factors(columns: int) -> int:
    """Factors that so many columns can tell: degrees of freedom of the fit above 0."""
    return max((m for m in range(columns) if (columns - m) ** 2 > columns + m), default=0)


def _by_chance(correlations: FloatArray, customers: int, seed: int, most: int) -> int:
    values = np.linalg.eigvalsh(correlations)[::-1]
    is_above = values > eigenvalues_by_chance(customers, len(values), seed)
    leading = int(np.argmin(np.r_[is_above, False]))
    return min(max(1, leading), most)


def _rotated(loadings: FloatArray) -> FloatArray:
    """Varimax; factors by falling share, most of each one's loadings positive."""
    if loadings.shape[1] > 1:
        loadings = np.asarray(rotate_factors(loadings, "varimax")[0])
    order = np.argsort(-(loadings**2).sum(axis=0), kind="stable")
    found: FloatArray = loadings[:, order]
    return found * np.where(found.sum(axis=0) < 0, -1.0, 1.0)


def _fit(
    correlations: FloatArray, loadings: FloatArray, unique: FloatArray, n: int
) -> tuple[Test, Estimate]:
    r"""Test of fit with Bartlett's factor, and the error of approximation with its 95 % interval.

    .. math:: \chi^2 = \left(n - 1 - \frac{2k + 5}{6} - \frac{2m}{3}\right)
              \left(\ln|\Sigma| - \ln|R| + tr(R \Sigma^{-1}) - k\right)

    Source: Lawley and Maxwell 1971, "Factor analysis as a statistical method", chapter 4; Steiger
    1990, "Structural model evaluation and modification".
    """
    k, m = loadings.shape
    implied = loadings @ loadings.T + np.diag(unique)
    apart = (
        np.linalg.slogdet(implied)[1]
        - np.linalg.slogdet(correlations)[1]
        + float(np.trace(np.linalg.solve(implied, correlations)))
        - k
    )
    freedom = ((k - m) ** 2 - k - m) / 2
    statistic = max(0.0, float(apart) * (n - 1 - (2 * k + 5) / 6 - 2 * m / 3))
    p = float(chi2.sf(statistic, freedom))
    ends = noncentrality_of_chi_squared(statistic, freedom)
    low, high = (sqrt(far / freedom / (n - 1)) for far in ends)
    value = sqrt(max(0.0, statistic - freedom) / freedom / (n - 1))
    return Test("chi-squared of what is left", statistic, (freedom,), p), Estimate(value, low, high)


def _misfit(misfit: Estimate) -> Check:
    is_met = misfit.value <= MISFIT_MOST
    by = f"root mean square error of approximation at most {MISFIT_MOST:g}"
    return Check("factors fit", by, misfit.value, np.nan, is_met, "" if is_met else _MISFIT)


def _heywood(unique: FloatArray) -> Check:
    least = float(unique.min())
    is_met = least >= UNIQUE_LEAST
    by = f"variance of its own of {UNIQUE_LEAST:g} or more"
    return Check("no column is a factor", by, least, np.nan, is_met, "" if is_met else _HEYWOOD)


def _ended(steps: int) -> Check:
    is_met = steps < _STEPS
    by = f"fewer than {_STEPS:,} steps"
    told = "" if is_met else _UNENDED
    return Check("the largest likelihood is found", by, float(steps), np.nan, is_met, told)

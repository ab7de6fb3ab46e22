"""Few directions in which customers differ most: principal components, as many as tell."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from models.metrics import estimate
from models.profile.assumptions import adequacy, sphericity
from models.profile.findings import Effect, Finding, Test
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import Prepared
from models.spec import FloatArray

DRAWN: Final = 100
"""Tables of unrelated columns that eigenvalues are held against."""

RESAMPLES: Final = 200

_UNRELATED: Final = "components say no more than single columns"
_SCATTERED: Final = "components mix columns that have little in common"


@dataclass(frozen=True, eq=False)
class Components:
    """Directions in which customers differ most.

    Attributes
    ----------
    finding
        Bartlett's test, the checks, and the share of variance of the kept components.
    eigenvalues
        Of the correlations, falling, shape (k,).
    by_chance
        95 % quantile of the eigenvalues of unrelated columns, shape (k,).
    kept
        Components whose eigenvalues lie above; at least one.
    loadings
        Correlations of columns with the kept components.
    scores
        Kept components of each customer, with variance 1, shape (n, kept).
    """

    finding: Finding
    eigenvalues: FloatArray
    by_chance: FloatArray
    kept: int
    loadings: pd.DataFrame
    scores: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Share (0..1) of the variance of all columns, by component, shape (k,)."""
        found: FloatArray = self.eigenvalues / self.eigenvalues.sum()
        return found


def components(table: Prepared, seed: int) -> Components:
    """Principal components of the correlations, as many as tell more than chance.

    A component is kept while its eigenvalue lies above the 95 % quantile of those of as many
    unrelated normal columns: Horn 1965, "A rationale and test for the number of factors in factor
    analysis"; with the quantile of Glorfeld 1995. The interval of the share of variance is of a
    bootstrap over customers.

    Parameters
    ----------
    table
        Columns side by side.
    seed
        Of the unrelated columns and of the bootstrap.

    Raises
    ------
    ColumnsUnfit
        When there are not more customers than columns.
    """
    n, k = table.rows.shape
    require_rows(table)
    correlations = table.correlations
    fitted = PCA().fit(_standardised(table.rows))
    eigenvalues = fitted.explained_variance_ * (n - 1) / n
    by_chance = eigenvalues_by_chance(n, k, seed)
    kept = _leading(eigenvalues > by_chance)
    axes = fitted.components_[:kept].T
    axes = axes * np.where(axes.sum(axis=0) < 0, -1.0, 1.0)
    names = [f"component {place + 1}" for place in range(kept)]
    first = sphericity(correlations, n, _UNRELATED)
    shared = float(eigenvalues[:kept].sum() / k)
    told = estimate(shared, _resampled(table.rows, kept, seed))
    finding = Finding(
        method="principal components",
        subject=f"{k} columns",
        customers=n,
        tests=(Test(first.by, first.value, (k * (k - 1) / 2,), first.p),),
        checks=(first, adequacy(correlations, _SCATTERED)),
        effects=(Effect(f"share of variance of {kept}", told),),
    )
    return Components(
        finding=finding,
        eigenvalues=eigenvalues,
        by_chance=by_chance,
        kept=kept,
        loadings=pd.DataFrame(
            axes * np.sqrt(eigenvalues[:kept]), index=list(table.columns), columns=names
        ),
        scores=_standardised(table.rows) @ axes / np.sqrt(eigenvalues[:kept]),
    )


def require_rows(table: Prepared) -> None:
    """Nothing, where there are more customers than columns, and each differs from all others.

    Raises
    ------
    ColumnsUnfit
        Saying how many there are.
    """
    n, k = table.rows.shape
    rank = int(np.linalg.matrix_rank(table.rows - table.rows.mean(axis=0)))
    if n <= k + 1 or rank < k:
        message = (
            f"correlations of {k} columns need more than {k + 1} customers and columns that are "
            f"not made of each other, but found {n:,} customers and {rank} independent columns; "
            "leave columns out"
        )
        raise ColumnsUnfit(message)


def eigenvalues_by_chance(customers: int, columns: int, seed: int) -> FloatArray:
    """95 % quantiles of the eigenvalues of correlations of unrelated normal columns, falling.

    Parameters
    ----------
    customers, columns
        How many of each.
    seed
        Of the draws.
    """
    random = np.random.default_rng(seed)
    found = np.stack(
        [
            np.linalg.eigvalsh(np.corrcoef(random.normal(size=(customers, columns)), rowvar=False))
            for _ in range(DRAWN)
        ]
    )
    quantiles: FloatArray = np.quantile(found[:, ::-1], 0.95, axis=0)
    return quantiles


def _leading(is_above: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """How many are above before the first that is not; at least one."""
    return max(1, int(np.argmin(np.r_[is_above, False])))


def _standardised(rows: FloatArray) -> FloatArray:
    found: FloatArray = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return found


def _resampled(rows: FloatArray, kept: int, seed: int) -> FloatArray:
    """Share of variance of so many components in each resample, shape (resamples,)."""
    random = np.random.default_rng(seed)
    n, k = rows.shape
    shares = np.full(RESAMPLES, np.nan)
    for place in range(RESAMPLES):
        drawn = rows[random.integers(n, size=n)]
        if (drawn.std(axis=0) > 0).all():
            found = np.linalg.eigvalsh(np.corrcoef(drawn, rowvar=False))
            shares[place] = found[::-1][:kept].sum() / k
    return shares

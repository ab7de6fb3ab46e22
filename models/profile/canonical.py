"""How two sets of columns go together: canonical correlations, in and out of the sample."""

from dataclasses import dataclass
from math import atanh, sqrt, tanh
from typing import Final

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from statsmodels.multivariate.cancorr import CanCorr

from models.metrics import Z_95, Estimate
from models.profile.assumptions import jointly_bell_shaped, told_apart
from models.profile.effects import OF_W, size_of
from models.profile.findings import Effect, Finding, Test, without_interval
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.prepared import Prepared
from models.spec import FloatArray

FOLDS: Final = 5
PERMUTATIONS: Final = 999

_COUNTED: Final = "chances counted in permutations"
_LOADINGS: Final = "read the correlations with the columns, not the weights"


@dataclass(frozen=True, eq=False)
class Canonical:
    """How two sets of columns go together.

    Attributes
    ----------
    finding
        Wilks' tests of the first correlation and on, of the second and on, ...; the first
        correlation held out, with its interval, and as fitted.
    pairs
        One row per pair of variates: correlation, wilks, statistic (Rao's F), between, within, p.
    first, second
        Correlations of the columns of each set with the variates of their own set.
    redundancy
        Share (0..1) of the variance of the first set that the second's variates explain, and the
        other way round.
    """

    finding: Finding
    pairs: pd.DataFrame
    first: pd.DataFrame
    second: pd.DataFrame
    redundancy: tuple[float, float]


def canonical(subject: str, one: Prepared, other: Prepared, seed: int) -> Canonical:
    """How two sets of columns of the same customers go together.

    Canonical correlations (Hotelling 1936, "Relations between two sets of variates") with Rao's F
    of Wilks' lambda; where columns are not jointly normal, the chance of the first is counted in
    permutations of the customers of one set. Fitted correlations are too high by chance, so the
    first is also taken between variates of customers that it was not fitted to, in `FOLDS` parts,
    with Fisher's interval (1921). Redundancy: Stewart and Love 1968.

    Parameters
    ----------
    subject
        What the sets are.
    one, other
        Both sets, without a column in common.
    seed
        Of permutations and folds.

    Raises
    ------
    ColumnsUnfit
        When there are too few customers for so many columns, or columns are made of others.
    """
    rows = np.column_stack([one.rows, other.rows])
    n, k = rows.shape
    rank = int(np.linalg.matrix_rank(rows - rows.mean(axis=0)))
    if n < FOLDS * (k + 1) or rank < k:
        message = (
            f"{subject} needs at least {FOLDS * (k + 1)} customers and columns not made of each "
            f"other, but found {n:,} customers and {rank} of {k} independent columns; leave some "
            "out"
        )
        raise ColumnsUnfit(message)
    fitted = CanCorr(one.rows, other.rows)
    pairs = _pairs(fitted)
    everyone = Groups("everyone", ("everyone",), np.zeros(n, dtype=np.int64))
    shape = jointly_bell_shaped(rows, everyone, _COUNTED)
    apart = told_apart(np.atleast_2d(np.corrcoef(rows, rowvar=False)), _LOADINGS)
    tests = _tests(pairs)
    if not shape.is_met:
        wilks = float(pairs["wilks"].iloc[0])
        p = _permuted(one.rows, other.rows, wilks, seed)
        tests = (Test("Wilks' lambda by permutations", wilks, (), p), *tests)
    first = _structure(one, np.asarray(fitted.y_cancoef))
    second = _structure(other, np.asarray(fitted.x_cancoef))
    squares = pairs["correlation"].to_numpy() ** 2
    value, plain = _held_out(one.rows, other.rows, seed), float(pairs["correlation"].iloc[0])
    finding = Finding(
        method="canonical correlation",
        subject=subject,
        customers=n,
        tests=tests,
        checks=(shape, apart),
        effects=(
            Effect("first correlation, held out", value, size_of(value.value, OF_W)),
            Effect("first correlation", without_interval(plain), size_of(plain, OF_W)),
        ),
    )
    shares = [
        float(((each.to_numpy() ** 2).mean(axis=0) * squares).sum()) for each in (first, second)
    ]
    return Canonical(finding, pairs, first, second, (shares[0], shares[1]))


def _pairs(fitted: CanCorr) -> pd.DataFrame:
    table = fitted.corr_test().stats.astype(float)
    names = {
        "Canonical Correlation": "correlation",
        "Wilks' lambda": "wilks",
        "F Value": "statistic",
        "Num DF": "between",
        "Den DF": "within",
        "Pr > F": "p",
    }
    found: pd.DataFrame = table[list(names)].rename(columns=names).reset_index(drop=True)
    return found


def _tests(pairs: pd.DataFrame) -> tuple[Test, ...]:
    columns = (pairs[name] for name in ("statistic", "between", "within", "p"))
    return tuple(
        Test(f"Wilks' lambda of pairs {place + 1} and on", float(f), (float(a), float(b)), float(p))
        for place, (f, a, b, p) in enumerate(zip(*columns, strict=True))
    )


def _structure(table: Prepared, weights: FloatArray) -> pd.DataFrame:
    """Correlations of columns with their variates; of each variate the largest is positive."""
    variates = (table.rows - table.rows.mean(axis=0)) @ weights
    rows = table.rows - table.rows.mean(axis=0)
    found = rows.T @ variates
    found /= np.sqrt(np.outer((rows**2).sum(axis=0), (variates**2).sum(axis=0)))
    names = [f"pair {place + 1}" for place in range(found.shape[1])]
    return pd.DataFrame(found, index=list(table.columns), columns=names)


def _bases(one: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orthonormal bases of what both sets can say."""
    left, _, _ = np.linalg.svd(one - one.mean(axis=0), full_matrices=False)
    right, _, _ = np.linalg.svd(other - other.mean(axis=0), full_matrices=False)
    return left, right


def wilks_of(one: FloatArray, other: FloatArray) -> float:
    """Wilks' lambda of two sets given by orthonormal bases: product of 1 less r squared."""
    found = np.linalg.svd(one.T @ other, compute_uv=False)
    return float(np.prod(1 - np.minimum(found, 1.0) ** 2))


def _permuted(one: FloatArray, other: FloatArray, wilks: float, seed: int) -> float:
    left, right = _bases(one, other)
    random, reached = np.random.default_rng(seed), 1
    for _ in range(PERMUTATIONS):
        shuffled = right[random.permutation(len(right))]
        reached += wilks_of(left, shuffled) <= wilks * (1 + 1e-12)
    return reached / (PERMUTATIONS + 1)


def _held_out(one: FloatArray, other: FloatArray, seed: int) -> Estimate:
    """First correlation between variates of customers that they were not fitted to.

    Each part's variates are taken less their mean in the part itself.
    """
    n = len(one)
    first, second = np.zeros(n), np.zeros(n)
    for fit, rest in KFold(FOLDS, shuffle=True, random_state=seed).split(one):
        found = CanCorr(one[fit], other[fit])
        for told, rows, weights in (
            (first, one, np.asarray(found.y_cancoef)),
            (second, other, np.asarray(found.x_cancoef)),
        ):
            axis = weights[:, 0] / np.std(rows[fit] @ weights[:, 0])
            told[rest] = (rows[rest] - rows[rest].mean(axis=0)) @ axis
    r = float(np.corrcoef(first, second)[0, 1])
    half = Z_95 / sqrt(n - 3)
    z = atanh(min(max(r, -1 + 1e-12), 1 - 1e-12))
    return Estimate(r, tanh(z - half), tanh(z + half))

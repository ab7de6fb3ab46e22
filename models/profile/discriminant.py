"""What tells groups apart, all columns together, and how well: discriminant analysis."""

from dataclasses import dataclass, replace
from math import isfinite, log, sqrt
from typing import Final

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.stats import chi2
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from models.metrics import Estimate
from models.profile.assumptions import equal_covariances, told_apart
from models.profile.effects import OF_W, size_of
from models.profile.findings import Check, Effect, Finding, Test, without_interval
from models.profile.groups import ColumnsUnfit, Groups
from models.proportions import wilson
from models.spec import FloatArray, IntArray

FOLDS: Final = 5

PER_COLUMN: Final = 5
"""Customers per column that each group needs for covariances of its own."""

_QUADRATIC: Final = "covariances of each group (quadratic discriminant analysis)"
_POOLED: Final = "pooled covariances all the same, since a group is too small for its own"
_SINGULAR: Final = "pooled covariances all the same, since those of a group cannot be inverted"
_SHRUNK: Final = "read structure correlations, not weights"


@dataclass(frozen=True, eq=False)
class Discriminant:
    """What tells groups apart.

    Attributes
    ----------
    finding
        Bartlett's tests of the functions, the assumptions; effects: the share of customers put
        into the right group (held out, each group counting alike), and the first canonical
        correlation.
    functions
        One row per function: eigenvalue, share (0..1, of the eigenvalues), correlation (canonical),
        wilks (of it and all after it), statistic, freedom, p.
    weights
        Standardised coefficients by column and function: within groups, columns and functions have
        variance 1.
    structure
        Correlations of columns with functions within groups, likewise.
    centroids
        Means of the functions by group.
    hits
        Customers by their group (rows) and the group they are put into, held out.
    by_chance
        Share that chance puts into the right group, each group counting alike.
    """

    finding: Finding
    functions: pd.DataFrame
    weights: pd.DataFrame
    structure: pd.DataFrame
    centroids: pd.DataFrame
    hits: IntArray
    by_chance: float


def discriminant(
    columns: tuple[str, ...], rows: FloatArray, groups: Groups, seed: int
) -> Discriminant:
    """What tells groups apart, and the share of customers who can be told by it.

    Canonical discriminant functions of the pooled covariances (Fisher 1936; Rencher and Christensen
    2012, "Methods of multivariate analysis", chapter 8). Customers are put into groups by functions
    fitted to others, in `FOLDS` parts, with groups equally likely beforehand: by linear functions,
    or by quadratic ones where Box's M finds the covariances unequal.

    Parameters
    ----------
    columns
        Names.
    rows
        Shape (n, k), without missing values.
    groups
        Of the rows; each with as many customers as there are folds, at least.
    seed
        Of the folds.

    Raises
    ------
    ColumnsUnfit
        When a group is too small, or a column is made of others.
    """
    _require(rows, groups)
    within, between = _scatter(rows, groups)
    count = min(len(groups) - 1, len(columns))
    values, vectors = eigh(between, within)
    eigenvalues = np.maximum(values[::-1][:count], 0.0)
    raw = vectors[:, ::-1][:, :count] * sqrt(len(rows) - len(groups))
    raw *= np.where(raw[np.abs(raw).argmax(axis=0), np.arange(count)] < 0, -1.0, 1.0)
    covariance = within / (len(rows) - len(groups))
    spread = np.sqrt(np.diag(covariance))
    names = [f"function {place + 1}" for place in range(count)]
    functions = _functions(eigenvalues, (len(rows), len(columns), len(groups)))
    hits, is_quadratic, alike = _hits(rows, groups, seed)
    correlations = covariance / np.outer(spread, spread)
    kind = "quadratic" if is_quadratic else "linear"
    finding = Finding(
        method=f"{kind} discriminant analysis",
        subject=f"{groups.name} by {len(columns)} columns",
        customers=len(rows),
        tests=tuple(
            Test(f"Bartlett's chi-squared of functions {place + 1} and on", *told)
            for place, told in enumerate(_told(functions))
        ),
        checks=(alike, told_apart(correlations, _SHRUNK)),
        effects=_effects(hits, float(functions["correlation"].iloc[0])),
    )
    means = np.stack([part.mean(axis=0) for part in groups.split(rows)]) - rows.mean(axis=0)
    return Discriminant(
        finding=finding,
        functions=functions,
        weights=pd.DataFrame(raw * spread[:, None], index=list(columns), columns=names),
        structure=pd.DataFrame(
            covariance @ raw / spread[:, None], index=list(columns), columns=names
        ),
        centroids=pd.DataFrame(means @ raw, index=list(groups.names), columns=names),
        hits=hits,
        by_chance=1 / len(groups),
    )


def _require(rows: FloatArray, groups: Groups) -> None:
    n, k = rows.shape
    least = int(groups.counts.min())
    centred = rows - np.stack([part.mean(axis=0) for part in groups.split(rows)])[groups.code]
    if least < FOLDS or n <= k + len(groups) or np.linalg.matrix_rank(centred) < k:
        message = (
            f"telling groups apart needs {FOLDS} customers in each, and columns that differ within "
            f"them and are not made of each other, but the smallest group has {least} and there "
            f"are {n:,} customers and {k} columns; leave columns or groups out"
        )
        raise ColumnsUnfit(message)


def _scatter(rows: FloatArray, groups: Groups) -> tuple[FloatArray, FloatArray]:
    """Sums of squares and products within and between groups."""
    parts = groups.split(rows)
    within = sum(
        ((part - part.mean(axis=0)).T @ (part - part.mean(axis=0)) for part in parts),
        np.zeros((rows.shape[1], rows.shape[1])),
    )
    whole = rows - rows.mean(axis=0)
    return within, whole.T @ whole - within


def _functions(eigenvalues: FloatArray, size: tuple[int, int, int]) -> pd.DataFrame:
    n, k, g = size
    factor = n - 1 - (k + g) / 2
    rows = []
    for place, each in enumerate(eigenvalues):
        wilks = float(np.prod(1 / (1 + eigenvalues[place:])))
        freedom = float((k - place) * (g - place - 1))
        statistic = -factor * log(wilks)
        share = float(each / eigenvalues.sum()) if eigenvalues.sum() > 0 else 0.0
        p = float(chi2.sf(statistic, freedom))
        rows.append((each, share, sqrt(each / (1 + each)), wilks, statistic, freedom, p))
    columns = ["eigenvalue", "share", "correlation", "wilks", "statistic", "freedom", "p"]
    return pd.DataFrame(rows, columns=columns)


def _told(functions: pd.DataFrame) -> list[tuple[float, tuple[float, ...], float]]:
    return [
        (float(statistic), (float(freedom),), float(p))
        for statistic, freedom, p in zip(
            functions["statistic"], functions["freedom"], functions["p"], strict=True
        )
    ]


def _hits(rows: FloatArray, groups: Groups, seed: int) -> tuple[IntArray, bool, Check]:
    """Customers by group and the one they are put into; whether covariances are their own."""
    is_roomy = int(groups.counts.min()) >= PER_COLUMN * rows.shape[1]
    alike = equal_covariances(rows, groups, _QUADRATIC)
    is_quadratic = is_roomy and not alike.is_met and isfinite(alike.p)
    if not (alike.is_met or is_quadratic):
        alike = replace(alike, instead=_POOLED)
    try:
        put = _put(rows, groups, seed, is_quadratic=is_quadratic)
    except np.linalg.LinAlgError:  # without a part of it, a group has all alike in a column
        is_quadratic, alike = False, replace(alike, instead=_SINGULAR)
        put = _put(rows, groups, seed, is_quadratic=False)
    flat = np.bincount(groups.code * len(groups) + put, minlength=len(groups) ** 2)
    return flat.reshape(len(groups), -1).astype(np.int64), is_quadratic, alike


def _put(rows: FloatArray, groups: Groups, seed: int, *, is_quadratic: bool) -> IntArray:
    """Group that each customer is put into by functions fitted to others, shape (n,)."""
    priors = np.full(len(groups), 1 / len(groups))
    kind = QuadraticDiscriminantAnalysis if is_quadratic else LinearDiscriminantAnalysis
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    found: IntArray = cross_val_predict(kind(priors=priors), rows, groups.code, cv=folds)
    return found


def _effects(hits: IntArray, correlation: float) -> tuple[Effect, Effect]:
    """The mean share of hits, its interval by Zou and Donner 2008, and the correlation."""
    shares = [wilson(float(row[place]), float(row.sum())) for place, row in enumerate(hits)]
    mean = float(np.mean([each.value for each in shares]))
    below = sqrt(sum((each.value - each.low) ** 2 for each in shares)) / len(shares)
    above = sqrt(sum((each.high - each.value) ** 2 for each in shares)) / len(shares)
    return (
        Effect("share in the right group", Estimate(mean, mean - below, mean + above)),
        Effect("canonical correlation", without_interval(correlation), size_of(correlation, OF_W)),
    )

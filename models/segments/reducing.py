"""Numbers reduced to a few components or factors."""

import warnings
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from sklearn.decomposition import FactorAnalysis
from sklearn.exceptions import ConvergenceWarning

from models.segments.preparing import prepare
from models.segments.settings import SegmentsSpec
from models.segments.space import Reduction, Space
from models.spec import FloatArray

_PARALLEL_TABLES: Final = 10
_PARALLEL_ROWS: Final = 5000
_TOLERANCE: Final = 0.01
"""Gain in log-likelihood (nats) of a sample of `_PARALLEL_ROWS` at which a fit stops."""


def space_of(table: pd.DataFrame, spec: SegmentsSpec) -> Space:
    """Where the customers of a table lie; see `prepare` and `reduction`.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers, NothingToGroup
        See `prepare`.
    """
    preparation = prepare(table, spec)
    return Space(preparation, reduction(preparation.scaled(table), spec))


def reduction(scaled: FloatArray, spec: SegmentsSpec) -> Reduction:
    """The map of prepared numbers, shape (n, d), to what segments are looked for in.

    ``pca``: principal components of the covariance of prepared numbers, as many as keep
    ``variance_share``, not more than ``components_most``; distances are kept as far as these
    go (Jolliffe 2002, "Principal component analysis"). ``factors``: maximum-likelihood factor
    analysis (scikit-learn), as many as parallel analysis tells apart from noise (Horn 1965, "A
    rationale and test for the number of factors"), rotated by varimax (Kaiser 1958, "The varimax
    criterion"), scored by regression (Thomson 1935). ``none``: the numbers themselves.
    The largest loading of each is positive.
    """
    mean = scaled.mean(axis=0) if len(scaled) else np.zeros(scaled.shape[1])
    width = scaled.shape[1]
    if spec.reduce == "none" or width <= 1:
        return Reduction(np.zeros(width), np.eye(width), np.eye(width), 1.0)
    if spec.reduce == "factors":
        return _factors(scaled, mean, spec)
    covariance = np.cov(scaled, rowvar=False)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    share = np.cumsum(values) / values.sum()
    count = min(int(np.searchsorted(share, spec.variance_share - _ROUNDED)) + 1, width)
    count = min(count, spec.components_most)
    weights = _signed(vectors[:, :count])
    spread = np.sqrt(np.maximum(np.diag(covariance), _ROUNDED))
    loadings = weights * np.sqrt(values[:count]) / spread[:, None]
    return Reduction(mean, weights, loadings, float(share[count - 1]))


_ROUNDED: Final = 1e-12


def _factors(scaled: FloatArray, mean: FloatArray, spec: SegmentsSpec) -> Reduction:
    count = min(factor_count(scaled, spec.seed), spec.components_most)
    spread = np.sqrt(np.maximum(scaled.var(axis=0), _ROUNDED))
    covariance = np.atleast_2d(np.cov((scaled - mean) / spread, rowvar=False, ddof=0))
    few = _rows_with(covariance)
    tolerance = _TOLERANCE * len(few) / min(len(scaled), _PARALLEL_ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its last step is near enough
        fitted = FactorAnalysis(count, tol=tolerance, svd_method="lapack").fit(few)
    loadings = _signed(varimax(np.asarray(fitted.components_, dtype=np.float64).T))
    noise = np.maximum(np.asarray(fitted.noise_variance_, dtype=np.float64), _ROUNDED)
    scores = loadings / noise[:, None]
    weights = scores @ np.linalg.inv(np.eye(count) + loadings.T @ scores)
    share = float((loadings**2).sum()) / scaled.shape[1]
    return Reduction(mean, weights / spread[:, None], loadings, min(share, 1.0))


def _rows_with(covariance: FloatArray) -> FloatArray:
    """Twice as many rows as numbers, with mean 0 and this covariance.

    They are all that maximum likelihood sees of the customers, however many there are.
    """
    values, vectors = np.linalg.eigh(covariance)
    half = (vectors * np.sqrt(np.maximum(values, 0.0) * len(values))).T
    return np.vstack([half, -half])


def factor_count(scaled: FloatArray, seed: int) -> int:
    """Number of factors, at least 1: eigenvalues of the correlations beyond those of noise.

    Noise: the 95 % quantile of eigenvalues of as many independent normal columns. Source: Horn
    1965; with the quantile of Glorfeld 1995, "An improvement on Horn's parallel analysis".
    """
    rows, width = min(len(scaled), _PARALLEL_ROWS), scaled.shape[1]
    draws = np.random.default_rng(seed)
    shown = scaled[np.linspace(0, len(scaled) - 1, rows).astype(np.int64)]
    shown = shown[:, shown.std(axis=0) > 0]
    found = np.linalg.eigvalsh(np.corrcoef(shown, rowvar=False).reshape(shown.shape[1], -1))[::-1]
    noise = [
        np.linalg.eigvalsh(np.corrcoef(draws.normal(size=(rows, width)), rowvar=False))[::-1]
        for _ in range(_PARALLEL_TABLES)
    ]
    bound = np.quantile(noise, 0.95, axis=0)[: len(found)]
    beyond = found > bound
    return max(1, int(np.argmin(beyond)) if not beyond.all() else len(found) - 1)


def varimax(loadings: FloatArray) -> FloatArray:
    """Loadings turned so that each column has few large ones; shape (d, q).

    Two columns at a time, by the angle of Kaiser 1958, until none turns any more.
    """
    found = loadings.copy()
    for _ in range(_TURNS):
        largest = 0.0
        for one, other in combinations(range(found.shape[1]), 2):
            angle = _angle(found[:, one], found[:, other])
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            found[:, [one, other]] = found[:, [one, other]] @ turn
            largest = max(largest, abs(angle))
        if largest < _STILL:
            break
    return found


def _angle(one: FloatArray, other: FloatArray) -> float:
    """By which two columns are turned in their plane."""
    apart, along = one**2 - other**2, 2 * one * other
    height = 2 * (apart @ along - apart.sum() * along.sum() / len(one))
    width = (apart @ apart - along @ along) - (apart.sum() ** 2 - along.sum() ** 2) / len(one)
    return float(np.arctan2(height, width)) / 4


_TURNS: Final = 200
_STILL: Final = 1e-9


def _signed(vectors: FloatArray) -> FloatArray:
    """Columns with their largest entry positive."""
    largest = vectors[np.argmax(np.abs(vectors), axis=0), np.arange(vectors.shape[1])]
    return vectors * np.where(largest < 0, -1.0, 1.0)

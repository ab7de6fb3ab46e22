"""Partial pooling: noisy figures drawn to those of what they belong to, level by level."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.optimize import minimize

from models.spec import BoolArray, FloatArray, IntArray

_LEAST_VARIANCE: Final = 1e-18


@dataclass(frozen=True, eq=False)
class Level:
    """Groups of one level.

    Attributes
    ----------
    mean, error
        Shape (g,): what is expected of a group, and its standard error, given all figures.
    members
        Shape (g,): items of the group that have a figure.
    between
        Standard deviation between what belongs to one group of this level: the groups of the next
        level, or the items.
    """

    mean: FloatArray
    error: FloatArray
    members: IntArray
    between: float


@dataclass(frozen=True, eq=False)
class Pooled:
    """Figures of items after pooling.

    Attributes
    ----------
    value, error
        Shape (i,): what is expected of each, and its standard error; NaN where no item at all has
        a figure.
    weight
        Shape (i,), 0..1: what its own figure counts for; 0 without one.
    levels
        Everything together, and then each level, the widest first.
    """

    value: FloatArray
    error: FloatArray
    weight: FloatArray
    levels: tuple[Level, ...]


def pooled(value: FloatArray, error: FloatArray, groups: Sequence[IntArray]) -> Pooled:
    r"""Empirical Bayes estimates of items in a hierarchy.

    The model: an item's figure is normal around its true one, with its standard error; true ones
    are normal around that of their group, groups around that of the group above, each level with
    a variance of its own that all groups of the level share, and everything around one mean on
    which nothing is known beforehand. Given the variances the result is the best linear unbiased
    prediction (Robinson 1991, "That BLUP is a good thing"), computed in one pass up and one down.
    In words: an item's own figure has the weight

    .. math:: w_i = \frac{\tau^2}{\tau^2 + s_i^2}

    and the rest is its group's. The variances are those of the greatest restricted likelihood,
    of all levels at once (Patterson and Thompson 1971, "Recovery of inter-block information when
    block sizes are unequal"); 0 for a level of which no group has two members. Errors take them as
    known, so that they are somewhat too small where few items tell of them.

    Parameters
    ----------
    value, error
        Shape (i,): figures and their standard errors; NaN for items without.
    groups
        Number of the group of each item at each level, shape (i,), from 0 on, the widest level
        first. Items of one group share the groups above it.
    """
    parents = _parents([np.zeros(len(value), dtype=np.int64), *groups])
    known = np.isfinite(value) & np.isfinite(error)
    if not known.any():
        nothing = np.full(len(value), np.nan)
        return Pooled(nothing, nothing, np.zeros(len(value)), ())
    own = np.where(known, value, 0.0)
    variance = np.where(known, np.maximum(error**2, _LEAST_VARIANCE), np.inf)
    between = _deviations(own, variance, parents)
    return _downwards(_upwards(own, variance, parents, between), parents, between, known)


def restricted_likelihood(
    value: FloatArray, error: FloatArray, groups: Sequence[IntArray], between: Sequence[float]
) -> float:
    """Logarithm of the restricted likelihood of some deviations, but for a constant.

    Parameters
    ----------
    value, error
        Shape (i,): figures and standard errors above 0, all known.
    groups
        As of `pooled`.
    between
        Standard deviations: of the groups of each level within that above, the widest level first,
        and of the items.
    """
    parents = _parents([np.zeros(len(value), dtype=np.int64), *groups])
    return _upwards(value, error**2, parents, np.array(between)).likelihood


@dataclass(frozen=True, eq=False)
class _Up:
    """Means and variances of each level from its members: of everything, down to the items."""

    nodes: tuple[tuple[FloatArray, FloatArray], ...]
    likelihood: float


def _parents(groups: Sequence[IntArray]) -> list[IntArray]:
    """Group above of each group, level by level from the widest; of the items at the end."""
    found: list[IntArray] = []
    for above, below in pairwise(groups):
        parent = np.zeros(int(below.max(initial=-1)) + 1, dtype=np.int64)
        parent[below] = above
        found.append(parent)
    return [*found, groups[-1]]


def _means(value: FloatArray, variance: FloatArray, parent: IntArray) -> tuple[FloatArray, ...]:
    """Inverse-variance mean of each group and its variance; 0 and infinite where nothing is."""
    count = int(parent.max(initial=-1)) + 1
    weight = 1 / variance
    whole = np.bincount(parent, weight, minlength=count)
    total = np.bincount(parent, weight * value, minlength=count)
    is_known = whole > 0
    mean = np.divide(total, whole, out=np.zeros(count), where=is_known)
    return mean, np.divide(1.0, whole, out=np.full(count, np.inf), where=is_known)


def _upwards(
    value: FloatArray, variance: FloatArray, parents: Sequence[IntArray], between: FloatArray
) -> _Up:
    """What the members of each group say of it, and how likely they are around one another."""
    nodes, likelihood = [(value, variance)], 0.0
    for parent, deviation in zip(reversed(parents), reversed(between), strict=True):
        around = variance + deviation**2
        mean, sure = _means(value, around, parent)
        seen, told = np.isfinite(around), np.isfinite(sure)
        squares = (value - mean[parent])[seen] ** 2 / around[seen]
        likelihood += float(np.log(sure[told]).sum() - np.log(around[seen]).sum() - squares.sum())
        value, variance = mean, sure
        nodes.append((value, variance))
    return _Up(tuple(reversed(nodes)), likelihood / 2)


def _deviations(value: FloatArray, variance: FloatArray, parents: Sequence[IntArray]) -> FloatArray:
    """Standard deviations between the members of a group, of each level."""
    known = np.isfinite(variance)
    free = np.array([_is_told(each, known, parents[at:]) for at, each in enumerate(parents)])
    size = float(np.median(np.sqrt(variance[known])))

    def whole(found: FloatArray) -> FloatArray:
        between = np.zeros(len(parents))
        between[free] = found * size
        return between

    if not free.any():
        return np.zeros(len(parents))
    best = minimize(
        lambda found: -_upwards(value, variance, parents, whole(found)).likelihood,
        np.ones(int(free.sum())),
        method="Nelder-Mead",
        bounds=[(0.0, None)] * int(free.sum()),
        options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000},
    )
    return whole(best.x)


def _is_told(parent: IntArray, known: BoolArray, below: Sequence[IntArray]) -> bool:
    """Whether any group has two members that hold an item with a figure."""
    held = _members(known, below[1:], len(parent)) > 0 if len(below) > 1 else known
    return bool(held.sum() > len(np.unique(parent[held])))


def _downwards(
    up: _Up, parents: Sequence[IntArray], between: FloatArray, known: BoolArray
) -> Pooled:
    """From the mean of everything to the items: each drawn to what its group turned out to be."""
    (mean, variance), *nodes = up.nodes
    levels: list[Level] = []
    weight = np.zeros(0)
    for depth, ((own, noise), parent) in enumerate(zip(nodes, parents, strict=True)):
        members, spread = _members(known, parents[depth:], len(mean)), float(between[depth]) ** 2
        levels.append(Level(mean, np.sqrt(variance), members, float(between[depth])))
        has_own = np.isfinite(noise)
        weight = np.where(has_own, spread / (spread + noise), 0.0)
        rest = np.where(has_own, weight * np.where(has_own, noise, 0.0), spread)
        mean = weight * own + (1 - weight) * mean[parent]
        variance = rest + (1 - weight) ** 2 * variance[parent]
    return Pooled(mean, np.sqrt(variance), weight, tuple(levels))


def _members(known: BoolArray, parents: Sequence[IntArray], count: int) -> IntArray:
    """Items with a figure in each group of the level above the first of ``parents``."""
    group = parents[-1]
    for parent in reversed(parents[:-1]):
        group = parent[group]
    return np.bincount(group[known], minlength=count).astype(np.int64)

"""Partial pooling: noisy figures drawn to those of what they belong to, level by level."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.optimize import brentq

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

    and the rest is its group's. The variances come from the figures, from the items upwards, each
    as the root of

    .. math:: \sum_j \sum_{i \in j} \frac{(y_i - \hat\mu_j(\tau^2))^2}{s_i^2 + \tau^2}
              = \sum_j (n_j - 1)

    which is the method of moments of Paule and Mandel 1982 for several groups with one variance
    (DerSimonian and Kacker 2007, "Random-effects model for meta-analysis of clinical trials: an
    update"); 0 where no group has two members. Above the items, y and s are the means below and
    their errors. Errors take the variances as known, so that they are somewhat too small where few
    items tell of them.

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
    own = np.where(known, value, 0.0)
    variance = np.where(known, np.maximum(error**2, _LEAST_VARIANCE), np.inf)
    if not known.any():
        nothing = np.full(len(value), np.nan)
        return Pooled(nothing, nothing, np.zeros(len(value)), ())
    up: list[tuple[FloatArray, FloatArray, float]] = []
    for parent in reversed(parents):
        between = _between(own, variance, parent)
        up.append((own, variance, between))
        own, variance = _means(own, variance + between, parent)
    return _downwards(own, variance, up[::-1], parents, known)


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


def _between(value: FloatArray, variance: FloatArray, parent: IntArray) -> float:
    """Variance between the members of groups."""
    known = np.isfinite(variance)
    value, variance, parent = value[known], variance[known], parent[known]
    freedom = len(parent) - len(np.unique(parent))
    if freedom == 0:
        return 0.0

    def excess(between: float) -> float:
        mean = _means(value, variance + between, parent)[0]
        return float(((value - mean[parent]) ** 2 / (variance + between)).sum()) - freedom

    if excess(0.0) <= 0:
        return 0.0
    most = 1.0
    while excess(most) > 0:
        most *= 4
    return float(brentq(excess, 0.0, most, xtol=1e-12))


def _downwards(
    mean: FloatArray,
    variance: FloatArray,
    up: Sequence[tuple[FloatArray, FloatArray, float]],
    parents: Sequence[IntArray],
    known: BoolArray,
) -> Pooled:
    """From the mean of everything to the items: each drawn to what its group turned out to be."""
    levels: list[Level] = []
    weight = np.zeros(0)
    for depth, ((own, noise, between), parent) in enumerate(zip(up, parents, strict=True)):
        members = _members(known, parents[depth:], len(mean))
        levels.append(Level(mean, np.sqrt(variance), members, float(np.sqrt(between))))
        has_own = np.isfinite(noise)
        weight = np.where(has_own, between / (between + noise), 0.0)
        rest = np.where(has_own, weight * np.where(has_own, noise, 0.0), between)
        mean = weight * own + (1 - weight) * mean[parent]
        variance = rest + (1 - weight) ** 2 * variance[parent]
    return Pooled(mean, np.sqrt(variance), weight, tuple(levels))


def _members(known: BoolArray, parents: Sequence[IntArray], count: int) -> IntArray:
    """Items with a figure in each group of the level above the first of ``parents``."""
    group = parents[-1]
    for parent in reversed(parents[:-1]):
        group = parent[group]
    return np.bincount(group[known], minlength=count).astype(np.int64)

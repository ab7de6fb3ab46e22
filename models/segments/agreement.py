"""How far two splits agree, and whether a split is found again among customers drawn anew."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.metrics import Estimate, estimate
from models.segments.clusters import NONE, Clusters
from models.segments.fitting import split
from models.segments.settings import SegmentsSpec
from models.spec import FloatArray, IntArray

_SUBSET: Final = 0.8
"""Share of the customers in each subset that HDBSCAN is fitted to again."""


@dataclass(frozen=True, eq=False)
class Stability:
    """How a split fares among resamples.

    Attributes
    ----------
    rand
        Adjusted Rand index, mean over resamples, with the 95 % of them around it.
    jaccard
        Shape (k,), 0..1: overlap of each segment with the segment of a resample that it overlaps
        most, mean over resamples.
    """

    rand: Estimate
    jaccard: FloatArray


def adjusted_rand(one: IntArray, other: IntArray) -> float:
    r"""Agreement of two splits of the same customers: 1 is the same, 0 what chance makes.

    .. math:: \frac{\sum_{ij} \binom{n_{ij}}{2} - E}
              {\tfrac12 \left(\sum_i \binom{a_i}{2} + \sum_j \binom{b_j}{2}\right) - E},
              \quad E = \sum_i \binom{a_i}{2} \sum_j \binom{b_j}{2} \Big/ \binom n2

    Source: Hubert and Arabie 1985, "Comparing partitions". 1 where both put everybody together, or
    everybody apart. Customers of no segment count as a segment.
    """
    return _adjusted(_table(one, other))


def agreement(one: IntArray, other: IntArray, resamples: int, seed: int) -> Estimate:
    """`adjusted_rand` of two splits of the same customers, with its 95 % interval.

    Over customers drawn anew: that is, over counts drawn for each pair of segments.
    """
    cells = _table(one, other)
    draws = np.random.default_rng(seed)
    drawn = draws.multinomial(len(one), cells.ravel() / cells.sum(), resamples)
    again = [_adjusted(each.reshape(cells.shape).astype(np.float64)) for each in drawn]
    return estimate(_adjusted(cells), np.array(again))


def overlaps(one: IntArray, other: IntArray, count: int) -> FloatArray:
    """Jaccard overlap (0..1) of each of ``count`` segments with its like in another split.

    Shape (count,). Its like is the segment of the other split that it overlaps most. Source:
    Hennig 2007, "Cluster-wise assessment of cluster stability". Customers of no segment have no
    like.
    """
    found = np.zeros(count)
    if not (other != NONE).any():
        return found
    cells = _table(one, other)
    left, right = np.unique(one), np.unique(other)
    whole = cells.sum(axis=1)[:, None] + cells.sum(axis=0)[None, :] - cells
    shares = (cells / whole)[:, right != NONE]
    is_segment = left != NONE
    found[left[is_segment]] = shares[is_segment].max(axis=1)
    return found


def stability(points: FloatArray, clusters: Clusters, spec: SegmentsSpec, seed: int) -> Stability:
    """Whether a split of points, shape (n, d), is found again.

    Points are drawn with replacement, as many as there are, and split anew; both splits then
    assign all points. HDBSCAN takes a point drawn twice for a dense place, so that it gets 80 % of
    the points without replacement (both ways: Hennig 2007; Hofmans, Ceulemans, Steinley and Van
    Mechelen 2015, "On the added value of bootstrap analysis for k-means clustering").
    """
    draws = np.random.default_rng(seed)
    ours = clusters.assign(points).segment
    rand, jaccard = np.zeros(spec.resamples), np.zeros((spec.resamples, clusters.count))
    for number in range(spec.resamples):
        again = _again(points, clusters.count, spec, draws)
        theirs = again.assign(points).segment
        rand[number] = adjusted_rand(ours, theirs)
        jaccard[number] = overlaps(ours, theirs, clusters.count)
    return Stability(estimate(float(rand.mean()), rand), jaccard.mean(axis=0))


def _again(
    points: FloatArray, count: int, spec: SegmentsSpec, draws: np.random.Generator
) -> Clusters:
    rows, seed = len(points), int(draws.integers(2**31))
    if spec.kind == "hdbscan":
        some = draws.permutation(rows)[: int(np.ceil(_SUBSET * rows))]
        return split(points[some], count, spec, seed)
    drawn = draws.integers(0, rows, rows)
    times = np.bincount(drawn, minlength=rows)
    seen = np.flatnonzero(times)
    if spec.kind == "gaussian_mixture" or len(seen) < count:
        return split(points[drawn], count, spec, seed)
    return split(points[seen], count, spec, seed, weight=times[seen].astype(np.float64))


def _adjusted(cells: FloatArray) -> float:
    together = _pairs(cells).sum()
    ours, theirs = _pairs(cells.sum(axis=1)).sum(), _pairs(cells.sum(axis=0)).sum()
    expected = ours * theirs / max(_pairs(np.array([cells.sum()]))[0], 1.0)
    most = (ours + theirs) / 2
    return float((together - expected) / (most - expected)) if most != expected else 1.0


def _table(one: IntArray, other: IntArray) -> FloatArray:
    """Customers of each pair of segments, shape (a, b), both in rising order of their numbers."""
    left, row = np.unique(one, return_inverse=True)
    right, column = np.unique(other, return_inverse=True)
    cells = np.bincount(row * len(right) + column, minlength=len(left) * len(right))
    return cells.reshape(len(left), len(right)).astype(np.float64)


def _pairs(counts: FloatArray | IntArray) -> FloatArray:
    found: FloatArray = counts * (counts - 1.0) / 2
    return found

"""Splits found by scikit-learn, and kept as arrays."""

import warnings
from typing import Final

import numpy as np
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN, KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from models.segments.clusters import NONE, Anchors, Centres, Clusters, Mixture
from models.segments.settings import SegmentsSpec
from models.spec import FloatArray, IntArray

_STARTS: Final = 5
_BATCH: Final = 2048
_STEPS: Final = 300
_FLOOR: Final = 1e-3
"""Added to each variance of a mixture, in squared spreads: no segment shrinks to a point."""

_REACHES: Final = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)
"""Shares of a segment's customers that may lie within its reach of the next one of it."""


def split(
    points: FloatArray,
    count: int,
    spec: SegmentsSpec,
    seed: int,
    *,
    weight: FloatArray | None = None,
    start: Clusters | None = None,
) -> Clusters:
    """A split of points, shape (n, d), into ``count`` segments; HDBSCAN finds their number itself.

    k-means (Lloyd 1982, started by k-means++: Arthur and Vassilvitskii 2007) takes the best of five
    starts. Mini-batch (Sculley 2010) goes on from a ``start``; without one it is k-means, for what
    is started is a sample that needs no batches. Gaussian mixtures (by expectation maximisation,
    full covariances) start at k-means. HDBSCAN: Campello, Moulavi and Sander 2013.

    Parameters
    ----------
    points
        What `models.segments.space.Space.points` makes of customers.
    count
        Number of segments.
    spec
        Kind and its settings.
    seed
        Equal seeds split alike.
    weight
        Shape (n,): how often each point counts; None: once. Centres only.
    start
        A split of a sample of the points to start from, instead of several starts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # too few different points: refused
        if spec.kind == "gaussian_mixture":
            return _mixture(points, count, spec, seed, start)
        if spec.kind == "hdbscan":
            return _dense(points, spec, seed)
        return _centres(points, count, spec, seed, weight=weight, start=start)


def _centres(
    points: FloatArray,
    count: int,
    spec: SegmentsSpec,
    seed: int,
    *,
    weight: FloatArray | None,
    start: Clusters | None,
) -> Centres:
    begin = "k-means++" if start is None else start.centres
    starts = _STARTS if start is None else 1
    if spec.kind == "mini_batch" and start is not None:
        found = MiniBatchKMeans(count, init=begin, n_init=1, batch_size=_BATCH, random_state=seed)
    else:
        found = KMeans(count, init=begin, n_init=starts, max_iter=_STEPS, random_state=seed)
    found.fit(points, sample_weight=weight)
    return Centres(np.ascontiguousarray(found.cluster_centers_, dtype=np.float64))


def _mixture(
    points: FloatArray, count: int, spec: SegmentsSpec, seed: int, start: Clusters | None
) -> Mixture:
    if start is None:
        start = _centres(points, count, spec, seed, weight=None, start=None)
    shares, inverses = _spreads(points, start)
    found = GaussianMixture(
        count,
        reg_covar=_FLOOR,
        max_iter=_STEPS,
        weights_init=shares,
        means_init=start.centres,
        precisions_init=inverses,
        random_state=seed,
    ).fit(points)
    roots = np.ascontiguousarray(found.precisions_cholesky_, dtype=np.float64)
    kept = np.maximum(found.weights_, np.finfo(np.float64).tiny)
    return Mixture(np.ascontiguousarray(found.means_, dtype=np.float64), kept, roots)


def _spreads(points: FloatArray, start: Clusters) -> tuple[FloatArray, FloatArray]:
    """Share of each segment, and the inverse of its covariance, to start a mixture from."""
    segment = start.assign(points).segment
    sizes = np.bincount(segment, minlength=start.count) + 1.0
    found = []
    for number, centre in enumerate(start.centres):
        off = points[segment == number] - centre
        covariance = (off.T @ off + np.eye(points.shape[1])) / sizes[number]
        found.append(np.linalg.inv(covariance + _FLOOR * np.eye(points.shape[1])))
    return sizes / sizes.sum(), np.array(found)


def _dense(points: FloatArray, spec: SegmentsSpec, seed: int) -> Anchors:
    least = max(spec.neighbours, int(np.ceil(spec.least_share * len(points))))
    neighbours = min(spec.neighbours, len(points))
    found = HDBSCAN(min_cluster_size=least, min_samples=neighbours, copy=True).fit(points)
    return anchors_of(points, found.labels_.astype(np.int64), spec.anchors_most, seed)


def anchors_of(points: FloatArray, segment: IntArray, most: int, seed: int) -> Anchors:
    """Anchors of a split by density.

    Different points of the segments, of more than ``most`` a draw. The reach of a segment is a
    quantile of the distance from one of its points to the next anchor of it, for all segments the
    one, of seven from 70 % to 99 %, by which most points, themselves left out, are assigned as they
    were split.

    Parameters
    ----------
    points, segment
        Shapes (n, d) and (n,): what was split, and into what; `NONE` for those of no segment.
    most
        Anchors kept, at most.
    seed
        Equal seeds draw alike.
    """
    inside = np.flatnonzero(segment != NONE)
    width = points.shape[1]
    if len(inside) == 0:
        return Anchors(
            np.zeros((0, width)), np.zeros((0, width)), np.zeros(0, np.int64), np.zeros(0)
        )
    _, first = np.unique(points[inside], axis=0, return_index=True)
    rows = inside[np.sort(first)]
    if len(rows) > most:
        drawn = np.random.default_rng(seed).permutation(len(rows))
        rows = np.sort(rows[drawn[:most]])
    owner = segment[rows]
    count = int(segment.max()) + 1
    centres = [points[segment == number].mean(axis=0) for number in range(count)]
    reach = _reach(points, segment, points[rows], owner)
    return Anchors(np.array(centres), points[rows], owner, reach)


def _reach(
    points: FloatArray, segment: IntArray, anchors: FloatArray, owner: IntArray
) -> FloatArray:
    """Reach of each segment by which most points are assigned as they were split."""
    count = int(owner.max()) + 1
    if len(anchors) < _PAIR:
        return np.zeros(count)
    distance, place = cKDTree(anchors).query(points, k=_PAIR)
    is_itself = np.asarray(distance)[:, 0] == 0
    near = np.where(is_itself, np.asarray(distance)[:, 1], np.asarray(distance)[:, 0])
    of = owner[np.where(is_itself, np.asarray(place)[:, 1], np.asarray(place)[:, 0])]
    own = [near[(segment == number) & (of == number)] for number in range(count)]
    tried = [
        np.array([np.quantile(each, share) if len(each) else 0.0 for each in own])
        for share in _REACHES
    ]
    same = [float((np.where(near <= reach[of], of, NONE) == segment).mean()) for reach in tried]
    return tried[int(np.argmax(same))]


_PAIR: Final = 2

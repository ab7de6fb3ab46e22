"""Figures by which numbers of segments are compared: silhouette, BIC and gap."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import silhouette_score

from models.segments.clusters import NONE, Anchors, Clusters, Mixture
from models.segments.fitting import split
from models.segments.one_group import dispersion, in_box, made_up, mean_log_likelihood
from models.segments.settings import SegmentsSpec
from models.spec import FloatArray

SILHOUETTES: Final = 2000
"""Customers whose silhouettes are taken, at most."""

_LEAST: Final = 1e-300


def silhouette(points: FloatArray, clusters: Clusters, seed: int) -> float:
    """Mean silhouette, -1..1, of at most `SILHOUETTES` points; NaN of fewer than two segments.

    Source: Rousseeuw 1987, "Silhouettes". Points of no segment are left out.
    """
    drawn = np.random.default_rng(seed).permutation(len(points))[:SILHOUETTES]
    segment = clusters.assign(points[drawn]).segment
    inside = segment != NONE
    there = len(np.unique(segment[inside]))
    if there < _TWO or there >= inside.sum():
        return float("nan")
    return float(silhouette_score(points[drawn][inside], segment[inside]))


_TWO: Final = 2


def bic(points: FloatArray, clusters: Clusters) -> float:
    r"""Bayesian information criterion, lower is better; NaN for HDBSCAN, which has no likelihood.

    .. math:: -2 \ln L + p \ln n

    Source: Schwarz 1978, "Estimating the dimension of a model". Mixtures: with all entries of
    their covariances. Centres: round normal distributions of one variance, each point in its own
    segment (Pelleg and Moore 2000, "X-means").
    """
    rows, width = points.shape
    count = clusters.count
    if isinstance(clusters, Mixture):
        free = count - 1 + count * width + count * width * (width + 1) / 2
        return float(free * np.log(rows) - 2 * rows * mean_log_likelihood(points, clusters))
    if isinstance(clusters, Anchors) or rows <= count:
        return float("nan")
    segment = clusters.assign(points).segment
    sizes = np.bincount(segment, minlength=count)
    variance = max(dispersion(points, segment) / (width * (rows - count)), _LEAST)
    of_sizes = float((sizes[sizes > 0] * np.log(sizes[sizes > 0] / rows)).sum())
    likelihood = of_sizes - width * (rows * np.log(2 * np.pi * variance) + rows - count) / 2
    return float(-2 * likelihood + (count - 1 + count * width + 1) * np.log(rows))


@dataclass(frozen=True, eq=False)
class Gaps:
    """Gap statistic of 1, 2, … segments.

    Attributes
    ----------
    value, error
        Shape (k,): nats, and the standard error that comes of making up few references.
    """

    value: FloatArray
    error: FloatArray

    @property
    def count(self) -> int:
        """The fewest segments whose gap is that of one more, less its error, or greater."""
        reached = self.value[:-1] >= self.value[1:] - self.error[1:]
        return int(np.argmax(reached)) + 1 if reached.any() else len(self.value)


def gaps(points: FloatArray, blocks: tuple[int, ...], most: int, spec: SegmentsSpec) -> Gaps:
    r"""Gap statistic of 1 to ``most`` segments.

    .. math:: Gap(k) = \frac1B \sum_b \ln W^*_{kb} - \ln W_k, \quad
              s_k = \sqrt{1 + 1/B} \; sd_b(\ln W^*_{kb})

    W is the sum of squares within segments, :math:`W^*` that of points made up uniformly in the
    box along the principal axes; flags and categories are shuffled. Source: Tibshirani, Walther
    and Hastie 2001, "Estimating the number of clusters in a data set via the gap statistic".
    """
    draws = np.random.default_rng(spec.seed)
    own = _logarithms(points, most, spec)
    made = np.array(
        [
            _logarithms(made_up(points, blocks, in_box, draws), most, spec)
            for _ in range(spec.references)
        ]
    )
    error = made.std(axis=0) * np.sqrt(1 + 1 / spec.references)
    return Gaps(made.mean(axis=0) - own, error)


def _logarithms(points: FloatArray, most: int, spec: SegmentsSpec) -> FloatArray:
    found = [dispersion(points, np.zeros(len(points), dtype=np.int64))]
    for count in range(2, most + 1):
        clusters = split(points, count, spec, spec.seed)
        found.append(dispersion(points, clusters.assign(points).segment))
    return np.log(np.maximum(found, _LEAST))

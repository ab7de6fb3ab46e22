"""What a split would show if there were no groups: made-up customers of one group, split too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.segments.clusters import NONE, Clusters, Mixture
from models.segments.fitting import split
from models.segments.settings import SegmentsSpec
from models.segments.space import Reduction
from models.spec import FloatArray, IntArray

_LEAST: Final = 1e-300
_SHARED: Final = 0.01
_EVEN: Final = float(np.sqrt(12.0))  # width of a uniform distribution, in standard deviations


@dataclass(frozen=True)
class Gain:
    """What a split tells of the points, in nats, beside what it tells of one group.

    Attributes
    ----------
    own
        Of the split; see `gain`.
    normal, uniform
        Mean and standard deviation of splits of made-up points.
    """

    own: float
    normal: tuple[float, float]
    uniform: tuple[float, float]

    @property
    def is_more(self) -> bool:
        """Whether it is above both means by three standard deviations."""
        return all(
            self.own > mean + _APART * spread for mean, spread in (self.normal, self.uniform)
        )


_APART: Final = 3.0


def dispersion(points: FloatArray, segment: IntArray) -> float:
    """Sum of squared distances from the mean of the own segment; of those of none, from all's."""
    total = 0.0
    for number in np.unique(segment):
        some = points[segment == number]
        middle = points.mean(axis=0) if number == NONE else some.mean(axis=0)
        total += float(((some - middle) ** 2).sum())
    return total


def gain(points: FloatArray, clusters: Clusters) -> float:
    """How much better a split tells points, shape (n, d), than one group does; nats.

    Centres and anchors: the logarithm of the sum of squares around the mean less that of the one
    around the segments' means (the cluster index of Liu, Hayes, Nobel and Marron 2008,
    "Statistical significance of clustering for high-dimension, low-sample size data", for any
    number of segments). Mixture: the mean log-likelihood less that of one normal distribution
    (McLachlan 1987, "On bootstrapping the likelihood ratio test statistic for the number of
    components in a normal mixture").
    """
    if isinstance(clusters, Mixture):
        return mean_log_likelihood(points, clusters) - _of_one(points)
    whole = dispersion(points, np.zeros(len(points), dtype=np.int64))
    within = dispersion(points, clusters.assign(points).segment)
    return float(np.log(max(whole, _LEAST)) - np.log(max(within, _LEAST)))


def mean_log_likelihood(points: FloatArray, mixture: Mixture) -> float:
    """Nats per point."""
    joint = mixture.log_joint(points)
    top = joint.max(axis=1)
    return float((top + np.log(np.exp(joint - top[:, None]).sum(axis=1))).mean())


def _of_one(points: FloatArray) -> float:
    """Mean log-likelihood of the normal distribution that fits best."""
    width = points.shape[1]
    spread = np.atleast_2d(np.cov(points, rowvar=False)) + _LEAST_VARIANCE * np.eye(width)
    return -float(np.linalg.slogdet(spread)[1] + width * (1 + np.log(2 * np.pi))) / 2


_LEAST_VARIANCE: Final = 1e-9


Shape = Callable[[np.random.Generator, FloatArray], FloatArray]
"""Points of independent coordinates, from such points turned to their principal axes."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the numbers among points were before they were reduced.

    Attributes
    ----------
    scaled
        Shape (n, d): see `models.segments.preparing.Preparation.scaled`.
    reduction
        What makes the first coordinates of points of them.
    """

    scaled: FloatArray
    reduction: Reduction

    def made_up(self, shape: Shape, draws: np.random.Generator) -> FloatArray:
        """Reduced numbers of one group in which as many customers share a value as in fact."""
        made = _turned(self.scaled, shape, draws)
        for column, own in zip(made.T, self.scaled.T, strict=True):
            ranked = np.sort(own)
            _, value, times = np.unique(ranked, return_inverse=True, return_counts=True)
            is_shared = times[value] > _SHARED * len(own)
            column[np.argsort(column, kind="stable")[is_shared]] = ranked[is_shared]
        return self.reduction.apply(made)


def compared(
    points: FloatArray,
    blocks: tuple[int, ...],
    clusters: Clusters,
    spec: SegmentsSpec,
    seed: int,
    *,
    numbers: Numbers | None = None,
) -> Gain:
    """The gain of a split beside those of splits of made-up points that are one group.

    Made-up numbers have the same covariance: normal, and uniform along the principal axes, of
    which k-means makes more than of any other common shape without groups. Flags and categories,
    the last ``blocks`` of coordinates, are shuffled each by itself. As many as ``references`` of
    each sort, split like the points.

    With ``numbers``, values that more than a hundredth of the customers share are shared by as many
    of those made up, in the order of their draws (Iman and Conover 1982, "A distribution-free
    approach to inducing rank correlation among input variables"): counts of one group lie in
    heaps, which k-means splits better than any smooth shape, and which HDBSCAN takes for groups.
    """
    draws = np.random.default_rng(seed)
    found: dict[str, tuple[float, float]] = {}
    for sort, shape in _SHAPES.items():
        gains = []
        for _ in range(spec.references):
            made = made_up(points, blocks, shape, draws, numbers)
            gains.append(gain(made, split(made, clusters.count, spec, spec.seed)))
        found[sort] = float(np.mean(gains)), float(np.std(gains, ddof=1))
    return Gain(gain(points, clusters), found["normal"], found["uniform"])


def _normal(draws: np.random.Generator, turned: FloatArray) -> FloatArray:
    found: FloatArray = draws.normal(size=turned.shape) * turned.std(axis=0)
    return found


def _uniform(draws: np.random.Generator, turned: FloatArray) -> FloatArray:
    found: FloatArray = (draws.random(turned.shape) - 0.5) * _EVEN * turned.std(axis=0)
    return found


def in_box(draws: np.random.Generator, turned: FloatArray) -> FloatArray:
    """Uniform between the least and the greatest (Tibshirani, Walther and Hastie 2001, b)."""
    low, high = turned.min(axis=0), turned.max(axis=0)
    found: FloatArray = low + draws.random(turned.shape) * (high - low)
    return found


_SHAPES: Final[Mapping[str, Shape]] = {"normal": _normal, "uniform": _uniform}


def made_up(
    points: FloatArray,
    blocks: tuple[int, ...],
    shape: Shape,
    draws: np.random.Generator,
    numbers: Numbers | None = None,
) -> FloatArray:
    """As many points of one group, see `compared`."""
    count = points.shape[1] - sum(blocks)
    parts: list[FloatArray] = []
    if count:
        own = points[:, :count]
        parts.append(numbers.made_up(shape, draws) if numbers else _turned(own, shape, draws))
    at = count
    for width in blocks:
        parts.append(points[draws.permutation(len(points)), at : at + width])
        at += width
    return np.column_stack(parts)


def _turned(own: FloatArray, shape: Shape, draws: np.random.Generator) -> FloatArray:
    """Points of a shape with the mean and covariance of others, shape (n, d)."""
    mean = own.mean(axis=0)
    axes = np.linalg.eigh(np.atleast_2d(np.cov(own, rowvar=False)))[1]
    found: FloatArray = shape(draws, (own - mean) @ axes) @ axes.T + mean
    return found

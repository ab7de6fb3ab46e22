"""How good are probabilities of churn: one function per metric, and intervals by bootstrap.

Every metric is a kernel over `models.levels.Levels`, which holds the weights of many bootstrap
resamples at once, so that a thousand of them are one pass of cumulative sums.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from models.levels import Levels, Ranking
from models.spec import BoolArray, FloatArray, require_both_classes

Kernel = Callable[[Levels], FloatArray]

_CELLS_AT_ONCE: Final = 3_000_000  # resamples x rows in memory: 24 MB a matrix
_CALIBRATION_BINS: Final = 10

Z_95: Final = 1.959963984540054
"""97.5 % quantile of the normal distribution: half the width of a 95 % interval, in errors."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, of the percentile bootstrap unless it says otherwise."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Metric:
    """A kernel and the direction in which its values improve."""

    kernel: Kernel
    higher_is_better: bool


def roc_auc(churned: BoolArray, probability: FloatArray, weight: FloatArray | None = None) -> float:
    r"""Chance that a customer who left is ranked above one who stayed, 0..1; NaN for one class.

    .. math:: AUC = \frac{1}{W_1 W_0} \sum_{i \in 1, j \in 0} w_i w_j
              \left([p_i > p_j] + \tfrac12 [p_i = p_j]\right)

    Source: Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve".
    """
    return _once(_roc_auc, churned, probability, weight)


def average_precision(
    churned: BoolArray, probability: FloatArray, weight: FloatArray | None = None
) -> float:
    r"""Precision averaged over recall, 0..1; NaN when nobody left.

    .. math:: AP = \sum_k (R_k - R_{k-1}) P_k

    over the distinct probabilities, falling. Source: Manning, Raghavan and Schütze 2008,
    "Introduction to information retrieval", section 8.4; without interpolation, as scikit-learn.
    """
    return _once(_average_precision, churned, probability, weight)


def lift_at(
    share: float,
    churned: BoolArray,
    probability: FloatArray,
    weight: FloatArray | None = None,
) -> float:
    r"""Churn rate of the most endangered share of customers, in multiples of the overall rate.

    .. math:: lift(s) = \frac{W_1(\text{top } s) / (s W)}{W_1 / W}

    Where the edge of the share falls inside a tie, the tie counts in proportion: the expectation
    over its orders. Source: Ling and Li 1998, "Data mining for direct marketing".
    """
    return _once(partial(_lift, share), churned, probability, weight)


def log_loss(
    churned: BoolArray, probability: FloatArray, weight: FloatArray | None = None
) -> float:
    r"""Mean negative log-likelihood in nats, 0 is perfect.

    .. math:: LL = -\frac1W \sum_i w_i \left(y_i \ln p_i + (1 - y_i) \ln(1 - p_i)\right)

    Probabilities are kept off 0 and 1 by the spacing of floats, as in scikit-learn.
    Source: Good 1952, "Rational decisions".
    """
    return _once(_log_loss, churned, probability, weight)


def brier(churned: BoolArray, probability: FloatArray, weight: FloatArray | None = None) -> float:
    r"""Mean squared error of the probability, 0..1, 0 is perfect.

    .. math:: BS = \frac1W \sum_i w_i (p_i - y_i)^2

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    return _once(_brier, churned, probability, weight)


def expected_calibration_error(
    churned: BoolArray, probability: FloatArray, weight: FloatArray | None = None
) -> float:
    r"""Mean distance between probability and churn rate over ten bins of equal mass, 0..1.

    .. math:: ECE = \sum_b \frac{W_b}{W} \left|\bar y_b - \bar p_b\right|

    Source: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using
    Bayesian binning"; with equal-mass bins as in Nixon et al. 2019, "Measuring calibration in deep
    learning". Equal probabilities stay in one bin, the one of their middle. The figure is biased
    upwards on few rows, and so is its bootstrap.
    """
    return _once(_calibration_error, churned, probability, weight)


def _roc_auc(levels: Levels) -> FloatArray:
    stayed = levels.everyone - levels.left
    above = levels.left_so_far - levels.left / 2
    pairs = levels.left_so_far[:, -1] * (levels.everyone_so_far[:, -1] - levels.left_so_far[:, -1])
    return _ratio(np.einsum("bt,bt->b", stayed, above), pairs)


def _average_precision(levels: Levels) -> FloatArray:
    precision = np.divide(
        levels.left_so_far,
        levels.everyone_so_far,
        out=np.zeros_like(levels.left),
        where=levels.everyone_so_far > 0,
    )
    gained = np.einsum("bt,bt->b", levels.left, precision)
    return _ratio(gained, levels.left_so_far[:, -1])


def _lift(share: float, levels: Levels) -> FloatArray:
    rows = np.arange(len(levels.left))
    wanted = share * levels.everyone_so_far[:, -1]
    edge = np.argmax(levels.everyone_so_far >= wanted[:, None], axis=1)
    beyond = levels.everyone_so_far[rows, edge] - wanted
    part = _ratio(beyond, levels.everyone[rows, edge])
    caught = levels.left_so_far[rows, edge] - part * levels.left[rows, edge]
    return _ratio(_ratio(caught, levels.left_so_far[:, -1]), np.full(len(rows), share))


def _log_loss(levels: Levels) -> FloatArray:
    epsilon = np.finfo(np.float64).eps
    p = np.clip(levels.probability, epsilon, 1 - epsilon)
    return _mean(levels, if_left=-np.log(p), if_stayed=-np.log1p(-p))


def _brier(levels: Levels) -> FloatArray:
    p = levels.probability
    return _mean(levels, if_left=(1 - p) ** 2, if_stayed=p**2)


def _calibration_error(levels: Levels) -> FloatArray:
    resamples = len(levels.left)
    whole = levels.everyone_so_far[:, -1]
    middle = levels.everyone_so_far - levels.everyone / 2
    position = _CALIBRATION_BINS * middle / whole[:, None]
    bins = np.minimum(position.astype(np.int64), _CALIBRATION_BINS - 1)
    bins += np.arange(resamples)[:, None] * _CALIBRATION_BINS
    gap = levels.left - levels.everyone * levels.probability
    gaps = np.bincount(bins.ravel(), gap.ravel(), minlength=resamples * _CALIBRATION_BINS)
    return _ratio(np.abs(gaps.reshape(resamples, _CALIBRATION_BINS)).sum(axis=1), whole)


METRICS: Final[Mapping[str, Metric]] = {
    "roc_auc": Metric(_roc_auc, higher_is_better=True),
    "average_precision": Metric(_average_precision, higher_is_better=True),
    "lift_at_5": Metric(partial(_lift, 0.05), higher_is_better=True),
    "lift_at_10": Metric(partial(_lift, 0.10), higher_is_better=True),
    "log_loss": Metric(_log_loss, higher_is_better=False),
    "brier": Metric(_brier, higher_is_better=False),
    "expected_calibration_error": Metric(_calibration_error, higher_is_better=False),
}
"""Every metric of an evaluation, in the order of its table."""


def evaluate(
    churned: BoolArray,
    probability: FloatArray,
    seed: int,
    *,
    metrics: Mapping[str, Metric] = METRICS,
    resamples: int = 1000,
    groups: npt.NDArray[np.generic] | None = None,
) -> dict[str, Estimate]:
    """Every metric with its interval, by name.

    Parameters
    ----------
    churned, probability
        Shape (n,): what happened, and the probability (0..1) that was given to it.
    seed
        Equal seeds give equal intervals.
    metrics
        What is measured, by name.
    resamples
        Number of bootstrap resamples.
    groups
        Shape (n,): the customer of each row, where customers repeat; whole customers are drawn
        then, because their rows are alike.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.

    Notes
    -----
    Percentile bootstrap, Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter
    13. Resamples of one class have no rank metrics and are left out of their intervals.
    """
    require_both_classes(churned, "an evaluation")
    ranking = Ranking.of(churned, probability)
    parts: list[dict[str, FloatArray]] = []
    for weights in resampled_weights(len(churned), seed, resamples, groups):
        levels = ranking.levels(weights)
        parts.append({name: metric.kernel(levels) for name, metric in metrics.items()})
    exact = ranking.levels(np.ones((1, len(churned))))
    return {
        name: estimate(metric.kernel(exact)[0], np.concatenate([part[name] for part in parts]))
        for name, metric in metrics.items()
    }


def resampled_weights(
    rows: int, seed: int, resamples: int, groups: npt.NDArray[np.generic] | None
) -> Iterator[FloatArray]:
    """How often each row is drawn, shape (some resamples, rows), until all are made.

    Where there are ``groups``, whole ones are drawn. Equal seeds draw alike.
    """
    random = np.random.default_rng(seed)
    codes = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    drawn = int(codes.max()) + 1
    at_once = max(1, _CELLS_AT_ONCE // rows)
    for first in range(0, resamples, at_once):
        count = min(at_once, resamples - first)
        picks = random.integers(0, drawn, size=(count, drawn))
        picks += np.arange(count)[:, None] * drawn
        times = np.bincount(picks.ravel(), minlength=count * drawn).reshape(count, drawn)
        yield (times if groups is None else times[:, codes]).astype(np.float64)


def estimate(value: float, sampled: FloatArray) -> Estimate:
    """The value with the interval of its resamples, shape (b,); undefined (NaN) ones left out."""
    defined = sampled[~np.isnan(sampled)]
    low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def _once(
    kernel: Kernel, churned: BoolArray, probability: FloatArray, weight: FloatArray | None
) -> float:
    weights = np.ones(len(churned)) if weight is None else np.asarray(weight, dtype=np.float64)
    return float(kernel(Ranking.of(churned, probability).levels(weights[None, :]))[0])


def _mean(levels: Levels, if_left: FloatArray, if_stayed: FloatArray) -> FloatArray:
    """Mean over customers of a figure that depends on the level and on what happened.

    By einsum and not by BLAS, whose last digit depends on the number of threads.
    """
    total = np.einsum("bt,t->b", levels.left, if_left - if_stayed)
    total += np.einsum("bt,t->b", levels.everyone, if_stayed)
    return _ratio(total, levels.everyone_so_far[:, -1])


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Quotient, NaN where there is nothing to divide by."""
    quotient: FloatArray = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return quotient

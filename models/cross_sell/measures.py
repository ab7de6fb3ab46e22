"""How good are propensities: figures with intervals of a bootstrap over customers, and gains."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from models.cross_sell.snapshots import Flags, Snapshot, share
from models.levels import Levels, Ranking
from models.metrics import METRICS, Estimate, Kernel, estimate, resampled_weights
from models.spec import BoolArray, FloatArray, IntArray

DEPTHS: Final = (1, 3, 5)
"""How many of a customer's best categories are looked at."""
NDCG_DEPTH: Final = 5

OVER_PAIRS: Final = ("average_precision", "roc_auc", "log_loss", "expected_calibration_error")
"""Measures over all pairs, see `models.metrics`; ``bought_to_promised`` is one more."""
LOWER_IS_BETTER: Final = ("log_loss", "expected_calibration_error")


def _bought_to_promised(levels: Levels) -> FloatArray:
    promised = np.einsum("bt,t->b", levels.everyone, levels.probability)
    found: FloatArray = share(levels.left.sum(axis=1), promised)
    return found


_KERNELS: Final[Mapping[str, Kernel]] = {
    **{name: METRICS[name].kernel for name in OVER_PAIRS},
    "bought_to_promised": _bought_to_promised,
}


@dataclass(frozen=True, eq=False)
class Ranked:
    """Propensities of the pairs of a snapshot, and what became of them.

    Attributes
    ----------
    propensity
        Shape (customers, categories): NaN where bought before.
    bought
        Shape (customers, categories): bought first within the horizon.
    """

    propensity: FloatArray
    bought: Flags

    @cached_property
    def owner(self) -> IntArray:
        """Customer of each pair."""
        found: IntArray = np.nonzero(~np.isnan(self.propensity))[0]
        return found

    @cached_property
    def hits(self) -> Flags:
        """Whether each customer's best categories were bought, shape (customers, some depth)."""
        depth = max(*DEPTHS, NDCG_DEPTH)
        falling = np.where(np.isnan(self.propensity), np.inf, -self.propensity)
        first = np.argsort(falling, axis=1, kind="stable")[:, :depth]
        found: Flags = np.take_along_axis(self.bought, first, axis=1)
        return found

    def per_customer(self) -> dict[str, FloatArray]:
        r"""Recall and NDCG of each customer, NaN for those who took up nothing.

        .. math:: \sum_{p=1}^k \frac{[\text{hit at } p]}{\log_2 (p + 1)} \Big/
                  \sum_{p=1}^{\min(k, n)} \frac{1}{\log_2 (p + 1)}

        of n categories taken up; the ideal is truncated. Source: Järvelin and Kekäläinen 2002,
        "Cumulated gain-based evaluation of IR techniques". Equal propensities rank by position.
        """
        sizes = self.bought.sum(axis=1)
        found = {
            f"recall@{depth}": _of_some(self.hits[:, :depth].sum(axis=1), sizes) for depth in DEPTHS
        }
        hits = self.hits[:, :NDCG_DEPTH]
        gain = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
        ideal = np.concatenate([[0.0], np.cumsum(gain)])[np.minimum(sizes, hits.shape[1])]
        return found | {f"ndcg@{NDCG_DEPTH}": _of_some(hits @ gain, ideal)}

    def over_pairs(self) -> tuple[BoolArray, FloatArray]:
        """Outcome and propensity of every pair, shape (pairs,)."""
        is_pair = ~np.isnan(self.propensity)
        return self.bought[is_pair], self.propensity[is_pair]


@dataclass(frozen=True, eq=False)
class Sampled:
    """A measure, and what it is in each resample."""

    value: float
    samples: FloatArray

    def estimate(self) -> Estimate:
        """With its interval."""
        return estimate(self.value, self.samples)

    def gain(self, other: "Sampled", sign: float = 1.0) -> Estimate:
        """What this one is better by, in the same resamples."""
        return estimate(sign * (self.value - other.value), sign * (self.samples - other.samples))


def ranked(held_out: Snapshot, propensity: FloatArray) -> Ranked:
    """Propensities of shape (customers, categories) beside what the held-out snapshot became."""
    bought = held_out.outcome("a trial") & ~held_out.has
    return Ranked(np.where(held_out.has, np.nan, propensity), bought)


def sampled(found: Ranked, seed: int, resamples: int) -> dict[str, Sampled]:
    """Every measure by name, in resamples of the customers; equal seeds draw alike."""
    bought, propensity = found.over_pairs()
    ranking = Ranking.of(bought, propensity)
    each = found.per_customer()
    customers = len(found.bought)

    def measured(weight: FloatArray) -> dict[str, float]:
        levels = ranking.levels(weight[None, found.owner])
        over = {name: float(kernel(levels)[0]) for name, kernel in _KERNELS.items()}
        return {name: _mean(values, weight) for name, values in each.items()} | over

    exact = measured(np.ones(customers))
    drawn = [
        measured(weight)
        for weights in resampled_weights(customers, seed, resamples, None)
        for weight in weights
    ]
    return {
        name: Sampled(value, np.array([one[name] for one in drawn]))
        for name, value in exact.items()
    }


def _mean(values: FloatArray, weight: FloatArray) -> float:
    has = ~np.isnan(values)
    total = weight[has].sum()
    return float(weight[has] @ values[has] / total) if total > 0 else float("nan")


def _of_some(part: FloatArray, whole: FloatArray) -> FloatArray:
    found: FloatArray = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found

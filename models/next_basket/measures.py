"""How good are offers of a next basket: figures per customer, their means with intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from features.errors import RegularsError
from models.metrics import Estimate, estimate, resampled_weights
from models.next_basket.histories import Codes, Doubles
from models.next_basket.targets import Targets

DEPTHS: Final = (5, 10, 20)
"""How many of the first offers are looked at."""

Flags = npt.NDArray[np.bool_]


class OffersTooFew(RegularsError):
    """Fewer places for offers than measures look at."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of the first offers.

    Attributes
    ----------
    hits
        Shape (customers, depth): is the offer in the target.
    own
        Shape (customers, depth): is the offer an item that the customer had bought before.
    offered
        Shape (customers, depth): is there an offer at all.
    sizes, own_sizes
        Shape (customers,): items of the target, and those of them bought before.
    """

    hits: Flags
    own: Flags
    offered: Flags
    sizes: Doubles
    own_sizes: Doubles

    def first(self, depth: int) -> "Outcome":
        """The same of fewer offers."""
        return Outcome(
            self.hits[:, :depth],
            self.own[:, :depth],
            self.offered[:, :depth],
            self.sizes,
            self.own_sizes,
        )


def outcome(targets: Targets, offers: Codes) -> Outcome:
    """What became of offers, shape (customers, depth), see `models.next_basket.offers`."""
    known, count = targets.known, len(targets.known.items)
    wanted = np.repeat(np.arange(len(targets.sizes)), targets.sizes) * count + targets.codes
    bought = known.customer_of_basket[known.basket_of_entry] * count + known.codes
    offered = offers >= 0
    cells = np.where(offered, np.arange(len(offers))[:, None] * count + offers, -1)
    is_own = np.isin(wanted, bought)
    own_sizes = np.add.reduceat(is_own.astype(np.float64), targets.starts[:-1])
    return Outcome(
        np.isin(cells, wanted),
        np.isin(cells, bought),
        offered,
        targets.sizes.astype(np.float64),
        own_sizes,
    )


def recall(found: Outcome) -> Doubles:
    """Share of the target that was offered, 0..1."""
    share: Doubles = found.hits.sum(axis=1) / found.sizes
    return share


def precision(found: Outcome) -> Doubles:
    """Share of the places that hold an item of the target, 0..1; a place left empty is a miss."""
    share: Doubles = np.asarray(found.hits.mean(axis=1), dtype=np.float64)
    return share


def hit_ratio(found: Outcome) -> Doubles:
    """1 where any offer is in the target: averaged, the personal hit ratio (PHR)."""
    is_hit: Doubles = np.asarray(found.hits.any(axis=1), dtype=np.float64)
    return is_hit


def ndcg(found: Outcome) -> Doubles:
    r"""Discounted gain over that of the best possible offers, 0..1.

    .. math:: \sum_{p=1}^k \frac{[\text{hit at } p]}{\log_2 (p + 1)} \Big/
              \sum_{p=1}^{\min(k, |b|)} \frac{1}{\log_2 (p + 1)}

    The ideal is truncated: no list of k offers gains more. Source: Järvelin and Kekäläinen 2002,
    "Cumulated gain-based evaluation of IR techniques".
    """
    depth = found.hits.shape[1]
    gain = 1 / np.log2(np.arange(2, depth + 2))
    ideal = np.cumsum(gain)[np.minimum(found.sizes, depth).astype(np.int64) - 1]
    share: Doubles = found.hits @ gain / ideal
    return share


def average_precision(found: Outcome) -> Doubles:
    r"""Precision at each hit, summed, over the hits possible, 0..1: averaged, MAP.

    .. math:: \frac{1}{\min(k, |b|)} \sum_{p=1}^k [\text{hit at } p] \, P(p)
    """
    depth = found.hits.shape[1]
    so_far = np.cumsum(found.hits, axis=1) / np.arange(1, depth + 1)
    share: Doubles = (so_far * found.hits).sum(axis=1) / np.minimum(found.sizes, depth)
    return share


def repeat_recall(found: Outcome) -> Doubles:
    """Share that was offered of the target's items bought before; NaN where there are none."""
    return _share((found.hits & found.own).sum(axis=1), found.own_sizes)


def explore_recall(found: Outcome) -> Doubles:
    """Share that was offered of the target's items never bought before; NaN without any."""
    return _share((found.hits & ~found.own).sum(axis=1), found.sizes - found.own_sizes)


MEASURES: Final[Mapping[str, Callable[[Outcome], Doubles]]] = {
    "recall": recall,
    "ndcg": ndcg,
    "hit_ratio": hit_ratio,
    "precision": precision,
    "map": average_precision,
    "repeat_recall": repeat_recall,
    "explore_recall": explore_recall,
}
"""Every measure of a customer, in the order of a table."""


def per_customer(targets: Targets, offers: Codes) -> dict[str, Doubles]:
    """Figures of each customer by ``measure@depth``, shape (customers,) each.

    Parameters
    ----------
    targets
        What was bought.
    offers
        Shape (customers, at least the greatest of `DEPTHS`).

    Raises
    ------
    OffersTooFew
        When the shape has fewer columns: recall of 10 offers is none of 20.
    """
    if offers.shape[1] < max(DEPTHS):
        message = (
            f"measures look at the first {max(DEPTHS)} offers of each customer, but there is room "
            f"for {offers.shape[1]}; make offers with most={max(DEPTHS)}"
        )
        raise OffersTooFew(message)
    found = outcome(targets, offers)
    return {
        f"{name}@{depth}": measure(found.first(depth))
        for depth in DEPTHS
        for name, measure in MEASURES.items()
    }


def mean(figures: Doubles, seed: int = 0) -> Estimate:
    """Mean over customers with its 95 % interval; those without a figure (NaN) are left out.

    Percentile bootstrap over customers, Efron and Tibshirani 1993, chapter 13.
    """
    return gain(figures, np.zeros(len(figures)), seed)


def gain(one: Doubles, other: Doubles, seed: int = 0) -> Estimate:
    """Mean of what one recommender reaches more than another with the same customers, paired."""
    differences = one - other
    has = ~np.isnan(differences)
    if not has.any():
        return Estimate(float("nan"), float("nan"), float("nan"))
    kept = differences[has]
    sampled = [
        weights @ kept / len(kept) for weights in resampled_weights(len(kept), seed, 1000, None)
    ]
    return estimate(float(kept.mean()), np.concatenate(sampled))


def coverage(offers: Codes, items: int, depth: int = 10) -> float:
    """Share of all items that anybody is offered, 0..1."""
    first = offers[:, :depth]
    return len(np.unique(first[first >= 0])) / items


def novelty(targets: Targets, offers: Codes, depth: int = 10) -> float:
    r"""Mean surprise of an offer, bits: :math:`-\log_2` of the share of known baskets that hold it.

    An item that no known basket holds counts like one that half a basket does. Source: Zhou et al.
    2010, "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS.
    """
    first = offers[:, :depth]
    share = np.maximum(targets.known.popularity, 0.5) / max(1, len(targets.known.days))
    return float(-np.log2(share[first[first >= 0]]).mean())


def _share(part: npt.NDArray[np.integer], whole: Doubles) -> Doubles:
    found: Doubles = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found

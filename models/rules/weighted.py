"""Itemsets by the weight of the baskets that hold them, such as their share of the turnover."""

from collections.abc import Collection

import numpy as np

from models.rules.baskets import Baskets, WholeArray
from models.rules.utility_kernels import UTILITY
from models.rules.utility_ledger import UtilityUnclear, ledger_of, worths_of
from models.rules.utility_results import WeightedItemsets, itemsets_of, raised_by
from models.rules.utility_search import LIMIT, Limit, search, wanted_of
from models.thresholds import least_count


def weighted(
    baskets: Baskets,
    support: float,
    *,
    min_length: int = 1,
    max_length: int | None = None,
    without: Collection[object] = (),
    must: Collection[object] = (),
    limit: Limit = LIMIT,
    threads: int = 1,
) -> WeightedItemsets:
    r"""Every itemset whose baskets carry such a share of the weight of all baskets.

    .. math:: s(X) = \sum_{t \supseteq X} w(t) \Big/ \sum_t w(t)

    is the weighted support of Tao, Murtagh and Farid (2003, "Weighted association rule mining using
    weighted support and significance framework"). They weigh a basket by the mean weight of its
    items; here it is the sum, so that weights in money make the support a share of the turnover,
    and sums stay exact. It never rises when an item is added.

    Parameters
    ----------
    baskets
        With weights in whole numbers. What is left out by ``without`` still weighs.
    support
        Share of the weight of all baskets, above 0 and at most 1.
    min_length, max_length, without, must, limit, threads
        See `high_utility`.

    Raises
    ------
    UtilityUnclear
        As in `high_utility`, and when a basket weighs less than 0.
    ThresholdUnusable
        When the support is outside.
    """
    weights = _basket_weights(baskets)
    total = int(weights.sum())
    least = least_count(support, total, "weighted support")
    wanted = wanted_of((min_length, max_length), must, limit, threads, least=least)
    ledger = ledger_of(baskets, np.zeros(len(baskets.codes), np.int64), without, must, weights)
    found = search(ledger, wanted)
    itemsets = itemsets_of(found, baskets, wanted)
    return WeightedItemsets(itemsets, found.table[:, UTILITY], total, found.least, raised_by(found))


def _basket_weights(baskets: Baskets) -> WholeArray:
    before = np.concatenate([[0], np.cumsum(worths_of(baskets))])
    weights: WholeArray = before[baskets.starts[1:]] - before[baskets.starts[:-1]]
    below = int(np.count_nonzero(weights < 0))
    if below:
        message = (
            f"weighted support needs baskets that weigh 0 or more, but {below:,} of "
            f"{baskets.count:,} weigh less; leave returns out, or ask for high utility, "
            "which knows losses"
        )
        raise UtilityUnclear(message)
    return weights

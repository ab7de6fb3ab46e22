"""Bundles of items that bring most: high-utility itemsets."""

from collections.abc import Collection

from models.rules.baskets import Baskets
from models.rules.utility_kernels import UTILITY
from models.rules.utility_ledger import Ledger, UtilityUnclear, checked, ledger_of, worths_of
from models.rules.utility_results import Bundles, itemsets_of, raised_by
from models.rules.utility_search import LIMIT, Limit, Wanted, search, wanted_of


def high_utility(
    baskets: Baskets,
    least_utility: int,
    *,
    min_length: int = 1,
    max_length: int | None = None,
    without: Collection[object] = (),
    must: Collection[object] = (),
    limit: Limit = LIMIT,
    threads: int = 1,
) -> Bundles:
    r"""Every itemset that brings so much, and what it brings.

    The utility of an itemset X is

    .. math:: u(X) = \sum_{t \supseteq X} \sum_{i \in X} w(i, t)

    over baskets t, where w is the weight of an item in a basket (Yao, Hamilton and Butz 2004, "A
    foundational approach to mining itemset utilities from databases"; their product of an item's
    quantity and its unit profit is the weight here). Weights may be zero or below: what is sold at
    a loss counts as a loss. Neither adding an item nor leaving one out says whether it falls.

    Parameters
    ----------
    baskets
        With weights in whole numbers, such as margins in minor units.
    least_utility
        What an itemset is to bring, a whole number above 0 in the unit of the weights.
    min_length, max_length
        Items of an itemset; None for any number.
    without, must
        Names of items that none may hold, and of those that each must hold.
    limit
        What the result may hold. Where it does not fit, it is the whole result of the smallest
        higher threshold at which it does, and `Bundles.raised` says so.
    threads
        Cores to use; the result is the same for any number.

    Raises
    ------
    UtilityUnclear
        When weights are missing, not whole or too large, or when a wish says nothing.
    """
    checked("least_utility", least_utility, 1)
    wanted = wanted_of((min_length, max_length), must, limit, threads, least=int(least_utility))
    return _bundles(baskets, ledger_of(baskets, worths_of(baskets), without, must), wanted)


def best_bundles(
    baskets: Baskets,
    k: int,
    *,
    min_length: int = 1,
    max_length: int | None = None,
    without: Collection[object] = (),
    must: Collection[object] = (),
    limit: Limit = LIMIT,
    threads: int = 1,
) -> Bundles:
    """The k itemsets that bring most, and all others that bring as much as the last of them.

    Only what brings more than 0 is among them. The threshold is raised to what the k-th best
    brings of all that was found so far (Wu, Shie, Tseng and Yu 2012, "Mining top-k high utility
    itemsets"). Parameters and errors are those of `high_utility`.
    """
    checked("k", k, 1)
    if k > limit.itemsets:
        message = (
            f"the {k:,} best itemsets do not fit a limit of {limit.itemsets:,}; "
            "ask for fewer or raise the limit"
        )
        raise UtilityUnclear(message)
    wanted = wanted_of((min_length, max_length), must, limit, threads, best=int(k))
    return _bundles(baskets, ledger_of(baskets, worths_of(baskets), without, must), wanted)


def _bundles(baskets: Baskets, ledger: Ledger, wanted: Wanted) -> Bundles:
    found = search(ledger, wanted)
    itemsets = itemsets_of(found, baskets, wanted)
    return Bundles(itemsets, found.table[:, UTILITY], found.least, raised_by(found))

"""A recommender that weighs own purchases by how often their item is bought again so much later."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.compiled import compiled
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray

EDGES: Final = (1, 2, 3, 5, 9, 17, 33)
"""Baskets later, in half-open ranges; what is older than the last one counts for nothing."""

PRIOR: Final = 50.0
"""Chances of buying again that all items' rate counts for beside an item's own."""

_RANGE = np.repeat(np.arange(len(EDGES) - 1), np.diff(EDGES))
"""Range of each number of baskets later, from 1 on."""


@dataclass(frozen=True, eq=False)
class Timed:
    """Own items by the sum of their rates over their purchases.

    Attributes
    ----------
    rates
        Shape (items, ranges), 0..1: of the baskets so much later, the share that hold the item
        again.
    """

    rates: Doubles

    def scores(self, asked: Histories) -> Doubles:
        """Sum over own purchases of the item's rate at their age in baskets, (asked, items)."""
        later = asked.ago[asked.basket_of_entry] + 1
        is_young = later < EDGES[-1]
        found = np.zeros((len(asked.customers), len(asked.items)))
        owner = asked.customer_of_basket[asked.basket_of_entry][is_young]
        items = asked.codes[is_young]
        np.add.at(found, (owner, items), self.rates[items, _RANGE[later[is_young] - 1]])
        return found


def timed(known: Histories) -> Timed:
    r"""Rates of buying an item again, shrunk towards that of all items.

    .. math:: r_{ib} = \frac{h_{ib} + c \, h_b / n_b}{n_{ib} + c}

    of the n baskets that lie so much later (range b) than a purchase of item i, h of which hold it.
    The weight of an item by its age is that of Romanov et al. 2023, "Time-aware item weighting for
    the next basket recommendations", RecSys; they fit a mixture of an exponential and a normal
    density over days by gradient descent, and need to know the day of the next basket. Here ages
    are in baskets, and rates are counted.
    """
    again, chances = _counted(
        known.firsts, known.starts, known.codes, len(known.items), np.asarray(_RANGE)
    )
    all_again, all_chances = again.sum(axis=0), chances.sum(axis=0)
    every = np.divide(all_again, all_chances, out=np.zeros(len(all_again)), where=all_chances > 0)
    return Timed((again + PRIOR * every) / (chances + PRIOR))


@compiled
def _counted(
    firsts: WholeArray, starts: WholeArray, codes: Codes, items: int, ranges: WholeArray
) -> tuple[Doubles, Doubles]:
    """Times an item was bought again, and times it might have been, by range, (items, ranges)."""
    count = ranges[-1] + 1
    again = np.zeros((items, count))
    chances = np.zeros((items, count))
    bought = np.full((items, ranges.size), -1, np.int64)  # a ring of the newest baskets
    newest = np.zeros(items, np.int64)
    for customer in range(firsts.size - 1):
        begin, end = firsts[customer], firsts[customer + 1]
        for basket in range(begin, end):
            left = min(end - 1 - basket, ranges.size)
            for entry in range(starts[basket], starts[basket + 1]):
                item = codes[entry]
                for later in range(left):
                    chances[item, ranges[later]] += 1
                for back in range(ranges.size):
                    earlier = bought[item, (newest[item] - 1 - back) % ranges.size]
                    if earlier < begin or basket - earlier > ranges.size:
                        break
                    again[item, ranges[basket - earlier - 1]] += 1
                bought[item, newest[item] % ranges.size] = basket
                newest[item] += 1
    return again, chances

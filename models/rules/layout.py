"""Two ways to look at the frequent items of baskets: a loop that numba compiles."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Whole32 = npt.NDArray[np.int32]
Whole64 = npt.NDArray[np.int64]

Layout = tuple[Whole64, Whole32, Whole32, Whole64, Whole32]
"""Of frequent items by rank: where the baskets of each begin; those baskets; how many items of the
basket come up to the item; where the items of each basket begin; those items, ascending."""


@compiled
def laid_out(starts: Whole64, codes: Whole32, ranks: Whole32, frequent: int) -> Layout:
    """Both ways to look at the frequent items: their baskets, and the items of each basket.

    Parameters
    ----------
    starts, codes
        Of the baskets.
    ranks
        Rank of each item; -1 where it is not frequent.
    frequent
        How many are.
    """
    baskets = starts.size - 1
    begins = np.zeros(frequent + 1, np.int64)
    heads = np.zeros(baskets + 1, np.int64)
    for basket in range(baskets):
        heads[basket + 1] = heads[basket]
        for entry in range(starts[basket], starts[basket + 1]):
            rank = ranks[codes[entry]]
            if rank >= 0:
                begins[rank + 1] += 1
                heads[basket + 1] += 1
    for rank in range(frequent):
        begins[rank + 1] += begins[rank]
    after = begins[:frequent].copy()
    holders = np.empty(begins[frequent], np.int32)
    for basket in range(baskets):
        for entry in range(starts[basket], starts[basket + 1]):
            rank = ranks[codes[entry]]
            if rank >= 0:
                holders[after[rank]] = basket
                after[rank] += 1
    filled = heads[:baskets].copy()
    up_to = np.empty(holders.size, np.int32)
    items = np.empty(holders.size, np.int32)
    for rank in range(frequent):
        for place in range(begins[rank], begins[rank + 1]):
            basket = holders[place]
            items[filled[basket]] = rank
            filled[basket] += 1
            up_to[place] = filled[basket] - heads[basket]
    return begins, holders, up_to, heads, items

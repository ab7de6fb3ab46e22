"""Ways to look at the frequent items of baskets: loops that numba compiles."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled, filling, lean
from models.room import room
from models.rules.bits import Bits

Whole32 = npt.NDArray[np.int32]
Whole64 = npt.NDArray[np.int64]

Sides = tuple[Whole64, Whole32, Whole32, Whole64, Whole32]
"""Of frequent items by rank: where the baskets of each begin; those baskets; how many items of the
basket come up to the item; where the items of each basket begin; those items, ascending."""

Layout = tuple[Whole64, Whole32, Whole32, Whole64, Whole32, Whole32, Bits]
"""Both sides; `pair_counts`, empty where they would take too much room; and `models.rules.dense`
rows of bits: where there are such, of the sides only where baskets would begin is filled."""


_BLOCK = 1 << 15


def laid_out(starts: Whole64, codes: Whole32, ranks: Whole32, frequent: int) -> Sides:
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
    begins, heads = _begins(starts, codes, ranks, frequent)
    holders, up_to, items = (room(int(begins[-1]), np.int32) for _ in range(3))
    _lay_out((holders, up_to, items), (begins, heads), starts, codes, ranks)
    return begins, holders, up_to, heads, items


@compiled
def _begins(
    starts: Whole64, codes: Whole32, ranks: Whole32, frequent: int
) -> tuple[Whole64, Whole64]:
    """Where the baskets of each rank begin, and the frequent items of each basket."""
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
    return begins, heads


@filling
def _lay_out(
    sides: tuple[Whole32, Whole32, Whole32],
    wheres: tuple[Whole64, Whole64],
    starts: Whole64,
    codes: Whole32,
    ranks: Whole32,
) -> None:
    """Fill both sides, so many baskets at a time that their items stay near the processor."""
    holders, up_to, items = sides
    begins, heads = wheres
    baskets, frequent = starts.size - 1, begins.size - 1
    done, after, filled = begins[:frequent].copy(), begins[:frequent].copy(), heads[:baskets].copy()
    for block in range(0, baskets, _BLOCK):
        for basket in range(block, min(block + _BLOCK, baskets)):
            for entry in range(starts[basket], starts[basket + 1]):
                rank = ranks[codes[entry]]
                if rank >= 0:
                    holders[after[rank]] = basket
                    after[rank] += 1
        for rank in range(frequent):
            for place in range(done[rank], after[rank]):
                basket = holders[place]
                items[filled[basket]] = rank
                filled[basket] += 1
                up_to[place] = filled[basket] - heads[basket]
            done[rank] = after[rank]


@compiled
def pair_counts(heads: Whole64, items: Whole32, part: tuple[int, int], frequent: int) -> Whole32:
    """Baskets that hold each pair of ranks, by one look at each basket.

    Parameters
    ----------
    heads, items
        Of a layout.
    part
        First basket, and the one after the last.
    frequent
        Number of ranks.

    Returns
    -------
    numpy.ndarray
        Shape (pairs,): of each rank those with a higher one, see `pair`.
    """
    counts = np.zeros(frequent * (frequent - 1) // 2, np.int32)
    for basket in range(part[0], part[1]):
        for place in range(heads[basket], heads[basket + 1]):
            row = pair(items[place], 0, frequent)
            for other in range(place + 1, heads[basket + 1]):
                counts[row + items[other]] += 1
    return counts


@lean
def pair(low: int, high: int, frequent: int) -> np.int64:
    """Where the count of a rank and a higher one stands in `pair_counts`."""
    wide = np.int64(low)
    return wide * (2 * frequent - wide - 1) // 2 - wide - 1 + high

"""Baskets that hold a good part of the frequent items, as a row of bits for each item.

Where one entry of so many is there, rows of all baskets are quicker to join than the baskets of an
item are to go through (Zaki 2000, as in `models.rules.growing`). Loops that numba compiles.
"""

import numpy as np

from features.compiled import compiled
from models.rules.bits import Bits, ones
from models.rules.layout import Layout, Whole32, Whole64, pair
from models.rules.projection import END, WORDS, Near

_SPARSE = 8
"""An item in fewer than one of so many baskets has rows of its own baskets alone."""


@compiled
def bit_rows(starts: Whole64, codes: Whole32, ranks: Whole32, frequent: int) -> Bits:
    """Which baskets hold each rank: a row of bits for each, one row after the other.

    Parameters
    ----------
    starts, codes, ranks, frequent
        As of `models.rules.layout.laid_out`.
    """
    words = (starts.size + 62) >> 6
    bits = np.zeros(frequent * words, np.uint64)
    for basket in range(starts.size - 1):
        bit = np.uint64(1) << np.uint64(basket & 63)
        for entry in range(starts[basket], starts[basket + 1]):
            rank = ranks[codes[entry]]
            if rank >= 0:
                bits[rank * words + (basket >> 6)] |= bit
    return bits


@compiled
def dense_pairs(bits: Bits, frequent: int) -> Whole32:
    """What `models.rules.layout.pair_counts` counts, by rows of bits."""
    counts = np.zeros(frequent * (frequent - 1) // 2, np.int32)
    words = np.uint64(bits.size // max(frequent, 1))
    for low in range(frequent):
        first = np.uint64(low) * words
        for high in range(low + 1, frequent):
            second = np.uint64(high) * words
            total = np.uint64(0)
            for word in range(words):
                total += ones(bits[first + word] & bits[second + word])
            counts[pair(low, high, frequent)] = total
    return counts


@compiled
def words_kept(count: int, layout: Layout) -> int:
    """Words of a row of bits beside an item with so many baskets."""
    words = layout[6].size // (layout[0].size - 1)
    return int((count + 63) >> 6 if count * _SPARSE < words << 6 else words)


@compiled
def dense_rows(
    first: int, layout: Layout, rooms: tuple[Whole64, Bits, Near], frames: Whole64
) -> None:
    """Which baskets of an item hold each candidate, as rows of bits."""
    bits = layout[6]
    stack, pool, near = rooms
    near[0][0] = 0  # no baskets are listed
    words = bits.size // (layout[0].size - 1)
    kept, own, top = frames[WORDS, 0], first * words, 0
    for place in range(frames[END, 0]):
        other = stack[0, place] * words
        stack[2, place] = top
        if kept == words:
            for word in range(words):
                pool[top + word] = bits[own + word] & bits[other + word]
        else:
            _gather(bits, (own, other, words), pool, (top, kept))
        top += kept


@compiled
def _gather(bits: Bits, asked: tuple[int, int, int], pool: Bits, where: tuple[int, int]) -> None:
    """Put those bits of a row side by side that stand where another row has ones."""
    own, other, words = asked
    top, kept = where
    pool[top : top + kept] = 0
    at = 0
    for word in range(words):
        mask = bits[own + word]
        held = bits[other + word]
        while mask != np.uint64(0):
            low = mask & (~mask + np.uint64(1))
            if held & low:
                pool[top + (at >> 6)] |= np.uint64(1) << np.uint64(at & 63)
            mask ^= low
            at += 1

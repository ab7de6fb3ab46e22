"""Sets of baskets as rows of bits: loops that numba compiles."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled, lean

Bits = npt.NDArray[np.uint64]


@lean
def ones(bits: np.uint64) -> np.uint64:
    """Number of bits that are set; compilers make one instruction of it.

    Source: Warren 2012, "Hacker's delight", 5-1.
    """
    bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = bits & np.uint64(0x3333333333333333)
    bits = pairs + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)


@lean
def lowest(bits: np.uint64) -> np.int64:
    """Position of the lowest bit that is set: the number of ones below it."""
    return np.int64(ones(~bits & (bits - np.uint64(1))))


@lean
def shared(pool: Bits, one: int, other: int, into: int, words: int) -> np.int64:
    """Number of bits that two rows share; the bits themselves are written ``into`` the pool."""
    total = np.uint64(0)
    first, second, third = np.uint64(one), np.uint64(other), np.uint64(into)  # none is negative
    for number in range(words):
        word = np.uint64(number)
        both = pool[first + word] & pool[second + word]
        pool[third + word] = both
        total += ones(both)
    return np.int64(total)


@compiled
def longer(pool: Bits, wanted: int) -> Bits:
    """The pool with room for more than so many words."""
    made = np.empty(2 * wanted, np.uint64)
    made[: pool.size] = pool
    return made

"""Limits on what is mined: a higher threshold, below which nothing is left out, and told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

Found = TypeVar("Found")

NODE_BYTES: Final = 48
"""Memory of what is found, while it is: four numbers, and room to grow and be copied."""

MOST: Final = 2**30
"""More than there can be of anything."""

_TRIALS: Final = 4


def held_by(count: int, memory: int) -> int:
    """How many may be found: within the count, and within bytes of memory."""
    return min(count, memory // NODE_BYTES, MOST)


def limit_told(count: int, memory: int, what: str) -> str:
    """The narrower of a count and of bytes of memory, in words."""
    if count <= memory // NODE_BYTES:
        return f"{count:,} {what}"
    return f"{memory:,} bytes of {what}"


@dataclass(frozen=True)
class Cut:
    """What a limit took away: nothing was mined below the count that fits.

    Attributes
    ----------
    asked
        Baskets, or sequences, that a pattern was to be in, at least.
    mined
        Those that a pattern here is in, at least: the lowest count found that fits.
    limit
        The limit in words, such as ``1,000,000 itemsets``.
    """

    asked: int
    mined: int
    limit: str


def lowest_fitting(least: int, at: Callable[[int], Found | None]) -> tuple[int, Found]:
    """The lowest count found from which on everything fits, and what is mined there.

    Counts are doubled until one fits, and then halved towards the last that did not, a few times.

    Parameters
    ----------
    least
        The count that is asked for.
    at
        What is mined at a count; None where a limit does not hold it. At some count it does.
    """
    found = at(least)
    if found is not None:
        return least, found
    over, step, fits = least, least, least
    while found is None:
        fits = over + max(1, step // 2)
        found = at(fits)
        over, step = (fits, fits) if found is None else (over, fits)
    for _ in range(_TRIALS):
        middle = (over + fits) // 2
        if middle == over:
            break
        nearer = at(middle)
        if nearer is None:
            over = middle
        else:
            fits, found = middle, nearer
    return fits, found

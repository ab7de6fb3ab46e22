"""Limits on what is mined: a higher threshold, below which nothing is left out, and told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

Found = TypeVar("Found")

_TRIALS: Final = 4


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

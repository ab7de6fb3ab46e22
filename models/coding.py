"""Identifiers of any type as whole numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled, filling
from features.errors import RegularsError
from models.room import room

WholeArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

_SMALL = 5_000
"""Rows below which numpy is quicker than loading what is compiled."""

_WIDEST = 2**62
"""Whole numbers from which on differences might not fit."""


class NoSuchItem(RegularsError):
    """An item is asked for that no basket, or no sequence, could hold."""


def positions_of(labels: pd.Index, items: Sequence[str | int], name: str) -> Codes:
    """Distinct positions of items among the labels, ascending.

    Parameters
    ----------
    labels
        Names of the items that there are.
    items
        Names that were asked for.
    name
        What the reader calls them, such as ``must``.

    Raises
    ------
    NoSuchItem
        When one of them is no label.
    """
    if not items:
        return np.empty(0, dtype=np.int32)
    places = labels.get_indexer(pd.Index(list(items)))
    unknown = [item for item, place in zip(items, places, strict=True) if place < 0]
    if unknown:
        message = (
            f"{name} needs items that some row names, but none is called "
            f"{', '.join(map(repr, unknown))}; look how the items are spelled"
        )
        raise NoSuchItem(message)
    return np.unique(places).astype(np.int32)


def ranks_of(items: npt.NDArray[np.integer], count: int) -> Codes:
    """Rank of each of so many items in an order that has some of them; -1 of one that it has not.

    Parameters
    ----------
    items
        Distinct positions, in their order.
    count
        Number of all items.
    """
    ranks = np.full(count, -1, dtype=np.int32)
    ranks[items] = np.arange(len(items))
    return ranks


def coded(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Position of each value among the distinct ones, ascending; -1 where it is null."""
    if (
        isinstance(values.dtype, np.dtype)
        and values.dtype.kind in "iu"
        and len(values) >= max(_SMALL, 1)
    ):
        numbers = values.to_numpy()
        least, greatest = int(numbers.min()), int(numbers.max())
        if greatest - least < 2 * len(numbers) and greatest < _WIDEST:
            places, found = _places(numbers, least, greatest)
            codes = room(len(numbers), np.int32)
            _code(codes, numbers, places, least)
            return codes, pd.Index(found)
        is_head = np.ones(len(numbers), dtype=bool)
        np.not_equal(numbers[1:], numbers[:-1], out=is_head[1:])
        heads = np.flatnonzero(is_head)
        if 2 * len(heads) < len(numbers):  # rows of a basket stand together: one look-up for all
            few, names = pd.factorize(numbers[heads], sort=True)
            lengths = np.diff(heads, append=len(numbers))
            return np.repeat(few.astype(np.int32), lengths), pd.Index(names)
    wide, labels = pd.factorize(values, sort=True)
    return wide.astype(np.int32), pd.Index(labels)


@compiled
def _places(
    numbers: npt.NDArray[np.integer], least: int, greatest: int
) -> tuple[Codes, WholeArray]:
    """Of whole numbers of a narrow range: the code of each of the range, and which there are."""
    places = np.zeros(greatest - least + 1, np.int32)
    for row in range(numbers.size):
        places[np.int64(numbers[row]) - least] = 1
    found = np.empty(places.sum(), np.int64)
    used = 0
    for value in range(places.size):
        if places[value]:
            found[used] = value + least
            places[value] = used
            used += 1
    return places, found


@filling
def _code(codes: Codes, numbers: npt.NDArray[np.integer], places: Codes, least: int) -> None:
    """Code numbers without a hash table."""
    for row in range(numbers.size):
        codes[row] = places[np.int64(numbers[row]) - least]

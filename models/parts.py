"""First items looked at in parts, side by side, and one table of what all of them give."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt

from models.coding import Codes
from models.room import room

Table = npt.NDArray[np.int32]
"""Nodes of a trie in rows or in columns; the first of what a node has is its parent."""

_PARTS: Final = 64
"""Parts of the work, so that no thread waits long for another."""


def grown_in_parts(
    firsts: Codes,
    grow: Callable[[Codes], tuple[Table, bool]],
    most: int,
    threads: int,
    axis: int,
) -> Table | None:
    """All nodes that begin with some first items, a parent before its children.

    The same at any number of threads.

    Parameters
    ----------
    firsts
        The first items.
    grow
        Nodes of some of them, and whether it was given up because there are too many.
    most
        Nodes of all parts together, from beyond which on no further part is begun.
    threads
        How many parts are looked at at a time.
    axis
        Along which nodes stand in a table.

    Returns
    -------
    numpy.ndarray or None
        None where there are too many.
    """
    if threads == 1:
        table, is_full = grow(firsts)
        return None if is_full else table
    found: list[int] = []

    def part(some: Codes) -> Table | None:
        if sum(found) > most:
            return None
        table, is_full = grow(some)
        found.append(table.shape[axis])
        return None if is_full else table

    with ThreadPoolExecutor(threads) as pool:
        parts = np.array_split(firsts, max(1, min(_PARTS, len(firsts))))
        grown = list(pool.map(part, parts))
    tables = [table for table in grown if table is not None]
    return _joined(tables, axis) if len(tables) == len(grown) else None


def _joined(tables: list[Table], axis: int) -> Table:
    """One table of several; parents are found at their new places."""
    if len(tables) == 1:
        return tables[0]
    sizes = [each.shape[axis] for each in tables]
    shape = (sum(sizes), tables[0].shape[1]) if axis == 0 else (tables[0].shape[0], sum(sizes))
    table = np.concatenate(tables, axis=axis, out=room(shape, np.int32))
    shift = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
    parent = table[:, 0] if axis == 0 else table[0]
    parent[parent >= 0] += shift[parent >= 0].astype(np.int32)
    return table

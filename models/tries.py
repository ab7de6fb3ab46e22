"""Tries in columns: what itemsets and sequential patterns have in common."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.coding import Codes

Wholes = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers of any width."""

Flags = npt.NDArray[np.bool_]

ROOT: Final = -1
"""Parent of a node of one item."""

OFFSETS: Final = 2**31 - 1
"""Entries that ordinary Arrow lists can hold."""


def pruned(parent: Codes, lengths: Codes, is_wanted: Flags) -> tuple[Flags, Codes]:
    """Which nodes are wanted or lead to one that is, and the parents of these, at their new places.

    Parameters
    ----------
    parent
        Shape (nodes,): position of the parent, `ROOT` where there is none.
    lengths
        Shape (nodes,): items of each node.
    is_wanted
        Shape (nodes,).
    """
    leads = is_wanted.copy()
    for length in range(int(lengths.max(initial=0)), 1, -1):
        leads[parent[leads & (lengths == length)]] = True
    places = np.cumsum(leads, dtype=np.int32) - 1
    above = parent[leads]
    return leads, np.where(above < 0, ROOT, places[above]).astype(np.int32)


def lists_of(starts: Wholes, values: pa.Array) -> pa.Array:
    """Arrow lists of values that stand one list after the other; large ones where they must be."""
    if starts[-1] > OFFSETS:
        return pa.LargeListArray.from_arrays(starts, values)
    return pa.ListArray.from_arrays(starts.astype(np.int32, copy=False), values)

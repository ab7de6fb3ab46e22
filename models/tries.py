"""Tries in columns: what itemsets and sequential patterns have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.coding import Codes, WholeArray
from models.limits import Cut

Wholes = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers of any width."""

Flags = npt.NDArray[np.bool_]

ROOT: Final = -1
"""Parent of a node of one item."""

OFFSETS: Final = 2**31 - 1
"""Entries that ordinary Arrow lists can hold."""


@dataclass(frozen=True, eq=False)
class Trie(ABC):
    """What was mined, and in how many of the baskets, or of the sequences, each of it is.

    Every itemset, or pattern, is a node: what its parent is, and one more item. A parent stands
    before its children. Where only some are meant, the others lead to them.

    Attributes
    ----------
    parent
        Shape (nodes,): position of the parent; `ROOT` where there is none.
    item
        Shape (nodes,): position in ``labels`` of the item that is added.
    count
        Shape (nodes,): baskets, or sequences, that hold the node.
    labels
        Names of the items.
    total
        Number of all baskets, or sequences, the empty ones included.
    least
        Number of them that every itemset, or pattern, is in, at least.
    is_asked
        Shape (nodes,): which nodes are meant; None where all are.
    cut
        What a limit took away; None where nothing was.
    """

    parent: Codes
    item: Codes
    count: Codes
    labels: pd.Index
    total: int
    least: int
    is_asked: Flags | None = None
    cut: Cut | None = None

    def __len__(self) -> int:
        """Number of those that are meant."""
        return len(self.parent) if self.is_asked is None else int(self.is_asked.sum())

    @cached_property
    def nodes(self) -> WholeArray:
        """Positions of those that are meant, ascending."""
        if self.is_asked is None:
            return np.arange(len(self.parent), dtype=np.int64)
        return np.flatnonzero(self.is_asked).astype(np.int64)

    @property
    @abstractmethod
    def lengths(self) -> Codes:
        """Number of items of each node, shape (nodes,)."""

    @property
    def support(self) -> npt.NDArray[np.float64]:
        """Share of all baskets, or sequences, that hold each node, shape (nodes,)."""
        return self.count / max(self.total, 1)

    def only(self, is_asked: Flags) -> Self:
        """Those for which a mask of shape (nodes,) holds, with the nodes that lead to them."""
        wanted = is_asked if self.is_asked is None else is_asked & self.is_asked
        if wanted.all():
            return replace(self, is_asked=None)
        leads, parent = pruned(self.parent, self.lengths, wanted)
        return replace(
            self,
            parent=parent,
            item=self.item[leads],
            count=self.count[leads],
            is_asked=None if wanted[leads].all() else wanted[leads],
        )

    def best(self, top: int) -> Self:
        """So many of the highest counts, and what ties with the last of them."""
        if len(self) <= top:
            return self
        kth = int(np.partition(self.count[self.nodes], -top)[-top])
        cut = self.cut if self.cut is not None and self.least == kth else None
        return replace(self.only(self.count >= kth), least=kth, cut=cut)


TrieT = TypeVar("TrieT", bound=Trie)


def most_frequent(
    fitting: Callable[[int], TrieT], counts: tuple[int, int], top: int, step: tuple[int, int]
) -> TrieT:
    """So many of the highest counts, and what ties with the last of them.

    Parameters
    ----------
    fitting
        What is mined at a count, within the limits.
    counts
        The count to begin with, and the least one.
    top
        How many.
    step
        Numerator and denominator of the share of a count that is looked at next.
    """
    count, least = counts
    found = fitting(count)
    while len(found) < top and count > least and found.cut is None:
        count = max(least, count * step[0] // step[1])
        found = fitting(count)
    return found.best(top)


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

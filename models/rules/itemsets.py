"""Frequent itemsets as a trie in columns: twelve bytes an itemset."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.compiled import compiled
from models.limits import Cut
from models.rules.baskets import Codes, WholeArray

ROOT: Final = -1
"""Parent of an itemset of one item."""

_FEW: Final = 20_000
"""Itemsets up to which loading a compiled loop takes longer than numpy."""

_OFFSETS: Final = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Itemsets:
    """Itemsets and the number of baskets that hold each.

    Every itemset is a node: its parent's items and one more. A parent stands before its children.
    The nodes of closed, maximal or required itemsets alone may need parents that are none of them:
    ``is_asked`` says which are meant.

    Attributes
    ----------
    parent
        Shape (nodes,): position of the parent; `ROOT` where there is none.
    item
        Shape (nodes,): position in ``labels`` of the item that is added.
    count
        Shape (nodes,): baskets that hold all items of the node.
    labels
        Names of the items.
    baskets
        Number of all baskets, the empty ones included.
    least
        Number of baskets that every itemset is in, at least.
    is_asked
        Shape (nodes,): which nodes are meant; None where all are.
    cut
        What a limit took away; None where nothing was.
    """

    parent: Codes
    item: Codes
    count: Codes
    labels: pd.Index
    baskets: int
    least: int
    is_asked: npt.NDArray[np.bool_] | None = None
    cut: Cut | None = None

    def __len__(self) -> int:
        """Number of itemsets that are meant."""
        return len(self.parent) if self.is_asked is None else int(self.is_asked.sum())

    @cached_property
    def nodes(self) -> WholeArray:
        """Positions of the itemsets that are meant, ascending."""
        if self.is_asked is None:
            return np.arange(len(self.parent), dtype=np.int64)
        return np.flatnonzero(self.is_asked).astype(np.int64)

    @cached_property
    def lengths(self) -> Codes:
        """Number of items of each node, shape (nodes,)."""
        if len(self.parent) > _FEW:
            return _lengths(self.parent)
        lengths = np.ones(len(self.parent), dtype=np.int32)
        above = self.parent.copy()
        while (is_below := above >= 0).any():
            lengths += is_below
            above = np.where(is_below, self.parent[above], ROOT).astype(np.int32)
        return lengths

    def only(self, is_asked: npt.NDArray[np.bool_]) -> "Itemsets":
        """Itemsets for which a mask of shape (nodes,) holds, with the nodes that lead to them."""
        wanted = is_asked if self.is_asked is None else is_asked & self.is_asked
        if wanted.all():
            return replace(self, is_asked=None)
        leads = wanted.copy()
        for length in range(int(self.lengths.max(initial=0)), 1, -1):
            leads[self.parent[leads & (self.lengths == length)]] = True
        places = np.cumsum(leads, dtype=np.int32) - 1
        parent = self.parent[leads]
        return replace(
            self,
            parent=np.where(parent < 0, ROOT, places[parent]).astype(np.int32),
            item=self.item[leads],
            count=self.count[leads],
            is_asked=None if wanted[leads].all() else wanted[leads],
        )

    @property
    def support(self) -> npt.NDArray[np.float64]:
        """Share of all baskets that hold each node's items, shape (nodes,)."""
        return self.count / max(self.baskets, 1)

    def members(self) -> tuple[WholeArray, Codes]:
        """Items of the itemsets that are meant, one itemset after the other (CSR).

        Returns
        -------
        tuple
            Where each begins, shape (itemsets + 1,), and positions in ``labels``; those of an
            itemset in ascending order.
        """
        lengths = self.lengths[self.nodes]
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        if len(self.parent) > _FEW:
            ends = np.cumsum(self.lengths, dtype=np.int64)
            found = _members(self.parent, self.item, ends)
            is_asked = self.is_asked
            return starts, found if is_asked is None else found[np.repeat(is_asked, self.lengths)]
        found = np.empty(starts[-1], dtype=np.int32)
        at, above = starts[:-1].copy(), self.nodes
        while len(at):
            found[at] = self.item[above]
            above = self.parent[above].astype(np.int64)
            is_below = above >= 0
            at, above = at[is_below] + 1, above[is_below]
        owner = np.repeat(np.arange(len(lengths)), lengths)
        return starts, found[np.lexsort((found, owner))]

    def frame(self) -> pd.DataFrame:
        """A row per itemset that is meant, in the order of the trie.

        Returns
        -------
        pandas.DataFrame
            ``support`` (share of all baskets), ``count`` (baskets), ``length`` (items) and
            ``itemsets`` (Arrow lists of names).
        """
        starts, found = self.members()
        values = pa.DictionaryArray.from_arrays(found, pa.array(self.labels))
        lists = lists_of(starts, values)
        return pd.DataFrame(
            {
                "support": self.support[self.nodes],
                "count": self.count[self.nodes],
                "length": np.diff(starts).astype(np.int32),
                "itemsets": pd.Series(lists, dtype=pd.ArrowDtype(lists.type)),
            }
        )

    def each(self) -> Iterator[tuple[frozenset[object], int]]:
        """Every itemset that is meant, by name, and its number of baskets."""
        starts, found = self.members()
        names = self.labels.to_numpy(dtype=object)
        for place, node in enumerate(self.nodes.tolist()):
            members = found[starts[place] : starts[place + 1]]
            yield frozenset(names[members].tolist()), int(self.count[node])


def lists_of(starts: WholeArray, values: pa.Array) -> pa.Array:
    """Arrow lists of values that stand one list after the other; large ones where they must be."""
    if starts[-1] > _OFFSETS:
        return pa.LargeListArray.from_arrays(starts, values)
    return pa.ListArray.from_arrays(starts.astype(np.int32), values)


@compiled
def _lengths(parent: Codes) -> Codes:
    """Number of items of each node."""
    lengths = np.ones(parent.size, np.int32)
    for node in range(parent.size):
        if parent[node] >= 0:
            lengths[node] += lengths[parent[node]]
    return lengths


@compiled
def _members(parent: Codes, item: Codes, ends: WholeArray) -> Codes:
    """Items of all nodes, one node after the other: the parent's, and one more in its place."""
    found = np.empty(ends[-1], np.int32)
    at = 0
    for node in range(parent.size):
        begin = 0 if node == 0 else ends[node - 1]
        if parent[node] >= 0:
            end = ends[parent[node]]
            at = end - (ends[node] - begin - 1)
            while at < end and found[at] < item[node]:
                found[begin] = found[at]
                at += 1
                begin += 1
            found[begin] = item[node]
            while at < end:
                begin += 1
                found[begin] = found[at]
                at += 1
        else:
            found[begin] = item[node]
    return found

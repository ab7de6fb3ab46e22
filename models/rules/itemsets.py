"""Frequent itemsets as a trie in columns: twelve bytes an itemset."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from features.compiled import filling
from models.room import room
from models.rules.baskets import Codes, WholeArray
from models.tries import OFFSETS, ROOT, Trie, Wholes, lists_of

_FEW: Final = 20_000
"""Itemsets up to which loading a compiled loop takes longer than numpy."""

_NARROWEST_FIRST: Final[tuple[type[np.signedinteger[Any]], ...]] = (np.int8, np.int16, np.int32)
"""Numbers of items that a table may hold."""


class Itemsets(Trie):
    """Itemsets and the number of baskets that hold each.

    The nodes of closed, maximal or required itemsets alone may need parents that are none of them.
    """

    @property
    def baskets(self) -> int:
        """Number of all baskets, the empty ones included."""
        return self.total

    @cached_property
    def lengths(self) -> Codes:
        """Number of items of each node, shape (nodes,)."""
        if len(self.parent) > _FEW:
            counted = room(len(self.parent), np.int32)
            _count_items(counted, self.parent)
            return counted
        lengths = np.ones(len(self.parent), dtype=np.int32)
        above = self.parent.copy()
        while (is_below := above >= 0).any():
            lengths += is_below
            above = np.where(is_below, self.parent[above], ROOT).astype(np.int32)
        return lengths

    def members(self) -> tuple[WholeArray, Codes]:
        """Items of the itemsets that are meant, one itemset after the other (CSR).

        Returns
        -------
        tuple
            Where each begins, shape (itemsets + 1,), and positions in ``labels``; those of an
            itemset in ascending order.
        """
        if len(self.parent) > _FEW:
            starts, found = self._lists(np.int32)
            return starts.astype(np.int64), found.astype(np.int32, copy=False)
        lengths = self.lengths[self.nodes]
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        found = np.empty(starts[-1], dtype=np.int32)
        at, above = starts[:-1].copy(), self.nodes
        while len(at):
            found[at] = self.item[above]
            above = self.parent[above].astype(np.int64)
            is_below = above >= 0
            at, above = at[is_below] + 1, above[is_below]
        base = np.repeat(np.arange(len(lengths)) * len(self.labels), lengths)
        return starts, (np.sort(base + found) - base).astype(np.int32)

    def _lists(self, kind: type[np.signedinteger[Any]]) -> tuple[Wholes, Wholes]:
        """`members` by a compiled loop, as numbers of some kind."""
        total = int(self.lengths.sum(dtype=np.int64))
        offset: type[np.signedinteger[Any]] = np.int32 if total <= OFFSETS else np.int64
        starts = room(len(self.parent) + 1, offset)
        starts[0] = 0
        np.cumsum(self.lengths, dtype=offset, out=starts[1:])
        found = room(total, kind)
        _list_items(found, self.parent, self.item, starts)
        if self.is_asked is None:
            return starts, found
        kept = np.concatenate([[0], np.cumsum(self.lengths[self.is_asked], dtype=np.int64)])
        return kept, found[np.repeat(self.is_asked, self.lengths)]

    def frame(self) -> pd.DataFrame:
        """A row per itemset that is meant, in the order of the trie.

        Returns
        -------
        pandas.DataFrame
            ``support`` (share of all baskets), ``count`` (baskets), ``length`` (items) and
            ``itemsets`` (Arrow lists of names).
        """
        kind = next(each for each in _NARROWEST_FIRST if len(self.labels) <= np.iinfo(each).max)
        is_few = len(self.parent) <= _FEW
        starts, found = self.members() if is_few else self._lists(kind)
        codes = found.astype(kind, copy=False)
        lists = lists_of(starts, pa.DictionaryArray.from_arrays(codes, pa.array(self.labels)))
        numbers = room((2, len(self)), np.int32)
        for row, values in enumerate((self.count, self.lengths)):
            numbers[row] = values if self.is_asked is None else values[self.nodes]
        support = np.divide(numbers[0], max(self.baskets, 1), out=room(len(self), np.float64))
        columns = {
            "support": support,
            "count": numbers[0],
            "length": numbers[1],
            "itemsets": pd.Series(lists, dtype=pd.ArrowDtype(lists.type)),
        }
        return pd.DataFrame(columns, copy=False)

    def each(self) -> Iterator[tuple[frozenset[object], int]]:
        """Every itemset that is meant, by name, and its number of baskets."""
        starts, found = self.members()
        names = self.labels.to_numpy(dtype=object)
        for place, node in enumerate(self.nodes.tolist()):
            members = found[starts[place] : starts[place + 1]]
            yield frozenset(names[members].tolist()), int(self.count[node])


@filling
def _count_items(lengths: Codes, parent: Codes) -> None:
    """Number of items of each node."""
    for node in range(parent.size):
        lengths[node] = 1 if parent[node] < 0 else lengths[parent[node]] + 1


@filling
def _list_items(found: Wholes, parent: Codes, item: Codes, starts: Codes | WholeArray) -> None:
    """Items of all nodes, one node after the other: the parent's, and one more in its place.

    Each item is told by the greater of the parent's one before and the lesser of the parent's and
    the one that is added: no branch depends on where that stands, which nobody can predict.
    """
    for node in range(parent.size):
        added, above = item[node], parent[node]
        at, last = np.uint64(starts[node]), np.uint64(starts[node + 1] - 1)
        before = np.int32(-1)
        if above >= 0:
            place = np.uint64(starts[above])
            while at < last:
                other = np.int32(found[place])
                found[at] = max(before, min(other, added))
                before = other
                at += np.uint64(1)
                place += np.uint64(1)
        found[at] = max(before, added)

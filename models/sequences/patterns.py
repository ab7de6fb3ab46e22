"""Sequential patterns as a trie in columns: twelve bytes a pattern."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.compiled import compiled, interpreted
from models.coding import Codes, WholeArray
from models.tries import Trie, lists_of

_FEW: Final = 500
"""Patterns up to which loading a compiled loop takes longer than Python."""

Pattern = tuple[tuple[object, ...], ...]
"""Elements, each the names of its items in the order of the labels."""


class Patterns(Trie):
    """Patterns and the number of sequences that hold each.

    The item of a node begins a new element, or joins the last one of the parent: then ``item`` is
    ``~item``, after those that are there in the order of the labels. The nodes of closed or
    required patterns alone may need parents that are none of them.
    """

    @property
    def sequences(self) -> int:
        """Number of all sequences, the empty ones included."""
        return self.total

    @cached_property
    def sizes(self) -> tuple[Codes, Codes]:
        """Number of items and of elements of each node, shape (nodes,) each."""
        loop = _sizes if len(self.parent) > _FEW else interpreted(_sizes)
        return loop(self.parent, self.item)

    @property
    def joins(self) -> npt.NDArray[np.bool_]:
        """Which nodes' items join the last element of the parent, shape (nodes,)."""
        return self.item < 0

    @property
    def lengths(self) -> Codes:
        """Number of items of each node, shape (nodes,)."""
        return self.sizes[0]

    def members(self) -> tuple[WholeArray, WholeArray, Codes]:
        """Elements of the patterns that are meant, and their items, one pattern after the other.

        Returns
        -------
        tuple
            Where the elements of each pattern begin, shape (patterns + 1,); where the items of each
            element begin, shape (elements + 1,); and positions in ``labels``.
        """
        lengths, elements = (each[self.nodes] for each in self.sizes)
        ends = np.concatenate([[0], np.cumsum(elements, dtype=np.int64)])
        begins = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        loop = _members if len(self.parent) > _FEW else interpreted(_members)
        starts, found = loop(self.parent, self.item, self.nodes, ends, begins)
        return ends, starts, found

    def frame(self) -> pd.DataFrame:
        """A row per pattern that is meant, in the order of the trie.

        Returns
        -------
        pandas.DataFrame
            ``support`` (share of all sequences), ``count`` (sequences), ``length`` (items),
            ``elements`` (their number) and ``pattern`` (Arrow lists of elements, lists of names).
        """
        ends, starts, found = self.members()
        values = pa.DictionaryArray.from_arrays(found, pa.array(self.labels))
        lists = lists_of(ends, lists_of(starts, values))
        return pd.DataFrame(
            {
                "support": self.support[self.nodes],
                "count": self.count[self.nodes],
                "length": self.sizes[0][self.nodes],
                "elements": self.sizes[1][self.nodes],
                "pattern": pd.Series(lists, dtype=pd.ArrowDtype(lists.type)),
            }
        )

    def each(self) -> Iterator[tuple[Pattern, int]]:
        """Every pattern that is meant, by name, and its number of sequences."""
        ends, starts, found = self.members()
        names = self.labels.to_numpy(dtype=object)[found].tolist()
        for place, node in enumerate(self.nodes.tolist()):
            elements = range(ends[place], ends[place + 1])
            yield (
                tuple(tuple(names[starts[each] : starts[each + 1]]) for each in elements),
                int(self.count[node]),
            )


@compiled
def _sizes(parent: Codes, item: Codes) -> tuple[Codes, Codes]:
    """Number of items and of elements of each node."""
    lengths, elements = np.ones(parent.size, np.int32), np.ones(parent.size, np.int32)
    for node in range(parent.size):
        if parent[node] >= 0:
            lengths[node] = lengths[parent[node]] + 1
            elements[node] = elements[parent[node]] + (item[node] >= 0)
    return lengths, elements


@compiled
def _members(
    parent: Codes, item: Codes, nodes: WholeArray, ends: WholeArray, begins: WholeArray
) -> tuple[WholeArray, Codes]:
    """Where the items of each element begin, and the items, from the last one backwards."""
    starts, found = np.zeros(ends[-1] + 1, np.int64), np.empty(begins[-1], np.int32)
    starts[ends[-1]] = begins[-1]
    for place in range(nodes.size):
        node, at, element = nodes[place], begins[place + 1], ends[place + 1]
        while node >= 0:
            at -= 1
            if item[node] < 0:
                found[at] = ~item[node]
            else:
                found[at] = item[node]
                element -= 1
                starts[element] = at
            node = parent[node]
    return starts, found

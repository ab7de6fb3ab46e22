"""Baskets of any table that hold given itemsets, in all and by stratum."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.compiled import compiled, interpreted
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.itemsets import Itemsets

Bits = npt.NDArray[np.uint64]

_SMALL = 20_000
"""Steps below which Python is quicker than loading what is compiled."""

_BLOCK = 1 << 15
"""Baskets that are looked at together: their bits of one item fit into the nearest cache."""

_PAIRS, _NIBBLES, _BYTES = 0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F


@dataclass(frozen=True, eq=False)
class Strata:
    """Baskets by what they have in common.

    Attributes
    ----------
    order
        Shape (baskets,): positions of the baskets, one stratum after the other.
    starts
        Shape (strata + 1,): where each begins in ``order``, and the last one's end.
    """

    order: WholeArray
    starts: WholeArray

    @property
    def sizes(self) -> WholeArray:
        """Baskets in each stratum, shape (strata,)."""
        return np.diff(self.starts)


def in_one(baskets: Baskets) -> Strata:
    """All baskets in one stratum."""
    return Strata(np.arange(baskets.count), np.array([0, baskets.count]))


def by_size(baskets: Baskets) -> Strata:
    """Baskets by the number of distinct items that filled them, ascending; no size of none."""
    sizes = baskets.sizes if baskets.bought is None else baskets.bought
    order = np.argsort(sizes, kind="stable").astype(np.int64)
    changes = np.flatnonzero(np.diff(sizes[order])) + 1
    ends = [len(order)] if len(order) else []
    return Strata(order, np.array([0, *changes, *ends], dtype=np.int64))


def counted(itemsets: Itemsets, baskets: Baskets, strata: Strata | None = None) -> Codes:
    """Baskets that hold each node's items, shape (nodes, strata); one stratum if none are given.

    Parameters
    ----------
    itemsets
        Mined from these or any other baskets; an item that these do not know is in none of them.
    baskets
        Where to count.
    strata
        Of these baskets.
    """
    parts = strata or in_one(baskets)
    used, rows = np.unique(itemsets.item, return_inverse=True)
    row_of = np.full(len(baskets.labels), -1, dtype=np.int64)
    places = baskets.labels.get_indexer(itemsets.labels[used])
    row_of[places[places >= 0]] = np.flatnonzero(places >= 0)
    words = -(-parts.sizes // 64)
    steps = len(itemsets.parent) * int(words.sum()) + len(baskets.codes)
    ordered, tallied = preorder, tallies
    if steps < _SMALL:
        ordered, tallied = interpreted(preorder), interpreted(tallies)
    order, ends = ordered(itemsets.parent)
    deep = itemsets.lengths.astype(np.int64) - 1
    trie = (order, ends, deep, rows.ravel().astype(np.int64))
    return tallied(trie, baskets.starts, baskets.codes, row_of, (parts.order, parts.starts))


@compiled
def preorder(parent: Codes) -> tuple[WholeArray, WholeArray]:
    """Nodes with each one's descendants right behind it, and where these end, shape (nodes,) each.

    A parent stands before its children in ``parent``.
    """
    nodes = len(parent)
    under = np.ones(nodes, np.int64)
    for node in range(nodes - 1, -1, -1):
        if parent[node] >= 0:
            under[parent[node]] += under[node]
    order, ends = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    free, root = np.empty(nodes, np.int64), 0  # next free place below each node
    for node in range(nodes):
        if parent[node] < 0:
            place, root = root, root + under[node]
        else:
            place = free[parent[node]]
            free[parent[node]] += under[node]
        free[node] = place + 1
        order[place], ends[place] = node, place + under[node]
    return order, ends


@compiled
def tallies(
    trie: tuple[WholeArray, WholeArray, WholeArray, WholeArray],
    starts: WholeArray,
    codes: Codes,
    row_of: WholeArray,
    strata: tuple[WholeArray, WholeArray],
) -> Codes:
    """Baskets of each stratum that hold each node's items, shape (nodes, strata).

    Baskets are bits, an item a row of them; what holds an itemset is what holds its parent and its
    own item. Where no basket of a block holds an itemset, none below it is looked at.

    Parameters
    ----------
    trie
        Nodes and ends of `preorder`; of each node, how deep it lies and the row of its item.
    starts, codes
        Of the baskets.
    row_of
        Row of each code; -1 for those that no itemset has.
    strata
        Order and starts.
    """
    order, ends, deep, rows = trie
    nodes, count = len(order), len(strata[1]) - 1
    found = np.zeros((nodes, count), np.int32)
    if nodes == 0:
        return found
    most = min((np.diff(strata[1]).max() + 63) // 64, _BLOCK // 64) if count > 0 else 1
    bits = np.zeros((rows.max() + 1, most), np.uint64)
    held = np.zeros((deep.max() + 1, most), np.uint64)
    for stratum in range(count):
        for first in range(strata[1][stratum], strata[1][stratum + 1], _BLOCK):
            last = min(first + _BLOCK, strata[1][stratum + 1])
            width = (last - first + 63) // 64
            _fill(bits, (starts, codes, row_of), strata[0][first:last])
            place = 0
            while place < nodes:
                node = order[place]
                held_by = _meet(held, bits[rows[node]], deep[node], width)
                found[node, stratum] += held_by
                place = place + 1 if held_by > 0 else ends[place]
    return found


@compiled
def _fill(bits: Bits, baskets: tuple[WholeArray, Codes, WholeArray], chosen: WholeArray) -> None:
    """Write the bits of the chosen baskets."""
    starts, codes, row_of = baskets
    bits[:, : (len(chosen) + 63) // 64] = 0
    for place in range(len(chosen)):
        for entry in range(starts[chosen[place]], starts[chosen[place] + 1]):
            row = row_of[codes[entry]]
            if row >= 0:
                bits[row, place // 64] |= np.uint64(1) << np.uint64(place % 64)


@compiled
def _meet(held: Bits, row: Bits, deep: int, width: int) -> int:
    """Write what holds a node's items as the bits of its depth; how many baskets these are."""
    total = np.uint64(0)
    for word in range(width):
        both = row[word] if deep == 0 else held[deep - 1, word] & row[word]
        held[deep, word] = both
        both = both - ((both >> np.uint64(1)) & np.uint64(_PAIRS))
        both = (both & np.uint64(_NIBBLES)) + ((both >> np.uint64(2)) & np.uint64(_NIBBLES))
        both = (both + (both >> np.uint64(4))) & np.uint64(_BYTES)
        both = both + (both >> np.uint64(8))
        both = both + (both >> np.uint64(16))
        total += (both + (both >> np.uint64(32))) & np.uint64(127)
    return int(np.int64(total))

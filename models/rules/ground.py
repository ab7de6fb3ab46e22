"""Baskets made ready for the search of itemsets, which then runs at any support."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from models.room import room
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.dense import bit_rows, dense_pairs
from models.rules.growing import PARENT, USED, WANTED_ROWS, begun, grown
from models.rules.layout import Layout, Sides, Whole32, laid_out, pair_counts
from models.rules.plain import plainly_grown
from models.rules.projection import Bounds

FEW_ENTRIES: Final = 5_000
"""Items of all baskets together, up to which compiled loops are not worth loading."""

FEW_ITEMSETS: Final = 20_000
"""Itemsets from which on compiled loops are worth loading, however few baskets there are."""

LISTED_WORTH: Final = 32
"""Words of bits that are joined in the time in which one listed candidate is counted."""

MOST_PAIRS: Final = 4_000_000
"""Pairs of frequent items that are counted at once: a table that a processor keeps near."""

DENSE: Final = 16
"""Rows of bits are worth their room where one of so many entries is there, on average."""

_PARTS: Final = 64

_ROWS: Final = 1 << 12
"""Itemsets that there is room for at first."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Baskets and how often each item counts among them.

    What is made ready for the lowest support serves every higher one.

    Attributes
    ----------
    baskets
        Of distinct items.
    frequencies
        Baskets of each item, shape (items,); 0 where it is left aside.
    least
        The lowest count that is asked for.
    threads
        Parts of the first items that are looked at side by side.
    """

    baskets: Baskets
    frequencies: WholeArray
    least: int
    threads: int

    def found(self, bounds: Bounds) -> tuple[Codes, Codes, Codes, Codes] | None:
        """Parent, item, count and length of itemsets, as `models.rules.growing.grown` tells them.

        None where there are more than the bounds allow. The same at any number of threads, and by
        either path. The bounds ask for a count of ``least`` or more.
        """
        begin = int(np.searchsorted(self.frequencies[self._items], bounds[0]))
        table = self._table(np.arange(begin, len(self._items), dtype=np.int32), bounds)
        if table is None or table.shape[1] > bounds[1]:
            return None
        parent, item, count, length = table
        return parent, item, count, length

    @cached_property
    def _items(self) -> Codes:
        """Items by rank, the rarest that is frequent first."""
        items = np.argsort(self.frequencies, kind="stable").astype(np.int32)
        return items[self.frequencies[items] >= self.least]

    @cached_property
    def _ranks(self) -> Codes:
        """Rank of each item; -1 where it is not frequent."""
        ranks = np.full(len(self.frequencies), -1, dtype=np.int32)
        ranks[self._items] = np.arange(len(self._items))
        return ranks

    def _table(self, firsts: Codes, bounds: Bounds) -> Whole32 | None:
        if len(self.baskets.codes) <= FEW_ENTRIES:
            few = (bounds[0], min(bounds[1], FEW_ITEMSETS), *bounds[2:])
            table, is_full = plainly_grown((self._bits, self._items.tolist()), firsts.tolist(), few)
            if not is_full:
                return table
            if few == bounds:
                return None
        parts = list(self._parts(firsts, bounds))
        if any(is_full for _, is_full in parts):
            return None
        return _joined([table for table, _ in parts])

    @cached_property
    def _layout(self) -> Layout:
        frequent, counts = len(self._items), self.frequencies[self._items]
        asked = (self.baskets.starts, self.baskets.codes, self._ranks, frequent)
        is_counted = frequent * (frequent - 1) // 2 <= MOST_PAIRS
        if is_counted and counts.sum() * DENSE >= frequent * self.baskets.count:
            begins = np.concatenate([[0], np.cumsum(counts)])
            bits, none = bit_rows(*asked), np.empty(0, dtype=np.int32)
            pairs = dense_pairs(bits, frequent)
            return begins, none, none, np.empty(0, dtype=np.int64), none, pairs, bits
        sides = laid_out(*asked)
        pairs = self._pairs(sides, frequent) if is_counted else np.empty(0, dtype=np.int32)
        return (*sides, pairs, np.empty(0, dtype=np.uint64))

    def _pairs(self, sides: Sides, frequent: int) -> Whole32:
        """Counts of all pairs."""
        ends = np.linspace(0, self.baskets.count, self.threads + 1).astype(np.int64).tolist()

        def part(number: int) -> Whole32:
            return pair_counts(sides[3], sides[4], (ends[number], ends[number + 1]), frequent)

        with ThreadPoolExecutor(self.threads) as pool:
            first, *others = pool.map(part, range(self.threads))
        return sum(others, start=first)

    @cached_property
    def _bits(self) -> list[int]:
        """Baskets of each frequent item as bits, by rank."""
        rows = [0] * len(self._items)
        ranks = self._ranks[self.baskets.codes]
        for rank, basket in zip(ranks.tolist(), self.baskets.owners.tolist(), strict=True):
            if rank >= 0:
                rows[rank] |= 1 << basket
        return rows

    def _parts(self, firsts: Codes, bounds: Bounds) -> Iterator[tuple[Whole32, bool]]:
        if self.threads == 1:
            yield self._grown(firsts, bounds)
            return
        found: list[int] = []
        self._layout  # noqa: B018  made before threads ask for it

        def part(some: Codes) -> tuple[Whole32, bool]:
            if sum(found) > bounds[1]:
                return np.empty((4, 0), dtype=np.int32), True
            table, is_full = self._grown(some, bounds)
            found.append(table.shape[1])
            return table, is_full

        with ThreadPoolExecutor(self.threads) as pool:
            yield from pool.map(part, np.array_split(firsts, max(1, min(_PARTS, len(firsts)))))

    def _grown(self, firsts: Codes, bounds: Bounds) -> tuple[Whole32, bool]:
        """What begins with some ranks, and whether it was given up."""
        path, rooms, workspaces = begun(self._layout, self._items, LISTED_WORTH)
        found = np.empty((4, _ROWS), dtype=np.int32)
        while True:
            rooms = grown((found, path, rooms, workspaces), firsts, self._layout, bounds)
            used, wanted = int(path[2][USED]), int(path[2][WANTED_ROWS])
            if wanted <= found.shape[1]:
                return found[:, :used], used > bounds[1]
            longer = room((4, 2 * wanted), np.int32)
            longer[:, :used] = found[:, :used]
            found = longer


def _joined(tables: list[Whole32]) -> Whole32:
    """One table of several; parents are found at their new places."""
    if len(tables) == 1:
        return tables[0]
    sizes = [each.shape[1] for each in tables]
    table = np.concatenate(tables, axis=1, out=room((4, sum(sizes)), np.int32))
    shift = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
    parent = table[PARENT]
    parent[parent >= 0] += shift[parent >= 0].astype(np.int32)
    return table

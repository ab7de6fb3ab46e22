"""Baskets made ready for the search of itemsets, which then runs at any support."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from models.coding import ranks_of
from models.parts import grown_in_parts
from models.room import room
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.dense import bit_rows, dense_pairs
from models.rules.growing import USED, WANTED_ROWS, begun, grown
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
        return ranks_of(self._items, len(self.frequencies))

    def _table(self, firsts: Codes, bounds: Bounds) -> Whole32 | None:
        if len(self.baskets.codes) <= FEW_ENTRIES:
            few = (bounds[0], min(bounds[1], FEW_ITEMSETS), *bounds[2:])
            table, is_full = plainly_grown((self._bits, self._items.tolist()), firsts.tolist(), few)
            if not is_full:
                return table
            if few == bounds:
                return None
        layout = self._layout  # made before threads ask for it
        return grown_in_parts(
            firsts,
            lambda some: self._grown(some, layout, bounds),
            bounds[1],
            self.threads,
            axis=1,
        )

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

    def _grown(self, firsts: Codes, layout: Layout, bounds: Bounds) -> tuple[Whole32, bool]:
        """What begins with some ranks, and whether it was given up."""
        path, rooms, workspaces = begun(layout, self._items, LISTED_WORTH)
        found = np.empty((4, _ROWS), dtype=np.int32)
        while True:
            rooms = grown((found, path, rooms, workspaces), firsts, layout, bounds)
            used, wanted = int(path[2][USED]), int(path[2][WANTED_ROWS])
            if wanted <= found.shape[1]:
                return found[:, :used], used > bounds[1]
            longer = room((4, 2 * wanted), np.int32)
            longer[:, :used] = found[:, :used]
            found = longer

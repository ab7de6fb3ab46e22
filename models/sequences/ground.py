"""Sequences made ready for the search of patterns, which then runs at any support."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from features.compiled import interpreted
from models.coding import Codes, WholeArray, ranks_of
from models.parts import grown_in_parts
from models.sequences.elements import Bounds, Given, grown_elements
from models.sequences.layout import (
    Parts,
    Whole32,
    Whole64,
    entries,
    first_entries,
    table_of,
)
from models.sequences.plain import plainly_grown
from models.sequences.sequences import Sequences
from models.sequences.singles import grown_singles
from models.sequences.windows import UNBOUNDED, Elements, Gaps, elements_of, holders, occurrences

FEW_ENTRIES: Final = 2_000
"""Items of all sequences together, up to which compiled loops are not worth loading."""

FEW_PATTERNS: Final = 5_000
"""Patterns from which on compiled loops are worth loading, however few sequences there are."""

WORTH: Final = 8
"""Positions that rows compare in the time in which one entry is counted."""

FREE: Final[Gaps] = (0, UNBOUNDED, UNBOUNDED, 0)
"""No constraint."""

_DEEPEST: Final = 400
"""Items of a sequence up to which plain Python may call itself once for each."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Sequences and how often each item counts among them.

    What is made ready for the lowest support serves every higher one.

    Attributes
    ----------
    sequences
        To look at.
    frequencies
        Sequences of each item, shape (items,); 0 where it is left aside.
    least
        The lowest count that is asked for.
    gaps
        Constraints.
    threads
        Parts of the first items that are looked at side by side.
    """

    sequences: Sequences
    frequencies: WholeArray
    least: int
    gaps: Gaps
    threads: int

    def found(self, bounds: Bounds) -> tuple[Codes, Codes, Codes, Codes] | None:
        """Parent, item, count and length of patterns, as `grown_elements` tells them.

        None where there are more than the bounds allow. The same at any number of threads, and by
        every path. The bounds ask for a count of ``least`` or more.
        """
        is_first = self.frequencies[self._items] >= bounds[0]
        table = self._table(np.flatnonzero(is_first).astype(np.int32), bounds)
        if table is None or len(table) > bounds[1]:
            return None
        parent, rank, count, length = (np.ascontiguousarray(each) for each in table.T)
        joins = rank < 0
        item = self._items[np.where(joins, ~rank, rank)].astype(np.int32)
        return parent, np.where(joins, ~item, item), count, length

    @cached_property
    def _items(self) -> WholeArray:
        """Items by rank: the frequent ones in the order of their labels."""
        return np.flatnonzero(self.frequencies >= self.least)

    @cached_property
    def _ranks(self) -> Codes:
        """Rank of each item; -1 where it is not frequent."""
        return ranks_of(self._items, len(self.frequencies))

    @property
    def _parts(self) -> Parts:
        return self.sequences.elements, self.sequences.starts, self.sequences.codes

    @cached_property
    def _is_small(self) -> bool:
        """Whether plain Python is quicker, and does not go too deep."""
        elements, starts, codes = self._parts
        longest = np.diff(starts[elements]).max(initial=0)
        return len(codes) <= FEW_ENTRIES and int(longest) <= _DEEPEST

    def _table(self, firsts: Codes, bounds: Bounds) -> Whole32 | None:
        if self._is_small:
            few = (bounds[0], min(bounds[1], FEW_PATTERNS), *bounds[2:])
            table, is_full = plainly_grown(firsts.tolist(), self._elements, self.gaps, few)
            if not is_full:
                return table
            if few == bounds:
                return None
        return grown_in_parts(firsts, self._loop(bounds), bounds[1], self.threads, axis=0)

    def _loop(self, bounds: Bounds) -> Callable[[Whole32], tuple[Whole32, bool]]:
        """What finds the patterns that begin with some ranks."""
        singles = self._singles if self.gaps == FREE else None
        if singles is not None:
            table, heads = singles
            narrow = (bounds[0], bounds[1], min(bounds[2], bounds[3]))
            return lambda some: grown_singles(some, table, heads, narrow, WORTH)
        given, held = self._given, self._held  # made before threads ask for them
        return lambda some: grown_elements(some, given, held, self.gaps, bounds)

    @cached_property
    def _singles(self) -> tuple[Whole32, tuple[Whole64, Whole32]] | None:
        """Table of `models.sequences.layout`; None where some element has two frequent items."""
        items, heads, is_single = entries(self._parts, self._ranks)
        if not is_single:
            return None
        table = table_of(items, len(self._items))
        return table, first_entries(table, heads, len(self._items))

    @cached_property
    def _elements(self) -> Elements:
        loop = interpreted(elements_of) if self._is_small else elements_of
        return loop(self._parts, self.sequences.instants, self._ranks, self.gaps)

    @cached_property
    def _given(self) -> Given:
        return self._elements, occurrences(self._elements, len(self._items))

    @cached_property
    def _held(self) -> tuple[Whole64, Whole32]:
        return holders(self._elements, len(self._items))

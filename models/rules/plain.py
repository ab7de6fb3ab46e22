"""What `models.rules.growing` does, in plain Python, where loading loops would take longer.

The rows of bits are Python's whole numbers. Itemsets come in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.rules.layout import Whole32
from models.rules.projection import CLOSED, FREE, Bounds

_Entry = tuple[int, int, int]
"""Rank, number of baskets, and those baskets as bits."""


@dataclass
class _Grower:
    """What is found so far."""

    bounds: Bounds
    items: Sequence[int]
    found: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether there is more than there is room for."""
        return len(self.found) > self.bounds[1]

    def grow(
        self,
        node: tuple[int, int, int],
        entries: tuple[list[_Entry], list[_Entry]],
        inherited: Sequence[int],
    ) -> None:
        """Find what begins with a node.

        Parameters
        ----------
        node
            Parent, item, and number of baskets.
        entries
            What was passed and what may join; counted among the node's baskets.
        inherited
            Perfect extensions of what is above.
        """
        longest, is_closed = self.bounds[2], self.bounds[3] == CLOSED
        passed, joining = entries
        count = node[2]
        if is_closed and any(each[1] == count for each in passed):
            return
        perfect = [each[0] for each in joining if each[1] == count]
        rest = [each for each in joining if each[1] < count]
        if is_closed:
            above = self._closed(node, perfect, is_last=not passed and not rest)
        else:
            perfect = [] if self.bounds[3] == FREE else [*inherited, *perfect]
            above = self._every(node, perfect)
        if abs(self.found[above][3]) >= longest:
            return
        for place, (item, shared, bits) in enumerate(rest):
            if self.is_full:
                return
            before = self.within([*passed, *rest[:place]], bits) if is_closed else []
            after = self.within(rest[place + 1 :], bits)
            self.grow((above, item, shared), (before, after), perfect)

    def within(self, entries: Sequence[_Entry], bits: int) -> list[_Entry]:
        """What is frequent among some baskets."""
        shared = [
            (item, both.bit_count(), both) for item, _, row in entries if (both := row & bits)
        ]
        return [each for each in shared if each[1] >= self.bounds[0]]

    def _every(self, node: tuple[int, int, int], perfect: Sequence[int]) -> int:
        """Position of a node, found together with every subset of its perfect extensions."""
        parent, rank, count = node
        first = len(self.found)
        self.found.append((parent, self.items[rank], count, self._length(parent) + 1))
        for other in (self.items[each] for each in perfect):
            for above in range(first, len(self.found)):
                size = self.found[above][3] + 1
                if size <= self.bounds[2] and not self.is_full:
                    self.found.append((above, other, count, size))
        return first

    def _closed(self, node: tuple[int, int, int], perfect: Sequence[int], *, is_last: bool) -> int:
        """Position of a node with all its perfect extensions, at the end of a chain."""
        parent, rank, count = node
        length = self._length(parent)
        for other in (rank, *perfect):
            length += 1
            self.found.append((parent, ~self.items[other], count, length))
            parent = len(self.found) - 1
        above, last, *_ = self.found[-1]
        is_meant = length <= self.bounds[2]
        self.found[-1] = (above, ~last if is_meant else last, count, -length if is_last else length)
        return parent

    def _length(self, parent: int) -> int:
        return 0 if parent < 0 else abs(self.found[parent][3])


def plainly_grown(
    ranked: tuple[Sequence[int], Sequence[int]], firsts: Sequence[int], bounds: Bounds
) -> tuple[Whole32, bool]:
    """What `models.rules.growing.grown` finds of some first items, and whether it was given up.

    Parameters
    ----------
    ranked
        Baskets of each frequent item as bits, and the item itself, by rank.
    firsts
        Ranks.
    bounds
        See `models.rules.projection`.
    """
    rows, items = ranked
    grower = _Grower(bounds, items)
    entries = [(item, row.bit_count(), row) for item, row in enumerate(rows)]
    for first in firsts:
        if grower.is_full:
            break
        _, count, bits = entries[first]
        before = grower.within(entries[:first], bits) if bounds[3] == CLOSED else []
        after = grower.within(entries[first + 1 :], bits)
        ordered = (sorted(part, key=lambda each: (each[1], each[0])) for part in (before, after))
        grower.grow((-1, first, count), (next(ordered), next(ordered)), ())
    return np.array(grower.found, dtype=np.int32).reshape(-1, 4).T, grower.is_full

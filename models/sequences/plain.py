"""What the compiled loops do, in plain Python, where loading them would take longer.

Patterns come in the same order: what joins the last element before what begins a new one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import numpy as np

from models.sequences.elements import Bounds
from models.sequences.layout import Whole32
from models.sequences.windows import Elements, Gaps

_End = tuple[int, int]
"""Element where a match ends, and the latest instant at which such a match begins."""


@dataclass
class _Grower:
    """What is found so far."""

    elements: Elements
    gaps: Gaps
    bounds: Bounds
    found: list[tuple[int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        heads, starts, items, told = (each.tolist() for each in self.elements)
        self.heads: list[int] = heads
        self.items: list[list[int]] = [
            items[starts[each] : starts[each + 1]] for each in range(len(starts) - 1)
        ]
        self.owner: list[int] = told[0]
        self.told: list[tuple[int, int, int, int]] = list(zip(*told[1:], strict=True))

    @property
    def is_full(self) -> bool:
        """Whether there is more than there is room for."""
        return len(self.found) > self.bounds[1]

    def grow(self, node: tuple[int, int], ends: Sequence[_End], last: int, parts: int) -> None:
        """Find what begins with a node: its parent and what it adds.

        Parameters
        ----------
        node
            Both.
        ends
            Where matches of the node end, by sequence.
        last
            Rank of the item that is added.
        parts
            Elements of the node.
        """
        parent, added = node
        length = 1 if parent < 0 else self.found[parent][3] + 1
        self.found.append((parent, added, self._sequences(ends), length))
        above = len(self.found) - 1
        if length >= self.bounds[2]:
            return
        joining = self._by_item(ends, last)
        after = list(self._reached(ends)) if parts < self.bounds[3] else []
        following = self._by_item(after, -1)
        for item, some in joining:
            if self.is_full:
                return
            self.grow((above, ~item), some, item, parts)
        for item, some in following:
            if self.is_full:
                return
            self.grow((above, item), some, item, parts + 1)

    def _sequences(self, ends: Iterable[_End]) -> int:
        return len({self.owner[element] for element, _ in ends})

    def _by_item(self, ends: Iterable[_End], last: int) -> list[tuple[int, list[_End]]]:
        """Ends with each frequent item above a rank, ascending."""
        held: dict[int, list[_End]] = {}
        for end in ends:
            for item in self.items[end[0]]:
                if item > last:
                    held.setdefault(item, []).append(end)
        least = self.bounds[0]
        return [(item, held[item]) for item in sorted(held) if self._sequences(held[item]) >= least]

    def _reached(self, ends: Iterable[_End]) -> Iterator[_End]:
        """Elements that may follow some ends, with the latest beginning."""
        for owner, group in groupby(ends, key=lambda end: self.owner[end[0]]):
            some = list(group)
            for other in range(some[0][0] + 1, self.heads[owner + 1]):
                _, _, _, closes = self.told[other]
                begins = [
                    began
                    for one, began in some
                    if self._follows(one, other) and closes - began <= self.gaps[2]
                ]
                if begins:
                    yield other, max(begins)

    def _follows(self, one: int, other: int) -> bool:
        _, last, begins, ends = self.told[one]
        first, _, opens, closes = self.told[other]
        return first > last and opens - ends >= self.gaps[0] and closes - begins <= self.gaps[1]


def plainly_grown(
    firsts: Sequence[int], elements: Elements, gaps: Gaps, bounds: Bounds
) -> tuple[Whole32, bool]:
    """What `models.sequences.elements.grown_elements` returns for some first items."""
    grower = _Grower(elements, gaps, bounds)
    held: dict[int, list[_End]] = {item: [] for item in firsts}
    for element, items in enumerate(grower.items):
        for item in items:
            if item in held:
                held[item].append((element, grower.told[element][2]))
    for item in map(itemgetter(0), held.items()):
        if grower.is_full:
            break
        grower.grow((-1, item), held[item], item, 1)
    return np.array(grower.found, dtype=np.int32).reshape(-1, 4), grower.is_full

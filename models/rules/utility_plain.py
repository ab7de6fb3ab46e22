"""Itemsets that bring most of a few baskets, in plain Python: quicker than loading compiled loops.

The bounds are those of `models.rules.utility_kernels`, and so is the order of what is found.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

Row = tuple[int, tuple[tuple[int, int], ...]]
"""What an itemset brings in a basket; rank and worth of the items behind it, ascending."""


class Child(NamedTuple):
    """An item that an itemset grows by, the baskets of both together, and what these bring."""

    item: int
    baskets: int
    utility: int


def bundles(rows: list[Row], least: int, lengths: tuple[int, int], patience: int) -> Whole | None:
    """Itemsets that bring enough, as the compiled loop of that name returns them.

    Parameters
    ----------
    rows
        Of all baskets.
    least
        What an itemset is to bring.
    lengths
        Items of an itemset, at least and at most.
    patience
        Itemsets to look at before giving up; None comes back then.
    """
    shortest, longest = lengths
    known: dict[tuple[int, ...], int] = {}
    found: list[tuple[int, int, int, int, int]] = []
    for looked_at, path in enumerate(_grown(rows, least, longest, ())):
        if looked_at == patience:
            return None
        if path[-1].utility < least or len(path) < shortest:
            continue
        items = tuple(child.item for child in path)
        for length, child in enumerate(path, start=1):
            if items[:length] not in known:
                known[items[:length]] = len(found)
                found.append((*child, known.get(items[: length - 1], -1), length))
    return np.array(found, dtype=np.int64).reshape(-1, 5)


def _grown(
    rows: list[Row], least: int, longest: int, path: tuple[Child, ...]
) -> Iterator[tuple[Child, ...]]:
    """Every way to grow an itemset that may bring enough, or lead to one that does."""
    local: dict[int, int] = defaultdict(int)
    for held, entries in rows:
        bound = max(0, held + sum(max(worth, 0) for _, worth in entries))
        for item, _ in entries:
            local[item] += bound
    subtree: dict[int, int] = defaultdict(int)
    utility: dict[int, int] = defaultdict(int)
    count: dict[int, int] = defaultdict(int)
    behind: dict[int, list[Row]] = defaultdict(list)
    for held, entries in rows:
        kept = tuple((item, worth) for item, worth in entries if local[item] >= least)
        above = [max(worth, 0) for _, worth in kept]
        for place, (so_far, (item, worth)) in enumerate(zip(accumulate(above), kept, strict=True)):
            subtree[item] += max(0, held + worth + sum(above) - so_far)
            utility[item] += held + worth
            count[item] += 1
            if place + 1 < len(kept):
                behind[item].append((held + worth, kept[place + 1 :]))
    for item in sorted(subtree):
        if subtree[item] >= least:
            longer = (*path, Child(item, count[item], utility[item]))
            yield longer
            if len(longer) < longest:
                yield from _grown(behind[item], least, longest, longer)

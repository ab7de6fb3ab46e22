"""Sequential patterns by trying every way to put every pattern into every sequence."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import pandas as pd

from models.sequences.sequences import Sequences, sequences_of

Element = frozenset[str]
Pattern = tuple[tuple[str, ...], ...]
Timed = list[tuple[int, Element]]
"""Instants, ascending, and what happened then."""

Found = dict[Pattern, int]


def coded(shop: Sequence[Timed]) -> Sequences:
    """The sequences as the project holds them."""
    rows: list[tuple[int, int, str | None]] = []
    for number, sequence in enumerate(shop):
        rows += [(number, time, item) for time, items in sequence for item in items]
        rows += [] if sequence else [(number, 0, None)]
    frame = pd.DataFrame(rows, columns=["sequence", "instant", "item"])
    return sequences_of(frame.astype({"item": "str"}), "sequence", "instant", "item")


def parts(items: Element) -> Iterator[tuple[str, ...]]:
    """Every subset but the empty one."""
    for length in range(1, len(items) + 1):
        yield from combinations(sorted(items), length)


def windows(sequence: Timed, window: int) -> list[tuple[int, int, Element]]:
    """From which place to which one element of a pattern may be spread, and all items there."""
    return [
        (first, last, frozenset().union(*(items for _, items in sequence[first : last + 1])))
        for first in range(len(sequence))
        for last in range(first, len(sequence))
        if sequence[last][0] - sequence[first][0] <= window
    ]


def held(
    sequence: Timed,
    *,
    min_gap: int = 0,
    max_gap: int | None = None,
    window: int = 0,
    span: int | None = None,
) -> set[Pattern]:
    """Every pattern that a sequence holds, by Srikant and Agrawal's definition."""
    spread = windows(sequence, window)
    times = [time for time, _ in sequence]
    found: set[Pattern] = set()

    def extend(pattern: Pattern, begin: int, first: int, last: int) -> None:
        found.add(pattern)
        for after, end, items in spread:
            if (
                after > last
                and times[after] - times[last] >= min_gap
                and (max_gap is None or times[end] - times[first] <= max_gap)
                and (span is None or times[end] - begin <= span)
            ):
                for part in parts(items):
                    extend((*pattern, part), begin, after, end)

    for first, last, items in spread:
        if span is None or times[last] - times[first] <= span:
            for part in parts(items):
                extend((part,), times[first], first, last)
    return found


def every(
    sequences: Sequence[Timed],
    least: int,
    *,
    min_gap: int = 0,
    max_gap: int | None = None,
    window: int = 0,
    span: int | None = None,
) -> Found:
    """Each pattern that some sequence holds, and how many do, if enough."""
    found: Found = {}
    for sequence in sequences:
        for pattern in held(sequence, min_gap=min_gap, max_gap=max_gap, window=window, span=span):
            found[pattern] = found.get(pattern, 0) + 1
    return {pattern: count for pattern, count in found.items() if count >= least}


def is_within(short: Pattern, long: Pattern) -> bool:
    """Whether each element of a pattern is in one of another, in the same order."""
    at = 0
    for element in long:
        if at < len(short) and set(short[at]) <= set(element):
            at += 1
    return at == len(short)


def closed(found: Found) -> Found:
    """Those that are in no longer one of the same count."""
    return {
        pattern: count
        for pattern, count in found.items()
        if not any(
            count == other and longer != pattern and is_within(pattern, longer)
            for longer, other in found.items()
        )
    }

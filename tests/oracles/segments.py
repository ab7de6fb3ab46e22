"""Slow and obvious ways to the figures of segments."""

from collections.abc import Sequence
from itertools import combinations

from models.spec import FloatArray, IntArray


def adjusted_rand(one: Sequence[int], other: Sequence[int]) -> float:
    """By looking at every pair of customers."""
    pairs = list(combinations(range(len(one)), 2))
    ours = [one[a] == one[b] for a, b in pairs]
    theirs = [other[a] == other[b] for a, b in pairs]
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    expected = sum(ours) * sum(theirs) / max(len(pairs), 1)
    most = (sum(ours) + sum(theirs)) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def overlaps(one: Sequence[int], other: Sequence[int], count: int) -> list[float]:
    """By comparing sets of customers."""
    found = []
    for number in range(count):
        ours = {row for row, each in enumerate(one) if each == number}
        best = 0.0
        for like in set(other) - {-1}:
            theirs = {row for row, each in enumerate(other) if each == like}
            best = max(best, len(ours & theirs) / len(ours | theirs))
        found.append(best)
    return found


def differences(one: Sequence[str | float], other: Sequence[str | float]) -> int:
    """Huang's dissimilarity of two customers in categories alone, its weight aside."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def nearest(points: FloatArray, centres: FloatArray) -> list[int]:
    """The first of the nearest centres of each point."""
    found = []
    for point in points:
        squares = [
            sum((a - b) ** 2 for a, b in zip(point, centre, strict=True)) for centre in centres
        ]
        found.append(squares.index(min(squares)))
    return found


def within(points: FloatArray, segment: IntArray) -> float:
    """Sum of squares around means, by half the mean over pairs within each segment."""
    total = 0.0
    for number in set(segment.tolist()):
        some = points[segment == number]
        squares = ((some[:, None, :] - some[None, :, :]) ** 2).sum()
        total += float(squares) / (2 * len(some))
    return total


def k_prototypes(
    rows: Sequence[Sequence[str]], start: Sequence[Sequence[str]], steps: int = 20
) -> list[int]:
    """Huang's algorithm on categories alone: nearest mode, new modes, until nothing moves."""
    modes = [list(each) for each in start]
    owner: list[int] = []
    for _ in range(steps):
        far = [[differences(row, mode) for mode in modes] for row in rows]
        owner = [each.index(min(each)) for each in far]
        for number in range(len(modes)):
            mine = [row for row, at in zip(rows, owner, strict=True) if at == number]
            for place in range(len(modes[number])):
                told = [row[place] for row in mine]
                if told:
                    modes[number][place] = max(sorted(set(told)), key=told.count)
    return owner


def cliffs_delta(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """By comparing every pair."""
    more = sum(int(a > b) - int(a < b) for a in ours for b in theirs)
    return more / (len(ours) * len(theirs))

"""What every set of items brings, one basket and one subset at a time."""

from collections.abc import Collection, Iterable
from itertools import combinations

Brought = dict[frozenset[str], tuple[int, int]]
"""Of every itemset that some basket holds: baskets, and what they bring."""

Line = tuple[int, str | None, int]
"""Basket, item (None in an empty basket) and weight."""


def contents(lines: Iterable[Line]) -> list[dict[str, int]]:
    """What each item of each basket brings, summed over the lines that say so."""
    baskets: dict[int, dict[str, int]] = {}
    for basket, item, weight in lines:
        held = baskets.setdefault(basket, {})
        if item is not None:
            held[item] = held.get(item, 0) + weight
    return list(baskets.values())


def brought(lines: Iterable[Line]) -> Brought:
    """Baskets that hold an itemset, and the sum of what its items bring there."""
    found: Brought = {}
    for held in contents(lines):
        for size in range(1, len(held) + 1):
            for chosen in combinations(held, size):
                count, utility = found.get(frozenset(chosen), (0, 0))
                more = sum(held[item] for item in chosen)
                found[frozenset(chosen)] = (count + 1, utility + more)
    return found


def carried(lines: Iterable[Line]) -> Brought:
    """Baskets that hold an itemset, and the sum of all that is in them."""
    found: Brought = {}
    for held in contents(lines):
        for size in range(1, len(held) + 1):
            for chosen in combinations(held, size):
                count, weight = found.get(frozenset(chosen), (0, 0))
                found[frozenset(chosen)] = (count + 1, weight + sum(held.values()))
    return found


def asked(
    found: Brought,
    least: int,
    lengths: tuple[int, int],
    must: Collection[str] = (),
    without: Collection[str] = (),
) -> Brought:
    """Those that bring so much, have so many items, hold what they must, not what they may not."""
    return {
        items: told
        for items, told in found.items()
        if told[1] >= least
        and lengths[0] <= len(items) <= lengths[1]
        and items.issuperset(must)
        and items.isdisjoint(without)
    }


def fitting(found: Brought, most: int) -> int:
    """The smallest whole number that no more than so many itemsets bring."""
    return min(
        least
        for least in {0, *(utility + 1 for _, utility in found.values())}
        if sum(utility >= least for _, utility in found.values()) <= most
    )

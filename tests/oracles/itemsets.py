"""Frequent itemsets by counting every set there is."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

Found = dict[frozenset[object], int]


def every(baskets: Sequence[AbstractSet[object]], least: int) -> Found:
    """Each set of items that some basket holds, and how many do, if enough."""
    found: Found = {}
    for basket in baskets:
        for length in range(1, len(basket) + 1):
            for some in combinations(sorted(basket, key=str), length):
                found[frozenset(some)] = found.get(frozenset(some), 0) + 1
    return {some: count for some, count in found.items() if count >= least}


def of_kind(found: Found, kind: str, baskets: int) -> Found:
    """Those of all frequent itemsets that are of a kind, by its definition."""

    def is_one(some: frozenset[object], count: int) -> bool:
        if kind == "all":
            return True
        if kind == "closed":
            return all(found[other] < count for other in found if other > some)
        if kind == "maximal":
            return not any(other > some for other in found)
        parts = [some - {item} for item in some]
        return all((found[part] if part else baskets) > count for part in parts)

    return {some: count for some, count in found.items() if is_one(some, count)}

"""High-utility itemsets in plain Python, the peer of `benchmarks.bundles`: FHM.

Fournier-Viger, Wu, Zida and Tseng (2014), "FHM: faster high-utility itemset mining using estimated
utility co-occurrence pruning": utility lists of HUI-Miner (Liu and Qu 2012), joined two by two, and
a table of pairs that spares joins. Nothing may bring a loss.
"""

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

UtilityList = dict[int, tuple[int, int]]
"""Of each basket that holds an itemset: what it brings, and what the items behind it bring."""

Pairs = dict[tuple[str | int, str | int], int]


def fhm(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """A row per itemset that brings so much: its items, its baskets and what they bring.

    Parameters
    ----------
    table
        Columns ``basket``, ``item`` and ``worth`` (whole numbers of 0 or more), each pair once.
    least
        What an itemset is to bring.
    """
    baskets: dict[int, list[tuple[str | int, int]]] = defaultdict(list)
    columns = (table["basket"].tolist(), table["item"].tolist(), table["worth"].tolist())
    for basket, item, worth in zip(*columns, strict=True):
        baskets[basket].append((item, worth))
    weighted: dict[str | int, int] = defaultdict(int)
    for entries in baskets.values():
        total = sum(worth for _, worth in entries)
        for item, _ in entries:
            weighted[item] += total
    kept = [item for item in weighted if weighted[item] >= least]
    kept.sort(key=lambda item: (weighted[item], item))
    rank = {item: place for place, item in enumerate(kept)}
    lists: dict[str | int, UtilityList] = {item: {} for item in rank}
    pairs: Pairs = defaultdict(int)
    for basket, every in baskets.items():
        entries = sorted((each for each in every if each[0] in rank), key=lambda e: rank[e[0]])
        total = rest = sum(worth for _, worth in entries)
        for place, (item, worth) in enumerate(entries):
            rest -= worth
            lists[item][basket] = (worth, rest)
            for other, _ in entries[place + 1 :]:
                pairs[item, other] += total
    rows = list(_grown((), None, list(lists.items()), pairs, least))
    return pd.DataFrame(rows, columns=["itemsets", "count", "utility"])


def _grown(
    prefix: tuple[str | int, ...],
    shared: UtilityList | None,
    children: list[tuple[str | int, UtilityList]],
    pairs: Pairs,
    least: int,
) -> Iterator[tuple[frozenset[str | int], int, int]]:
    for place, (item, brings) in enumerate(children):
        utility = sum(own for own, _ in brings.values())
        if utility >= least:
            yield frozenset((*prefix, item)), len(brings), utility
        if utility + sum(rest for _, rest in brings.values()) < least:
            continue
        longer = [
            (other, _joined(shared, brings, others))
            for other, others in children[place + 1 :]
            if pairs.get((item, other), 0) >= least
        ]
        yield from _grown((*prefix, item), brings, longer, pairs, least)


def _joined(shared: UtilityList | None, one: UtilityList, other: UtilityList) -> UtilityList:
    """Utility list of two itemsets together that share all but their last items."""
    if shared is None:
        return {
            basket: (own + other[basket][0], other[basket][1])
            for basket, (own, _) in one.items()
            if basket in other
        }
    return {
        basket: (own + other[basket][0] - shared[basket][0], other[basket][1])
        for basket, (own, _) in one.items()
        if basket in other
    }

"""Slow and obvious itemsets, rules and measures: every subset of every basket is counted."""

import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd

from models.rules.baskets import Baskets
from models.rules.itemsets import Itemsets
from models.tries import ROOT

Basket = frozenset[str]
Found = dict[Basket, int]
Rule = tuple[Basket, Basket]


def parts(items: Basket) -> Iterator[Basket]:
    """Every subset but the empty one."""
    for length in range(1, len(items) + 1):
        yield from map(frozenset, combinations(sorted(items), length))


def frequent(baskets: Sequence[Basket], least: int) -> Found:
    found: Found = {}
    for basket in baskets:
        for part in parts(basket):
            found[part] = found.get(part, 0) + 1
    return {part: count for part, count in found.items() if count >= least}


def rules(found: Found, confidence: Fraction) -> set[Rule]:
    return {
        (antecedent, whole - antecedent)
        for whole, count in found.items()
        for antecedent in parts(whole)
        if antecedent != whole and Fraction(count, found[antecedent]) >= confidence
    }


def coded(baskets: Sequence[Basket], labels: Sequence[str]) -> Baskets:
    """The baskets as the project holds them."""
    lists = [sorted(labels.index(item) for item in basket) for basket in baskets]
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    codes = np.array([code for each in lists for code in each], dtype=np.int32)
    return Baskets(starts, codes, pd.Index(list(labels), dtype="str"))


def trie(found: Found, labels: Sequence[str], baskets: int, least: int, seed: int = 0) -> Itemsets:
    """The itemsets as the project holds them, each below any one of its subsets."""
    chance = random.Random(seed)
    nodes: dict[Basket, int] = {}
    parent, item, count = [], [], []
    for each in sorted(found, key=lambda one: (len(one), sorted(one))):
        added = chance.choice(sorted(each))
        parent.append(nodes.get(each - {added}, ROOT))
        item.append(labels.index(added))
        count.append(found[each])
        nodes[each] = len(nodes)
    parents, items, counts = (np.array(column, dtype=np.int32) for column in (parent, item, count))
    return Itemsets(parents, items, counts, pd.Index(list(labels), dtype="str"), baskets, least)


def mined(baskets: Sequence[Basket], least: int, seed: int = 0) -> Itemsets:
    """All frequent itemsets of the baskets as the project holds them."""
    labels = sorted({item for basket in baskets for item in basket})
    return trie(frequent(baskets, least), labels, len(baskets), least, seed)


def over(numerator: Fraction, denominator: Fraction) -> float:
    if denominator == 0:
        return math.inf if numerator > 0 else -math.inf if numerator < 0 else math.nan
    return float(numerator / denominator)


def measures(z: int, a: int, c: int, n: int) -> dict[str, float]:
    """Every measure as its formula is printed, from exact shares of baskets.

    Of z baskets with both, a with the antecedent, c with the consequent, and n in all.
    """
    both, lead, follow = Fraction(z, n), Fraction(a, n), Fraction(c, n)
    sure, back = both / lead, both / follow
    excess = both - lead * follow
    either = lead + follow - both
    most = max(both * (1 - lead), lead * (follow - both))
    spread = math.sqrt(lead * (1 - lead) * follow * (1 - follow))
    correlation = float(excess) / spread if spread else math.nan
    alone = (lead - both) * (follow - both)
    return {
        "antecedent_support": float(lead),
        "consequent_support": float(follow),
        "support": float(both),
        "confidence": float(sure),
        "lift": float(sure / follow),
        "representativity": 1.0,
        "leverage": float(excess),
        "conviction": math.inf if sure == 1 else float((1 - follow) / (1 - sure)),
        "zhangs_metric": 0.0 if most == 0 else float(excess / most),
        "jaccard": float(both / either),
        "certainty": 0.0 if follow == 1 else float((sure - follow) / (1 - follow)),
        "kulczynski": float((sure + back) / 2),
        "cosine": math.sqrt(sure * back),
        "imbalance_ratio": float(abs(lead - follow) / either),
        "odds_ratio": over(both * (1 - either), alone),
        "phi": correlation,
        "added_value": float(sure - follow),
        "chi_squared": n * correlation**2,
    }

"""Chances as exact fractions, and rules compared with all others one by one."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import comb, prod

from tests.oracles.rules import Basket, Found, Rule, parts

Table = tuple[int, int, int]
"""Baskets, those with the antecedent, those with the consequent."""


def tail(tables: Sequence[Table], both: int) -> Fraction:
    """Chance of so many with both, or more: every way in which strata may share them."""
    total = prod(comb(every, lead) for every, lead, _ in tables)
    ways = sum(
        prod(
            comb(follow, k) * comb(every - follow, lead - k)
            for (every, lead, follow), k in zip(tables, numbers, strict=True)
        )
        for numbers in product(*(range(min(lead, follow) + 1) for _, lead, follow in tables))
        if sum(numbers) >= both
    )
    return Fraction(ways, total)


def holding(baskets: Sequence[Basket], items: Basket) -> list[Basket]:
    return [basket for basket in baskets if items <= basket]


def chance(
    rule: Rule, baskets: Sequence[Basket], *, is_by_size: bool, is_productive: bool
) -> Fraction:
    """The largest chance of a rule against its generalisations, or against none alone."""
    lead, follow = rule
    generalisations = [frozenset[str]()]
    if is_productive:
        generalisations += [part for part in parts(lead) if part != lead]
    found = []
    for part in generalisations:
        rows = holding(baskets, part)
        strata = [[row for row in rows if len(row) == size] for size in {len(b) for b in rows}]
        tables = [
            (len(each), len(holding(each, lead)), len(holding(each, follow)))
            for each in (strata if is_by_size else [rows])
        ]
        found.append(tail(tables, len(holding(baskets, lead | follow))))
    return max(found)


def is_redundant(rule: Rule, rules: set[Rule], found: Found) -> bool:
    """Whether another rule of these says more of the same baskets."""
    lead, follow = rule
    return any(
        other != rule
        and other[0] <= lead
        and other[1] >= follow
        and found[other[0] | other[1]] == found[lead | follow]
        and found[other[0]] == found[lead]
        for other in rules
    )


def adjusted(chances: Sequence[Fraction], hypotheses: int) -> list[Fraction]:
    """Benjamini and Hochberg's: least over all ranks from its own on."""
    ranked = sorted(chances)
    return [
        min(
            [Fraction(1)]
            + [each * hypotheses / (i + 1) for i, each in enumerate(ranked) if each >= p]
        )
        for p in chances
    ]

"""Rules without and with a promotion of their antecedent: against a look into each basket."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.association import Rules, RulesWanted, rules_of
from models.rules.changes import compared
from models.rules.measures import Counts, confidence, lift
from models.rules.promotions import promoted_counts
from tests.oracles import rules as oracle

ITEMS = list("abcde")
Bought = tuple[frozenset[str], frozenset[str]]
"""Items of a basket, and those of them that were promoted."""


def sides(shop: list[Bought], rules: Rules) -> tuple[Counts, Counts]:
    """Numbers of both kinds of baskets; the promoted items stand in another order of labels."""
    baskets = oracle.coded([items for items, _ in shop], ITEMS)
    promoted = oracle.coded([items for _, items in shop], ITEMS[::-1])
    return promoted_counts(rules, baskets, promoted)


def looked_up(shop: list[Bought], lead: frozenset[str], follow: frozenset[str]) -> list[list[int]]:
    """Both, antecedent, consequent and all, of baskets without a promotion and with one."""
    kinds = (
        [items for items, promoted in shop if not (lead <= items and promoted & lead)],
        [items for items, promoted in shop if not lead <= items or promoted & lead],
    )
    return [
        [
            sum(lead | follow <= items for items in kind),
            sum(lead <= items for items in kind),
            sum(follow <= items for items in kind),
            len(kind),
        ]
        for kind in kinds
    ]


@st.composite
def shops(draw: st.DrawFn) -> list[Bought]:
    baskets = draw(st.lists(st.frozensets(st.sampled_from(ITEMS)), min_size=1, max_size=14))
    return [
        (items, draw(st.frozensets(st.sampled_from(sorted(items)))) if items else frozenset())
        for items in baskets
    ]


@given(shop=shops(), seed=st.integers(0, 3))
def test_numbers_are_those_of_a_look_into_each_basket(shop: list[Bought], seed: int) -> None:
    rules = rules_of(oracle.mined([items for items, _ in shop], 1, seed), RulesWanted(0.01))
    found = sides(shop, rules)
    named = rules.frame([]).itertuples(index=False, name=None)
    for place, (lead, follow) in enumerate(named):
        expected = looked_up(shop, frozenset(map(str, lead)), frozenset(map(str, follow)))
        for counts, numbers in zip(found, expected, strict=True):
            assert isinstance(counts.baskets, np.ndarray)
            told = (counts.both, counts.antecedent, counts.consequent, counts.baskets)
            assert [each[place] for each in told] == numbers


def test_a_rule_of_items_that_the_baskets_do_not_know_is_in_none() -> None:
    rules = rules_of(oracle.mined([frozenset("ab")], 1), RulesWanted(0.1))
    known = oracle.coded([frozenset("c")] * 3, ["c"])
    for counts in promoted_counts(rules, known, known):
        assert [*counts.both, *counts.antecedent, *counts.consequent] == [0] * 3 * len(rules)


SHOP: list[Bought] = [
    *[(frozenset("ab"), frozenset("a"))] * 60,
    *[(frozenset("ac"), frozenset("a"))] * 40,
    *[(frozenset("ab"), frozenset("b"))] * 20,
    *[(frozenset("ac"), frozenset())] * 80,
    *[(frozenset("bd"), frozenset("b"))] * 30,
    *[(frozenset("cd"), frozenset("d"))] * 170,
]
"""Six in ten with a promoted a buy b, two in ten with a at full price; b's own does not matter."""


def test_a_rule_that_only_holds_under_promotion_is_told_with_both_figures() -> None:
    wanted = RulesWanted(0.3, antecedents=["a"], consequents=["b"])
    rules = rules_of(oracle.mined([items for items, _ in SHOP], 1), wanted)
    without, with_one = sides(SHOP, rules)
    assert confidence(without).tolist() == [0.2]
    assert confidence(with_one).tolist() == [0.6]
    assert lift(without).tolist() == pytest.approx([0.2 * 300 / 50])
    assert lift(with_one).tolist() == pytest.approx([0.6 * 300 / 90])
    (change,) = compared(rules, (without, with_one), has_common=True)["change"]
    assert change == "appeared"


def test_baskets_that_both_sides_have_in_common_have_no_part_in_the_error() -> None:
    """The difference of logarithms is that of the odds of b in baskets with a alone."""
    wanted = RulesWanted(0.3, antecedents=["a"], consequents=["b"])
    rules = rules_of(oracle.mined([items for items, _ in SHOP], 1), wanted)
    (row,) = compared(rules, sides(SHOP, rules), has_common=True).to_dict("records")
    cells = np.array([20, 80, 60, 40]) + 0.5
    z = np.log(cells[2] * cells[1] / cells[3] / cells[0]) / np.sqrt((1 / cells).sum())
    assert row["odds_ratio_p"] == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_a_promotion_of_what_follows_makes_no_difference() -> None:
    """Half of all b are promoted, whatever else is bought: by the basket, a promotion would seem
    to raise the confidence from a third to one."""
    shop: list[Bought] = [
        *[(frozenset("ab"), frozenset("b"))] * 50,
        *[(frozenset("ab"), frozenset())] * 50,
        *[(frozenset("ac"), frozenset())] * 100,
        *[(frozenset("cd"), frozenset())] * 100,
    ]
    wanted = RulesWanted(0.3, antecedents=["a"], consequents=["b"])
    without, with_one = sides(shop, rules_of(oracle.mined([b for b, _ in shop], 1), wanted))
    assert (without.both[0], without.antecedent[0]) == (100, 200)
    assert (with_one.both[0], with_one.antecedent[0]) == (0, 0)

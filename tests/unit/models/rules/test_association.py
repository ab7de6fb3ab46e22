"""Rules of a shop of five baskets, counted by hand, and what is refused."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.rules import subsets as subsets_module
from models.rules.association import (
    Rules,
    RulesCut,
    RulesTooMany,
    RulesUnclear,
    RulesWanted,
    rules_of,
)
from models.rules.itemsets import Itemsets
from models.rules.measures import MeasureUnknown
from models.rules.subsets import ItemsetsIncomplete
from models.thresholds import ThresholdUnusable
from tests.oracles import rules as oracle

BREAD_MILK, BREAD_EGGS, ALL = (
    frozenset({"bread", "milk"}),
    frozenset({"bread", "eggs"}),
    frozenset({"bread", "milk", "eggs"}),
)
SHOP = (BREAD_MILK, BREAD_MILK, ALL, BREAD_EGGS, frozenset({"tea"}))


def said(rules: Rules) -> dict[str, float]:
    """Confidence of each rule, which is written as a reader would."""
    leads, follows = rules.names(rules.antecedent), rules.names(rules.consequent)
    return {
        f"{' '.join(map(str, lead))} > {' '.join(map(str, follow))}": round(float(sure), 3)
        for lead, follow, sure in zip(leads, follows, rules.measure("confidence"), strict=True)
    }


def test_rules_of_a_small_shop() -> None:
    assert said(rules_of(oracle.mined(SHOP, 1), RulesWanted(0.6))) == {
        "milk > bread": 1.0,
        "bread > milk": 0.75,
        "eggs > bread": 1.0,
        "eggs milk > bread": 1.0,
    }


def test_a_rule_of_exactly_the_confidence_is_there() -> None:
    """3 of 10 baskets: 3/10 rounds to a number below .1 + .2, and 7/10 / 7 does not give .1."""
    shop = [frozenset("ab")] * 3 + [frozenset("a")] * 7
    rules = rules_of(oracle.mined(shop, 1), RulesWanted(0.3))
    assert said(rules) == {"a > b": 0.3, "b > a": 1.0}
    assert list(said(rules_of(oracle.mined(shop, 1), RulesWanted(0.3000000001)))) == ["b > a"]


def test_a_confidence_of_many_digits_is_taken_as_it_is_written() -> None:
    """Its fraction has a numerator of 16 digits, too long to be multiplied in machine numbers."""
    shop = [frozenset("ab")] * 2 + [frozenset("a")]
    itemsets = oracle.mined(shop, 1)
    big = replace(itemsets, count=itemsets.count * 500_000_000, total=1_500_000_000)
    assert "a > b" in said(rules_of(big, RulesWanted(0.6666666666666666)))
    assert "a > b" not in said(rules_of(big, RulesWanted(0.6666666666666667)))


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        (RulesWanted(0.25, most_consequent=1, least_antecedent=2), ["bread eggs > milk"]),
        (RulesWanted(0.25, least_consequent=2, most_antecedent=1), ["milk > bread eggs"]),
        (RulesWanted(0.25, consequents=["milk"], antecedents=["bread"]), ["bread > milk"]),
        (RulesWanted(0.25, consequents=["milk"], most_antecedent=1), ["bread > milk"]),
        (RulesWanted(0.25, antecedents=["milk"], least_consequent=2), ["milk > bread eggs"]),
    ],
)
def test_lengths_and_labels_choose_rules(wanted: RulesWanted, rules: list[str]) -> None:
    found = said(rules_of(oracle.mined(SHOP, 1), wanted))
    assert set(rules) <= set(found)
    for rule in found:
        lead, follow = (side.split() for side in rule.split(" > "))
        assert wanted.least_antecedent <= len(lead) <= (wanted.most_antecedent or 9)
        assert wanted.least_consequent <= len(follow) <= (wanted.most_consequent or 9)
        assert wanted.antecedents is None or set(lead) <= set(wanted.antecedents)
        assert wanted.consequents is None or set(follow) <= set(wanted.consequents)


def test_baskets_of_one_item_have_no_rule() -> None:
    assert len(rules_of(oracle.mined([frozenset("a")], 1))) == 0


def test_no_itemset_has_no_rule() -> None:
    rules = rules_of(oracle.trie({}, [], 0, 1))
    assert rules.frame().columns.tolist() == [
        "antecedent",
        "consequent",
        "support",
        "confidence",
        "lift",
    ]
    assert len(rules.frame()) == 0


def test_a_measure_is_computed_when_it_is_asked_for() -> None:
    rules = rules_of(oracle.mined(SHOP, 1), RulesWanted(0.6))
    assert rules.measure("lift") == pytest.approx([5 / 4, 5 / 4, 5 / 4, 5 / 4])
    message = "a rule is measured by one of antecedent_support, consequent_support, support, "
    with pytest.raises(MeasureUnknown, match=re.escape(message)):
        rules.measure("elevation")


def test_a_table_has_the_columns_that_are_asked_for() -> None:
    rules = rules_of(oracle.mined(SHOP, 1), RulesWanted(0.6))
    frame = rules.frame(["count", "antecedent_count", "consequent_count", "leverage"])
    expected = pd.DataFrame(
        {
            "antecedent": [("milk",), ("bread",), ("eggs",), ("eggs", "milk")],
            "consequent": [("bread",), ("milk",), ("bread",), ("bread",)],
            "count": [3, 3, 2, 1],
            "antecedent_count": [3, 4, 2, 1],
            "consequent_count": [4, 3, 4, 4],
            "leverage": [0.12, 0.12, 0.08, 0.04],
        }
    )
    pairs = ["antecedent", "consequent"]
    pd.testing.assert_frame_equal(
        frame.sort_values(pairs, ignore_index=True),
        expected.sort_values(pairs, ignore_index=True),
        check_dtype=False,
    )


def test_what_a_limit_cuts_is_said_with_the_confidence_that_fits() -> None:
    rules = rules_of(oracle.mined(SHOP, 1), RulesWanted(0.25, most_rules=3))
    assert rules.cut == RulesCut(asked=0.25, kept=0.7501, limit="3 rules")
    assert str(rules.cut) == (
        "more than 3 rules have a confidence of 0.25 or more; "
        "those of 0.7501 or more fit and are here, the others are not"
    )
    assert said(rules) == {"milk > bread": 1.0, "eggs > bread": 1.0, "eggs milk > bread": 1.0}


def test_bytes_limit_rules_too() -> None:
    rules = rules_of(oracle.mined(SHOP, 1), RulesWanted(0.25, most_bytes=40))
    assert rules.cut == RulesCut(asked=0.25, kept=0.7501, limit="40 bytes (3 rules)")
    assert len(rules) == 3


def test_rules_that_just_fit_are_not_cut() -> None:
    assert rules_of(oracle.mined(SHOP, 1), RulesWanted(0.6, most_rules=4)).cut is None


def test_too_many_rules_that_are_never_wrong_are_refused() -> None:
    message = (
        "more than 2 rules have a confidence of 1; ask for shorter antecedents or consequents, "
        "for chosen ones, or raise the limit"
    )
    with pytest.raises(RulesTooMany, match=f"^{re.escape(message)}$"):
        rules_of(oracle.mined(SHOP, 1), RulesWanted(0.25, most_rules=2))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            RulesWanted(least_antecedent=0),
            (
                "an antecedent has 1 item or more, and at least as many at most as at least, "
                "but 0 to any are asked for"
            ),
        ),
        (
            RulesWanted(least_consequent=2, most_consequent=1),
            (
                "a consequent has 1 item or more, and at least as many at most as at least, "
                "but 2 to 1 are asked for"
            ),
        ),
        (
            RulesWanted(consequents=["milk", "wine"]),
            "consequents may hold items of the baskets, but 'wine' is none of them",
        ),
        (
            RulesWanted(most_bytes=11),
            "rules need room for one at least, but the limit is 11 bytes (0 rules)",
        ),
    ],
)
def test_limits_that_no_rule_can_keep_are_refused(wanted: RulesWanted, message: str) -> None:
    with pytest.raises(RulesUnclear, match=f"^{re.escape(message)}$"):
        rules_of(oracle.mined(SHOP, 1), wanted)


@pytest.mark.parametrize("confidence", [0, -0.1, 1.1, float("nan")])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(ThresholdUnusable, match="confidence is a share above 0 and at most 1"):
        rules_of(oracle.mined(SHOP, 1), RulesWanted(confidence))


def without(itemsets: Itemsets, node: int) -> Itemsets:
    """A leaf of the trie taken away."""
    kept = np.arange(len(itemsets.parent)) != node
    assert node not in itemsets.parent
    parent = itemsets.parent - (itemsets.parent > node)
    return replace(
        itemsets,
        parent=parent[kept].astype(np.int32),
        item=itemsets.item[kept],
        count=itemsets.count[kept],
    )


def test_itemsets_without_some_subset_are_refused() -> None:
    itemsets = oracle.mined(SHOP, 1, seed=1)
    names = dict(zip(map(frozenset, members(itemsets)), range(len(itemsets)), strict=True))
    leaf = next(
        node
        for items, node in names.items()
        if len(items) == 2 and node not in itemsets.parent  # not the one the longest hangs on
    )
    message = (
        "rules need every frequent itemset, but a subset of bread + eggs + milk is not there; "
        "mine all of them, from length 1 on"
    )
    with pytest.raises(ItemsetsIncomplete, match=f"^{re.escape(message)}$"):
        rules_of(without(itemsets, leaf))


def members(itemsets: Itemsets) -> list[frozenset[object]]:
    return [items for items, _ in itemsets.each()]


def test_a_choice_of_itemsets_is_refused() -> None:
    itemsets = oracle.mined(SHOP, 1)
    closed = replace(itemsets, is_asked=np.arange(len(itemsets)) > 2)
    message = (
        "rules need every frequent itemset, but of 8 here only 5 are meant, such as closed or "
        "maximal ones; mine all of them"
    )
    with pytest.raises(ItemsetsIncomplete, match=f"^{re.escape(message)}$"):
        rules_of(closed)


def test_an_itemset_that_is_there_twice_is_refused() -> None:
    """Below either of its items, as in a trie whose items have no order."""
    twice = Itemsets(
        np.array([-1, -1, 0, 1], dtype=np.int32),
        np.array([0, 1, 1, 0], dtype=np.int32),
        np.array([2, 2, 1, 1], dtype=np.int32),
        pd.Index(["a", "b"]),
        3,
        1,
    )
    message = (
        "rules need every frequent itemset once, but some are there twice among 4; "
        "leave out the second of each"
    )
    with pytest.raises(ItemsetsIncomplete, match=f"^{re.escape(message)}$"):
        rules_of(twice)


def test_keys_that_collide_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first seed all items have the same key; with the second they have not."""
    drawn = np.random.default_rng

    class Same:
        def integers(self, _low: int, _high: int, size: int, **_options: object) -> Any:
            return np.ones(size, dtype=np.uint64)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Same() if seed == 1 else drawn(seed))
    assert len(rules_of(oracle.mined(SHOP, 1), RulesWanted(0.6))) == 4


WAYS = [
    RulesWanted(0.1),
    RulesWanted(0.4, most_consequent=1),
    RulesWanted(0.2, most_antecedent=1),
    RulesWanted(0.2, most_antecedent=2, consequents=["a", "b", "c"]),
    RulesWanted(0.05, most_rules=40),
]


@pytest.mark.parametrize("wanted", WAYS)
def test_machine_code_finds_what_python_does(
    monkeypatch: pytest.MonkeyPatch, wanted: RulesWanted
) -> None:
    chance = np.random.default_rng(5)
    shop = [frozenset(np.array(list("abcdef"))[chance.random(6) < 0.5].tolist()) for _ in range(30)]
    itemsets = oracle.mined(shop, 2)
    assert rules_of(itemsets, wanted).subsets.is_small
    slow = rules_of(itemsets, wanted)
    monkeypatch.setattr(subsets_module, "_SMALL", 0)
    fast = rules_of(itemsets, wanted)
    assert not fast.subsets.is_small
    assert fast.cut == slow.cut
    assert len(fast) > 10
    for name in ("antecedent", "consequent", "itemset"):
        assert getattr(fast, name).tolist() == getattr(slow, name).tolist()


def test_an_itemset_of_sixteen_items_costs_what_is_found() -> None:
    """Of its 43 million rules those of one item on each side or both are looked at, or a few."""
    items = [chr(ord("a") + i) for i in range(16)]
    masks = np.arange(1, 1 << 16)
    parent = np.where(masks & (masks - 1), (masks & (masks - 1)) - 1, -1)
    lowest = np.log2(masks & -masks).astype(np.int32)
    count = np.full(len(masks), 5, dtype=np.int32)
    itemsets = Itemsets(parent.astype(np.int32), lowest, count, pd.Index(items), 9, 5)
    single = rules_of(itemsets, RulesWanted(1, most_consequent=1))
    assert len(single) == 16 * (2**15 - 1)
    short = rules_of(itemsets, RulesWanted(1, most_antecedent=1))
    assert len(short) == len(single)
    message = "more than 1,000,000 rules have a confidence of 1; "
    with pytest.raises(RulesTooMany, match=re.escape(message)):
        rules_of(itemsets, RulesWanted(1, most_rules=1_000_000))


def test_the_least_confidence_that_fits_is_the_lowest() -> None:
    chance = np.random.default_rng(8)
    shop = [frozenset(np.array(list("abcde"))[chance.random(5) < 0.6].tolist()) for _ in range(40)]
    itemsets = oracle.mined(shop, 1)
    sure = sorted(
        Fraction(count, found[lead])
        for found in [oracle.frequent(shop, 1)]
        for whole, count in found.items()
        for lead in oracle.parts(whole)
        if lead != whole
    )
    for room in range(20, len(sure), 17):
        cut = rules_of(itemsets, RulesWanted(0.01, most_rules=room)).cut
        assert cut is not None
        kept = Fraction(repr(cut.kept))
        assert sum(each >= kept for each in sure) <= room
        assert sum(each >= kept - Fraction(1, 10_000) for each in sure) > room

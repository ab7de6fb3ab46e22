"""Which rules are kept: hypotheses, layers, adjusted chances, and what shuffled baskets yield."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.shuffling import shuffled
from models.false_discoveries import false_discovery_rate
from models.rules.association import RulesWanted, rules_of
from models.rules.baskets import Baskets
from models.rules.generalisations import AntecedentTooLong, generalised, is_redundant
from models.rules.itemsets import Itemsets
from models.rules.significance import (
    BasketsOther,
    Layer,
    RateUnknown,
    SignificanceWanted,
    significance_of,
)
from tests.oracles import rules as oracle

PLAIN = SignificanceWanted(null="fisher", is_productive=False)


def test_the_chance_of_a_rule_is_fishers() -> None:
    """Of 8 baskets 4 hold a, 4 b, all 4 both: 1 of 70; the reverse rule is the same table."""
    shop = [frozenset("ab")] * 4 + [frozenset("c")] * 4
    baskets, itemsets = oracle.coded(shop, ["a", "b", "c"]), oracle.mined(shop, 1)
    found = significance_of(rules_of(itemsets), baskets, PLAIN)
    assert found.p == pytest.approx([1 / 70, 1 / 70])
    assert found.layers == (Layer(1, 1, hypotheses=6, rules=2),)
    assert found.adjusted == pytest.approx([6 / 70 / 2, 6 / 70 / 2])
    assert found.found(0.1).tolist() == [True, True]
    assert found.found(0.04).tolist() == [False, False]


def test_baskets_of_one_size_are_compared_with_one_another() -> None:
    """All of two items hold both, all of one neither: nothing is left to be surprised at."""
    shop = [frozenset("ab")] * 4 + [frozenset("c")] * 4
    baskets, rules = oracle.coded(shop, ["a", "b", "c"]), rules_of(oracle.mined(shop, 1))
    assert significance_of(rules, baskets).p.tolist() == [1, 1]


def test_a_rule_that_a_shorter_one_explains_is_not_productive() -> None:
    """b comes with a alone; c tells nothing that a does not."""
    shop = [*[frozenset("abc")] * 8, *[frozenset("ab")] * 8, *[frozenset("c")] * 8]
    shop += [frozenset("d")] * 8
    baskets = oracle.coded(shop, ["a", "b", "c", "d"])
    rules = rules_of(oracle.mined(shop, 1), RulesWanted(0.9, consequents=["b"]))
    assert rules.names(rules.antecedent) == [("a",), ("a", "c")]
    plain = significance_of(rules, baskets, PLAIN)
    productive = significance_of(rules, baskets, replace(PLAIN, is_productive=True))
    assert (plain.p < 0.01).all()
    assert productive.p.tolist() == [plain.p[0], 1]


def test_hypotheses_are_all_pairs_of_frequent_sides() -> None:
    """4 items, of whose pairs 3 are frequent, and of triples 1.

    One on one 12; two on one 3 × 2; one on two the same; the layers' rules are those found.
    """
    shop = [frozenset("abc")] * 2 + [frozenset("d")] * 2
    baskets, itemsets = oracle.coded(shop, list("abcd")), oracle.mined(shop, 2)
    assert significance_of(rules_of(itemsets), baskets).layers == (
        Layer(1, 1, 12, 6),
        Layer(1, 2, 6, 3),
        Layer(2, 1, 6, 3),
    )
    wanted = RulesWanted(consequents=["a", "d"], antecedents=["b", "c", "a"], most_consequent=1)
    assert significance_of(rules_of(itemsets, wanted), baskets).layers == (
        Layer(1, 1, 3 + 2, 2),
        Layer(2, 1, 3 + 1, 1),
    )


def test_hypotheses_of_longer_sides_are_bounded_by_all_pairs() -> None:
    shop = [frozenset("abcd")] * 3
    found = significance_of(rules_of(oracle.mined(shop, 2)), oracle.coded(shop, list("abcd")))
    assert found.layers[4] == Layer(2, 2, 36, 6)


def test_adjusted_chances_by_hand() -> None:
    """Benjamini and Hochberg's: 5 hypotheses; .03 × 5/3 is below .04 × 5/2."""
    p = np.array([0.04, 0.001, 0.03])
    assert false_discovery_rate(p, 5, "benjamini_hochberg") == pytest.approx(
        [0.2 / 3, 0.005, 0.2 / 3]
    )
    harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5
    assert false_discovery_rate(p, 5, "benjamini_yekutieli") == pytest.approx(
        [0.2 / 3 * harmonic, 0.005 * harmonic, 0.2 / 3 * harmonic]
    )


def test_the_harmonic_sum_of_many_hypotheses_goes_on_where_few_end() -> None:
    p = np.array([1e-9])
    few, many = (false_discovery_rate(p, n, "benjamini_yekutieli")[0] for n in (10_000, 10_001))
    assert many / 10_001 - few / 10_000 == pytest.approx(1e-9 / 10_001, rel=1e-4)


def test_a_higher_rate_than_rules_were_tested_for_is_refused() -> None:
    shop = [frozenset("ab")] * 4 + [frozenset("c")] * 4
    baskets, rules = oracle.coded(shop, ["a", "b", "c"]), rules_of(oracle.mined(shop, 1))
    found = significance_of(rules, baskets, replace(PLAIN, share=0.05))
    assert found.found(0.05).tolist() == [True, True]
    message = (
        "rules were tested for a false discovery rate of 0.05 at most, so which are kept at 0.1 is "
        "not known; test them with share=0.1"
    )
    with pytest.raises(RateUnknown, match=f"^{re.escape(message)}$"):
        found.found(0.1)


def test_no_rule_has_no_chance() -> None:
    shop = [frozenset("a")]
    rules = rules_of(oracle.mined(shop, 1))
    found = significance_of(rules, oracle.coded(shop, ["a"]))
    assert (found.p.tolist(), found.adjusted.tolist(), found.layers) == ([], [], ())


def test_other_baskets_are_refused() -> None:
    shop = [frozenset("ab")] * 4 + [frozenset("c")] * 4
    rules = rules_of(oracle.mined(shop, 1))
    message = (
        "rules are tested on the 8 baskets they were mined from, but of these 7 other numbers "
        "hold 1 of the itemsets; pass the same baskets, with the same cap"
    )
    with pytest.raises(BasketsOther, match=f"^{re.escape(message)}$"):
        significance_of(rules, oracle.coded(shop[:-1], ["a", "b", "c"]))


def test_antecedents_of_more_items_than_can_be_compared_are_refused() -> None:
    masks = np.arange(1, 1 << 14)
    parent = np.where(masks & (masks - 1), (masks & (masks - 1)) - 1, -1).astype(np.int32)
    lowest = np.log2(masks & -masks).astype(np.int32)
    labels = pd.Index(list("abcdefghijklmn"))
    itemsets = Itemsets(parent, lowest, np.full(len(masks), 5, dtype=np.int32), labels, 9, 5)
    rules = rules_of(itemsets, RulesWanted(least_antecedent=13))
    message = (
        "rules are compared with all their generalisations up to 12 items of an antecedent, but "
        "one has 13; ask for shorter antecedents"
    )
    with pytest.raises(AntecedentTooLong, match=f"^{re.escape(message)}$"):
        generalised(rules)


def test_a_rule_is_redundant_where_a_shorter_antecedent_says_more() -> None:
    """Whoever holds a holds b, so that nothing is lost without b, nor gained."""
    shop = [frozenset("abc")] * 2 + [frozenset("ab"), frozenset("bc"), frozenset("c")]
    rules = rules_of(oracle.mined(shop, 1), RulesWanted(0.01))
    leads, follows = rules.names(rules.antecedent), rules.names(rules.consequent)
    kept = {
        f"{''.join(map(str, lead))} > {''.join(map(str, follow))}"
        for lead, follow, is_off in zip(leads, follows, is_redundant(rules), strict=True)
        if not is_off
    }
    assert kept == {
        "a > b",
        "a > bc",
        "b > a",
        "b > c",
        "b > ac",
        "c > b",
        "c > ab",
        "bc > a",
        "ac > b",
    }


def uneven(seed: int) -> Baskets:
    """Few large baskets and many small ones, of items of all frequencies that have no relation."""
    random = np.random.default_rng(seed)
    sizes = np.minimum(random.geometric(0.25, 1_500), 20)
    weights = 1 / np.arange(1, 31)
    rows = [
        (basket, item)
        for basket, size in enumerate(sizes.tolist())
        for item in random.choice(30, size, replace=False, p=weights / weights.sum()).tolist()
    ]
    table = np.array(rows)
    order = np.lexsort([table[:, 1], table[:, 0]])
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Baskets(starts, table[order, 1].astype(np.int32), pd.Index(range(30)))


def pairs_of(baskets: Baskets, least: int) -> Itemsets:
    """Frequent items and pairs."""
    held = np.zeros((baskets.count, 30), dtype=np.int64)
    held[np.repeat(np.arange(baskets.count), baskets.sizes), baskets.codes] = 1
    together = held.T @ held
    first, second = np.nonzero(np.triu(together, 1) >= least)
    parent = np.concatenate([np.full(30, -1), first]).astype(np.int32)
    item = np.concatenate([np.arange(30), second]).astype(np.int32)
    count = np.concatenate([np.diag(together), together[first, second]]).astype(np.int32)
    return Itemsets(parent, item, count, baskets.labels, baskets.count, least)


def test_shuffled_baskets_yield_no_rule_by_size_where_the_plain_test_yields_many() -> None:
    by_size = plain = 0
    for seed in range(10):
        copy = shuffled(uneven(1), seed, rounds=10)
        rules = rules_of(pairs_of(copy, 20), RulesWanted(0.05))
        by_size += bool(significance_of(rules, copy).found(0.05).any())
        plain += bool(significance_of(rules, copy, SignificanceWanted("fisher")).found(0.05).any())
    assert (by_size, plain) == (0, 10)


def test_what_cannot_be_kept_is_hardly_tested_and_what_is_kept_is_the_same() -> None:
    """Of rules without a relation, where half of those kept might be false, few are looked at."""
    copy = shuffled(uneven(1), 0, rounds=10)
    rules = rules_of(pairs_of(copy, 20), RulesWanted(0.05))
    every = significance_of(rules, copy)
    some = significance_of(rules, copy, SignificanceWanted(share=0.5, threads=2))
    assert 0 < (some.p < 1).sum() < len(rules) / 4
    is_near = some.p < 1
    assert some.p[is_near] == pytest.approx(every.p[is_near], rel=1e-12)
    assert every.p[~is_near].min() > every.p[is_near].max()


def test_a_relation_within_sizes_is_found_by_size() -> None:
    """Whoever holds the first item of a size of three or more is given the last one too."""
    baskets = uneven(1)
    codes = baskets.codes.copy()
    for begin, end in zip(baskets.starts[:-1], baskets.starts[1:], strict=True):
        if end - begin > 2 and codes[begin] == 0:
            codes[end - 1] = 29
    related = replace(baskets, codes=codes)
    rules = rules_of(pairs_of(related, 20), RulesWanted(0.05))
    found = rules.where(significance_of(rules, related).found(0.05))
    pairs = set(zip(found.names(found.antecedent), found.names(found.consequent), strict=True))
    assert pairs == {((0,), (29,)), ((29,), (0,))}


def test_every_layer_has_the_same_part_of_the_false_discoveries() -> None:
    """Of 12 hypotheses of one on one 6 are found, of 6 of two on one 3; two layers double all."""
    shop = [*[frozenset("abc")] * 6, *[frozenset("d")] * 6]
    wanted = RulesWanted(0.9, most_consequent=1)
    rules = rules_of(oracle.mined(shop, 1), wanted)
    found = significance_of(rules, oracle.coded(shop, list("abcd")), PLAIN)
    one, two = found.layers
    assert (one.hypotheses, one.rules, two.hypotheses, two.rules) == (12, 6, 6, 3)
    p = 1 / 924  # 6 of 12
    assert found.p == pytest.approx([p] * 9)
    is_short = np.array([len(lead) == 1 for lead in rules.names(rules.antecedent)])
    assert found.adjusted[is_short] == pytest.approx([2 * p * 12 / 6] * 6)
    assert found.adjusted[~is_short] == pytest.approx([2 * p * 6 / 3] * 3)

"""Rules between several levels at once: what chance is, and what is found beyond it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from benchmarks.shuffling import shuffled
from models.rules.association import Rules, RulesWanted, rules_of
from models.rules.baskets import Baskets
from models.rules.hierarchy import generalised, hierarchy_of, is_apart
from models.rules.mining import Wanted, frequent
from models.rules.significance import SignificanceWanted, significance_of

ITEMS, IN_ONE = 30, 5
CATEGORY, DEPARTMENT = 100, 200
TREE = hierarchy_of(
    pd.DataFrame(
        [
            *((item, CATEGORY + item % (ITEMS // IN_ONE)) for item in range(ITEMS)),
            *((CATEGORY + each, DEPARTMENT + each // 3) for each in range(ITEMS // IN_ONE)),
        ],
        columns=["item", "parent"],
    ),
    "item",
    "parent",
)


def shop(seed: int) -> Baskets:
    """Few large baskets and many small ones, of items of all frequencies that have no relation."""
    random = np.random.default_rng(seed)
    sizes = np.minimum(random.geometric(0.25, 1_500), 20)
    weights = 1 / np.arange(1, ITEMS + 1)
    found = [
        np.sort(random.choice(ITEMS, size, replace=False, p=weights / weights.sum()))
        for size in sizes.tolist()
    ]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Baskets(starts, np.concatenate(found).astype(np.int32), pd.RangeIndex(ITEMS))


def rules_at_all_levels(baskets: Baskets, most_antecedent: int = 2) -> tuple[Rules, Baskets]:
    whole, belongs = generalised(baskets, TREE)
    wanted = RulesWanted(0.05, most_antecedent=most_antecedent, most_consequent=1)
    found = frequent(whole, Wanted(support=0.02, max_length=most_antecedent + 1))
    return rules_of(found.only(is_apart(found, belongs)), wanted), whole


def pairs(rules: Rules) -> set[tuple[int, int]]:
    """Items of rules of one on one."""
    item = rules.itemsets.labels.to_numpy()[rules.itemsets.item]
    return set(zip(item[rules.antecedent].tolist(), item[rules.consequent].tolist(), strict=True))


@pytest.mark.slow
def test_shuffled_items_yield_no_rule_at_any_level_where_the_plain_test_yields_many() -> None:
    by_size = plain = 0
    for seed in range(10):
        rules, whole = rules_at_all_levels(shuffled(shop(1), seed, rounds=10))
        leads = rules.itemsets.labels.take(rules.itemsets.item[rules.antecedent])
        assert {each // CATEGORY for each in leads} == {0, 1, 2}
        wanted = SignificanceWanted(share=0.05)
        by_size += bool(significance_of(rules, whole, wanted).found(0.05).any())
        fisher = replace(wanted, null="fisher")
        plain += bool(significance_of(rules, whole, fisher).found(0.05).any())
    assert (by_size, plain) == (0, 10)


def test_an_item_that_comes_with_any_of_a_category_is_found_with_the_category() -> None:
    """Baskets of three or more with the most frequent item are given one of category 104."""
    baskets, codes = shop(1), shop(1).codes.copy()
    given = [item for item in range(ITEMS) if CATEGORY + item % (ITEMS // IN_ONE) == 104]
    random = np.random.default_rng(2)
    for begin, end in zip(baskets.starts[:-1], baskets.starts[1:], strict=True):
        if end - begin > 2 and codes[begin] == 0 and not np.isin(codes[begin:end], given).any():
            codes[end - 1] = random.choice(given)
            codes[begin:end].sort()
    rules, whole = rules_at_all_levels(replace(baskets, codes=codes), most_antecedent=1)
    found = pairs(rules.where(significance_of(rules, whole).found(0.05)))
    assert {(0, 104), (104, 0)} <= found
    above = {item: CATEGORY + item % (ITEMS // IN_ONE) for item in range(ITEMS)}
    assert not any(above.get(one) == other or above.get(other) == one for one, other in found)


def test_items_are_not_related_by_what_their_categories_add_to_the_size() -> None:
    """Every five of eleven items are in as many baskets, so that no two are related.

    An item of the category of five makes a basket smaller than one that is a category by itself, if
    categories count: among baskets of one such size both are met more often than these sizes say.
    """
    category = np.repeat(np.arange(5), [5, 2, 2, 1, 1])
    tree = pd.DataFrame({"item": np.arange(11), "parent": 100 + category})
    chosen = np.array(list(combinations(range(11), 5)) * 200, dtype=np.int32)
    starts = np.arange(0, chosen.size + 1, 5, dtype=np.int64)
    baskets = Baskets(starts, chosen.ravel(), pd.RangeIndex(11))
    whole, belongs = generalised(baskets, hierarchy_of(tree, "item", "parent"))
    found = frequent(whole, Wanted(support=0.01, max_length=2))
    rules = rules_of(found.only(is_apart(found, belongs)), RulesWanted(0.05))
    assert significance_of(rules, whole).p.min() > 0.5
    misled = rules.where(significance_of(rules, replace(whole, bought=None)).p < 1e-3)
    assert {(item, other) for item in range(5) for other in (9, 10)} <= pairs(misled)


@pytest.mark.parametrize("is_known", [True, False])
def test_context_makes_no_basket_larger(*, is_known: bool) -> None:
    """On Fridays, a label of its own, as much is bought as on any day; half are of that day."""
    plain = shop(3)
    friday = np.arange(plain.count) % 2 == 0
    owner = np.concatenate([plain.owners, np.flatnonzero(friday)])
    codes = np.concatenate([plain.codes, np.full(friday.sum(), ITEMS)]).astype(np.int32)
    order = np.lexsort([codes, owner])
    starts = np.concatenate([[0], np.cumsum(plain.sizes + friday)]).astype(np.int64)
    bought = plain.sizes if is_known else None
    baskets = Baskets(starts, codes[order], pd.RangeIndex(ITEMS + 1), bought=bought)
    rules = rules_of(
        frequent(baskets, Wanted(support=0.02, max_length=2)),
        RulesWanted(0.01, antecedents=[ITEMS]),
    )
    found = significance_of(rules, baskets, SignificanceWanted(is_productive=False))
    assert len(rules) > 10
    # On average a chance of one half, if Fridays are compared with days on which as much is bought;
    # a basket of a Friday has an item less than others of its size, if Friday counts as one.
    assert (found.p.mean() < 0.75) == is_known

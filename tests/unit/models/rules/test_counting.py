"""Itemsets counted in any baskets: against a look into each one."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from models.rules import counting
from models.rules.baskets import Baskets
from models.rules.counting import by_size, counted, in_one
from tests.oracles import rules as oracle


def random_shop(baskets: int, seed: int) -> list[frozenset[str]]:
    random = np.random.default_rng(seed)
    items = np.array(list("abcdefgh"))
    return [frozenset(items[random.random(8) < random.random()].tolist()) for _ in range(baskets)]


@pytest.mark.parametrize("small", [0, 10**9])
def test_counts_by_size_are_those_of_a_look_into_each_basket(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(counting, "_SMALL", small)
    shop, later = random_shop(60, 1), random_shop(150, 2)
    itemsets = oracle.mined(shop, 4, seed=2)
    baskets = oracle.coded(later, list("abcdefgh"))
    strata = by_size(baskets)
    found = counted(itemsets, baskets, strata)
    sizes = [
        {len(later[basket]) for basket in strata.order[begin:end].tolist()}
        for begin, end in pairwise(strata.starts.tolist())
    ]
    assert all(len(each) == 1 for each in sizes)
    assert [min(each) for each in sizes] == sorted({len(basket) for basket in later})
    for node, (items, _) in enumerate(itemsets.each()):
        for stratum, (size,) in enumerate(sizes):
            expected = sum(len(basket) == size and items <= basket for basket in later)
            assert found[node, stratum] == expected
    assert counted(itemsets, baskets)[:, 0].tolist() == found.sum(axis=1).tolist()


def test_the_size_of_a_basket_is_what_filled_it() -> None:
    """Three items and one, of which one and one filled the baskets."""
    starts, codes = np.array([0, 3, 4]), np.array([0, 1, 2, 0], dtype=np.int32)
    baskets = Baskets(starts, codes, pd.Index(["a", "b", "c"]))
    assert by_size(baskets).sizes.tolist() == [1, 1]
    assert by_size(replace(baskets, bought=np.array([1, 1]))).sizes.tolist() == [2]


def test_more_baskets_than_a_block_holds_are_all_counted() -> None:
    """100,001 baskets, every third with the item, in a block and three more."""
    starts = np.concatenate([[0], np.cumsum(np.arange(100_001) % 3 == 0)]).astype(np.int64)
    baskets = Baskets(starts, np.zeros(starts[-1], dtype=np.int32), pd.Index(["a"]))
    itemsets = oracle.mined([frozenset("a")], 1)
    assert counted(itemsets, baskets).tolist() == [[33_334]]


def test_an_item_that_baskets_do_not_know_is_in_none() -> None:
    itemsets = oracle.mined([frozenset("ab"), frozenset("bc")], 1)
    found = counted(itemsets, oracle.coded([frozenset("bx"), frozenset("c")], ["b", "c", "x"]))
    named = {items: int(count) for (items, _), (count,) in zip(itemsets.each(), found, strict=True)}
    assert {"".join(sorted(map(str, items))): count for items, count in named.items()} == {
        "a": 0,
        "b": 1,
        "c": 1,
        "ab": 0,
        "bc": 0,
    }


def test_no_basket_and_no_itemset_count_nothing() -> None:
    none = oracle.coded([], ["a"])
    assert counted(oracle.mined([frozenset("a")], 1), none).tolist() == [[0]]
    assert counted(oracle.trie({}, [], 0, 1), none).shape == (0, 1)
    assert by_size(none).sizes.tolist() == []
    assert in_one(none).sizes.tolist() == [0]

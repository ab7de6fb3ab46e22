import re
from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from models.coding import NoSuchItem
from models.rules import ground, itemsets
from models.rules.baskets import Baskets, baskets_of
from models.rules.itemsets import Itemsets
from models.rules.mining import Limits, Wanted, frequent
from models.thresholds import ThresholdUnusable, least_count


def baskets(*contents: str) -> Baskets:
    rows = [(number, item) for number, items in enumerate(contents) for item in items]
    return baskets_of(pd.DataFrame(rows, columns=["basket", "item"]), "basket", "item")


def many(rows: int = 6_000, themes: int = 100, seed: int = 5) -> pd.DataFrame:
    """Baskets of six items around a theme; those of the first theme have four more, always."""
    random = np.random.default_rng(seed)
    theme = np.minimum(random.integers(0, 2 * themes, rows), themes)
    bought = theme[:, None] * 5 + random.integers(0, 25, (rows, 6))
    table = pd.DataFrame({"basket": np.repeat(np.arange(rows), 6), "item": bought.ravel()})
    group = pd.DataFrame({"basket": np.flatnonzero(theme == 0)})
    grouped = [group.assign(item=1_000 + number) for number in range(4)]
    return pd.concat([table, *grouped], ignore_index=True)


def dense(rows: int = 400) -> pd.DataFrame:
    """Baskets of 13 items, some in fewer than one of eight baskets, most in more."""
    shares = np.linspace(0.04, 0.96, 13)
    held = np.argwhere(np.random.default_rng(3).random((rows, len(shares))) < shares)
    return pd.DataFrame(held, columns=["basket", "item"])


def counted(found: Itemsets) -> dict[frozenset[object], int]:
    return dict(found.each())


def test_itemsets_of_a_few_baskets() -> None:
    found = counted(frequent(baskets("ab", "abc", "ac", "b"), Wanted(support=0.5)))
    assert found == {
        frozenset("a"): 3,
        frozenset("b"): 3,
        frozenset("c"): 2,
        frozenset("ab"): 2,
        frozenset("ac"): 2,
    }


def test_an_itemset_in_exactly_the_share_asked_for_is_there() -> None:
    contents = ["x"] * 3 + ["y"] * 7
    assert counted(frequent(baskets(*contents), Wanted(support=0.3)))[frozenset("x")] == 3
    assert least_count(0.07, 100) == 7  # where .07 * 100 is 7.000000000000001
    assert least_count(0.29, 100) == 29
    assert least_count(1e-9, 10) == 1


def test_a_share_computed_of_a_count_is_reached_by_that_count() -> None:
    contents = ["x"] * 4 + ["y"] * 7
    assert counted(frequent(baskets(*contents), Wanted(support=4 / 11)))[frozenset("x")] == 4
    assert least_count(0.36363636363636369, 11) == 5  # the next number above
    assert least_count(4 / 11, 22_000_000) == 8_000_000
    assert least_count(33_554_431 / 67_108_863, 67_108_863) == 33_554_431
    assert least_count(0.123456789, 10**9) == 123_456_789


@pytest.mark.parametrize("support", [0.0, -0.1, 1.5, float("nan")])
def test_a_support_that_says_nothing_is_refused(support: float) -> None:
    message = f"support is a share above 0 and at most 1, but it is {support}"
    with pytest.raises(ThresholdUnusable, match=re.escape(message)):
        frequent(baskets("ab"), Wanted(support=support))


def test_required_items_have_to_be_known() -> None:
    message = (
        "must needs items that some row names, but none is called 'z'; look how the items are "
        "spelled"
    )
    with pytest.raises(NoSuchItem, match=re.escape(message)):
        frequent(baskets("ab"), Wanted(must=("z",)))


def test_what_holds_some_of_the_required_items_alone_is_not_asked_for() -> None:
    found = counted(frequent(baskets("ab", "abc", "a"), Wanted(must=("a", "b"))))
    assert found == {frozenset("ab"): 2, frozenset("abc"): 1}


def test_an_item_cannot_be_required_and_left_aside() -> None:
    message = "an item is either in every itemset or left aside, but must and without have 'a'"
    with pytest.raises(NoSuchItem, match=re.escape(message)):
        frequent(baskets("ab"), Wanted(must=("a",), without=("a", "b")))


def test_one_basket_and_none() -> None:
    assert counted(frequent(baskets("ab"), Wanted(kind="closed"))) == {frozenset("ab"): 1}
    nothing = pd.DataFrame({"basket": [1, 2], "item": pd.Series([None, None], dtype="str")})
    empty = baskets_of(nothing, "basket", "item")
    assert empty.count == 2
    assert len(frequent(empty, Wanted())) == 0
    assert frequent(empty, Wanted()).frame().empty


def test_an_item_of_every_basket_is_no_generator() -> None:
    found = counted(frequent(baskets("ab", "ac"), Wanted(kind="generators")))
    assert found == {frozenset("b"): 1, frozenset("c"): 1}


def test_a_limit_is_told_with_what_it_took_away() -> None:
    found = frequent(baskets("abcdefgh", "abcdefgh", "ab", "ab"), Wanted(limits=Limits(itemsets=9)))
    assert found.cut is not None
    assert (found.cut.asked, found.cut.mined, found.cut.limit) == (1, 3, "9 itemsets")
    assert counted(found) == {frozenset("a"): 4, frozenset("b"): 4, frozenset("ab"): 4}
    few = frequent(baskets("abcdefgh"), Wanted(limits=Limits(bytes=480)))
    assert few.cut is not None
    assert few.cut.limit == "480 bytes of itemsets"
    assert len(few) == 0


def test_a_basket_of_a_thousand_items_stops_at_the_limit_instead_of_doubling_for_ever() -> None:
    rows = pd.DataFrame({"basket": np.repeat([1, 2], 1000), "item": np.tile(np.arange(1000), 2)})
    found = frequent(baskets_of(rows, "basket", "item"), Wanted(limits=Limits(itemsets=50_000)))
    assert found.cut is not None
    assert len(found) == 0
    closed = frequent(baskets_of(rows, "basket", "item"), Wanted(kind="closed"))
    assert (len(closed), closed.lengths.max()) == (1, 1000)


@pytest.mark.parametrize("few", [-1, 10**9])
def test_pairs_and_triples_of_many_baskets_are_those_that_are_counted(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "FEW_ENTRIES", few)
    monkeypatch.setattr(ground, "FEW_ITEMSETS", 10**9)
    table = many()
    held = table.groupby("basket")["item"].agg(lambda items: sorted(set(items)))
    expected: Counter[frozenset[object]] = Counter()
    for items in held:
        for length in (1, 2, 3, 4):
            expected.update(frozenset(some) for some in combinations(items, length))
    found = frequent(
        baskets_of(table, "basket", "item"), Wanted(support=4 / len(held), max_length=4)
    )
    assert counted(found) == {some: count for some, count in expected.items() if count >= 4}


@pytest.mark.parametrize(("worth", "pairs"), [(0, 0), (0, 10**7), (10**6, 10**7)])
@pytest.mark.parametrize("kind", ["all", "closed", "maximal", "generators"])
def test_all_paths_agree_node_by_node_on_many_baskets(
    kind: str, worth: int, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, made = baskets_of(many(), "basket", "item"), []
    monkeypatch.setattr(ground, "LISTED_WORTH", worth)
    monkeypatch.setattr(ground, "MOST_PAIRS", pairs)
    for few in (-1, 10**9):
        monkeypatch.setattr(ground, "FEW_ENTRIES", few)
        monkeypatch.setattr(ground, "FEW_ITEMSETS", 10**9)
        made.append(frequent(table, Wanted.model_validate({"support": 0.0006, "kind": kind})))
    assert len(made[0]) > 100
    for name in ("parent", "item", "count"):
        np.testing.assert_array_equal(getattr(made[0], name), getattr(made[1], name))


@pytest.mark.parametrize("kind", ["all", "closed", "maximal", "generators"])
def test_items_that_many_baskets_hold_are_found_alike_by_rows_of_all_baskets(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = baskets_of(dense(), "basket", "item")
    wanted = Wanted.model_validate({"support": 0.02, "kind": kind})
    monkeypatch.setattr(ground, "FEW_ENTRIES", 10**9)
    plain = frequent(table, wanted)
    assert len(plain) > 100
    monkeypatch.setattr(ground, "FEW_ENTRIES", -1)
    for worth in (0, 10**6):
        monkeypatch.setattr(ground, "DENSE", worth)
        assert counted(frequent(table, wanted)) == counted(plain)


@pytest.mark.parametrize("is_some", [False, True])
@pytest.mark.parametrize("labels", [13, 1_500, 40_000])
def test_a_large_table_of_itemsets_is_made_as_a_small_one(
    labels: int, *, is_some: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = baskets_of(many() if labels > 1_000 else dense(), "basket", "item")
    made = Baskets(made.starts, made.codes, pd.RangeIndex(labels))
    found = frequent(made, Wanted(support=0.0006, kind="closed" if is_some else "all"))
    few = found.frame()
    monkeypatch.setattr(itemsets, "_FEW", -1)
    large = replace(found).frame()  # lengths are counted anew
    pd.testing.assert_frame_equal(large, few)
    for one, other in zip(replace(found).members(), found.members(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_table_of_itemsets_may_be_written_to() -> None:
    found = frequent(baskets("ab", "abc", "b"), Wanted())
    before = found.count.copy()
    table = found.frame()
    table.loc[:, "count"] += 1
    np.testing.assert_array_equal(found.count, before)


def test_a_frame_names_the_items_of_each_itemset() -> None:
    table = frequent(baskets("ab", "abc", "b"), Wanted(support=0.6)).frame()
    assert list(table.columns) == ["support", "count", "length", "itemsets"]
    held = [tuple(items) for items in table["itemsets"].tolist()]
    told = zip(table["count"].tolist(), table["length"].tolist(), strict=True)
    assert dict(zip(held, told, strict=True)) == {
        ("a",): (2, 1),
        ("b",): (3, 1),
        ("a", "b"): (2, 2),
    }
    assert table["support"].tolist() == [count / 3 for count in table["count"]]

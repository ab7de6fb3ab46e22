"""Trees of items as rows of item and parent, and baskets that hold what their items belong to."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import hierarchy
from models.rules.baskets import Baskets, baskets_of, capped
from models.rules.hierarchy import (
    Hierarchy,
    HierarchyUnclear,
    generalised,
    hierarchy_of,
    is_apart,
    leaves,
)
from models.rules.itemsets import Itemsets
from models.thresholds import ThresholdUnusable, require_one_basket
from tests.loading import fully


def tree(*pairs: tuple[Any, Any]) -> Hierarchy:
    return hierarchy_of(pd.DataFrame(pairs, columns=["item", "parent"]), "item", "parent")


def refused(text: str, *pairs: tuple[Any, Any]) -> None:
    with pytest.raises(HierarchyUnclear, match=fully(text)):
        tree(*pairs)


def above(found: Hierarchy) -> set[tuple[Any, Any]]:
    return named(found.labels, found.ancestors())


def named(labels: pd.Index, pairs: tuple[Any, Any]) -> set[tuple[Any, Any]]:
    return {(labels[item], labels[up]) for item, up in zip(*pairs, strict=True)}


def held(baskets: Baskets) -> list[dict[Any, float]]:
    """Items of each basket with their weights, 1 where there are none."""
    found = []
    for at in range(baskets.count):
        place = range(baskets.starts[at], baskets.starts[at + 1])
        weights = np.ones(len(baskets.codes)) if baskets.weights is None else baskets.weights
        found.append({baskets.labels[baskets.codes[i]]: float(weights[i]) for i in place})
    return found


def test_an_item_belongs_to_its_parent_and_to_what_that_belongs_to() -> None:
    found = tree(("cola", "drinks"), ("drinks", "grocery"), ("bread", "grocery"))
    assert found.labels.tolist() == ["bread", "cola", "drinks", "grocery"]
    assert above(found) == {
        ("cola", "drinks"),
        ("cola", "grocery"),
        ("drinks", "grocery"),
        ("bread", "grocery"),
    }


def test_an_item_without_a_parent_stands_at_the_top() -> None:
    found = tree(("cola", None), ("tea", "drinks"), ("cola", None))
    assert above(found) == {("tea", "drinks")}
    assert found.labels.tolist() == ["cola", "drinks", "tea"]


def test_a_row_that_says_nothing_does_not_contradict_one_that_does() -> None:
    assert above(tree(("tea", None), ("tea", "drinks"), ("tea", "drinks"))) == {("tea", "drinks")}


def test_whole_numbers_stay_whole_beside_missing_parents() -> None:
    found = tree((1, 10), (2, None))
    assert found.labels.tolist() == [1, 2, 10]
    assert found.labels.dtype == np.int64


def test_an_empty_hierarchy_is_one() -> None:
    empty = hierarchy_of(pd.DataFrame({"item": [], "parent": []}, dtype=object), "item", "parent")
    assert above(empty) == set()


def test_two_parents_are_refused() -> None:
    rows = (("ice", "frozen"), ("ice", "drinks"), ("tea", "drinks"))
    advice = "name it by its path, or leave out all but one"
    start = "an item of a hierarchy needs one parent, but 'ice' has 2: 'frozen', 'drinks'"
    refused(f"{start}; {advice}", *rows)
    refused(f"{start} (and 1 more item); {advice}", *rows, ("tea", "frozen"))


@pytest.mark.parametrize(
    ("pairs", "loop"),
    [
        ((("a", "a"),), "'a' -> 'a'"),
        ((("a", "b"), ("b", "c"), ("c", "b")), "'b' -> 'c' -> 'b'"),
        ((("x", "y"), ("c", "a"), ("a", "b"), ("b", "c")), "'a' -> 'b' -> 'c' -> 'a'"),
    ],
)
def test_a_loop_is_refused_with_its_items(pairs: tuple[tuple[str, str], ...], loop: str) -> None:
    text = "a hierarchy needs items that do not belong to themselves, but there is a loop: "
    refused(f"{text}{loop}; leave out one of its rows", *pairs)


def test_a_row_needs_an_item_and_a_table_its_columns() -> None:
    refused("every row of a hierarchy needs an item, but 1 of 2 have none", (None, "a"), ("b", "a"))
    text = "a hierarchy needs a column 'parent', but the table has: item"
    with pytest.raises(HierarchyUnclear, match=fully(text)):
        hierarchy_of(pd.DataFrame({"item": ["a"]}), "item", "parent")


def test_names_are_of_one_type() -> None:
    text = "names in 'item' and 'parent' need to be of one type, but are of int, str"
    refused(text, (1, "a"))
    frame = pd.DataFrame({"basket": [1], "item": [7]})
    text = (
        "names in 'items of baskets' and 'the hierarchy' need to be of one type, but are of int, "
        "str"
    )
    with pytest.raises(HierarchyUnclear, match=fully(text)):
        generalised(baskets_of(frame, "basket", "item"), tree(("7", "drinks")))


def test_a_basket_holds_once_what_several_of_its_items_belong_to() -> None:
    rows = [("o1", "cola", 2), ("o1", "tea", 3), ("o2", "soap", 5), ("o3", None, 0)]
    frame = pd.DataFrame(rows, columns=["basket", "item", "weight"])
    found, pairs = generalised(
        baskets_of(frame, "basket", "item", "weight"),
        tree(("cola", "drinks"), ("tea", "drinks"), ("drinks", "grocery"), ("rice", "grocery")),
    )
    assert held(found) == [
        {"cola": 2, "tea": 3, "drinks": 5, "grocery": 5},
        {"soap": 5},
        {},
    ]
    assert found.bought is not None
    assert found.bought.tolist() == [2, 1, 0]
    assert ("cola", "grocery") in named(found.labels, pairs)
    assert "rice" in found.labels


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=15),
    st.lists(st.integers(-1, 9), min_size=10, max_size=10),
)
def test_generalised_baskets_equal_walking_up_from_each_item(
    rows: list[tuple[int, int]], drawn: list[int]
) -> None:
    parent = {item: up if up < item else -1 for item, up in enumerate(drawn)}
    pairs = [(item, None if up < 0 else up) for item, up in parent.items()]

    def chain(item: int) -> set[int]:
        return {item} | (chain(parent[item]) if parent[item] >= 0 else set())

    frame = pd.DataFrame(rows, columns=["basket", "item"], dtype="int64")
    found, belongs = generalised(baskets_of(frame, "basket", "item"), tree(*pairs))
    expected: dict[int, set[int]] = {basket: set() for basket in sorted({b for b, _ in rows})}
    for basket, item in rows:
        expected[basket] |= chain(item)
    assert [set(each) for each in held(found)] == list(expected.values())
    assert named(found.labels, belongs) == {
        (item, up) for item in parent for up in chain(item) - {item}
    }


@pytest.mark.parametrize("few", [-1, 10**9])
@given(
    drawn=st.lists(st.frozensets(st.integers(0, 9)), min_size=1, max_size=6),
    context=st.frozensets(st.integers(0, 9), max_size=3),
)
def test_leaves_equal_looking_at_each_pair_of_a_basket(
    few: int, drawn: list[frozenset[int]], context: frozenset[int]
) -> None:
    found = tree(*((item, item // 2) for item in range(1, 10)), (0, None))
    pairs = above(found)
    expected = [
        sum(
            not any((other, item) in pairs for other in basket - context)
            for item in basket - context
        )
        for basket in drawn
    ]
    starts = np.cumsum([0, *map(len, drawn)]).astype(np.int64)
    codes = np.array([item for basket in drawn for item in sorted(basket)], dtype=np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hierarchy, "_FEW", few)
        baskets = Baskets(starts, codes, pd.RangeIndex(10))
        aside = np.array(sorted(context), dtype=np.int32)
        assert leaves(baskets, found.ancestors(), aside).tolist() == expected


def test_a_cap_leaves_what_filled_a_basket_as_it_was() -> None:
    frame = pd.DataFrame([("o1", "cola"), ("o1", "tea"), ("o2", "tea")], columns=["b", "i"])
    found, _ = generalised(baskets_of(frame, "b", "i"), tree(("cola", "drinks"), ("tea", "drinks")))
    less, told = capped(found, 2)
    assert told.entries == 1
    assert less.sizes.tolist() == [2, 2]
    assert less.bought is not None
    assert less.bought.tolist() == [2, 1]


def trie(*nodes: tuple[int, int], items: int) -> Itemsets:
    """Itemsets of nodes of parent and item, each in one basket."""
    parent, item = (np.array(column, dtype=np.int32) for column in zip(*nodes, strict=True))
    return Itemsets(parent, item, np.ones_like(item), pd.RangeIndex(items), 1, 1)


def test_no_itemset_is_apart_that_holds_an_item_and_what_it_belongs_to() -> None:
    bread, cola, drinks = range(3)
    found = tree(("cola", "drinks"), ("bread", None))
    nodes = trie(
        *((-1, drinks), (0, cola), (1, bread), (-1, bread), (3, drinks), (4, cola), (3, cola)),
        items=3,
    )
    assert is_apart(nodes, found.ancestors()).tolist() == [
        *(True, False, False, True, True, False, True)
    ]
    assert is_apart(nodes, tree(("cola", None)).ancestors()).all()


@given(st.lists(st.tuples(st.integers(-1, 19), st.integers(0, 9)), min_size=1, max_size=20))
def test_being_apart_equals_looking_at_each_pair(drawn: list[tuple[int, int]]) -> None:
    nodes = [(up if up < at else -1, item) for at, (up, item) in enumerate(drawn)]
    found = tree(*((item, item // 2) for item in range(1, 10)), (0, None))
    pairs = above(found)

    def members(node: int) -> list[int]:
        return [] if node < 0 else [*members(nodes[node][0]), nodes[node][1]]

    expected = [
        not any((one, other) in pairs for one in members(at) for other in members(at))
        for at in range(len(nodes))
    ]
    assert is_apart(trie(*nodes, items=10), found.ancestors()).tolist() == expected


@pytest.mark.parametrize(
    ("share", "baskets", "text"),
    [
        (0.001, 0, "support=0.001 needs baskets to be a share of, but there are none"),
        (
            0.0001,
            3000,
            "support=0.0001 of 3,000 baskets is less than one basket; use 0.00034 or more",
        ),
        (0.5, 1, "support=0.5 of 1 basket is less than one basket; use 1.00 or more"),
        (0, 5, "support is a share above 0 and at most 1, but it is 0"),
        (1.1, 5, "support is a share above 0 and at most 1, but it is 1.1"),
    ],
)
def test_a_share_below_one_basket_is_refused(share: float, baskets: int, text: str) -> None:
    with pytest.raises(ThresholdUnusable, match=fully(text)):
        require_one_basket(share, baskets)


@pytest.mark.parametrize(("share", "baskets"), [(0.00034, 3000), (1, 1), (0.1, 10)])
def test_a_share_of_one_basket_is_enough(share: float, baskets: int) -> None:
    require_one_basket(share, baskets)

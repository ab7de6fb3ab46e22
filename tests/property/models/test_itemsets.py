from collections.abc import Sequence
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from models import coding
from models.rules import baskets as laying
from models.rules import ground
from models.rules.baskets import Baskets, baskets_of
from models.rules.itemsets import Itemsets
from models.rules.mining import Kind, Limits, Wanted, frequent
from tests.oracles import itemsets

KINDS: tuple[Kind, ...] = ("all", "closed", "maximal", "generators")
ITEMS = "abcdefg"

tables = st.lists(st.sets(st.sampled_from(ITEMS)), max_size=12)


def coded(baskets: Sequence[set[str]]) -> Baskets:
    rows = [(number, item) for number, basket in enumerate(baskets) for item in (basket or [None])]
    frame = pd.DataFrame(rows, columns=["basket", "item"])
    return baskets_of(frame.astype({"item": "str"}), "basket", "item")


def found(baskets: Sequence[set[str]], **wanted: Any) -> dict[frozenset[object], int]:
    return dict(frequent(coded(baskets), Wanted(**wanted)).each())


def same(one: Itemsets, other: Itemsets) -> bool:
    columns = ("parent", "item", "count")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


@given(tables, st.integers(1, 4), st.sampled_from(KINDS))
@example([set()] * 7 + [{"a"}] * 4, 4, "all")  # written with all its digits, 4 / 11 is more
def test_every_kind_is_that_of_its_definition(
    baskets: list[set[str]], least: int, kind: Kind
) -> None:
    expected = itemsets.of_kind(itemsets.every(baskets, least), kind, len(baskets))
    support = least / len(baskets) if len(baskets) >= least else 1.0
    if len(baskets) < least:
        return
    assert found(baskets, support=support, kind=kind) == expected


@given(tables, st.sampled_from(KINDS), st.integers(1, 3), st.integers(1, 4))
def test_lengths_leave_out_what_is_shorter_or_longer(
    baskets: list[set[str]], kind: Kind, shortest: int, longest: int
) -> None:
    expected = itemsets.of_kind(itemsets.every(baskets, 1), kind, len(baskets))
    given_lengths = {"min_length": shortest, "max_length": longest}
    assert found(baskets, kind=kind, **given_lengths) == {
        some: count for some, count in expected.items() if shortest <= len(some) <= longest
    }


@given(tables, st.sampled_from(KINDS), st.sets(st.sampled_from(ITEMS), min_size=1, max_size=3))
def test_required_items_are_in_every_itemset(
    baskets: list[set[str]], kind: Kind, must: set[str]
) -> None:
    known = set[str]().union(*baskets)
    wanted = must & known
    expected = itemsets.of_kind(itemsets.every(baskets, 1), kind, len(baskets))
    assert found(baskets, kind=kind, must=tuple(sorted(wanted))) == {
        some: count for some, count in expected.items() if some >= wanted
    }


@given(tables, st.sampled_from(KINDS), st.sets(st.sampled_from(ITEMS), max_size=3))
def test_items_left_aside_are_as_if_nobody_had_bought_them(
    baskets: list[set[str]], kind: Kind, without: set[str]
) -> None:
    known = set[str]().union(*baskets)
    left = [basket - without for basket in baskets]
    expected = itemsets.of_kind(itemsets.every(left, 1), kind, len(baskets))
    assert found(baskets, kind=kind, without=tuple(sorted(without & known))) == expected


@given(tables, st.sampled_from(KINDS), st.integers(1, 40))
def test_the_most_frequent_are_those_of_the_highest_counts_and_their_ties(
    baskets: list[set[str]], kind: Kind, top: int
) -> None:
    every = itemsets.of_kind(itemsets.every(baskets, 1), kind, len(baskets))
    counts = sorted(every.values(), reverse=True)
    last = counts[top - 1] if len(counts) >= top else 1
    expected = {some: count for some, count in every.items() if count >= last}
    assert found(baskets, kind=kind, top=top) == expected


@given(tables, st.sampled_from(KINDS), st.integers(1, 30))
def test_a_limit_gives_all_itemsets_of_a_support_that_fits_and_says_so(
    baskets: list[set[str]], kind: Kind, most: int
) -> None:
    result = frequent(coded(baskets), Wanted(kind=kind, limits=Limits(itemsets=most)))
    every = itemsets.of_kind(itemsets.every(baskets, result.least), kind, len(baskets))
    assert dict(result.each()) == every
    if result.cut is None:
        assert result.least == 1
    else:
        assert len(itemsets.every(baskets, 1)) > most
        assert (result.cut.asked, result.cut.mined) == (1, result.least)


@given(tables, st.integers(1, 3), st.sampled_from(KINDS), st.sampled_from([2, 3, 1000]))
def test_the_compiled_and_the_plain_path_and_any_number_of_threads_give_the_same_nodes(
    baskets: list[set[str]], least: int, kind: Kind, longest: int
) -> None:
    if len(baskets) < least:
        return
    support, table = least / len(baskets), coded(baskets)
    wanted = Wanted(support=support, kind=kind, max_length=longest)
    plain = frequent(table, wanted)
    with mock.patch.object(ground, "FEW_ENTRIES", -1):
        for worth, pairs, dense in ((0, 0, 0), (10**6, 10**6, 0), (0, 10**6, 10**6)):
            with (
                mock.patch.object(ground, "LISTED_WORTH", worth),
                mock.patch.object(ground, "MOST_PAIRS", pairs),
                mock.patch.object(ground, "DENSE", dense),
            ):
                assert same(frequent(table, wanted), plain)
        assert same(frequent(table, wanted.model_copy(update={"threads": 3})), plain)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(ITEMS), st.integers(-3, 3)), max_size=30)
)
def test_rows_become_the_same_baskets_on_either_path(rows: list[tuple[int, str, int]]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    wide = [(basket * 10**15, item, weight) for basket, item, weight in rows]
    for some in (rows, wide, wide[::2] + wide[1::2]):
        check_rows(some)


def check_rows(rows: list[tuple[int, str, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["basket", "item", "weight"])
    frame = frame.astype({"basket": "int64", "item": "str", "weight": "float64"})
    plain = baskets_of(frame, "basket", "item", "weight")
    with mock.patch.object(coding, "_SMALL", 0), mock.patch.object(laying, "_SMALL", 0):
        fast = baskets_of(frame, "basket", "item", "weight")
    expected: dict[tuple[int, str], int] = {}
    for basket, item, weight in rows:
        expected[basket, item] = expected.get((basket, item), 0) + weight
    names = sorted({basket for basket, *_ in rows})
    light = baskets_of(frame, "basket", "item")
    with mock.patch.object(coding, "_SMALL", 0):
        quick = baskets_of(frame, "basket", "item")
    for one, other in ((light, plain), (quick, plain)):
        np.testing.assert_array_equal(one.starts, other.starts)
        np.testing.assert_array_equal(one.codes, other.codes)
    for made in (plain, fast):
        owner = np.repeat(np.arange(made.count), made.sizes)
        pairs = [(names[b], made.labels[i]) for b, i in zip(owner, made.codes, strict=True)]
        assert pairs == sorted(expected)
        assert made.weights is not None
        assert dict(zip(pairs, made.weights.tolist(), strict=True)) == expected

"""Sequential patterns against every way to put every pattern into every sequence."""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sequences import ground
from models.sequences import sequences as gathering
from models.sequences.mining import Limits, Wanted, frequent_sequences
from models.sequences.patterns import Patterns
from models.sequences.sequences import sequences_of
from tests.oracles import sequences as oracle
from tests.oracles.sequences import Timed

ITEMS = "abcd"

instants = st.lists(st.integers(0, 12), max_size=4, unique=True).map(sorted)
elements = st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=2)
singles = st.sampled_from(ITEMS).map(lambda item: frozenset([item]))


def timed(element: st.SearchStrategy[frozenset[str]]) -> st.SearchStrategy[Timed]:
    return instants.flatmap(
        lambda times: st.tuples(*[element] * len(times)).map(
            lambda items: list(zip(times, items, strict=True))
        )
    )


shops = st.lists(timed(elements), min_size=1, max_size=5)
visits = st.lists(timed(singles), min_size=1, max_size=10)
constraints = st.fixed_dictionaries(
    {},
    optional={
        "min_gap": st.integers(0, 5),
        "max_gap": st.integers(5, 9),
        "window": st.integers(0, 4),
        "span": st.integers(0, 12),
    },
)


def found(shop: Sequence[Timed], least: int, **wanted: Any) -> dict[Any, int]:
    result = frequent_sequences(oracle.coded(shop), Wanted(support=least / len(shop), **wanted))
    return dict(result.each())


def same(one: Patterns, other: Patterns) -> bool:
    columns = ("parent", "item", "count")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


@given(shops | visits, st.integers(1, 3), constraints)
def test_patterns_are_those_of_the_definition(
    shop: list[Timed], least: int, gaps: dict[str, int]
) -> None:
    least = min(least, len(shop))
    assert found(shop, least, **gaps) == oracle.every(shop, least, **gaps)


@given(shops, st.integers(1, 3), st.integers(0, 3), st.none() | st.integers(0, 12))
def test_closed_patterns_are_in_no_longer_one_of_as_many_sequences(
    shop: list[Timed], least: int, window: int, span: int | None
) -> None:
    least = min(least, len(shop))
    expected = oracle.closed(oracle.every(shop, least, window=window, span=span))
    assert found(shop, least, kind="closed", window=window, span=span) == expected


@given(shops, st.sampled_from(["all", "closed"]), st.tuples(*[st.integers(1, 3)] * 4))
def test_lengths_leave_out_what_is_shorter_or_longer(
    shop: list[Timed], kind: str, bounds: tuple[int, int, int, int]
) -> None:
    length, more, elements, wider = bounds
    every = oracle.every(shop, 1)
    expected = {
        pattern: count
        for pattern, count in (oracle.closed(every) if kind == "closed" else every).items()
        if length <= sum(map(len, pattern)) < length + more
        and elements <= len(pattern) < elements + wider
    }
    lengths = {"min_length": length, "max_length": length + more - 1}
    sizes = {"min_elements": elements, "max_elements": elements + wider - 1}
    assert found(shop, 1, kind=kind, **lengths, **sizes) == expected


@given(shops, st.sampled_from(["all", "closed"]), st.sets(st.sampled_from(ITEMS), min_size=1))
def test_required_items_are_in_every_pattern(
    shop: list[Timed], kind: str, wanted: set[str]
) -> None:
    must = wanted & {item for each in shop for _, items in each for item in items}
    every = oracle.every(shop, 1)
    expected = {
        pattern: count
        for pattern, count in (oracle.closed(every) if kind == "closed" else every).items()
        if must <= set().union(*pattern)
    }
    assert found(shop, 1, kind=kind, must=tuple(sorted(must))) == expected


@given(shops, st.sampled_from(["all", "closed"]), st.integers(1, 40))
def test_the_most_frequent_are_those_of_the_highest_counts_and_their_ties(
    shop: list[Timed], kind: str, top: int
) -> None:
    every = oracle.every(shop, 1)
    every = oracle.closed(every) if kind == "closed" else every
    counts = sorted(every.values(), reverse=True)
    last = counts[top - 1] if len(counts) >= top else 1
    expected = {pattern: count for pattern, count in every.items() if count >= last}
    assert found(shop, 1, kind=kind, top=top) == expected


@given(shops, st.integers(1, 30), constraints)
def test_a_limit_gives_all_patterns_of_a_support_that_fits_and_says_so(
    shop: list[Timed], most: int, gaps: dict[str, int]
) -> None:
    wanted = Wanted(limits=Limits(patterns=most), **gaps)  # type: ignore[arg-type]  # a model checks
    result = frequent_sequences(oracle.coded(shop), wanted)
    assert dict(result.each()) == oracle.every(shop, result.least, **gaps)
    if result.cut is None:
        assert result.least == 1
    else:
        assert len(oracle.every(shop, 1, **gaps)) > most
        assert (result.cut.asked, result.cut.mined) == (1, result.least)


@pytest.mark.slow
@given(shops | visits, st.integers(1, 3), constraints, st.sampled_from([1, 2, 3, 1000]))
def test_all_paths_and_any_number_of_threads_give_the_same_nodes(
    shop: list[Timed], least: int, gaps: dict[str, int], longest: int
) -> None:
    table, support = oracle.coded(shop), min(least, len(shop)) / len(shop)
    wanted = Wanted.model_validate(
        {"support": support, "max_length": longest, "max_elements": 3, **gaps}
    )
    plain = frequent_sequences(table, wanted)
    with mock.patch.object(ground, "FEW_ENTRIES", -1):
        for worth in (0, 1, 1000):
            with mock.patch.object(ground, "WORTH", worth):
                assert same(frequent_sequences(table, wanted), plain)
        assert same(frequent_sequences(table, wanted.model_copy(update={"threads": 3})), plain)
        with mock.patch.object(ground, "FREE", None):  # single items by the loop for all elements
            assert same(frequent_sequences(table, wanted), plain)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3), st.sampled_from(ITEMS))))
def test_rows_become_the_same_sequences_on_either_path(rows: list[tuple[int, int, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["sequence", "instant", "item"])
    frame = frame.astype({"sequence": "int64", "instant": "int64", "item": "str"})
    plain = sequences_of(frame, "sequence", "instant", "item")
    with mock.patch.object(gathering, "_SMALL", 0):
        fast = sequences_of(frame, "sequence", "instant", "item")
        np.testing.assert_array_equal(
            fast.frequencies(),
            np.asarray(
                [len({row[0] for row in rows if row[2] == label}) for label in plain.labels]
            ),
        )
    names = sorted({name for name, *_ in rows})
    for made in (plain, fast):
        instants = made.instants[made.places]
        labels = made.labels[made.codes]
        told = [(names[o], t, i) for o, t, i in zip(made.owners, instants, labels, strict=True)]
        assert told == sorted(set(rows))
        assert np.all(
            np.diff(made.instants)[
                np.diff(np.repeat(np.arange(made.count), np.diff(made.elements))) == 0
            ]
            > 0
        )

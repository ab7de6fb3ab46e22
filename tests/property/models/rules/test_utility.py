"""High-utility and weighted itemsets against every subset of every basket."""

from typing import Any, TypedDict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import utility_search
from models.rules.baskets import Baskets, baskets_of
from models.rules.utility import best_bundles, high_utility
from models.rules.utility_results import Bundles, Raised, WeightedItemsets
from models.rules.utility_search import NODE_BYTES, Limit
from models.rules.weighted import weighted
from tests.oracles.utility import Brought, Line, asked, brought, carried, contents, fitting

ITEMS = "abcdef"

LINES = st.lists(
    st.tuples(
        st.integers(0, 6), st.none() | st.sampled_from(ITEMS), st.integers(-6, 12) | st.just(0)
    ),
    min_size=1,
    max_size=30,
)
GAINS = st.lists(
    st.tuples(st.integers(0, 6), st.none() | st.sampled_from(ITEMS), st.integers(0, 12)),
    min_size=1,
    max_size=30,
)
LENGTHS = st.tuples(st.integers(1, 3), st.integers(0, 3)).map(lambda at: (at[0], sum(at)))


@pytest.fixture(scope="module", params=["plain", "1 thread", "2 threads"])
def threads(request: pytest.FixtureRequest) -> Any:
    """Threads of a test that is run in plain Python, and compiled with one and two of them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "plain":
            patch.setattr(utility_search, "FEW", -1)
        yield 2 if request.param == "2 threads" else 1


def made(lines: list[Line]) -> Baskets:
    columns = {
        "basket": [basket for basket, _, _ in lines],
        "item": pd.array([item for _, item, _ in lines], dtype="str"),
        "margin": [weight for _, _, weight in lines],
    }
    return baskets_of(pd.DataFrame(columns), "basket", "item", "margin")


def told(found: Bundles | WeightedItemsets) -> Brought:
    frame = found.frame()
    sums = frame["utility" if isinstance(found, Bundles) else "weight"].tolist()
    assert sums == sorted(sums, reverse=True)
    assert len(found) == len(frame) == len(set(frame["itemsets"]))
    counts = zip(frame["count"].tolist(), sums, strict=True)
    return dict(zip(frame["itemsets"].tolist(), counts, strict=True))


class Wish(TypedDict):
    must: list[str]
    without: list[str]


def chosen(data: st.DataObject, lines: list[Line]) -> Wish:
    """Items to hold and not to hold, of those that there are."""
    there = sorted({item for _, item, _ in lines if item is not None})
    items = data.draw(st.permutations(there))
    must, without = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))
    return {"must": items[:must], "without": items[must:][:without]}


@pytest.mark.slow
@given(st.data(), LINES, LENGTHS, st.integers(1, 40))
def test_high_utility_is_what_every_subset_brings(
    threads: int, data: st.DataObject, lines: list[Line], lengths: tuple[int, int], least: int
) -> None:
    wish = chosen(data, lines)
    longest = max(lengths[1], len(wish["must"]))
    found = high_utility(
        made(lines), least, min_length=lengths[0], max_length=longest, threads=threads, **wish
    )
    assert told(found) == asked(brought(lines), least, (lengths[0], longest), **wish)
    assert (found.least, found.raised) == (least, None)
    assert found.itemsets.baskets == len(contents(lines))


@given(st.data(), LINES, st.integers(1, 3), st.integers(1, 12))
def test_the_best_are_all_that_bring_as_much_as_the_last_of_them(
    threads: int, data: st.DataObject, lines: list[Line], shortest: int, k: int
) -> None:
    wish = chosen(data, lines)
    every = asked(brought(lines), 1, (shortest, len(ITEMS)), **wish)
    ranked = sorted((utility for _, utility in every.values()), reverse=True)
    least = ranked[k - 1] if k <= len(ranked) else 1
    found = best_bundles(made(lines), k, min_length=shortest, threads=threads, **wish)
    assert told(found) == {items: each for items, each in every.items() if each[1] >= least}
    assert (found.least, found.raised) == (least, None)


@given(st.data(), LINES, st.integers(1, 20), st.integers(1, 8))
def test_what_a_limit_has_no_room_for_is_whole_at_the_smallest_threshold_that_fits(
    threads: int, data: st.DataObject, lines: list[Line], least: int, most: int
) -> None:
    wish = chosen(data, lines)
    every = asked(brought(lines), least, (1, len(ITEMS)), **wish)
    fits = max(least, fitting(every, most))
    found = high_utility(made(lines), least, limit=Limit(most), threads=threads, **wish)
    assert told(found) == {items: each for items, each in every.items() if each[1] >= fits}
    raised = Raised(least, fits, f"{most} itemsets") if len(every) > most else None
    assert (found.least, found.raised) == (fits, raised)


@given(st.data(), LINES, st.integers(1, 20), st.integers(NODE_BYTES, 8 * NODE_BYTES))
def test_bytes_count_the_itemsets_that_only_lead_to_others(
    threads: int, data: st.DataObject, lines: list[Line], least: int, most: int
) -> None:
    wish, baskets = chosen(data, lines), made(lines)
    found = high_utility(baskets, least, limit=Limit(bytes=most), threads=threads, **wish)
    assert len(found.itemsets.parent) * NODE_BYTES <= most
    assert told(found) == asked(brought(lines), found.least, (1, len(ITEMS)), **wish)
    if found.least == least:
        assert found.raised is None
        return
    assert found.raised == Raised(least, found.least, f"{most} bytes")
    larger = high_utility(baskets, found.least - 1, threads=threads, **wish)
    assert len(larger.itemsets.parent) * NODE_BYTES > most


@pytest.mark.slow
@given(st.data(), GAINS, LENGTHS, st.sampled_from((0.05, 0.1, 0.3, 0.5, 1)))
def test_weighted_support_is_the_share_of_all_weight_in_the_baskets_that_hold_an_itemset(
    threads: int, data: st.DataObject, lines: list[Line], lengths: tuple[int, int], share: float
) -> None:
    wish = chosen(data, lines)
    longest = max(lengths[1], len(wish["must"]))
    total = sum(sum(held.values()) for held in contents(lines))
    least = max(1, -(-total * round(share * 100) // 100))
    found = weighted(
        made(lines), share, min_length=lengths[0], max_length=longest, threads=threads, **wish
    )
    assert told(found) == asked(carried(lines), least, (lengths[0], longest), **wish)
    assert (found.total, found.least, found.raised) == (total, least, None)
    assert found.frame()["weighted_support"].tolist() == [
        weight / total for weight in found.frame()["weight"]
    ]


@given(LINES, st.integers(1, 20))
def test_the_trie_is_the_same_in_plain_python_and_compiled(lines: list[Line], least: int) -> None:
    tries = []
    for few in (-1, utility_search.FEW, 5_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(utility_search, "FEW", few)
            found = high_utility(made(lines), least, threads=2)
        columns = (found.itemsets.parent, found.itemsets.item, found.itemsets.count)
        tries.append(np.stack([*columns, found.utility]))
    assert (tries[0] == tries[1]).all()
    assert (tries[0] == tries[2]).all()

"""Itemsets of another engine's baskets are those of the baskets themselves, whatever is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from models.rules.baskets import Baskets, Codes, WholeArray, baskets_of
from models.rules.elsewhere import Elsewhere
from models.rules.itemsets import Itemsets
from models.rules.mining import Limits, Wanted, frequent
from tests.oracles import itemsets

ITEMS = "abcdef"

tables = st.lists(st.sets(st.sampled_from(ITEMS)), min_size=1, max_size=12)
some_items = st.sets(st.sampled_from(ITEMS), max_size=2)


@dataclass(frozen=True)
class Slow:
    """An engine that counts every set of items, and tells them in no order."""

    baskets: Sequence[frozenset[int]]
    items: int

    @property
    def count(self) -> int:
        return len(self.baskets)

    def frequencies(self) -> WholeArray:
        held = [item for basket in self.baskets for item in basket]
        return np.bincount(held, minlength=self.items).astype(np.int64)

    def holding(self, items: Codes) -> "Slow":
        wanted = set(items.tolist())
        return Slow([basket for basket in self.baskets if wanted <= basket], self.items)

    def itemsets(self, bounds: tuple[int, int, int], without: Codes) -> pa.Table | None:
        least, most, longest = bounds
        left = [basket - set(without.tolist()) for basket in self.baskets]
        found = itemsets.every(left, least).items()
        short = [(sorted(some, key=hash), n) for some, n in found if len(some) <= longest][::-1]
        if len(short) > most:
            return None
        lists = pa.array([some[::-1] for some, _ in short], pa.list_(pa.int32()))
        counts = pa.array([count for _, count in short], pa.int64())
        return pa.table({"items": lists, "count": counts})


def coded(baskets: Sequence[set[str]]) -> Baskets:
    """With every item among the labels, though one may be in no basket."""
    rows = [(number, item) for number, basket in enumerate(baskets) for item in (basket or [None])]
    rows += [(len(baskets), item) for item in ITEMS]
    frame = pd.DataFrame(rows, columns=["basket", "item"]).astype({"item": "str"})
    whole = baskets_of(frame, "basket", "item")
    return Baskets(whole.starts[:-1], whole.codes[: whole.starts[-2]], whole.labels)


def both(baskets: Sequence[set[str]], wanted: Wanted) -> tuple[Itemsets, Itemsets]:
    """What the other engine gives, and what the search on this machine does."""
    own = coded(baskets)
    far = Slow([frozenset(map(ITEMS.index, basket)) for basket in baskets], len(ITEMS))
    return frequent(Elsewhere(far, own.labels), wanted), frequent(own, wanted)


def require_same(found: Itemsets, own: Itemsets) -> None:
    assert dict(found.each()) == dict(own.each())
    assert len(found) == len(own)
    assert (found.baskets, found.least, found.cut) == (own.baskets, own.least, own.cut)
    assert found.labels.equals(own.labels)


@given(tables, st.integers(1, 4), some_items, some_items, st.tuples(*[st.integers(1, 4)] * 2))
def test_lengths_and_chosen_items_mean_the_same(
    baskets: list[set[str]],
    least: int,
    must: set[str],
    without: set[str],
    lengths: tuple[int, int],
) -> None:
    wanted = Wanted(
        support=min(1.0, least / len(baskets)),
        min_length=min(lengths),
        max_length=max(lengths),
        must=tuple(must),
        without=tuple(without - must),
    )
    require_same(*both(baskets, wanted))


@given(tables, st.integers(1, 20), some_items)
def test_a_limit_cuts_at_the_same_support_and_says_so(
    baskets: list[set[str]], most: int, must: set[str]
) -> None:
    wanted = Wanted(limits=Limits(itemsets=most), must=tuple(must))
    require_same(*both(baskets, wanted))


@given(tables, st.integers(1, 20), st.integers(1, 3))
def test_the_most_frequent_are_the_same(baskets: list[set[str]], top: int, shortest: int) -> None:
    require_same(*both(baskets, Wanted(top=top, min_length=shortest)))

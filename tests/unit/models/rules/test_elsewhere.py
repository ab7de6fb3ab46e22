"""Baskets of another engine: what it cannot do, and its tables of itemsets as tries."""

import re
from dataclasses import dataclass
from random import Random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from models.rules.baskets import Codes, WholeArray
from models.rules.elsewhere import Elsewhere, EngineUnable
from models.rules.itemsets import Itemsets
from models.rules.mining import Wanted, frequent
from models.rules.trie import PartsMissing, trie_of
from models.tries import ROOT


@dataclass(frozen=True)
class Big:
    """An engine of so many baskets, which is not to be asked anything else."""

    count: int

    def frequencies(self) -> WholeArray:
        raise AssertionError

    def holding(self, items: Codes) -> "Big":
        raise AssertionError(items)

    def itemsets(self, bounds: tuple[int, int, int], without: Codes) -> pa.Table | None:
        raise AssertionError(bounds, without)


def trie(*some: str) -> Itemsets:
    """Itemsets of letters, each with a count of its own."""
    starts = np.cumsum([0, *map(len, some)])
    codes = np.array([ord(each) - ord("a") for each in "".join(some)], dtype=np.int32)
    counts = np.arange(100, 100 + len(some))
    parent, item, count, length = trie_of(starts, codes, counts)
    found = Itemsets(parent, item, count, pd.Index(list("abcdefgh")), 1000, 1)
    assert found.lengths.tolist() == length.tolist()
    return found


def test_a_trie_is_made_of_lists_in_any_order() -> None:
    found = trie("cba", "b", "ca", "c", "ab", "a", "cb")
    assert found.parent.tolist() == [ROOT, ROOT, ROOT, 0, 0, 1, 3]
    assert found.item.tolist() == [0, 1, 2, 1, 2, 2, 2]
    assert found.count.tolist() == [105, 101, 103, 104, 102, 106, 100]


def test_every_set_keeps_its_count() -> None:
    some = ["".join(c for place, c in enumerate("abcdefgh") if n >> place & 1) for n in range(256)]
    shuffled = ["".join(Random(n).sample(each, len(each))) for n, each in enumerate(some[1:])]
    Random(0).shuffle(shuffled)
    found = trie(*shuffled)
    expected = {frozenset(each): 100 + place for place, each in enumerate(shuffled)}
    assert dict(found.each()) == expected


def test_no_itemsets_are_a_trie_without_nodes() -> None:
    assert len(trie()) == 0


@pytest.mark.parametrize("some", [("ab",), ("a", "b", "c", "abc"), ("b", "ab"), ("a", "ab", "bc")])
def test_an_itemset_without_its_parts_is_refused(some: tuple[str, ...]) -> None:
    text = (
        "itemsets need every part of theirs, but of some a part is not there; mine all frequent "
        "itemsets, those of one item included"
    )
    with pytest.raises(PartsMissing, match=f"^{re.escape(text)}$"):
        trie(*some)


@pytest.mark.parametrize("kind", ["closed", "maximal", "generators"])
def test_other_kinds_are_refused_before_the_engine_is_asked(kind: str) -> None:
    text = (
        f"another engine finds itemsets of kind='all', not kind='{kind}'; take that kind, or "
        "baskets of this machine"
    )
    far = Elsewhere(Big(10), pd.Index(["a"]))
    with pytest.raises(EngineUnable, match=f"^{re.escape(text)}$"):
        frequent(far, Wanted.model_validate({"kind": kind}))


def test_more_baskets_than_counts_have_room_for_are_refused() -> None:
    text = (
        "counts go up to 2,147,483,647 baskets, but there are 3,000,000,000; mine a shorter time "
        "or a sample"
    )
    with pytest.raises(EngineUnable, match=f"^{re.escape(text)}$"):
        Elsewhere(Big(3_000_000_000), pd.Index(["a"]))

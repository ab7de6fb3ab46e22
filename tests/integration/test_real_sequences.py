"""Sequential patterns of real sets, against libraries and against themselves."""

import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.sequences import ground
from models.sequences.mining import Wanted, frequent_sequences
from models.sequences.patterns import Patterns
from models.sequences.sequences import sequences_of

pytestmark = pytest.mark.slow


def lists_of(shared_data: Path, name: str) -> list[list[int]]:
    with gzip.open(shared_data / "sequences" / f"{name}_seq.txt.gz", "rt") as text:
        return [list(map(int, line.removesuffix("-2\n").split("-1")[:-1])) for line in text]


def mined(lists: list[list[int]], wanted: Wanted) -> Patterns:
    sizes = [len(each) for each in lists]
    rows = pd.DataFrame(
        {
            "sequence": np.repeat(np.arange(len(lists)), sizes),
            "instant": np.concatenate([np.arange(size) for size in sizes]),
            "item": np.concatenate(lists),
        }
    )
    return frequent_sequences(sequences_of(rows, "sequence", "instant", "item"), wanted)


def counted(found: Patterns) -> dict[tuple[object, ...], int]:
    return {tuple(item for (item,) in pattern): count for pattern, count in found.each()}


@pytest.mark.parametrize(("name", "support"), [("SIGN", 0.4), ("kosarak25k", 0.02)])
def test_patterns_are_those_of_prefixspan(shared_data: Path, name: str, support: float) -> None:
    prefixspan = pytest.importorskip("prefixspan", reason="it is no dependency")
    lists = lists_of(shared_data, name)
    least = math.ceil(round(support * len(lists), 6))
    found = prefixspan.PrefixSpan(lists).frequent(least)
    expected = {tuple(pattern): count for count, pattern in found}
    assert counted(mined(lists, Wanted(support=support))) == expected


@pytest.mark.parametrize(("name", "support"), [("SIGN", 0.2), ("kosarak25k", 0.005)])
def test_the_loop_for_any_elements_finds_the_same(
    shared_data: Path, name: str, support: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = lists_of(shared_data, name)
    quick = mined(lists, Wanted(support=support, threads=2))
    monkeypatch.setattr(ground, "FREE", None)
    every = mined(lists, Wanted(support=support))
    for column in ("parent", "item", "count"):
        np.testing.assert_array_equal(getattr(quick, column), getattr(every, column))


def test_a_gap_no_sequence_exceeds_changes_nothing(shared_data: Path) -> None:
    lists = lists_of(shared_data, "SIGN")
    free = mined(lists, Wanted(support=0.3))
    longest = max(map(len, lists))
    held = mined(lists, Wanted(support=0.3, max_gap=longest, span=longest))
    assert counted(free) == counted(held)
    assert len(mined(lists, Wanted(support=0.3, max_gap=5))) < len(free)

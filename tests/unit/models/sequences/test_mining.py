import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.coding import NoSuchItem
from models.sequences import ground
from models.sequences.mining import (
    Limits,
    PatternsUnclear,
    Wanted,
    frequent_sequences,
)
from models.sequences.patterns import Pattern, Patterns
from models.sequences.rows import FARTHEST
from models.sequences.sequences import Sequences, sequences_of
from models.thresholds import ThresholdUnusable


def sequences(*texts: str) -> Sequences:
    """``a bc`` is a, then b and c; an instant may be told, as in ``0:a 5:bc``."""
    rows = []
    for number, text in enumerate(texts):
        for place, word in enumerate(text.split()):
            time, _, items = word.rpartition(":")
            rows += [(number, int(time or place), item) for item in items]
    return sequences_of(pd.DataFrame(rows, columns=["s", "t", "i"]), "s", "t", "i")


def pattern(text: str) -> Pattern:
    return tuple(tuple(word) for word in text.split())


def counted(found: Patterns) -> dict[Pattern, int]:
    return dict(found.each())


def mined(texts: list[str], **wanted: Any) -> dict[str, int]:
    found = frequent_sequences(sequences(*texts), Wanted(**wanted))
    return {" ".join("".join(map(str, each)) for each in one): n for one, n in found.each()}


def test_patterns_of_the_paper_on_prefixspan() -> None:
    """Pei et al. 2004, table 1, least support 2: the patterns that begin with a."""
    texts = ["a abc ac d cf", "ad c bc ae", "ef ab df c b", "e g af c b c"]
    found = mined(texts, support=0.5)
    assert len(found) == 53
    assert {name: count for name, count in found.items() if name.startswith("a")} == {
        "a": 4,
        "a a": 2,
        "a b": 4,
        "a bc": 2,
        "a bc a": 2,
        "a b a": 2,
        "a b c": 2,
        "ab": 2,
        "ab c": 2,
        "ab d": 2,
        "ab f": 2,
        "ab d c": 2,
        "a c": 4,
        "a c a": 2,
        "a c b": 3,
        "a c c": 3,
        "a d": 2,
        "a d c": 2,
        "a f": 2,
    }


def test_a_gap_that_the_first_match_breaks_is_kept_by_a_later_one() -> None:
    assert "a b" not in mined(["0:a 9:b"], max_gap=2)
    assert mined(["0:a 8:a 9:b"], max_gap=2)["a b"] == 1
    assert mined(["0:a 8:a 9:b"], min_gap=5)["a b"] == 1
    assert "a b" not in mined(["5:a 8:a 9:b"], min_gap=5)


def test_the_span_is_measured_from_the_latest_beginning() -> None:
    assert mined(["0:a 4:a 6:b 7:c"], span=3)["a b c"] == 1
    assert "a b c" not in mined(["0:a 4:a 6:b 8:c"], span=3)


def test_items_within_a_window_are_one_element() -> None:
    found = mined(["0:a 2:b 9:c"], window=2)
    assert found == {"a": 1, "ab": 1, "a b": 1, "b": 1, "ab c": 1, "a c": 1, "b c": 1, "c": 1} | {
        "a b c": 1
    }
    assert "ab" not in mined(["0:a 3:b"], window=2)
    assert "ab c" not in mined(["0:a 2:b 9:c"], window=2, max_gap=8)  # from a on, it is 9


def test_a_pattern_in_exactly_the_share_asked_for_is_there() -> None:
    assert "a b" in mined(["a b"] * 3 + ["b a"] * 7, support=0.3)


@pytest.mark.parametrize("support", [0.0, 1.5])
def test_a_support_that_says_nothing_is_refused(support: float) -> None:
    message = f"support is a share above 0 and at most 1, but it is {support}"
    with pytest.raises(ThresholdUnusable, match=re.escape(message)):
        mined(["a"], support=support)


def test_required_items_have_to_be_known() -> None:
    message = (
        "must needs items that some row names, but none is called 'z'; look how the items are "
        "spelled"
    )
    with pytest.raises(NoSuchItem, match=re.escape(message)):
        mined(["a"], must=("z",))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            {"min_length": 3, "max_length": 2},
            "max_length is at least min_length, but they are 2 and 3",
        ),
        (
            {"min_elements": 2, "max_elements": 1},
            "max_elements is at least min_elements, but they are 1 and 2",
        ),
        ({"min_gap": 3, "max_gap": 2}, "max_gap is at least min_gap, but they are 2 and 3"),
        (
            {"kind": "closed", "max_gap": 2},
            (
                "closed patterns are not defined by max_gap, since a part of a pattern may break "
                "what the whole keeps; ask for kind='all', or for a span"
            ),
        ),
    ],
)
def test_what_no_pattern_can_keep_is_refused(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(PatternsUnclear, match=re.escape(message)):
        mined(["a"], **wanted)


def test_a_limit_is_told_with_what_it_took_away() -> None:
    found = frequent_sequences(
        sequences("a b c d e", "a b c d e", "a b", "a b"), Wanted(limits=Limits(patterns=9))
    )
    assert found.cut is not None
    assert (found.cut.asked, found.cut.mined, found.cut.limit) == (1, 3, "9 patterns")
    assert counted(found) == {pattern("a"): 4, pattern("b"): 4, pattern("a b"): 4}
    few = frequent_sequences(sequences("abcdefgh"), Wanted(limits=Limits(bytes=480)))
    assert few.cut is not None
    assert few.cut.limit == "480 bytes of patterns"
    assert len(few) == 0


def test_a_frame_has_elements_as_lists_of_names() -> None:
    frame = frequent_sequences(sequences("ab c", "ab c"), Wanted(kind="closed")).frame()
    assert frame.drop(columns="pattern").to_dict("records") == [
        {"support": 1.0, "count": 2, "length": 3, "elements": 2}
    ]
    assert [list(map(list, each)) for each in frame["pattern"]] == [[["a", "b"], ["c"]]]


def test_no_sequence_with_an_item_gives_no_pattern() -> None:
    rows = pd.DataFrame({"s": [1], "t": [1], "i": pd.Series([None], dtype="str")})
    empty = sequences_of(rows, "s", "t", "i")
    for wanted in (Wanted(), Wanted(kind="closed"), Wanted(top=3), Wanted(window=2)):
        assert frequent_sequences(empty, wanted).frame().empty


def many(seed: int = 3) -> Sequences:
    """Walks of up to 60 steps over 12 items, which come again and again."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 60, 120)
    item = random.integers(0, 12, sizes.sum()) * random.integers(0, 2, sizes.sum())
    time = np.concatenate([np.arange(size) for size in sizes])
    rows = pd.DataFrame({"s": np.repeat(np.arange(120), sizes), "t": time, "i": item})
    return sequences_of(rows, "s", "t", "i")


def test_all_paths_agree_node_by_node_on_many_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    table, wanted = many(), Wanted(support=0.5)
    monkeypatch.setattr(ground, "FEW_ENTRIES", 10**9)
    plain = frequent_sequences(table, wanted)
    assert len(plain) > 100
    monkeypatch.setattr(ground, "FEW_ENTRIES", -1)
    for worth in (0, 1, 8, 1000):
        monkeypatch.setattr(ground, "WORTH", worth)
        found = frequent_sequences(table, wanted)
        for name in ("parent", "item", "count"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_a_sequence_that_is_too_long_for_rows_counts_like_any_other() -> None:
    items = [0] + [1] * (FARTHEST + 1_000) + [2]
    short = pd.DataFrame({"s": np.repeat(np.arange(12), 3), "t": np.tile([0, 1, 2], 12)})
    short["i"] = short["t"]
    long = pd.DataFrame({"s": 99, "t": np.arange(len(items)), "i": items})
    some = sequences_of(pd.concat([short, long], ignore_index=True), "s", "t", "i")
    found = frequent_sequences(some, Wanted(support=1.0))
    assert counted(found) == {
        tuple((item,) for item in one): 13
        for one in ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2])
    }


def test_a_long_sequence_of_different_items_stops_at_the_limit_and_not_at_that_of_python() -> None:
    steps = pd.DataFrame({"s": 1, "t": np.arange(1_500), "i": np.arange(1_500)})
    found = frequent_sequences(
        sequences_of(steps, "s", "t", "i"), Wanted(limits=Limits(patterns=4_000))
    )
    assert found.cut is not None
    assert (len(found), found.cut.mined) == (0, 2)

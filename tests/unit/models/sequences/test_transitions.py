import re

import numpy as np
import pandas as pd
import pytest

from models.sequences import funnels
from models.sequences.funnels import funnel_of
from models.sequences.sequences import Sequences, sequences_of
from models.sequences.transitions import StepsUnclear, paths_of, transitions_of


def visits(*texts: str) -> Sequences:
    """``abc`` is a at 0, b at 10, c at 20; an empty text is a visit without a page."""
    rows: list[tuple[int, int, str | None]] = []
    for number, text in enumerate(texts):
        rows += [(number, 10 * place, item) for place, item in enumerate(text)]
        rows += [] if text else [(number, 0, None)]
    frame = pd.DataFrame(rows, columns=["s", "t", "i"]).astype({"i": "str"})
    return sequences_of(frame, "s", "t", "i")


def test_steps_tell_where_visits_begin_and_where_they_end() -> None:
    found = transitions_of(visits("abac", "ba", "", "c"))
    assert found.sequences == 4
    assert found.steps.to_dict("list") == {
        "item": ["a", "b", "c"],
        "views": [3, 2, 2],
        "sequences": [2, 2, 2],
        "entries": [1, 1, 1],
        "exits": [1, 0, 2],
        "entry_share": [1 / 3, 1 / 3, 1 / 3],
        "drop_off_share": [1 / 3, 0.0, 1.0],
    }


def test_moves_are_shares_of_what_went_on() -> None:
    found = transitions_of(visits("abac", "ba", "abab"))
    assert found.moves.to_dict("list") == {
        "source": ["a", "a", "b"],
        "target": ["b", "c", "a"],
        "count": [3, 1, 3],
        "sequences": [2, 1, 3],
        "probability": [0.75, 0.25, 1.0],
        "wait_p50": [10.0, 10.0, 10.0],
    }
    assert found.matrix().to_dict("index") == {
        "a": {"a": 0.0, "b": 0.75, "c": 0.25},
        "b": {"a": 1.0, "b": 0.0, "c": 0.0},
    }


def test_visits_of_one_step_and_none_make_no_move() -> None:
    found = transitions_of(visits("a", ""))
    assert found.moves.empty
    assert found.steps["drop_off_share"].tolist() == [1.0]


def test_instants_with_several_items_tell_no_order() -> None:
    rows = pd.DataFrame({"s": [1, 1, 1], "t": [1, 1, 2], "i": ["a", "b", "a"]})
    message = (
        "steps need one item at each instant, but 1 of 2 instants have several, whose order is not "
        "told; give finer instants, or number the rows of each sequence"
    )
    with pytest.raises(StepsUnclear, match=re.escape(message)):
        transitions_of(sequences_of(rows, "s", "t", "i"))


def test_paths_are_first_steps_and_say_who_ended_there() -> None:
    found = paths_of(visits("ab", "abc", "ab", "b", "", "abd"), most=2)
    assert [list(path) for path in found.pop("path")] == [["a", "b"], ["b"]]
    assert found.to_dict("list") == {
        "steps": [2, 1],
        "count": [4, 1],
        "share": [0.8, 0.2],
        "ended": [2, 1],
    }


def test_paths_of_no_step_are_refused() -> None:
    with pytest.raises(StepsUnclear, match=re.escape("paths need at least 1 step, not 0")):
        paths_of(visits("a"), most=0)


@pytest.mark.parametrize("small", [0, 5_000])
def test_a_funnel_counts_who_gets_how_far_and_how_long_it_takes(
    small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funnels, "_SMALL", small)
    found = funnel_of(visits("axbc", "ab", "bac", "c", "", "abxxc"), ("a", "b", "c"))
    assert found["sequences"].tolist() == [4, 3, 2]
    assert found["share"].tolist() == [4 / 6, 3 / 6, 2 / 6]
    assert found["step_share"].tolist() == [4 / 6, 3 / 4, 2 / 3]
    assert found["lost"].tolist() == [2, 1, 1]
    assert found["wait_p50"].fillna(-1).tolist() == [-1, 10.0, 20.0]


def test_a_funnel_within_a_time_is_looked_for_from_every_beginning() -> None:
    late = visits("axxxab", "ab", "axxxb")
    assert funnel_of(late, ("a", "b"), within=10)["sequences"].tolist() == [3, 2]
    assert funnel_of(late, ("a", "b"), within=9)["sequences"].tolist() == [3, 0]


def test_a_step_may_come_twice_but_not_at_once() -> None:
    assert funnel_of(visits("a", "aa", "aba"), ("a", "a"))["sequences"].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("steps", "found"), [(("a", "z"), "none is called 'z'"), ((), "none is given")]
)
def test_a_funnel_of_steps_that_nobody_takes_is_refused(steps: tuple[str, ...], found: str) -> None:
    message = f"a funnel needs steps that some row names, but {found}"
    with pytest.raises(StepsUnclear, match=re.escape(message)):
        funnel_of(visits("a"), steps)


def test_funnels_nest_in_random_visits() -> None:
    random = np.random.default_rng(2)
    texts = ["".join(random.choice(list("abcd"), random.integers(1, 12))) for _ in range(300)]
    found = funnel_of(visits(*texts), ("a", "b", "c"))
    pattern = [re.compile(each) for each in ("a", "a.*b", "a.*b.*c")]
    assert found["sequences"].tolist() == [
        sum(bool(each.search(text)) for text in texts) for each in pattern
    ]

"""Another engine's patterns become those of this machine's search, node by node."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from models.sequences.elsewhere import EngineUnable, PartsMissing, frequent_elsewhere, nodes_of
from models.sequences.mining import Limits, PatternsUnclear, Wanted, frequent_sequences
from models.sequences.sequences import Sequences, sequences_of

_TYPE = pa.list_(pa.list_(pa.int32()))


@dataclass(frozen=True)
class Near:
    """An engine that asks this machine, and tells patterns in no order."""

    sequences: Sequences

    @property
    def count(self) -> int:
        return self.sequences.count

    def patterns(self, bounds: tuple[int, int, int, int]) -> pa.Table | None:
        least, most, longest, widest = bounds
        wanted = Wanted(max_length=longest, max_elements=widest)
        found = {
            pattern: count
            for pattern, count in frequent_sequences(self.sequences, wanted).each()
            if count >= least
        }
        if len(found) > most:
            return None
        place = {name: number for number, name in enumerate(self.sequences.labels)}
        rows = list(found.items())
        Random(3).shuffle(rows)
        lists = [[[place[i] for i in reversed(each)] for each in pattern] for pattern, _ in rows]
        counts = pa.array([count for _, count in rows], pa.int64())
        return pa.table({"elements": pa.array(lists, _TYPE), "count": counts})


def some(seed: int) -> Sequences:
    random = np.random.default_rng(seed)
    rows = {"who": 25, "when": 5, "what": 4}
    frame = pd.DataFrame({name: random.integers(0, most, 150) for name, most in rows.items()})
    return sequences_of(frame.assign(what=frame["what"].map(str)), "who", "when", "what")


WANTED: dict[str, dict[str, Any]] = {
    "all": {"support": 0.4},
    "closed": {"support": 0.3, "kind": "closed"},
    "lengths": {"support": 0.2, "min_length": 2, "max_length": 4, "max_elements": 2},
    "closed and short": {"support": 0.2, "kind": "closed", "max_elements": 2, "max_length": 3},
    "a limit": {"limits": Limits(patterns=40), "max_length": 5},
}


@pytest.mark.parametrize("name", WANTED)
def test_nodes_are_those_of_the_search_here(name: str) -> None:
    wanted, sequences = Wanted.model_validate(WANTED[name]), some(len(name))
    own = frequent_sequences(sequences, wanted)
    far = frequent_elsewhere(Near(sequences), sequences.labels, wanted)
    assert len(own) > 3
    for column in ("parent", "item", "count"):
        assert np.array_equal(getattr(far, column), getattr(own, column))
    assert (far.least, far.cut, far.sequences) == (own.least, own.cut, own.sequences)
    pd.testing.assert_frame_equal(far.frame(), own.frame())


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_gap", 3), ("min_gap", 1), ("window", 2), ("span", 9), ("top", 5), ("must", ("1",))],
)
def test_what_another_engine_does_not_know_is_refused(name: str, value: Any) -> None:
    sequences = some(1)
    wanted = Wanted.model_validate({"support": 0.5, name: value})
    text = (
        f"another engine finds all or closed patterns of a support, but {name}={value!r} is asked "
        "for; leave it out, or take sequences of this machine"
    )
    with pytest.raises(EngineUnable, match=f"^{re.escape(text)}$"):
        frequent_elsewhere(Near(sequences), sequences.labels, wanted)


def test_lengths_that_say_nothing_are_refused_as_here() -> None:
    sequences, wanted = some(1), Wanted(min_length=3, max_length=2)
    with pytest.raises(PatternsUnclear, match="max_length is at least min_length"):
        frequent_elsewhere(Near(sequences), sequences.labels, wanted)


@pytest.mark.parametrize("lists", [[[[0], [1]]], [[[0]], [[0], [1]], [[1], [1]]]])
def test_a_pattern_without_its_part_is_refused(lists: list[list[list[int]]]) -> None:
    table = pa.table({"elements": pa.array(lists, _TYPE), "count": [1] * len(lists)})
    text = (
        "patterns need every part of theirs, but of some a part is not there; mine all frequent "
        "patterns, those of one item included"
    )
    with pytest.raises(PartsMissing, match=f"^{re.escape(text)}$"):
        nodes_of(table)


def test_no_patterns_are_no_nodes() -> None:
    table = pa.table({"elements": pa.array([], _TYPE), "count": pa.array([], pa.int64())})
    assert [len(each) for each in nodes_of(table)] == [0, 0, 0]

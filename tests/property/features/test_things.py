"""Things counted by gaps against sets of them, whatever the lines."""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.terms import Atom
from features.things import thing_values, things
from features.timeline import timeline

Line = tuple[int, int, int, int]
"""Customer, thing, day and spend."""

LARGE = 1 << 21
lines = st.lists(
    st.tuples(
        st.sampled_from([5, 6, 900]),
        st.integers(1, 4) | st.sampled_from([LARGE - 1, LARGE, LARGE + 1, 2**31 - 1]),
        st.integers(-15, 15) | st.sampled_from([-3000, 3000]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=40,
)
small = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 12), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)
days = st.lists(st.integers(-16, 18) | st.sampled_from([-3000, 3001]), min_size=1, max_size=4)
windows = st.integers(1, 12) | st.just(9000)


def in_window(mine: list[Line], window: int, as_of: int) -> list[Line]:
    return [line for line in mine if as_of - window <= line[2] < as_of]


def distinct(mine: list[Line], window: int, as_of: int) -> float:
    return len({thing for _, thing, _, _ in in_window(mine, window, as_of)})


def fresh(mine: list[Line], window: int, as_of: int) -> float:
    before = {thing for _, thing, day, _ in mine if day < as_of - window}
    return len({thing for _, thing, _, _ in in_window(mine, window, as_of)} - before)


def sums(mine: list[Line], window: int, as_of: int, measure: str) -> Counter[int]:
    """Sum of the measure by thing; what is 0 is left out."""
    found: Counter[int] = Counter()
    for _, thing, _, spend in in_window(mine, window, as_of):
        found[thing] += 1 if measure == "lines" else spend
    return +found


NAIVE: dict[str, Callable[[Counter[int]], float]] = {
    "squares": lambda by_thing: sum(n * n for n in by_thing.values()),
    "logs": lambda by_thing: math.fsum(n * math.log(n) for n in by_thing.values()),
    "top": lambda by_thing: max(by_thing.values(), default=0),
    "leader": lambda by_thing: min(
        (thing for thing, n in by_thing.items() if n == max(by_thing.values())), default=math.nan
    ),
}


def naive(atom: Atom, mine: list[Line], as_of: int) -> float:
    window = atom.oldest or 0
    if atom.kind in ("distinct", "fresh"):
        count = distinct if atom.kind == "distinct" else fresh
        return count(mine, window, as_of)
    return NAIVE[atom.kind](sums(mine, window, as_of, atom.measure))


def require_equal(found: list[Line], atoms: list[Atom], as_ofs: list[int]) -> None:
    """Each atom by customer, of one table for all atoms and days, equals that of sets."""
    customer, thing, day, spend = (
        np.array(column, dtype=np.int64) for column in zip(*found, strict=True)
    )
    measures = {"thing": thing, "lines": np.ones_like(thing), "spend": spend}
    rows = timeline(customer, day, measures)
    made = things(rows, rows.measures["thing"])
    keys = sorted({line[0] for line in found})
    for as_of in as_ofs:
        together = thing_values(made, atoms, as_of)
        for atom in atoms:
            expected = [
                naive(atom, [line for line in found if line[0] == key], as_of) for key in keys
            ]
            values = together[atom.name].tolist()
            assert values == pytest.approx(expected, rel=1e-12, nan_ok=True), (atom, as_of)


def atoms_over(window: int) -> list[Atom]:
    """Every kind of atom of things over the window."""
    counted = [Atom(kind, "r", oldest=window) for kind in ("distinct", "fresh")]
    return counted + [
        Atom(kind, "r", measure, measure, oldest=window)
        for kind in ("squares", "logs", "top", "leader")
        for measure in ("lines", "spend")
    ]


@given(lines, days, windows)
def test_atoms_of_things_equal_those_of_sets(
    found: list[Line], as_ofs: list[int], window: int
) -> None:
    require_equal(found, atoms_over(window), as_ofs)


@given(small, windows, windows)
def test_windows_of_one_table_do_not_mix(found: list[Line], one: int, other: int) -> None:
    """Few things on few days, so that most of them come back and many sums are equal."""
    require_equal(found, [*atoms_over(one), *atoms_over(other)], list(range(14)))

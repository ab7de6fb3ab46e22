"""Prefix sums against loops over the rows, whatever the rows."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.terms import Atom
from features.timeline import atom_values, timeline

Row = tuple[int, int, int]
"""Customer, day and measure."""

rows = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 9, 70_000]),
        st.integers(-25, 25) | st.sampled_from([-4000, 4000]),
        st.integers(-3, 9) | st.just(0),
    ),
    min_size=1,
    max_size=40,
)
days = st.lists(st.integers(-30, 30) | st.sampled_from([-4000, 4001]), min_size=1, max_size=4)
youngest = st.sampled_from([1, 1, 2, 8])
lengths = st.none() | st.integers(0, 20) | st.just(9000)


def seen(atom: Atom, mine: list[Row], as_of: int) -> list[tuple[int, int]]:
    """Age and measure of the rows in the window."""
    ages = ((as_of - day, measure) for _, day, measure in mine)
    return [
        (age, measure)
        for age, measure in ages
        if age >= atom.youngest and (atom.oldest is None or age <= atom.oldest)
    ]


def positive(atom: Atom, mine: list[Row], as_of: int) -> list[int]:
    return [age for age, measure in seen(atom, mine, as_of) if measure > 0]


Naive = Callable[[Atom, list[Row], int], float]

NAIVE: dict[str, Naive] = {
    "sum": lambda atom, mine, as_of: sum(x for _, x in seen(atom, mine, as_of)),
    "moment": lambda atom, mine, as_of: sum(x * age for age, x in seen(atom, mine, as_of)),
    "most": lambda atom, mine, as_of: max([0, *(x for _, x in seen(atom, mine, as_of))]),
    "since": lambda atom, mine, as_of: dict(
        enumerate(sorted(positive(atom, mine, as_of)), start=1)
    ).get(atom.rank, math.nan),
    "first": lambda atom, mine, as_of: max(positive(atom, mine, as_of), default=math.nan),
    "decayed": lambda atom, mine, as_of: math.fsum(
        x * 0.5 ** (age / (atom.half_life or 0)) for age, x in seen(atom, mine, as_of)
    ),
}


def require_equal(found: list[Row], atom: Atom, as_ofs: list[int]) -> None:
    """The atom by customer, on one timeline for all days, equals that of a loop."""
    customer, day, measure = (
        np.array(column, dtype=np.int64) for column in zip(*found, strict=True)
    )
    line = timeline(customer, day, {"m": measure})
    keys = sorted({row[0] for row in found})
    assert line.customers.tolist() == keys
    for as_of in as_ofs:
        expected = [
            NAIVE[atom.kind](atom, [row for row in found if row[0] == key], as_of) for key in keys
        ]
        values = atom_values(line, [atom], as_of)[atom.name].tolist()
        assert values == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


@given(rows, days, st.sampled_from(["sum", "moment", "most"]), youngest, lengths)
def test_windows_equal_a_loop_over_their_rows(
    found: list[Row], as_ofs: list[int], kind: str, first: int, length: int | None
) -> None:
    oldest = None if length is None else first + length
    atom = Atom(kind, "r", "m", "m", first, oldest)  # type: ignore[arg-type]  # one of the kinds
    require_equal(found, atom, as_ofs)


@given(rows, days, st.sampled_from([1, 1, 2, 3]))
def test_ages_equal_a_loop_over_the_rows_above_zero(
    found: list[Row], as_ofs: list[int], rank: int
) -> None:
    require_equal(found, Atom("since", "r", "m", "m", rank=rank), as_ofs)
    require_equal(found, Atom("first", "r", "m", "m"), as_ofs)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(-9, 9), st.integers(0, 12), st.integers(0, 1)),
        min_size=1,
        max_size=30,
    ),
    st.lists(st.integers(-10, 12), min_size=1, max_size=4),
)
def test_rows_above_an_age_equal_those_of_a_loop(
    found: list[tuple[int, int, int, int]], as_ofs: list[int]
) -> None:
    """Customer, day, gap, and whether there was an order, which sets the bar."""
    found.sort(key=lambda row: row[:2])
    customer, day, gap, orders = (
        np.array(column, dtype=np.int64) for column in zip(*found, strict=True)
    )
    line = timeline(customer, day, {"gap": gap, "orders": orders})
    atom = Atom("exceeding", "r", "gap", "gap", than="orders")
    for as_of in as_ofs:
        expected = []
        for key in sorted({row[0] for row in found}):
            mine = [row for row in found if row[0] == key and row[1] < as_of]
            bar = min((as_of - row[1] for row in mine if row[3] > 0), default=math.inf)
            expected.append(sum(row[2] > bar for row in mine))
        assert atom_values(line, [atom], as_of)[atom.name].tolist() == expected


@given(rows, days, st.sampled_from([14, 28, 91]))
def test_fading_sums_equal_a_loop_over_the_rows(
    found: list[Row], as_ofs: list[int], half_life: int
) -> None:
    require_equal(found, Atom("decayed", "r", "m", "m", half_life=half_life), as_ofs)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=9, max_size=24, unique=True),
    st.integers(1, 4),
)
def test_sums_stay_exact_where_the_total_of_all_customers_overflows(
    places: list[tuple[int, int]], length: int
) -> None:
    """Eight rows of 2^60 are too much for 64 bits; a customer has four at most."""
    found = [(customer, day, 2**60) for customer, day in places]
    require_equal(found, Atom("sum", "r", "m", "m", 1, length), [0, 1, 4, 5])

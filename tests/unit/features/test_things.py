"""Different things in a window, of the lines of a few customers."""

import math

import numpy as np
import pytest

from features.kernels import Whole
from features.terms import Measure, Term
from features.terms import Things as Named
from features.things import Things, thing_values, things
from features.timeline import timeline

PRODUCTS = Named("products")
LINES = Measure("products", "lines")
SPEND = Measure("products", "spend")
AS_OF = 100
TEA, MILK, RICE = 1, 2, 3

Line = tuple[int, int, int, int]
"""Customer, thing, day, spend."""

ANN: tuple[Line, ...] = (
    *((1, TEA, 10, 100), (1, TEA, 95, 100), (1, TEA, 95, 150)),
    *((1, MILK, 95, 40), (1, RICE, 99, 10), (1, RICE, 100, 999)),
)
"""Ann bought tea long ago and, in two lines, five days ago; milk with it; rice yesterday, today."""


def whole(numbers: list[int]) -> Whole:
    return np.array(numbers, dtype=np.int64)


def made(*lines: Line) -> Things:
    """The things of the lines, which may lie in any order."""
    customer, thing, day, spend = (whole(list(column)) for column in zip(*lines, strict=True))
    measures = {"thing": thing, "lines": whole([1] * len(lines)), "spend": spend}
    rows = timeline(customer, day, measures)
    return things(rows, rows.measures["thing"])


def valued(found: Things, term: Term, as_of: int = AS_OF) -> list[float | None]:
    (atom,) = term.atoms
    told = thing_values(found, [atom], as_of)[atom.name].tolist()
    return [None if math.isnan(value) else value for value in told]


def values(term: Term, *lines: Line, as_of: int = AS_OF) -> list[float | None]:
    """The atom of the term by customer in order of their keys; None where there is none."""
    return valued(made(*lines), term, as_of)


@pytest.mark.parametrize(("days", "count"), [(1, 1), (4, 1), (5, 3), (90, 3), (3650, 3)])
def test_a_thing_counts_once_however_often_it_is_in_the_window(days: int, count: int) -> None:
    assert values(PRODUCTS.distinct(days), *ANN) == [count]


@pytest.mark.parametrize(("days", "count"), [(1, 1), (5, 2), (89, 2), (90, 3)])
def test_a_thing_is_fresh_where_its_first_purchase_ever_is_in_the_window(
    days: int, count: int
) -> None:
    assert values(PRODUCTS.fresh(days), *ANN) == [count]


def test_a_purchase_on_as_of_counts_from_the_next_day_on() -> None:
    assert values(PRODUCTS.distinct(7), (1, TEA, 100, 1)) == [0]
    assert values(PRODUCTS.distinct(7), (1, TEA, 100, 1), as_of=101) == [1]


@pytest.mark.parametrize(("as_of", "count"), [(20, 0), (21, 1), (27, 1), (28, 0), (60, 0), (61, 1)])
def test_a_thing_that_comes_back_counts_again(as_of: int, count: int) -> None:
    """Bought on day 20 and on day 60; the window is a week."""
    lines = ((1, TEA, 20, 1), (1, TEA, 60, 1))
    assert values(PRODUCTS.distinct(7), *lines, as_of=as_of) == [count]


def test_a_thing_bought_again_before_the_window_is_over_counts_on() -> None:
    """The gap of seven days is as long as the window: it was never without."""
    lines = ((1, TEA, 20, 1), (1, TEA, 27, 1))
    counts = [values(PRODUCTS.distinct(7), *lines, as_of=day) for day in range(20, 36)]
    assert counts == [[0], *[[1]] * 14, [0]]


def test_squares_add_up_over_things() -> None:
    """Two lines of tea, one of milk, one of rice; 250, 40 and 10 of money."""
    assert values(PRODUCTS.squares(LINES, 5), *ANN) == [4 + 1 + 1]
    assert values(PRODUCTS.squares(SPEND, 5), *ANN) == [250**2 + 40**2 + 10**2]


def test_logs_add_up_n_times_its_logarithm() -> None:
    assert values(PRODUCTS.logs(LINES, 5), *ANN) == pytest.approx([2 * math.log(2)])
    assert values(PRODUCTS.logs(LINES, 90), *ANN) == pytest.approx([3 * math.log(3)])


def test_the_largest_sum_is_that_of_one_thing() -> None:
    assert values(PRODUCTS.top(LINES, 90), *ANN) == [3]
    assert values(PRODUCTS.top(SPEND, 5), *ANN) == [250]
    assert values(PRODUCTS.top(SPEND, 1), *ANN) == [10]


def test_the_leader_is_the_thing_of_which_there_is_most() -> None:
    assert values(PRODUCTS.leader(LINES, 90), *ANN) == [TEA]
    assert values(PRODUCTS.leader(LINES, 1), *ANN) == [RICE]


def test_of_things_with_equal_sums_the_lowest_key_leads() -> None:
    lines = ((1, RICE, 99, 5), (1, MILK, 98, 5), (1, TEA, 97, 4))
    assert values(PRODUCTS.leader(SPEND, 7), *lines) == [MILK]
    assert values(PRODUCTS.leader(LINES, 7), *lines) == [TEA]


def test_where_nothing_is_in_the_window_nothing_leads() -> None:
    lines = ((1, TEA, 10, 5), (2, MILK, 99, 0))
    assert values(PRODUCTS.leader(LINES, 7), *lines) == [None, MILK]
    assert values(PRODUCTS.leader(SPEND, 7), *lines) == [None, None]
    for term in (PRODUCTS.top(LINES, 7), PRODUCTS.squares(LINES, 7), PRODUCTS.distinct(7)):
        assert values(term, *lines) == [0, 1]


def test_customers_with_the_same_things_do_not_mix() -> None:
    lines = ((1, TEA, 99, 1), (2, TEA, 50, 1), (2, TEA, 99, 1), (2, MILK, 99, 1), (9, TEA, 20, 1))
    assert values(PRODUCTS.distinct(7), *lines) == [1, 2, 0]
    assert values(PRODUCTS.fresh(7), *lines) == [1, 1, 0]
    assert values(PRODUCTS.top(LINES, 60), *lines) == [1, 2, 0]


@pytest.mark.parametrize("offset", [0, (1 << 21) - 4, 1 << 21, 2**30, 2**31 - 4])
@pytest.mark.parametrize("first_key", [0, 2**31])
def test_keys_of_any_size_count_alike(offset: int, first_key: int) -> None:
    lines = [(who + first_key, thing + offset, day, spend) for who, thing, day, spend in ANN]
    assert values(PRODUCTS.distinct(5), *lines) == [3]
    assert values(PRODUCTS.fresh(5), *lines) == [2]
    assert values(PRODUCTS.top(SPEND, 5), *lines) == [250]
    assert values(PRODUCTS.leader(SPEND, 5), *lines) == [TEA + offset]


def test_a_view_of_other_customers_has_their_things() -> None:
    lines = ((1, TEA, 99, 1), (2, TEA, 50, 1), (2, TEA, 99, 1), (2, MILK, 99, 1), (9, TEA, 20, 1))
    found = made(*lines)
    seen = found.of(found.rows.of(whole([2, 5, 9])))
    assert valued(seen, PRODUCTS.distinct(7)) == [2, 0, 0]
    assert valued(seen, PRODUCTS.leader(LINES, 60)) == [TEA, None, None]


def test_atoms_that_are_asked_for_together_do_not_mix() -> None:
    terms = (
        *(PRODUCTS.distinct(1), PRODUCTS.distinct(90), PRODUCTS.fresh(5), PRODUCTS.fresh(90)),
        *(PRODUCTS.top(SPEND, 5), PRODUCTS.top(LINES, 90), PRODUCTS.leader(SPEND, 1)),
    )
    atoms = [atom for term in terms for atom in term.atoms]
    values = thing_values(made(*ANN), atoms, AS_OF)
    assert [values[atom.name].tolist() for atom in atoms] == [
        *([1], [3], [2], [3]),
        *([250], [3], [RICE]),
    ]


def test_one_table_serves_measures_windows_and_days_in_any_order() -> None:
    found = made(*ANN)
    asked = [
        (PRODUCTS.top(SPEND, 5), 100),
        (PRODUCTS.top(LINES, 5), 100),
        (PRODUCTS.top(SPEND, 90), 100),
        (PRODUCTS.top(SPEND, 5), 101),
        (PRODUCTS.distinct(5), 11),
        (PRODUCTS.distinct(5), 100),
        (PRODUCTS.top(SPEND, 5), 100),
    ]
    together = [valued(found, term, as_of)[0] for term, as_of in asked]
    assert together == [250, 2, 350, 1009, 1, 3, 250]

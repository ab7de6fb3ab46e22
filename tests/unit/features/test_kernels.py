"""Loops over the rows of a few customers, whose results are worked out by hand.

What becomes of them is held against naive loops in tests/property/features; here is what those
would not say in words.
"""

import numpy as np
import numpy.typing as npt
import pytest

from features.kernels import (
    NEVER,
    Days,
    Doubles,
    Ends,
    Whole,
    begins_of,
    faded,
    gaps_of,
    grown,
    is_apart,
    is_in_order,
    largest,
    moments,
    newest_ages,
    oldest_ages,
    places,
    positions,
    revisits,
    rows_above,
    runs_of,
    sums_of_runs,
    tallies,
    visits,
)

NAN = float("nan")
AS_OF = 100


def whole(*numbers: int) -> Whole:
    return np.array(numbers, dtype=np.int64)


def days_of(*numbers: int) -> Days:
    return np.array(numbers, dtype=np.int32)


def doubles(*numbers: float) -> Doubles:
    return np.array(numbers, dtype=np.float64)


def ends(*pairs: tuple[int, int]) -> Ends:
    """First row of each customer, and the one after the last."""
    return whole(*(first for first, _ in pairs)), whole(*(last for _, last in pairs))


def require(found: npt.NDArray[np.float64], *expected: float) -> None:
    np.testing.assert_array_equal(found, doubles(*expected))


@pytest.mark.parametrize(
    ("customer", "day"),
    [((), ()), ((3,), (7,)), ((3, 3, 3), (-9, 7, 7)), ((3, 4), (7, -7)), ((3, 3, 9), (1, 2, 0))],
)
def test_rows_by_customer_and_day_are_in_order(
    customer: tuple[int, ...], day: tuple[int, ...]
) -> None:
    assert is_in_order(whole(*customer), days_of(*day))


@pytest.mark.parametrize(
    ("customer", "day"), [((4, 3), (7, 8)), ((3, 3), (8, 7)), ((1, 3, 3, 2), (1, 1, 2, 3))]
)
def test_a_customer_or_a_day_that_comes_later_than_it_should_is_noticed(
    customer: tuple[int, ...], day: tuple[int, ...]
) -> None:
    assert not is_in_order(whole(*customer), days_of(*day))


def runs(*lines: tuple[int, int, int]) -> tuple[list[int], list[int], bool]:
    """Runs of lines of customer, day and order; the days among them; whether all is sorted."""
    customer, day, order = (list(column) for column in zip(*lines, strict=True))
    found = runs_of(whole(*customer), days_of(*day), whole(*order))
    return found[0].tolist(), found[1].tolist(), found[2]


def test_a_run_ends_with_the_order_the_day_or_the_customer() -> None:
    """All lines are of order 5 but the third."""
    found = runs((1, 10, 5), (1, 10, 5), (1, 10, 6), (1, 11, 5), (2, 11, 5), (2, 11, 5))
    assert found == ([0, 2, 3, 4], [0, 2, 3], True)


def test_an_order_that_is_interrupted_has_several_runs() -> None:
    assert runs((1, 10, 5), (1, 10, 6), (1, 10, 5)) == ([0, 1, 2], [0], True)


@pytest.mark.parametrize(
    "lines", [((2, 10, 5), (1, 10, 5)), ((1, 11, 5), (1, 10, 5)), ((2, 10, 5), (1, 11, 5))]
)
def test_runs_of_lines_that_are_not_sorted_say_so(lines: tuple[tuple[int, int, int], ...]) -> None:
    assert runs(*lines) == ([0, 1], [0, 1], False)


def test_without_lines_there_is_no_run() -> None:
    begins, days, is_sorted = runs_of(whole(), days_of(), whole())
    assert (len(begins), len(days), is_sorted) == (0, 0, True)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [((), False), ((8, 9), False), ((8, 9, 7), False), ((8, 9, 8), True), ((7, 8, 9, 8), True)],
)
def test_an_order_is_apart_where_another_lies_within_it(
    orders: tuple[int, ...], *, expected: bool
) -> None:
    """Of two days, with nothing else on the first."""
    found = whole(8, *orders)
    runs, days, _ = runs_of(whole(*[1] * len(found)), days_of(1, *[2] * len(orders)), found)
    assert is_apart(found, runs, days) == expected


def test_a_gap_is_counted_from_the_customers_last_day_with_an_order() -> None:
    """The second has ordered before the rows, the third has not, and gives something back first."""
    customer = whole(1, 1, 1, 2, 2, 3, 3)
    day, orders = days_of(5, 6, 9, 4, 7, 1, 2), whole(1, 0, 2, 1, 1, 0, 1)
    last = whole(NEVER, NEVER, NEVER, 1, 1, NEVER, NEVER)
    assert gaps_of(customer, day, orders, last).tolist() == [-1, -1, 4, 3, 3, -1, -1]


def test_a_customer_begins_where_the_one_before_ends() -> None:
    assert begins_of(whole(4, 4, 7, 9, 9)).tolist() == [0, 2, 3]
    assert begins_of(whole()).tolist() == []


def test_a_sum_goes_to_where_the_next_begins_and_the_last_to_the_end() -> None:
    assert sums_of_runs(whole(1, 2, 4, 8), whole(0, 1, 3)).tolist() == [1, 6, 8]
    assert sums_of_runs(whole(1, 2, 4, 8), whole(2)).tolist() == [12]
    assert sums_of_runs(whole(), whole()).tolist() == []


TABLE = (whole(0, 3, 3, 4), days_of(-5, 2, 3, 4))
"""Days -5, 2 and 3 of group 0, none of group 1, day 4 of group 2."""


@pytest.mark.parametrize(
    ("group", "day", "place"),
    [
        *((0, -5, 0), (0, 2, 1), (0, 3, 2), (2, 4, 3)),
        *((0, -6, -1), (0, -4, -1), (0, 1, -1), (0, 4, -1), (0, 900, -1), (0, -900, -1)),
        *((1, 2, -1), (1, 4, -1), (2, 3, -1), (2, 5, -1), (-1, 4, -1)),
    ],
)
def test_the_place_of_a_day_is_looked_for_in_its_group_alone(
    group: int, day: int, place: int
) -> None:
    assert places(*TABLE, whole(group), days_of(day)).tolist() == [place]


def test_a_position_is_that_of_the_first_row_on_the_day_or_later() -> None:
    """Two customers with rows, one without."""
    rows = ends((0, 3), (3, 3), (3, 5))
    found = positions(days_of(10, 20, 20, 5, 30), rows, whole(31, 21, 20, 6, 5))
    assert found.tolist() == [[3, 3, 5], [3, 3, 4], [1, 3, 4], [0, 3, 4], [0, 3, 3]]


def test_what_has_grown_is_right_where_the_running_sum_has_overflowed() -> None:
    running = np.array([[0, 2**62, -(2**63), -(2**62)], [0, 1, 3, 7]])
    at = np.array([[0, 1], [1, 2], [3, 3]])
    found = grown(running, at, whole(0, 1, 1), whole(0, 0, 1), whole(1, 2, 2))
    assert found.tolist() == [[2.0**62, 2.0**62], [7, 6], [6, 4]]


MEASURE = (days_of(10, 90, 99, 99), whole(5, 0, 7, -2), ends((0, 3), (3, 4), (4, 4)))
"""Rows of ages 90, 10 and 1; one of age 1, below 0; none."""


def test_a_moment_is_the_sum_of_measure_times_age() -> None:
    require(moments(*MEASURE, AS_OF), 5 * 90 + 7, -2, 0)


def test_ages_are_those_of_rows_above_zero() -> None:
    require(newest_ages(*MEASURE, AS_OF, 1), 1, NAN, NAN)
    require(newest_ages(*MEASURE, AS_OF, 2), 90, NAN, NAN)
    require(newest_ages(*MEASURE, AS_OF, 3), NAN, NAN, NAN)
    require(oldest_ages(*MEASURE, AS_OF), 90, NAN, NAN)


def test_the_largest_value_is_not_below_zero() -> None:
    require(largest(MEASURE[1], MEASURE[2]), 7, 0, 0)


def test_a_row_is_above_the_bar_of_its_customer_and_never_above_none() -> None:
    bars = doubles(5, NAN, -3)
    require(rows_above(whole(5, 6, 7, 9, -3, -2), bars, ends((0, 3), (3, 4), (4, 6))), 2, 0, 1)


def test_a_sum_fades_from_row_to_row_and_begins_anew_with_each_customer() -> None:
    """Half of it is left after a day, an eighth after two."""
    found = faded(
        days_of(4, 5, 5, 7, 1), whole(16, 8, 4, 1, 3), ends((0, 4), (4, 5)), doubles(1, 0.5, 0.125)
    )
    require(found, 16, 16, 20, 3.5, 3)


def test_gaps_lie_between_rows_of_one_thing_and_one_customer() -> None:
    """Thing 0 on days 1, 4 and 4, thing 1 on day 2; then both of another customer."""
    thing, days = whole(0, 1, 0, 0, 1, 0), days_of(1, 2, 4, 4, 3, 9)
    before, after = revisits(thing, days, ends((0, 4), (4, 6)), 2)
    assert before.tolist() == [NEVER, NEVER, 3, 0, NEVER, NEVER]
    assert after.tolist() == [3, NEVER, 0, NEVER, NEVER, NEVER]


def test_a_visit_counts_by_its_last_row_before_the_day_and_is_new_by_its_first() -> None:
    """Thing 0 of ages 9, 6 and 3, thing 1 of age 6; windows of 3 days, of 6 and of 9."""
    thing, days = whole(0, 0, 1, 0), days_of(91, 94, 94, 97)
    rows = ends((0, 4))
    gaps = revisits(thing, days, rows, 2)
    found = visits(days, gaps, rows, AS_OF, whole(3, 6, 9))
    assert found[:, :, 0].tolist() == [[1, 2, 2], [0, 1, 2]]
    before = visits(days, gaps, ends((0, 3)), 96, whole(3, 6, 9))
    assert before[:, :, 0].tolist() == [[2, 2, 2], [1, 2, 2]]


def tallied(*rows: tuple[int, int]) -> list[float]:
    """Squares, logs, top and leader of rows of thing and measure."""
    thing, measure = (list(column) for column in zip(*rows, strict=True))
    found = tallies(whole(*thing), whole(*measure), ends((0, len(rows))), 9)
    return [float(value) for value in found[:, 0]]


def test_tallies_are_of_sums_by_thing() -> None:
    """Three of thing 4 in two rows, one of thing 2."""
    assert tallied((4, 1), (2, 1), (4, 2)) == [9 + 1, 3 * np.log(3), 3, 4]


def test_of_things_of_which_there_is_equally_much_the_lowest_leads_whatever_comes_first() -> None:
    assert tallied((4, 2), (2, 2))[3] == 2
    assert tallied((2, 2), (4, 2))[3] == 2


def test_a_thing_of_which_there_is_nothing_or_less_does_not_lead() -> None:
    np.testing.assert_array_equal(tallied((4, 1), (4, -1), (2, -3)), [9, 0, 0, NAN])


def test_tallies_of_one_customer_are_not_left_to_the_next() -> None:
    rows = ends((0, 1), (1, 1), (1, 3))
    found = tallies(whole(4, 4, 2), whole(5, 1, -1), rows, 9)
    np.testing.assert_array_equal(found[2:], [[5, 0, 1], [4, NAN, 4]])
    np.testing.assert_array_equal(found[0], [25, 0, 2])

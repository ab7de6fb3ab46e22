"""Sums over windows, and ages, of the rows of a few customers."""

import math

import numpy as np
import pytest

from features.kernels import Doubles, Whole
from features.terms import Atom, Kind, Measure, Term, of
from features.timeline import Timeline, atom_values, timeline

SPEND = Measure("purchases", "spend")
AS_OF = 100

ANN, BOB, EVE = 3, 4, 900
ROWS = (
    *((ANN, 10, 5), (ANN, 90, 7), (ANN, 99, 11)),
    *((BOB, 99, 0), (BOB, 100, 13)),
    *((EVE, 150, 17),),
)
"""Customer, day and measure; of EVE there is nothing before `AS_OF`."""


def whole(*numbers: int) -> Whole:
    return np.array(numbers, dtype=np.int64)


def made(rows: tuple[tuple[int, int, int], ...] = ROWS) -> Timeline:
    """The timeline of the rows, with the measure."""
    customer, day, measure = (whole(*column) for column in zip(*rows, strict=True))
    return timeline(customer, day, {"spend": measure})


def values(
    term: Term, as_of: int = AS_OF, rows: tuple[tuple[int, int, int], ...] = ROWS
) -> list[float | None]:
    """The atom of the term by customer in order of their keys; None where there is none."""
    return valued(made(rows), term, as_of)


def valued(found: Timeline, term: Term, as_of: int = AS_OF) -> list[float | None]:
    (atom,) = term.atoms
    return told(atom_values(found, [atom], as_of)[atom.name])


def told(found: Doubles) -> list[float | None]:
    return [None if math.isnan(value) else value for value in found.tolist()]


def test_rows_that_are_sorted_stay_as_they_are() -> None:
    spend = whole(1, 2, 3)
    found = timeline(whole(3, 3, 7), whole(-5, 20, 0), {"spend": spend})
    assert found.customers.tolist() == [3, 7]
    assert (found.first.tolist(), found.last.tolist()) == ([0, 2], [2, 3])
    assert found.days.tolist() == [-5, 20, 0]
    assert found.measures["spend"] is spend


def test_rows_in_any_order_are_sorted_by_customer_and_day() -> None:
    found = timeline(whole(7, 3, 3, 3), whole(0, 20, -5, 20), {"spend": whole(1, 2, 3, 4)})
    assert found.customers.tolist() == [3, 7]
    assert (found.first.tolist(), found.last.tolist()) == ([0, 3], [3, 4])
    assert found.days.tolist() == [-5, 20, 20, 0]
    assert found.measures["spend"].tolist() == [3, 2, 4, 1]


def test_a_view_has_the_customers_that_are_asked_for_and_zero_for_one_without_a_row() -> None:
    found = made().of(whole(ANN, 500, EVE, 1000))
    assert valued(found, SPEND.ever(), 200) == [23, 0, 17, 0]
    assert valued(found, SPEND.since(), 200) == [101, None, 50, None]
    assert valued(found, SPEND.decayed(50), 150)[1] == 0


def test_what_is_made_once_serves_views_of_other_customers() -> None:
    """The first view looks at one customer; the second needs the sums of another."""
    found = made()
    for term in (SPEND.ever(), SPEND.decayed(7), SPEND.moment(90)):
        alone = valued(found.of(whole(BOB)), term, 160)
        both = valued(found.of(whole(ANN, EVE)), term, 160)
        expected = values(term, 160)
        assert [both[0], *alone, both[1]] == expected


def test_the_order_of_rows_changes_nothing() -> None:
    backwards = ROWS[::-1]
    for term in (SPEND.within(10), SPEND.moment(10), SPEND.since(), SPEND.first(), SPEND.most()):
        assert values(term, rows=backwards) == values(term)


def test_a_day_before_1970_and_the_largest_key_keep_their_order() -> None:
    rows = ((2**40, -700_000, 1), (2**40, 700_000, 2), (2**40 + 1, -700_000, 4))
    assert values(SPEND.ever(), 700_001, rows) == [3, 4]
    assert values(SPEND.ever(), -699_999, rows) == [1, 4]


def test_a_sum_looks_at_days_before_as_of_and_from_as_of_less_the_window() -> None:
    assert values(SPEND.within(10)) == [18, 0, 0]
    assert values(SPEND.within(9)) == [11, 0, 0]
    assert values(SPEND.within(1)) == [11, 0, 0]


def test_the_sum_of_a_window_before_leaves_the_last_out() -> None:
    """Days 80 to 89 and, of windows of 9, 82 to 90."""
    assert values(SPEND.before(10)) == [0, 0, 0]
    assert values(SPEND.before(9)) == [7, 0, 0]


def test_the_sum_between_two_ages_holds_both() -> None:
    assert values(SPEND.between(10, 90)) == [12, 0, 0]
    assert values(SPEND.between(11, 89)) == [0, 0, 0]


def test_a_window_longer_than_history_holds_all_of_it() -> None:
    assert values(SPEND.within(3650)) == [23, 0, 0]
    assert values(SPEND.ever()) == [23, 0, 0]


def test_a_window_that_begins_before_history_and_ends_before_it_is_empty() -> None:
    assert values(SPEND.between(1000, 3650)) == [0, 0, 0]


def test_a_moment_weighs_each_row_with_its_age() -> None:
    assert values(SPEND.moment(10)) == [7 * 10 + 11 * 1, 0, 0]
    assert values(SPEND.moment(90)) == [5 * 90 + 7 * 10 + 11 * 1, 0, 0]


def test_the_age_is_that_of_the_newest_row_above_zero_before_as_of() -> None:
    assert values(SPEND.since()) == [1, None, None]
    assert values(SPEND.since(), 99) == [9, None, None]
    assert values(SPEND.since(), 101) == [2, 1, None]


def test_a_customer_without_a_row_before_as_of_has_no_age_from_the_customer_before() -> None:
    assert values(SPEND.since(), 10) == [None, None, None]
    assert values(SPEND.since(), 151)[2] == 1


def test_the_second_newest_row_above_zero_has_rank_two() -> None:
    """Ann's are on days 10, 90 and 99; of bob there is one, from day 100 on."""
    assert values(SPEND.since(2)) == [10, None, None]
    assert values(SPEND.since(3)) == [90, None, None]
    assert values(SPEND.since(4)) == [None, None, None]
    assert values(SPEND.since(2), 99) == [89, None, None]
    assert values(SPEND.since(2), 200) == [110, None, None]


def test_where_nothing_is_above_zero_there_is_no_age_of_any_rank() -> None:
    for rank in (1, 2):
        assert values(SPEND.since(rank), rows=((1, 10, 0), (2, 10, -4))) == [None, None]


def test_a_row_exceeds_where_its_measure_is_above_the_age_of_the_newest() -> None:
    """The newest order lies 20 days back: gaps of 21 and 30 are longer, one of 20 is not.

    The gap on as_of itself is not seen; of who has no order nothing can be told.
    """
    rows = ((1, 10, 30), (1, 40, 21), (1, 60, 20), (1, 80, 5), (1, 100, 99), (2, 90, 50))
    customer, day, gap = (whole(*column) for column in zip(*rows, strict=True))
    found = timeline(customer, day, {"gaps": gap, "orders": whole(1, 1, 1, 1, 1, 0)})
    longer = Measure("purchases", "gaps").exceeding(Measure("purchases", "orders"))
    assert valued(found, longer) == [2, 0]
    assert valued(found, longer, 86) == [3, 0]


def test_the_first_age_is_that_of_the_oldest_row_above_zero() -> None:
    assert values(SPEND.first()) == [90, None, None]
    assert values(SPEND.first(), 101) == [91, 1, None]
    assert values(SPEND.first(), 10) == [None, None, None]


def test_a_customer_whose_rows_are_all_zero_has_no_first_from_the_next_customer() -> None:
    rows = ((1, 10, 0), (2, 11, 5))
    assert values(SPEND.first(), rows=rows) == [None, 89]
    assert values(SPEND.since(), rows=rows) == [None, 89]


def test_the_largest_value_is_that_of_the_window_and_zero_where_it_is_empty() -> None:
    rows = ((1, 50, 9), (1, 95, 4), (1, 99, 6), (1, 100, 99), (2, 100, 1))
    assert values(SPEND.most(5), rows=rows) == [6, 0]
    assert values(SPEND.most(50), rows=rows) == [9, 0]
    assert values(SPEND.most(), rows=rows) == [9, 0]
    assert values(SPEND.most(), 1000, rows) == [99, 1]


def test_the_largest_value_is_not_below_zero() -> None:
    assert values(SPEND.most(), rows=((1, 90, -5), (1, 91, -3))) == [0]


def test_a_row_counts_half_after_its_half_life() -> None:
    """Rows of 86 and 72 days with ages 14 and 28; that of as_of counts nothing."""
    rows = ((1, 72, 8), (1, 86, 8), (1, 100, 1000), (2, 101, 5))
    assert values(SPEND.decayed(14), rows=rows) == pytest.approx([8 / 2 + 8 / 4, 0])


def test_a_sum_is_right_where_the_running_sum_overflows() -> None:
    """Four customers of 2^62 each: the third has the running sum past 64 bits."""
    large = 2**62
    rows = tuple((key, 90, large) for key in range(1, 5))
    assert values(SPEND.within(10), rows=rows) == [2.0**62] * 4
    assert values(SPEND.ever(), rows=rows) == [2.0**62] * 4


def test_a_moment_is_right_where_the_running_sums_overflow() -> None:
    """2^61 two days ago is 2^62; dated from the first day, 20,000 days earlier, it overflows."""
    rows = ((1, 98 - 20_000, 1), *((key, 98, 2**61) for key in range(2, 6)))
    assert values(SPEND.moment(10), rows=rows) == [0, *[2.0**62] * 4]


def test_sums_above_what_doubles_hold_are_exact_before_they_are_rounded() -> None:
    """2^53 + 1 less 2^53 is 1; a running sum of doubles would say 0 or 2."""
    rows = ((1, 10, 2**53 + 1), (1, 99, 1))
    assert values(SPEND.within(5), rows=rows) == [1]


def test_one_timeline_serves_many_days_in_any_order() -> None:
    found, days = made(), (100, 20, 101, 100, 11)
    together = [valued(found, SPEND.within(10), day) for day in days]
    assert together == [values(SPEND.within(10), day) for day in days]
    assert together[1] == [5, 0, 0]


def test_measures_and_windows_of_one_call_do_not_mix() -> None:
    customer, day, measure = (whole(*column) for column in zip(*ROWS, strict=True))
    found = timeline(customer, day, {"spend": measure, "2 * spend": 2 * measure})
    double = Measure("purchases", "double", "2 * spend")
    terms = (SPEND.ever(), double.ever(), SPEND.within(10), double.between(2, 10), SPEND.since())
    atoms = [atom for term in terms for atom in term.atoms]
    values = atom_values(found, atoms, AS_OF)
    assert [told(values[atom.name])[0] for atom in atoms] == [23, 46, 18, 14, 1]


@pytest.mark.parametrize("kind", ["sum", "moment", "since", "first", "most", "decayed"])
def test_a_future_row_changes_no_atom_of_any_kind(kind: Kind) -> None:
    atom = Atom(kind, "purchases", "spend", "spend", half_life=14 if kind == "decayed" else None)
    more = made((*ROWS, (ANN, 100, 1000), (ANN, 120, 1000)))
    term = of(atom)
    assert valued(more, term) == valued(made(ROWS), term)

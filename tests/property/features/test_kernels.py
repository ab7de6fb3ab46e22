"""Compiled loops against naive ones, whatever the rows."""

import math
from collections import defaultdict
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.kernels import (
    NEVER,
    Days,
    Ends,
    Whole,
    begins_of,
    faded,
    gaps_of,
    grown,
    is_apart,
    is_in_order,
    places,
    positions,
    revisits,
    runs_of,
    sums_of_runs,
    tallies,
    visits,
)

SIZE = 4
DAYS = st.integers(-6, 6) | st.sampled_from([-4000, 4000])
FADED = 8001
"""Days between the first and the last."""

Row = tuple[int, int, int]
"""Day, thing and measure."""

rows = st.lists(st.tuples(DAYS, st.integers(0, SIZE - 1), st.integers(-2, 5)), max_size=9)
customers = st.lists(rows.map(lambda found: sorted(found, key=lambda row: row[0])), max_size=5)
"""Rows of each customer by day."""

numbers = st.integers(-(2**62), 2**62)


def whole(found: list[int]) -> Whole:
    return np.array(found, dtype=np.int64)


def days_of(found: list[int]) -> Days:
    return np.array(found, dtype=np.int32)


def laid_out(found: list[list[Row]]) -> tuple[Days, Whole, Whole, Ends]:
    """Day, thing and measure of all rows one after the other, and the ends of each customer."""
    every = [row for mine in found for row in mine]
    last = np.cumsum([len(mine) for mine in found], dtype=np.int64)
    ends = last - whole([len(mine) for mine in found]), last
    day, thing, measure = ([row[i] for row in every] for i in range(3))
    return days_of(day), whole(thing), whole(measure), ends


keys = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 2)), max_size=9)
"""Customer, day and order of lines."""


@given(keys | keys.map(sorted))
def test_rows_are_in_order_where_sorting_leaves_them_as_they_are(found: list[Row]) -> None:
    pairs = [row[:2] for row in found]
    customer, day = (whole([pair[i] for pair in pairs]) for i in range(2))
    assert is_in_order(customer, days_of(day.tolist())) == (pairs == sorted(pairs))


@given(keys | keys.map(sorted) | keys.map(lambda found: sorted(found, key=lambda row: row[:2])))
def test_runs_are_the_groups_of_neighbours(found: list[Row]) -> None:
    customer, day, order = ([row[i] for row in found] for i in range(3))
    runs, days, is_sorted = runs_of(whole(customer), days_of(day), whole(order))
    groups = [list(group) for _, group in groupby(range(len(found)), lambda row: found[row])]
    assert runs.tolist() == [group[0] for group in groups]
    of_days = groupby(range(len(groups)), lambda run: found[groups[run][0]][:2])
    assert days.tolist() == [next(group) for _, group in of_days]
    pairs = [row[:2] for row in found]
    assert is_sorted == (pairs == sorted(pairs))


@given(keys.map(lambda found: sorted(found, key=lambda row: row[:2])))
def test_an_order_is_apart_where_it_has_several_runs_on_a_day(found: list[Row]) -> None:
    customer, day, order = ([row[i] for row in found] for i in range(3))
    runs, days, _ = runs_of(whole(customer), days_of(day), whole(order))
    groups = [key for key, _ in groupby(found)]
    assert is_apart(whole(order), runs, days) == (len(set(groups)) < len(groups))


@given(keys.map(lambda found: sorted({row[:2]: row for row in found}.values())), DAYS | st.none())
def test_gaps_equal_those_of_a_walk_over_days_with_an_order(
    found: list[Row], before: int | None
) -> None:
    """The third number is how many orders there are on the day; ``before`` is the first's."""
    seen = {} if before is None else {found[0][0]: before} if found else {}
    last = [seen.get(row[0], NEVER) for row in found]
    expected = []
    for customer, day, orders in found:
        is_gap = orders > 0 and customer in seen
        expected.append(day - seen[customer] if is_gap else -1)
        if orders > 0:
            seen[customer] = day
    customers, days, orders_of = ([row[i] for row in found] for i in range(3))
    told = gaps_of(whole(customers), days_of(days), whole(orders_of), whole(last))
    assert told.tolist() == expected
    firsts = [i for i, row in enumerate(found) if i == 0 or found[i - 1][0] != row[0]]
    assert begins_of(whole(customers)).tolist() == firsts


@given(st.data(), st.lists(numbers, max_size=12))
def test_sums_of_runs_equal_those_of_slices(data: st.DataObject, values: list[int]) -> None:
    """Sums that 64 bits do not hold wrap around, as everywhere."""
    begins = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=5)))
    parts = [values[first:last] for first, last in pairwise([*begins, len(values)])]
    expected = [(sum(part) + 2**63) % 2**64 - 2**63 for part in parts]
    assert sums_of_runs(whole(values), whole(begins)).tolist() == expected


@given(
    st.lists(st.sets(DAYS, max_size=6), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(-1, 3), DAYS), max_size=9),
)
def test_places_equal_those_of_a_dictionary(
    groups: list[set[int]], asked: list[tuple[int, int]]
) -> None:
    table = [(group, day) for group, days in enumerate(groups) for day in sorted(days)]
    known = {pair: place for place, pair in enumerate(table)}
    begins = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    wanted = [pair for pair in asked if pair[0] < len(groups)]
    group, day = ([pair[i] for pair in wanted] for i in range(2))
    found = places(begins, days_of([day for _, day in table]), whole(group), days_of(day))
    assert found.tolist() == [known.get(pair, -1) for pair in wanted]


@given(customers, st.lists(DAYS, min_size=1, max_size=5))
def test_positions_count_the_rows_before_each_day(found: list[list[Row]], asked: list[int]) -> None:
    wanted = sorted(asked, reverse=True)
    day, _, _, ends = laid_out(found)
    begins = ends[0].tolist()
    expected = [
        [
            first + sum(row[0] < on for row in mine)
            for first, mine in zip(begins, found, strict=True)
        ]
        for on in wanted
    ]
    assert positions(day, ends, whole(wanted)).tolist() == expected


@given(st.data(), st.lists(numbers, max_size=8), st.integers(1, 3))
def test_what_has_grown_is_the_sum_between_two_ends(
    data: st.DataObject, values: list[int], count: int
) -> None:
    """Of two running sums, the other of them of ones; sums that 64 bits hold."""
    running = np.zeros((2, len(values) + 1), dtype=np.int64)
    running[0, 1:] = np.cumsum(whole(values))
    running[1, 1:] = np.arange(1, len(values) + 1)
    at = st.lists(st.integers(0, len(values)), min_size=count, max_size=count)
    ends = [data.draw(at) for _ in range(3)]
    found = grown(running, np.array(ends), whole([0, 1]), whole([0, 1]), whole([1, 2]))
    for place in range(count):
        first, middle, last = (end[place] for end in ends)
        total = sum(values[first:middle]) - sum(values[middle:first])
        assert found[0, place] == float((total + 2**63) % 2**64 - 2**63)
        assert found[1, place] == last - middle


@given(customers, st.sampled_from([1, 14, 91]))
def test_what_is_left_of_a_sum_is_what_is_left_of_each_row(
    found: list[list[Row]], half_life: int
) -> None:
    day, _, measure, ends = laid_out(found)
    kept = np.exp2(-np.arange(FADED) / half_life)
    expected = [
        math.fsum(x * 0.5 ** ((mine[i][0] - on) / half_life) for on, _, x in mine[: i + 1])
        for mine in found
        for i in range(len(mine))
    ]
    values = faded(day, measure, ends, kept).tolist()
    assert values == pytest.approx(expected, rel=1e-12, abs=1e-12)


def neighbours(mine: list[Row], row: int) -> tuple[int, int]:
    """Days to the rows of the same thing before and after."""
    same = [i for i, one in enumerate(mine) if one[1] == mine[row][1]]
    at = same.index(row)
    before = mine[row][0] - mine[same[at - 1]][0] if at > 0 else NEVER
    after = mine[same[at + 1]][0] - mine[row][0] if at + 1 < len(same) else NEVER
    return before, after


@given(customers)
def test_gaps_equal_those_of_a_search_among_the_customers_rows(found: list[list[Row]]) -> None:
    day, thing, _, ends = laid_out(found)
    before, after = revisits(thing, day, ends, SIZE)
    expected = [neighbours(mine, row) for mine in found for row in range(len(mine))]
    assert list(zip(before.tolist(), after.tolist(), strict=True)) == expected


@given(customers, DAYS, st.sets(st.integers(1, 15) | st.just(9000), min_size=1, max_size=3))
def test_visits_are_sets_of_things(found: list[list[Row]], as_of: int, lengths: set[int]) -> None:
    windows = sorted(lengths)
    day, thing, _, ends = laid_out(found)
    gaps = revisits(thing, day, ends, SIZE)
    first, last = positions(day, ends, whole([as_of, as_of - windows[-1]]))[::-1]
    told = visits(day, gaps, (first, last), as_of, whole(windows))
    for i, mine in enumerate(found):
        for j, window in enumerate(windows):
            seen = {thing for on, thing, _ in mine if as_of - window <= on < as_of}
            earlier = {thing for on, thing, _ in mine if on < as_of - window}
            assert told[:, j, i].tolist() == [len(seen), len(seen - earlier)]


@given(customers)
def test_tallies_equal_those_of_a_dictionary(found: list[list[Row]]) -> None:
    """Sums may be below 0; logarithms are of those above 1 alone."""
    _, thing, measure, ends = laid_out(found)
    told = tallies(thing, measure, ends, SIZE)
    for i, mine in enumerate(found):
        sums: dict[int, int] = defaultdict(int)
        for _, which, n in mine:
            sums[which] += n
        top = max([0, *sums.values()])
        leaders = [which for which, n in sums.items() if n == top and n > 0]
        expected = [
            sum(n * n for n in sums.values()),
            math.fsum(n * math.log(n) for n in sums.values() if n > 1),
            top,
            min(leaders, default=math.nan),
        ]
        assert told[:, i].tolist() == pytest.approx(expected, rel=1e-12, nan_ok=True)

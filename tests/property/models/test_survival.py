"""Kaplan and Meier's estimate against fractions, for any durations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.survival import Survival, kaplan_meier
from tests.oracles import survival as oracle

durations = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=30)


def estimated(rows: list[oracle.Duration]) -> Survival:
    return kaplan_meier([length for length, _ in rows], [is_open for _, is_open in rows])


@given(rows=durations, given=st.integers(0, 12), more=st.integers(0, 13))
def test_the_estimate_is_the_product_of_its_days(
    rows: list[oracle.Duration], given: int, more: int
) -> None:
    found = estimated(rows).outlasting(given + more, given)
    longest = max(rows)[0]
    lasting = any(length > given or (length == given and still) for length, still in rows)
    is_over = not any(still for length, still in rows if length == longest)
    if (given + more > longest and not is_over) or not lasting:
        assert math.isnan(found.value)
        return
    assert found.value == pytest.approx(float(oracle.outlasting(rows, given + more, given)))
    assert found.low <= found.value <= found.high


@given(rows=durations, time=st.integers(1, 12))
def test_the_interval_is_made_of_greenwoods_error(rows: list[oracle.Duration], time: int) -> None:
    found = estimated(rows).outlasting(time)
    if math.isnan(found.value) or found.value in (0, 1):
        return
    scale = 1.959963984540054 / (found.value * -math.log(found.value))
    half = math.log(math.log(found.low) / math.log(found.value))
    assert half == pytest.approx(oracle.standard_error(rows, time) * scale)


@given(rows=durations, copies=st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_counts_are_rows_that_come_so_often(rows: list[oracle.Duration], copies: list[int]) -> None:
    many = [row for row, count in zip(rows, copies, strict=False) for _ in range(count)]
    lengths, opened = [row[0] for row in rows], [row[1] for row in rows]
    counted = kaplan_meier(lengths, opened, copies[: len(rows)])
    if many:
        again = estimated(many)
        assert counted.times.tolist() == again.times.tolist()
        assert counted.ended.tolist() == again.ended.tolist()
        assert counted.at_risk.tolist() == again.at_risk.tolist()
    else:
        assert counted.durations == 0


@given(rows=durations, share=st.floats(0.01, 1))
def test_a_quantile_is_the_first_day_by_which_enough_have_ended(
    rows: list[oracle.Duration], share: float
) -> None:
    longest = max(rows)[0]
    reached = [day for day in range(1, longest + 1) if 1 - oracle.outlasting(rows, day) >= share]
    assert estimated(rows).quantile(share) == (reached[0] if reached else None)


@given(rows=durations)
def test_fewer_open_durations_never_make_the_end_look_later(rows: list[oracle.Duration]) -> None:
    ended = [(length, False) for length, _ in rows]
    for time in range(max(rows)[0]):
        assert estimated(ended).outlasting(time).value <= estimated(rows).outlasting(time).value

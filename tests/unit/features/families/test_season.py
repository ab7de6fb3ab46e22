"""What the same weeks of last year held, and the time of the year."""

from datetime import date

import pytest

from tests.builders import AS_OF, DAY, features, order

EARLY = order(AS_OF - 500 * DAY)
"""A customer since more than a year."""

AHEAD = (28, 56, 91)


@pytest.mark.parametrize(
    ("days_ago", "counted"),
    [(365, [0, 0, 0]), (364, [1, 1, 1]), (337, [1, 1, 1]), (336, [0, 1, 1]), (273, [0, 0, 0])],
)
def test_a_year_before_the_days_ahead_begins_52_weeks_ago(
    days_ago: int, counted: list[int]
) -> None:
    values = features(EARLY, order(AS_OF - days_ago * DAY, amount=700))
    assert [values[f"orders_count_last_year_next_{days}"] for days in AHEAD] == counted
    spent = [700 * count for count in counted]
    assert [values[f"spend_last_year_next_{days}"] for days in AHEAD] == spent


@pytest.mark.parametrize(("days_ago", "count"), [(364, 0), (365, 1), (455, 1), (456, 0)])
def test_the_days_up_to_a_year_ago_end_52_weeks_ago(days_ago: int, count: int) -> None:
    values = features(EARLY, order(AS_OF - days_ago * DAY), order())
    assert values["orders_count_last_year_past_91"] == count


@pytest.mark.parametrize(("days_ago", "is_known"), [(364, False), (365, True)])
def test_who_was_no_customer_a_year_ago_has_no_last_year(days_ago: int, is_known: bool) -> None:  # noqa: FBT001
    values = features(order(AS_OF - days_ago * DAY))
    found = [values[f"orders_count_last_year_next_{days}"] for days in AHEAD]
    assert [value is not None for value in found] == [is_known] * 3


@pytest.mark.parametrize(
    ("as_of", "week"),
    [(date(2024, 3, 1), 9), (date(2024, 12, 30), 1), (date(2021, 1, 3), 53)],
)
def test_weeks_are_those_of_the_iso_calendar(as_of: date, week: int) -> None:
    assert features(order(as_of - DAY), as_of=as_of)["week_of_year"] == week

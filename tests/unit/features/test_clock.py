"""as_of dates and half-open windows."""

import re
from datetime import UTC, date, datetime

import pytest

from features.clock import (
    DAY,
    Cutoffs,
    CutoffsTooEarly,
    HorizonNotObserved,
    OutsideHistory,
    Window,
    cutoffs,
    label_window,
    micros,
    midnight,
    newest_observable,
    require_history,
    require_observed,
)
from tests.builders import AS_OF

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)


def test_the_label_window_begins_after_the_gap() -> None:
    assert label_window(AS_OF, 7, 28) == Window(date(2024, 3, 8), date(2024, 4, 5))


def test_a_label_window_beyond_the_calendar_is_refused() -> None:
    text = (
        "labels look 35 days ahead, but the calendar ends on 9999-12-31 and as_of=9999-12-01 was "
        "asked for; use an earlier date"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(text)}$"):
        label_window(date(9999, 12, 1), 7, 28)


def test_the_last_day_of_data_is_observed() -> None:
    newest = newest_observable(LAST, 28)
    assert newest == date(2023, 12, 4)
    assert label_window(newest, 0, 28).end == LAST + DAY
    require_observed(newest, label_window(newest, 0, 28), LAST)


def test_a_horizon_that_is_not_over_is_refused() -> None:
    as_of = date(2023, 12, 11)
    text = (
        "labels for as_of=2023-12-11 need orders up to 2024-01-07, but the warehouse ends on "
        "2023-12-31; use as_of <= 2023-12-04 or wait 7 days"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(text)}$"):
        require_observed(as_of, label_window(as_of, 0, 28), LAST)


def test_the_gap_must_be_observed_too() -> None:
    as_of = date(2023, 12, 4)
    text = (
        "labels for as_of=2023-12-04 need orders up to 2024-01-01, but the warehouse ends on "
        "2023-12-31; use as_of <= 2023-12-03 or wait 1 day"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(text)}$"):
        require_observed(as_of, label_window(as_of, 1, 28), LAST)


def test_cutoffs_never_share_a_labelled_day() -> None:
    found = cutoffs(date(2023, 11, 16), label_days=28, step_days=14, count=3)
    train = (date(2023, 8, 24), date(2023, 9, 7), date(2023, 9, 21))
    assert found == Cutoffs(train, date(2023, 10, 19), date(2023, 11, 16))
    assert label_window(found.train[-1], 0, 28).end == found.calibration
    assert label_window(found.calibration, 0, 28).end == found.test


def test_cutoffs_before_the_calendar_are_refused() -> None:
    text = (
        "8 training days need 252 days before the test, but test_as_of=0001-02-01 is too close to "
        "the first day of the calendar; use a later date"
    )
    with pytest.raises(CutoffsTooEarly, match=f"^{re.escape(text)}$"):
        cutoffs(date(1, 2, 1), label_days=28, step_days=28, count=8)


@pytest.mark.parametrize("as_of", [FIRST + DAY, LAST, LAST + DAY, LAST + 366 * DAY])
def test_a_day_with_history_before_it_is_accepted(as_of: date) -> None:
    require_history([as_of], FIRST, LAST)


@pytest.mark.parametrize("as_of", [FIRST - 9 * DAY, FIRST, LAST + 367 * DAY])
def test_a_day_outside_the_history_is_refused(as_of: date) -> None:
    text = (
        f"an as_of needs orders before it, but the warehouse has orders from 2023-01-01 to "
        f"2023-12-31 and as_of={as_of} was asked for; use a date from 2023-01-02 to 2024-01-01 "
        f"(up to 2024-12-31 is accepted)"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(text)}$"):
        require_history([AS_OF - 60 * DAY, as_of], FIRST, LAST)


def test_every_day_outside_the_history_is_named() -> None:
    with pytest.raises(OutsideHistory, match="and as_of=2022-12-23, 2023-01-01 was asked for"):
        require_history([FIRST - 9 * DAY, LAST, FIRST], FIRST, LAST)


def test_an_instant_is_whole_microseconds_since_1970() -> None:
    assert micros(datetime(1970, 1, 2, 0, 0, 0, 1, tzinfo=UTC)) == 86_400_000_001
    assert micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("UTC", date(2024, 3, 1), datetime(2024, 3, 1, tzinfo=UTC)),
        ("Asia/Taipei", date(2024, 3, 1), datetime(2024, 2, 29, 16, tzinfo=UTC)),
        ("America/New_York", date(2024, 3, 10), datetime(2024, 3, 10, 5, tzinfo=UTC)),
        ("America/New_York", date(2024, 3, 11), datetime(2024, 3, 11, 4, tzinfo=UTC)),
        # Clocks went from midnight to one o'clock: the day begins at one.
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # Clocks went from one o'clock back to midnight: the day begins at the first midnight.
        ("America/Havana", date(2024, 11, 3), datetime(2024, 11, 3, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_local_midnight(zone: str, day: date, begins: datetime) -> None:
    assert midnight(day, zone).astimezone(UTC) == begins

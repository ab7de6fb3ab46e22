"""as_of dates and half-open windows [start, as_of): the only date arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from features.errors import RegularsError

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))


class HorizonNotObserved(RegularsError):
    """Labels were asked for days that have not passed yet."""


class OutsideHistory(RegularsError):
    """An as_of lies where there is nothing to look back on, or far beyond the data or calendar."""


class CutoffsTooEarly(RegularsError):
    """The history is too short for the cutoffs that the config asks for."""


@dataclass(frozen=True)
class Window:
    """Half-open days ``[start, end)``."""

    start: date
    end: date


@dataclass(frozen=True)
class Cutoffs:
    """as_of dates of one out-of-time evaluation, each after the labels of the one before."""

    train: tuple[date, ...]
    calibration: date
    test: date


def label_window(as_of: date, gap_days: int, horizon_days: int) -> Window:
    """Days that decide the label: ``[as_of + gap, as_of + gap + horizon)``.

    Raises
    ------
    OutsideHistory
        When the calendar ends before the window does.
    """
    try:
        start = as_of + gap_days * DAY
        return Window(start, start + horizon_days * DAY)
    except OverflowError as error:
        message = (
            f"labels look {gap_days + horizon_days} days ahead, but the calendar ends on "
            f"{date.max} and as_of={as_of} was asked for; use an earlier date"
        )
        raise OutsideHistory(message) from error


def days_after(day: date, days: int) -> date:
    """The day so many days later."""
    return day + days * DAY


def days_between(earlier: date, later: date) -> int:
    """Days from one day to a later one; negative when it is earlier."""
    return (later - earlier).days


def year_before(day: date) -> date:
    """The same weekday about a year earlier: 364 days before."""
    return day - 364 * DAY


def newest_observable(last_on: date, label_days: int) -> date:
    """Latest as_of whose label window ends with the last day of data, that day included."""
    return last_on + DAY - label_days * DAY


def cutoffs(test: date, label_days: int, step_days: int, count: int) -> Cutoffs:
    """Training, calibration and test dates that never share a labelled day.

    The calibration cutoff lies one label window before ``test``; the newest of ``count`` training
    cutoffs one label window before that; the others every ``step_days`` back.

    Raises
    ------
    CutoffsTooEarly
        When they reach beyond the first day of the calendar.
    """
    try:
        calibration = test - label_days * DAY
        newest = calibration - label_days * DAY
        train = tuple(newest - index * step_days * DAY for index in reversed(range(count)))
    except OverflowError as error:
        reach = 2 * label_days + (count - 1) * step_days
        message = (
            f"{count} training days need {reach} days before the test, but test_as_of={test} is "
            f"too close to the first day of the calendar; use a later date"
        )
        raise CutoffsTooEarly(message) from error
    return Cutoffs(train, calibration, test)


def require_history(as_ofs: Sequence[date], first_on: date, last_on: date) -> None:
    """Refuse an as_of that has no day of data before it or lies over a year past the data.

    Raises
    ------
    OutsideHistory
        Naming the dates and the range that can be asked for.
    """
    latest = last_on + 366 * DAY
    outside = [as_of for as_of in as_ofs if not first_on < as_of <= latest]
    if outside:
        dates = ", ".join(map(str, outside))
        message = (
            f"an as_of needs orders before it, but the warehouse has orders from {first_on} to "
            f"{last_on} and as_of={dates} was asked for; use a date from {first_on + DAY} "
            f"to {last_on + DAY} (up to {latest} is accepted)"
        )
        raise OutsideHistory(message)


def require_observed(as_of: date, window: Window, last_on: date) -> None:
    """Refuse a label window that reaches beyond the last day of data.

    Raises
    ------
    HorizonNotObserved
        Saying how long to wait or which as_of can be used.
    """
    needed = window.end - DAY
    if needed > last_on:
        latest = newest_observable(last_on, (window.end - as_of).days)
        missing = (needed - last_on).days
        message = (
            f"labels for as_of={as_of} need orders up to {needed}, but the warehouse ends on "
            f"{last_on}; use as_of <= {latest} or wait {missing} {'days' if missing > 1 else 'day'}"
        )
        raise HorizonNotObserved(message)


def micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an instant with a time zone."""
    return (instant - EPOCH) // MICROSECOND


def midnight(day: date, time_zone: str) -> datetime:
    """Instant at which ``day`` begins in ``time_zone``."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))


def day_number(day: date) -> int:
    """Days from 1970-01-01 to a day; negative before it."""
    return (day - EPOCH.date()).days


def week_of_year(day: date) -> int:
    """Week of the ISO calendar, 1 to 53."""
    return day.isocalendar().week

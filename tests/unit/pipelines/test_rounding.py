from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from models.metrics import Estimate
from pipelines.rounding import (
    count,
    day,
    days,
    fraction,
    instant,
    interval,
    money,
    percent,
    shortened,
    signed,
    times,
    with_interval,
)

NAN = float("nan")


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.848, ".848"), (1.0, "1.000"), (1.2344, "1.234"), (-0.012, "−.012"), (0.0, ".000")],
)
def test_a_fraction_has_three_decimals_and_no_leading_zero(value: float, text: str) -> None:
    assert fraction(value) == text


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert (fraction(-0.0004), signed(0.0004), signed(-0.0004)) == (".000", ".000", ".000")


def test_a_difference_shows_its_sign() -> None:
    assert (signed(0.031), signed(-0.031), signed(0.4, times)) == ("+.031", "−.031", "+0.4")


def test_an_estimate_is_written_with_its_interval() -> None:
    found = Estimate(value=0.8481, low=0.8262, high=0.8693)
    assert plain(with_interval(found)) == ".848 (.826 to .869)"
    assert plain(interval(found)) == ".826 to .869"


def test_an_estimate_that_is_not_defined_says_so_once() -> None:
    assert with_interval(Estimate(NAN, NAN, NAN)) == "not defined"


@pytest.mark.parametrize("write", [fraction, times, count, percent])
def test_a_number_that_is_not_defined_says_so(write: object) -> None:
    assert callable(write)
    assert write(NAN) == "not defined"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.0004, "under 0.1 %"),
        (0.0014, "0.1 %"),
        (0.05, "5 %"),
        (0.096, "9.6 %"),
        (0.0999, "10 %"),
        (0.114, "11 %"),
        (1.0, "100 %"),
        (-0.2, "−20 %"),
    ],
)
def test_a_percentage_has_a_decimal_only_below_ten(share: float, text: str) -> None:
    assert plain(percent(share)) == text


def test_counts_separate_thousands() -> None:
    assert (count(12840), count(31.2), count(-0.3)) == ("12,840", "31", "0")


def test_money_is_written_in_whole_units_of_its_currency() -> None:
    assert plain(money(1_240_049, "USD", 2)) == "USD 12,400"
    assert plain(money(12_400, "TWD", 0)) == "TWD 12,400"


def test_few_dates_are_listed_and_many_are_a_range() -> None:
    dates = [date(2017, 4, 6) + timedelta(days=28 * step) for step in range(4)]
    assert plain(day(dates[0])) == "6 April 2017"
    assert plain(days(dates[:2])) == "6 April 2017, 4 May 2017"
    assert plain(days(dates[::-1])) == "4 cutoffs, 6 April 2017 to 29 June 2017"
    assert days([]) == "nothing"


def test_an_instant_names_its_zone() -> None:
    at = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    taipei = timezone(timedelta(hours=8))
    assert plain(instant(at)) == "21 November 2026, 09:05 UTC"
    assert plain(instant(at.astimezone(taipei))) == "21 November 2026, 17:05 UTC+08:00"


def test_a_fingerprint_is_shortened_and_a_short_text_is_not() -> None:
    assert shortened("77aa04c1e9f2beef") == "77aa04c1e9f2…"
    assert shortened("7") == "7"

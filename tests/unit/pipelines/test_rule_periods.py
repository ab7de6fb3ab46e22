"""Periods that rules are compared between lie within the days mined, without a day in common."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from features.clock import Window
from pipelines.change_settings import Changes
from pipelines.rule_periods import Periods, PeriodsTooLong, periods_of
from tests.loading import fully

END = date(2024, 3, 1)


def mined(days: int) -> Window:
    return Window(END - timedelta(days=days), END)


def found(days: int, **settings: Any) -> Periods | None:
    return periods_of(Changes.model_validate(settings), mined(days))


def window(start: int, end: int) -> Window:
    """Days before the end of those mined."""
    return Window(END - timedelta(days=start), END - timedelta(days=end))


@pytest.mark.parametrize(
    ("days", "settings", "older", "newer"),
    [
        (60, {}, (60, 30), (30, 0)),
        (61, {}, (60, 30), (30, 0)),
        (60, {"newer_days": 14}, (28, 14), (14, 0)),
        (60, {"newer_days": 14, "older_days": 46}, (60, 14), (14, 0)),
        (60, {"older_days": 7}, (37, 30), (30, 0)),
        (400, {"against": "year_before"}, (400, 364), (36, 0)),
        (1000, {"against": "year_before"}, (728, 364), (364, 0)),
        (400, {"against": "year_before", "newer_days": 28}, (392, 364), (28, 0)),
        (400, {"against": "year_before", "newer_days": 28, "older_days": 35}, (392, 357), (28, 0)),
    ],
)
def test_periods_end_with_the_days_mined_and_begin_within_them(
    days: int, settings: dict[str, Any], older: tuple[int, int], newer: tuple[int, int]
) -> None:
    assert found(days, **settings) == Periods(window(*older), window(*newer))


def test_nothing_is_compared_where_nothing_is_asked_for_or_a_day_has_no_half() -> None:
    assert found(60, against="nothing") is None
    assert found(1) is None
    assert found(2) == Periods(window(2, 1), window(1, 0))


@pytest.mark.parametrize(
    ("days", "settings", "needed"),
    [
        (60, {"newer_days": 31}, 62),
        (60, {"newer_days": 20, "older_days": 41}, 61),
        (364, {"against": "year_before"}, 365),
        (380, {"against": "year_before", "newer_days": 17}, 381),
    ],
)
def test_periods_that_begin_before_the_days_mined_are_refused(
    days: int, settings: dict[str, Any], needed: int
) -> None:
    is_too_short = days < 365 and settings.get("against") == "year_before"
    shorter = "" if is_too_short else "shorter rules.changes.newer_days and older_days, "
    text = (
        f"rules of two periods (rules.changes) need {needed} days to mine, but there are {days}, "
        f"from {mined(days).start} to 2024-02-29; use {shorter}more days to mine, or another "
        "rules.changes.against"
    )
    with pytest.raises(PeriodsTooLong, match=fully(text)):
        found(days, **settings)


def test_periods_of_a_year_and_more_would_run_into_each_other() -> None:
    text = "needs an older period of up to 364 days, so that it ends before the newer one begins"
    with pytest.raises(ValidationError, match=text):
        Changes(against="year_before", newer_days=365)
    with pytest.raises(ValidationError, match=text):
        Changes(against="year_before", older_days=400)
    assert Changes(against="year_before", newer_days=400, older_days=364).older_days == 364
    assert Changes(newer_days=400).newer_days == 400

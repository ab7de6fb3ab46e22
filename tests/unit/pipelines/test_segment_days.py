"""Days of a search for segments: nothing behind the data, and earlier ones where there are any."""

import re
from datetime import date, timedelta

import pytest

from features.clock import OutsideHistory
from features.labels import LabelsMissing
from features.settings import ChurnDefinition
from features.star import History
from pipelines.segment_days import ONE_DAY, days_back, segment_days
from pipelines.segment_settings import Segments

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
SHOP = History(FIRST, LAST, 1, 1, 1, 0)
NO_ORDERS = History(LAST, LAST, 0, 10, 0, 0)  # of labels
SILENT = ChurnDefinition(horizon_days=28)
LABELLED = ChurnDefinition(kind="labelled")


def test_the_newest_day_is_the_one_whose_churn_is_known() -> None:
    days = segment_days(Segments(), SILENT, SHOP, [])
    assert days.as_of == date(2024, 12, 4)
    assert days.known_until == date(2025, 1, 1)
    assert days.earlier == date(2024, 9, 4)
    assert days.later == (date(2025, 1, 1),)
    assert days.all == (date(2024, 9, 4), date(2024, 12, 4), date(2025, 1, 1))


def test_an_earlier_day_that_is_asked_for_has_up_to_three_later_ones() -> None:
    days = segment_days(Segments(as_of=date(2024, 7, 1)), SILENT, SHOP, [])
    assert days.later == (date(2024, 7, 29), date(2024, 8, 26), date(2024, 9, 23))


def test_the_day_behind_the_last_order_is_the_last_that_can_be_asked_for() -> None:
    end = LAST + timedelta(days=1)
    days = segment_days(Segments(as_of=end), SILENT, SHOP, [])
    assert (days.as_of, days.known_until, days.later) == (end, end, ())
    with pytest.raises(OutsideHistory, match=r"up to 2025-01-01$"):
        segment_days(Segments(as_of=end + timedelta(days=1)), SILENT, SHOP, [])
    with pytest.raises(OutsideHistory, match=r"use segments\.as_of after 2024-01-01"):
        segment_days(Segments(as_of=FIRST), SILENT, SHOP, [])


def test_money_before_the_earlier_day_must_be_known() -> None:
    just = FIRST + timedelta(days=2 * 91)
    assert segment_days(Segments(as_of=just), SILENT, SHOP, []).earlier is not None
    days = segment_days(Segments(as_of=just - timedelta(days=1)), SILENT, SHOP, [])
    assert days.earlier is None
    assert days.no_earlier == (
        "a comparison with 2024-03-31 needs orders from 2023-12-31 on, segments.earlier_days=91 "
        "before it, but they begin on 2024-01-01"
    )


def test_money_counts_in_as_many_days_as_lie_between() -> None:
    days = segment_days(Segments(), SILENT, SHOP, [])
    assert days_back(days, date(2024, 12, 4), date(2025, 1, 1)) == 28
    assert days_back(days, date(2024, 1, 15), date(2024, 2, 12)) is None


def test_labels_tell_the_day_of_a_business_without_orders() -> None:
    told = [date(2024, 5, 1), date(2024, 6, 1)]
    days = segment_days(Segments(), LABELLED, NO_ORDERS, told)
    assert (days.as_of, days.earlier, days.no_earlier) == (told[1], None, ONE_DAY)
    assert days_back(days, *told) is None


def test_without_orders_and_labels_nothing_tells_the_day() -> None:
    message = (
        "segments need a day, but there are neither orders nor labels that tell one; set "
        "segments.as_of"
    )
    with pytest.raises(LabelsMissing, match=f"^{re.escape(message)}$"):
        segment_days(Segments(), LABELLED, NO_ORDERS, [])
    with pytest.raises(OutsideHistory, match=r"the warehouse has none; run: regulars build$"):
        segment_days(Segments(), SILENT, NO_ORDERS, [])

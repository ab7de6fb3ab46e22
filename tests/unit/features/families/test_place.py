"""Which stores and channels, which hours and days of the week."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import AS_OF, DAY, Order, Shop, features, features_in, order

PARTS = ("night", "morning", "afternoon", "evening")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def at_store(store: str | None, days_ago: int = 1, product: str = "tea") -> Order:
    return replace(order(AS_OF - days_ago * DAY, product=product), store=store)


def through(channel: str | None, number: str) -> Order:
    return replace(order(number=number), channel=channel)


def test_stores_are_counted_once_per_window() -> None:
    values = features(at_store("north"), at_store("north", 2), at_store("south", 9))
    assert values["stores_count_7d"] == 1
    assert values["stores_count_28d"] == 2


def test_the_main_store_has_three_items_of_the_four_that_have_a_store() -> None:
    rows = [at_store("north", product=name) for name in ("tea", "milk", "rice")]
    values = features(*rows, at_store("south", 2), at_store(None, 3))
    assert values["main_store_share_28d"] == 0.75


def test_who_never_bought_at_a_named_store_has_no_stores() -> None:
    values = features(at_store(None))
    assert values["stores_count_7d"] is None
    assert values["main_store_share_28d"] is None


def test_the_share_of_a_channel_is_of_all_orders() -> None:
    rows = [through(channel, str(n)) for n, channel in enumerate(["web", "web", "shop", None])]
    values = features(*rows)
    assert values["web_orders_share_28d"] == 0.5
    assert values["shop_orders_share_28d"] == 0.25


def test_an_order_through_two_channels_counts_for_the_first_by_name() -> None:
    rows = [through("web", "1"), replace(through("shop", "1"), product="milk")]
    values = features(*rows)
    assert values["shop_orders_share_28d"] == 1
    assert values["web_orders_share_28d"] == 0


def test_what_is_given_back_in_an_order_does_not_decide_its_channel() -> None:
    back = replace(through("shop", "1"), product="milk", quantity=-1, amount=-100)
    values = features(through("web", "1"), back)
    assert values["web_orders_share_28d"] == 1
    assert values["shop_orders_share_28d"] == 0


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        *((0, "night"), (5, "night"), (6, "morning"), (11, "morning")),
        *((12, "afternoon"), (17, "afternoon"), (18, "evening"), (23, "evening")),
    ],
)
def test_a_quarter_of_the_day_begins_at_every_sixth_hour(hour: int, part: str) -> None:
    values = features(order(datetime(2024, 2, 29, hour, 59, 59, tzinfo=UTC)))
    assert {name for name in PARTS if values[f"{name}_orders_share_28d"]} == {part}


def test_hours_and_days_of_the_week_are_local() -> None:
    """16:30 UTC on Wednesday is half past midnight on Thursday in Taipei."""
    shop = Shop((order(datetime(2024, 2, 28, 16, 30, tzinfo=UTC)),), time_zone="Asia/Taipei")
    values = features_in(shop)
    assert values["night_orders_share_28d"] == 1
    assert values["thursday_orders_share_28d"] == 1


def test_an_order_has_the_hour_of_its_first_line() -> None:
    first = datetime(2024, 2, 29, 11, 59, tzinfo=UTC)
    rows = [order(first + timedelta(minutes=n), product=str(n), number="1") for n in range(3)]
    values = features(*rows)
    assert values["morning_orders_share_28d"] == 1
    assert values["afternoon_orders_share_28d"] == 0


def test_each_day_of_the_week_before_as_of_has_a_seventh_of_the_orders() -> None:
    """`AS_OF` is a Friday; Thursday has a second order, an eighth of them each."""
    rows = [order(AS_OF - n * DAY) for n in range(1, 8)]
    values = features(*rows, order(number="second"))
    shares = [values[f"{day}_orders_share_28d"] for day in WEEK]
    assert shares == [1 / 8, 1 / 8, 1 / 8, 2 / 8, 1 / 8, 1 / 8, 1 / 8]


def test_a_window_without_orders_has_no_mix() -> None:
    values = features(order(AS_OF - 29 * DAY))
    names = ("web", "night", "monday")
    assert [values[f"{name}_orders_share_28d"] for name in names] == [None] * 3

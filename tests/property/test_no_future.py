"""Whatever a table says about a day, it says with what was known before that day began."""

import random
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import slices
from features.behaviour import build
from features.settings import Cohort
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Shop,
    behaviour,
    built,
    content,
    features_in,
    midnight_in,
    order,
    returned,
)
from tests.shops import MICROSECOND, futures, shops, together

CONTRACT = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
DAYS = (AS_OF - 28 * DAY, AS_OF - 3 * DAY, AS_OF)


def tables(shop: Shop) -> list[bytes]:
    """The tables of those who ordered and of those who have a contract."""
    with built(shop) as (con, sources):
        return [content(build(con, [AS_OF], sources, rule)) for rule in (SETTINGS, CONTRACT)]


@given(st.data())
def test_rows_on_as_of_or_later_change_nothing(data: st.DataObject) -> None:
    """Adding, changing and deleting: the table of any future is the table of none."""
    shop = data.draw(shops())
    whole = together(shop, data.draw(futures(shop.time_zone)))
    assert tables(whole) == tables(shop)


@settings(max_examples=15)
@given(st.data())
def test_one_call_with_several_days_equals_a_call_for_each(data: st.DataObject) -> None:
    """At each of the days the later of them are the future."""
    shop = data.draw(shops())
    early = order(midnight_in(DAYS[0], shop.time_zone) - DAY)
    shop = together(shop.with_orders(early), data.draw(futures(shop.time_zone)))
    with built(shop) as (con, sources):
        parts = [build(con, [day], sources, SETTINGS) for day in DAYS]
        at_once = build(con, DAYS[::-1], sources, SETTINGS)
    assert content(pa.concat_tables(parts)) == content(at_once)


@settings(max_examples=10)
@given(shops())
def test_a_few_customers_at_a_time_equal_all_at_once(shop: Shop) -> None:
    at_once = content(behaviour(shop))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "BUDGET_LINES", 1)
        patch.setattr(slices, "BLOCK_KEYS", 3)
        assert content(behaviour(shop)) == at_once


@settings(max_examples=15)
@given(shops(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shop: Shop, chance: random.Random) -> None:
    orders, customers = list(shop.orders), list(shop.customers)
    chance.shuffle(orders)
    chance.shuffle(customers)
    shuffled = replace(shop, orders=tuple(orders), customers=tuple(customers))
    assert content(behaviour(shuffled)) == content(behaviour(shop))


@settings(max_examples=10)
@given(shops(), st.sampled_from([1, 3, 8]))
def test_the_number_of_threads_changes_nothing(shop: Shop, threads: int) -> None:
    assert content(behaviour(shop, threads=threads)) == content(behaviour(shop, threads=2))


@pytest.mark.parametrize(
    ("zone", "as_of"),
    [
        ("UTC", AS_OF),
        ("Asia/Taipei", AS_OF),
        # Clocks go forward on the day before as_of, on as_of, back before it, back on it.
        ("America/New_York", date(2024, 3, 11)),
        ("America/New_York", date(2024, 3, 10)),
        ("America/New_York", date(2024, 11, 4)),
        ("America/New_York", date(2024, 11, 3)),
        ("Europe/London", date(2024, 4, 1)),
        ("Europe/London", date(2024, 10, 28)),
        # Half an hour of summer time; a day without midnight; a day with two; a day that never was.
        ("Australia/Lord_Howe", date(2024, 4, 8)),
        ("America/Sao_Paulo", date(2018, 11, 4)),
        ("America/Havana", date(2024, 11, 3)),
        ("Pacific/Apia", date(2011, 12, 31)),
    ],
)
def test_the_last_microsecond_before_local_midnight_is_seen_and_midnight_is_not(
    zone: str, as_of: date
) -> None:
    midnight = midnight_in(as_of, zone)
    before = order(midnight - MICROSECOND, number="before", amount=1)
    rows = (before, order(midnight, number="at", amount=10))
    values = features_in(Shop(rows, time_zone=zone), as_of=as_of)
    assert values["spend_7d"] == 1
    assert values["orders_count"] == 1


def test_a_return_at_midnight_is_not_seen() -> None:
    midnight = midnight_in(AS_OF, "Asia/Taipei")
    shop = Shop((order(), returned(midnight)), time_zone="Asia/Taipei")
    assert features_in(shop)["days_since_return"] is None


def test_the_same_instant_is_a_different_day_in_another_zone() -> None:
    rows = (order(AS_OF - 9 * DAY), order(midnight_in(AS_OF, "Asia/Taipei")))
    assert features_in(Shop(rows, time_zone="Asia/Taipei"))["days_since_order"] == 9
    assert features_in(Shop(rows, time_zone="America/New_York"))["days_since_order"] == 1


def test_a_new_customer_of_the_future_does_not_move_the_keys_of_the_others() -> None:
    shop = Shop((order(customer="bob"),), (Customer("bob", "gold"),))
    more = shop.with_orders(order(AS_OF, "ann"), order(AS_OF, "zoe"))
    assert content(behaviour(more)) == content(behaviour(shop))

"""Whatever a table says about a day, it says with what was known before that day began."""

import random
from dataclasses import replace
from datetime import date
from typing import TypeVar

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import slices
from features.behaviour import build
from features.settings import Cohort, Engine
from tests.builders import (
    AS_OF,
    DAY,
    Campaign,
    Customer,
    Response,
    Shop,
    Visit,
    behaviour,
    built,
    content,
    features_in,
    midnight_in,
    order,
    returned,
)
from tests.shops import ASKED, MICROSECOND, futures, shops, together

RULES = tuple(
    ASKED.model_copy(update={"cohort": cohort})
    for cohort in (Cohort(), Cohort(contract="active"), Cohort(contract="prospect"))
)
Row = TypeVar("Row")
HALF = settings(max_examples=settings().max_examples // 2)
"""Half as many examples as in other tests, for there are two shops in each."""

DAYS = (AS_OF - 28 * DAY, AS_OF - 3 * DAY, AS_OF)


def tables(shop: Shop) -> list[bytes]:
    """The tables of those who ordered, of those who have a contract, and of prospects."""
    with built(shop) as (con, sources):
        return [content(build(con, [AS_OF], sources, rule)) for rule in RULES]


def table_of(shop: Shop, threads: int = 2) -> bytes:
    """The table of those who ordered."""
    return content(behaviour(shop, settings=ASKED, threads=threads))


@HALF
@given(st.data())
def test_rows_on_as_of_or_later_change_nothing(data: st.DataObject) -> None:
    """Adding, changing and deleting: the table of any future is the table of none."""
    shop = data.draw(shops())
    whole = together(shop, data.draw(futures(shop.time_zone)))
    assert tables(whole) == tables(shop)


@settings(max_examples=6)
@given(st.data())
def test_one_call_with_several_days_equals_a_call_for_each(data: st.DataObject) -> None:
    """At each of the days the later of them are the future."""
    shop = data.draw(shops())
    early = order(midnight_in(DAYS[0], shop.time_zone) - DAY)
    shop = together(shop.with_orders(early), data.draw(futures(shop.time_zone)))
    with built(shop) as (con, sources):
        parts = [build(con, [day], sources, ASKED) for day in DAYS]
        at_once = build(con, DAYS[::-1], sources, ASKED)
    assert content(pa.concat_tables(parts)) == content(at_once)


@settings(max_examples=5)
@given(shops())
def test_a_few_customers_at_a_time_equal_all_at_once(shop: Shop) -> None:
    with built(shop) as (con, sources), pytest.MonkeyPatch.context() as patch:
        at_once = build(con, [AS_OF], sources, RULES[1])
        patch.setattr(slices, "BLOCK_KEYS", 2)
        assert len(slices.turns(con, 1)) > 1
        few = Engine(turn_rows=1)
        assert content(build(con, [AS_OF], sources, RULES[1], engine=few)) == content(at_once)


@settings(max_examples=8)
@given(shops(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shop: Shop, chance: random.Random) -> None:
    def shuffled(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(chance.sample(rows, len(rows)))

    otherwise = replace(
        shop,
        orders=shuffled(shop.orders),
        customers=shuffled(shop.customers),
        conversations=shuffled(shop.conversations),
        visits=shuffled(shop.visits),
        campaigns=shuffled(shop.campaigns),
        responses=shuffled(shop.responses),
    )
    assert table_of(otherwise) == table_of(shop)


@settings(max_examples=5)
@given(shops(), st.sampled_from([1, 3]))
def test_the_number_of_threads_changes_nothing(shop: Shop, threads: int) -> None:
    assert table_of(shop, threads) == table_of(shop)


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
    before = midnight - MICROSECOND
    shop = Shop(
        (order(before, number="before", amount=1), order(midnight, number="at", amount=10)),
        contacts=(("ann", before), ("ann", midnight)),
        visits=(Visit("ann", before, pages=1), Visit("ann", midnight, pages=10)),
        campaigns=(Campaign("ann", before), Campaign("ann", midnight)),
        responses=(Response("ann", before), Response("ann", midnight)),
        time_zone=zone,
    )
    values = features_in(shop, as_of=as_of)
    assert values["spend_7d"] == 1
    assert values["orders_count"] == 1
    assert values["contacts_count_7d"] == 1
    assert values["web_pages_count_7d"] == 1
    assert values["campaigns_count_7d"] == 1
    assert values["responses_count_7d"] == 1


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

"""What a customer did on a day, and what the days before say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from features.behaviour import shape_of
from features.clock import day_number
from features.contract import Orders
from features.daily import (
    CATEGORY_PRICE,
    LOG_UNITS,
    SLOTS,
    category_day,
    customer_day,
    line_measures,
    order_measures,
)
from features.spelling import DuckDB
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, SETTINGS, Order, Shop, built, order, returned

TODAY = day_number(AS_OF)
ALL = Orders(
    category="category",
    channels=("web", "shop"),
    has_products=True,
    has_discounts=True,
    has_coupons=True,
    has_costs=True,
    has_private_labels=True,
    has_returns=True,
)
SETTINGS_WITH_CHANNELS = SETTINGS.model_copy(update={"channels": ALL.channels})

Row = Mapping[str, int]


def rows(con: Connection, query: str) -> list[Row]:
    """Rows of a query in order of their columns."""
    found: list[Row] = con.sql(f"SELECT * FROM ({query}) ORDER BY ALL").to_arrow_table().to_pylist()
    return found


def days_of(shop: Shop, orders: Orders = ALL) -> list[Row]:
    """A row per customer and day."""
    with built(shop) as (con, sources):
        told = shape_of(sources, SETTINGS_WITH_CHANNELS).orders
        assert told is not None
        if orders.category is not None:
            con.execute(f"CREATE TABLE category_day AS {category_day('category', DuckDB())}")
            con.execute(f"CREATE TABLE category_price AS {CATEGORY_PRICE}")
        return rows(con, customer_day(orders, DuckDB()))


def days(
    *lines: Order,
    categories: tuple[tuple[str, str], ...] = (),
    unit_costs: tuple[tuple[str, int], ...] = (),
    private_labels: tuple[tuple[str, bool], ...] = (),
) -> list[Row]:
    shop = Shop(lines, categories=categories)
    return days_of(replace(shop, unit_costs=unit_costs, private_labels=private_labels))


def values(found: Sequence[Row], *names: str) -> list[tuple[int, ...]]:
    """Values of the columns by row."""
    return [tuple(row[name] for name in names) for row in found]


def at(hour: int, minute: int = 0, *, days_ago: int = 1) -> datetime:
    return datetime.combine(AS_OF - days_ago * DAY, time(hour, minute), UTC)


def test_a_day_of_one_line_has_every_measure() -> None:
    """Tea for 100, a discount of 25 of which 10 by coupon, which cost 60 to make; at noon."""
    line = replace(order(discount=25), channel="web", coupon=10)
    shop = Shop(
        (line,),
        categories=(("tea", "drinks"),),
        unit_costs=(("tea", 60),),
        private_labels=(("tea", True),),
    )
    assert days_of(shop) == [
        {
            "customer_key": 1,
            "day": TODAY - 1,
            "lines": 1,
            "spend": 100,
            "returned_lines": 0,
            "returned_amount": 0,
            "discount": 25,
            "discounted_lines": 1,
            "coupon": 10,
            "coupon_lines": 1,
            "costed_spend": 100,
            "cost": 60,
            "branded_lines": 1,
            "private_lines": 1,
            "full_price": 0,
            "usual_price": 0,
            "orders": 1,
            "single_line_orders": 1,
            "night_orders": 0,
            "morning_orders": 0,
            "afternoon_orders": 1,
            "evening_orders": 0,
            "channel_0": 1,
            "channel_1": 0,
            "active_days": 1,
            "gaps": 0,
            "gap_days": 0,
            "gap_logs": 0,
        }
    ]


def test_there_is_a_row_for_each_customer_and_day_with_a_line() -> None:
    found = days(
        order(AS_OF - 3 * DAY, "bob"), order(AS_OF - DAY, "bob"), order(AS_OF - 3 * DAY, "ann")
    )
    assert values(found, "customer_key", "day") == [(1, TODAY - 3), (2, TODAY - 3), (2, TODAY - 1)]


@pytest.mark.parametrize("line", [order(customer=None), order(product="POSTAGE")])
def test_lines_of_nobody_and_fees_make_no_day(line: Order) -> None:
    found = days(order(AS_OF - 5 * DAY), line)
    assert values(found, "day", "lines") == [(TODAY - 5, 1)]


def test_lines_with_one_number_on_one_day_are_one_order() -> None:
    found = days(
        order(number="a", amount=1),
        order(number="a", product="milk", amount=2),
        order(number="b", amount=4),
    )
    names = ("orders", "active_days", "lines", "single_line_orders", "spend")
    assert values(found, *names) == [(2, 1, 3, 1, 7)]


def test_an_order_with_lines_on_two_days_is_an_order_of_each() -> None:
    found = days(order(AS_OF - 2 * DAY, number="a"), order(AS_OF - DAY, number="a"))
    assert values(found, "orders", "single_line_orders") == [(1, 1), (1, 1)]


def test_a_number_that_two_customers_share_is_an_order_of_each() -> None:
    found = days(order(number="a"), order(customer="bob", number="a"))
    assert values(found, "orders", "lines") == [(1, 1), (1, 1)]


def test_a_line_of_quantity_zero_is_bought() -> None:
    found = days(order(number="a", quantity=0, amount=0), order(number="a", product="milk"))
    assert values(found, "lines", "orders", "single_line_orders") == [(2, 1, 0)]


def test_a_day_on_which_things_only_came_back_has_no_order() -> None:
    names = ("orders", "active_days", "lines", "spend", "returned_lines", "returned_amount")
    found = days(returned(AS_OF - 2 * DAY), order(AS_OF - DAY))
    assert values(found, *names) == [(0, 0, 0, 0, 1, 100), (1, 1, 1, 100, 0, 0)]
    slots = tuple(f"{slot}_orders" for slot in SLOTS)
    assert values(found, *slots, "single_line_orders") == [(0, 0, 0, 0, 0), (0, 0, 1, 0, 1)]


def test_what_comes_back_with_an_order_is_not_taken_off_it() -> None:
    found = days(
        replace(returned(), order="a", product="milk", discount=5, coupon=5),
        replace(order(number="a"), discount=3),
    )
    names = ("orders", "single_line_orders", "lines", "spend", "discount", "coupon_lines")
    assert values(found, *names, "returned_lines") == [(1, 1, 1, 100, 3, 0, 1)]


@pytest.mark.parametrize(
    ("hour", "slot"),
    [
        *((0, "night"), (5, "night"), (6, "morning"), (11, "morning")),
        *((12, "afternoon"), (17, "afternoon"), (18, "evening"), (23, "evening")),
    ],
)
def test_an_order_is_of_the_part_of_the_day_in_which_it_was_made(hour: int, slot: str) -> None:
    found = days(order(at(hour, 59)))
    expected = [tuple(int(name == slot) for name in SLOTS)]
    assert values(found, *(f"{name}_orders" for name in SLOTS)) == expected


def test_an_order_is_of_the_hour_of_its_first_line_that_was_bought() -> None:
    rows_ = (
        replace(returned(at(3)), order="a"),
        order(at(19), number="a"),
        order(at(11), number="a", product="milk"),
        order(at(20), number="b"),
    )
    names = ("night_orders", "morning_orders", "afternoon_orders", "evening_orders")
    assert values(days(*rows_), *names) == [(0, 1, 0, 1)]


def test_the_hour_is_that_of_the_business() -> None:
    shop = Shop((order(at(23)),), time_zone="Asia/Taipei")
    assert values(days_of(shop), "day", "morning_orders") == [(TODAY, 1)]


def test_orders_are_counted_by_channel() -> None:
    rows_ = (
        replace(order(number="a"), channel="shop"),
        replace(order(number="b"), channel="shop"),
        replace(order(number="c"), channel="phone"),
        order(number="d"),
    )
    assert values(days(*rows_), "orders", "channel_0", "channel_1") == [(4, 0, 2)]


def test_a_gap_is_the_days_since_the_last_day_with_an_order() -> None:
    found = days(order(AS_OF - 20 * DAY), order(AS_OF - 13 * DAY), order(AS_OF - 12 * DAY))
    assert values(found, "gaps", "gap_days") == [(0, 0), (1, 7), (1, 1)]


def test_the_logarithm_of_a_gap_is_a_whole_number_of_its_units() -> None:
    """Gaps of 1, 2 and 7 days: ln 2 is 0.693147181, ln 7 is 1.945910149."""
    found = days(*(order(AS_OF - n * DAY) for n in (20, 19, 17, 10)))
    logs = [0, 0, round(0.693147181 * LOG_UNITS), round(1.945910149 * LOG_UNITS)]
    assert [row["gap_logs"] for row in found] == logs


def test_a_day_without_an_order_ends_no_gap_and_begins_none() -> None:
    found = days(
        order(AS_OF - 20 * DAY), returned(AS_OF - 15 * DAY), order(AS_OF - 11 * DAY, number="b")
    )
    assert values(found, "gaps", "gap_days") == [(0, 0), (0, 0), (1, 9)]


def test_gaps_are_a_customers_own() -> None:
    found = days(order(AS_OF - 5 * DAY, "ann"), order(AS_OF - 3 * DAY, "bob"))
    assert values(found, "gaps", "gap_days") == [(0, 0), (0, 0)]


def test_costs_count_where_they_are_known_and_are_rounded_per_line() -> None:
    """Three teas at 60 for 500, free milk at 0, and rice of which nobody knows the cost."""
    found = days(
        order(quantity=3, amount=500, number="a"),
        order(product="milk", amount=40, number="a"),
        order(product="rice", amount=1000, number="a"),
        unit_costs=(("tea", 60), ("milk", 0)),
    )
    assert values(found, "spend", "costed_spend", "cost") == [(1540, 540, 180)]


def test_brands_count_where_they_are_known() -> None:
    found = days(
        *(order(product=product, number="a") for product in ("tea", "milk", "rice")),
        private_labels=(("tea", True), ("milk", False)),
    )
    assert values(found, "lines", "branded_lines", "private_lines") == [(3, 2, 1)]


def test_a_price_is_held_against_that_of_the_category_on_days_before() -> None:
    """Three drinks for 100 and a discount of 20: 40 each. Then one for 90, two for 100 and 10.

    On the last day what is usual has become 210 for four: 52.50; two of them are 105.
    """
    found = days(
        order(AS_OF - 9 * DAY, "bob", quantity=3, amount=100, discount=20),
        order(AS_OF - 5 * DAY, "ann", product="milk", amount=90),
        order(AS_OF - 2 * DAY, "ann", quantity=2, amount=100, discount=10),
        categories=(("tea", "drinks"), ("milk", "drinks")),
    )
    assert values(found, "customer_key", "day", "full_price", "usual_price") == [
        (1, TODAY - 5, 90, 40),
        (1, TODAY - 2, 110, 105),
        (2, TODAY - 9, 0, 0),
    ]


def test_what_others_buy_on_the_same_day_is_not_usual_yet() -> None:
    found = days(
        order(AS_OF - 2 * DAY, "ann", amount=10),
        order(AS_OF - 2 * DAY, "bob", amount=99),
        categories=(("tea", "drinks"),),
    )
    assert values(found, "full_price", "usual_price") == [(0, 0), (0, 0)]


def test_returns_and_things_without_category_have_no_usual_price() -> None:
    found = days(
        order(AS_OF - 9 * DAY),
        returned(AS_OF - 2 * DAY),
        order(AS_OF - 2 * DAY, product="milk", number="b"),
        categories=(("tea", "drinks"),),
    )
    assert values(found, "full_price", "usual_price") == [(0, 0), (0, 0)]


def test_a_category_day_is_what_everybody_paid_and_took_before_discount() -> None:
    rows_ = (
        order(AS_OF - 9 * DAY, "ann", quantity=2, amount=100, discount=20),
        order(AS_OF - 9 * DAY, None, amount=30),
        order(AS_OF - 9 * DAY, "eve", quantity=0, amount=5),
        replace(returned(AS_OF - 9 * DAY), order="back"),
        order(AS_OF - 9 * DAY, "eve", "milk", amount=7),
        order(AS_OF - 8 * DAY, amount=1),
    )
    with built(Shop(rows_, categories=(("tea", "drinks"),))) as (con, _):
        found = rows(con, category_day("category", DuckDB()))
        late = rows(con, category_day("category", DuckDB(), f"ordered_on >= DATE '{AS_OF}'"))
    assert values(found, "day", "price", "units") == [(TODAY - 9, 150, 3), (TODAY - 8, 1, 1)]
    assert late == []


def test_without_what_sources_tell_there_are_no_measures_of_it() -> None:
    assert list(line_measures(Orders())) == ["lines", "spend", "returned_lines", "returned_amount"]
    assert list(order_measures(Orders())) == [
        *("orders", "single_line_orders"),
        *("night_orders", "morning_orders", "afternoon_orders", "evening_orders"),
    ]
    (row,) = days_of(Shop((order(),)), Orders())
    assert list(row)[:2] == ["customer_key", "day"]
    assert set(row) == {
        *("customer_key", "day", "active_days", "gaps", "gap_days", "gap_logs"),
        *line_measures(Orders()),
        *order_measures(Orders()),
    }


def test_every_value_is_a_whole_number() -> None:
    with built(Shop((order(),), categories=(("tea", "drinks"),))) as (con, _):
        con.execute(f"CREATE TABLE category_day AS {category_day('category', DuckDB())}")
        con.execute(f"CREATE TABLE category_price AS {CATEGORY_PRICE}")
        types = {str(kind) for kind in con.sql(customer_day(ALL, DuckDB())).types}
    assert types <= {"INTEGER", "BIGINT"}


@pytest.mark.parametrize("channel", ["it's", '"quoted"', "新 app", "a; --"])
def test_a_channel_may_have_any_name(channel: str) -> None:
    shop = Shop((replace(order(), channel=channel),))
    (row,) = days_of(shop, Orders(channels=(channel,)))
    assert row["channel_0"] == 1


def test_only_lines_that_meet_the_condition_are_looked_at() -> None:
    shop = Shop((order(AS_OF - 9 * DAY), order(AS_OF - 3 * DAY), order(customer="bob")))
    with built(shop) as (con, _):
        query = customer_day(Orders(), DuckDB(), "customer_key = 1 AND ordered_on >= '2024-02-25'")
        assert values(rows(con, query), "customer_key", "day", "gaps") == [(1, TODAY - 3, 0)]


def test_the_last_day_before_the_lines_begins_the_first_gap() -> None:
    shop = Shop((order(AS_OF - 3 * DAY), order(), order(customer="bob")))
    with built(shop) as (con, _):
        con.execute(f"CREATE TABLE earlier AS SELECT 1 AS customer_key, {TODAY - 9} AS last_day")
        query = customer_day(Orders(), DuckDB(), earlier="earlier")
        assert values(rows(con, query), "customer_key", "gaps", "gap_days") == [
            *((1, 1, 6), (1, 1, 2), (2, 0, 0))
        ]

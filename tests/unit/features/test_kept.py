"""The customer-day table in the warehouse: extended where that is right, made anew elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from features.clock import day_number
from features.contract import Orders
from features.kept import daily, refresh
from features.schemas import OrdersSource
from features.warehouse import transaction
from tests.builders import (
    AS_OF,
    DAY,
    Contact,
    Customer,
    Order,
    Shop,
    midnight_in,
    noon,
    order,
    returned,
)
from tests.growing import TURNS, Growing, growing

SHOP = Shop(
    orders=(
        order(AS_OF - 20 * DAY, "bob", amount=300),
        order(AS_OF - 10 * DAY, "bob", "milk"),
        order(AS_OF - 9 * DAY, "eve", amount=700),
    ),
    categories=(("tea", "drinks"), ("milk", "drinks")),
    unit_costs=(("tea", 60),),
    conversations=(Contact("bob", noon(AS_OF - DAY)),),
)
TODAY = day_number(AS_OF)


def tables(shop: Growing, *, temporary: bool = False) -> set[str]:
    query = "SELECT table_name FROM duckdb_tables() WHERE temporary = ?"
    return {row[0] for row in shop.con.execute(query, [temporary]).fetchall()}


KEPT = {"customer_day", "category_day", "kept_names", "kept_loads"}


def test_the_first_time_all_is_made_from_the_first_day_on() -> None:
    with growing(SHOP) as shop:
        assert shop.refresh() == TODAY - 20
        assert tables(shop) >= KEPT
        assert shop.days() == shop.days_from_scratch()
        assert len(shop.days()) == 3


def test_when_nothing_changed_nothing_is_done() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        assert shop.refresh() is None
        assert shop.marked() == [TODAY - 20, TODAY - 10, TODAY - 9]


def test_a_file_that_was_loaded_before_changes_nothing() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.buy(*SHOP.orders)
        assert shop.refresh() is None
        assert shop.marked() == [TODAY - 20, TODAY - 10, TODAY - 9]


def test_a_new_day_is_added_and_the_days_before_it_are_not_touched() -> None:
    """From a day before the first line's in UTC: a business may lie west of Greenwich."""
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.buy(order(AS_OF - 5 * DAY, "bob"), order(AS_OF - 4 * DAY, "eve"))
        assert shop.refresh() == TODAY - 6
        assert shop.marked() == [TODAY - 20, TODAY - 10, TODAY - 9]
        assert [row[:2] for row in shop.days()] == [
            *((1, TODAY - 20), (1, TODAY - 10), (1, TODAY - 5)),
            *((2, TODAY - 9), (2, TODAY - 4)),
        ]


def test_the_gap_to_the_last_kept_day_is_known() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.buy(order(AS_OF - 3 * DAY, "bob"), order(AS_OF - 2 * DAY, "zoe"))
        shop.refresh()
        query = "SELECT customer_key, gaps, gap_days FROM customer_day WHERE day >= ? ORDER BY 1"
        assert shop.con.execute(query, [TODAY - 3]).fetchall() == [(1, 1, 7), (3, 0, 0)]


def test_a_return_is_no_order_from_which_a_gap_could_begin() -> None:
    with growing(SHOP) as shop:
        shop.buy(returned(AS_OF - 7 * DAY, "bob"))
        shop.refresh()
        shop.buy(order(AS_OF - 3 * DAY, "bob"))
        shop.refresh()
        assert shop.days() == shop.days_from_scratch()
        query = "SELECT gap_days FROM customer_day WHERE customer_key = 1 ORDER BY day"
        assert shop.con.execute(query).fetchall() == [(0,), (10,), (0,), (7,)]


def test_late_lines_make_all_days_from_theirs_on_again() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.buy(order(AS_OF - 14 * DAY, "bob"))
        assert shop.refresh() == TODAY - 15
        assert shop.marked() == [TODAY - 20]
        query = "SELECT day, gap_days FROM customer_day WHERE customer_key = 1 ORDER BY day"
        assert shop.con.execute(query).fetchall() == [
            *((TODAY - 20, 0), (TODAY - 14, 6), (TODAY - 10, 4))
        ]


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_lines_of_the_first_and_the_last_hour_of_a_day_are_seen_in_every_zone(zone: str) -> None:
    """Days begin eleven hours after UTC there, and fourteen before."""
    first = order(midnight_in(AS_OF - 9 * DAY, zone), "bob")
    with growing(replace(SHOP, orders=(first,), time_zone=zone)) as shop:
        shop.refresh()
        shop.buy(order(midnight_in(AS_OF - 8 * DAY, zone) - DAY / 48, "bob", number="late"))
        shop.refresh()
        shop.buy(order(midnight_in(AS_OF - 8 * DAY, zone), "bob"))
        shop.refresh()
        query = "SELECT day, orders FROM customer_day ORDER BY day"
        assert shop.con.execute(query).fetchall() == [(TODAY - 9, 2), (TODAY - 8, 1)]


def test_several_new_files_count_from_the_first_day_of_all_of_them() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.buy(order(AS_OF - 3 * DAY, "eve"))
        shop.buy(order(AS_OF - 7 * DAY, "bob"))
        shop.buy(order(AS_OF - 5 * DAY, "bob"))
        assert shop.refresh() == TODAY - 8
        assert shop.days() == shop.days_from_scratch()


def test_new_customers_move_the_keys_of_the_others_and_their_days_go_with_them() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark("customer_key = 2")
        shop.buy(order(AS_OF - 3 * DAY, "ann"), order(AS_OF - 3 * DAY, "cid"))
        shop.refresh()
        query = "SELECT customer_key, day FROM customer_day WHERE spend = -1"
        assert shop.con.execute(query).fetchall() == [(4, TODAY - 9)]
        shop.con.execute(f"UPDATE customer_day SET spend = 700 WHERE day = {TODAY - 9}")
        assert shop.days() == shop.days_from_scratch()


def test_keys_move_too_where_the_new_customer_never_ordered() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.add(Shop(conversations=(Contact("ann", noon(AS_OF - DAY)),)))
        assert shop.refresh() is None
        query = "SELECT customer_key, day FROM customer_day WHERE spend = -1 ORDER BY ALL"
        expected = [(2, TODAY - 20), (2, TODAY - 10), (3, TODAY - 9)]
        assert shop.con.execute(query).fetchall() == expected


def test_a_file_of_products_makes_all_of_it_again() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.add(Shop(unit_costs=(("milk", 20), ("tea", 50))))
        assert shop.refresh() == TODAY - 20
        assert shop.marked() == []
        assert shop.days() == shop.days_from_scratch()
        costs = shop.con.execute("SELECT cost FROM customer_day ORDER BY day").fetchall()
        assert costs == [(50,), (20,), (50,)]


def test_products_that_come_with_orders_make_all_of_it_again() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        shop.add(Shop((order(AS_OF - 3 * DAY, "bob"),), categories=(("tea", "food"),)))
        assert shop.refresh() == TODAY - 20
        assert shop.marked() == []
        assert shop.days() == shop.days_from_scratch()


DEFINITIONS: tuple[Callable[[Orders], Orders], ...] = (
    lambda known: replace(known, has_discounts=False),
    lambda known: replace(known, category=None),
    lambda known: replace(known, channels=("web",)),
    lambda known: replace(known, category=None, has_costs=False, has_private_labels=False),
)


@pytest.mark.parametrize("another", DEFINITIONS)
def test_another_definition_makes_all_of_it_again(another: Callable[[Orders], Orders]) -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        other = another(shop.orders)
        assert refresh(shop.con, other, TURNS) == TODAY - 20
        assert shop.days() == shop.days_from_scratch(other)
        assert ("category_day" in tables(shop)) == (other.category is not None)
        assert shop.refresh() == TODAY - 20
        assert shop.days() == shop.days_from_scratch()


def test_another_mapping_of_the_orders_makes_all_of_it_again() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        shop.mark()
        orders = shop.sources.orders
        assert isinstance(orders, OrdersSource)
        without = orders.model_copy(update={"non_products": "milk"})
        other = replace(shop, sources=shop.sources.model_copy(update={"orders": without}))
        other.load()
        assert other.refresh() == TODAY - 20
        assert [row[:2] for row in other.days()] == [(1, TODAY - 20), (2, TODAY - 9)]


def test_without_orders_nothing_is_kept() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        assert refresh(shop.con, None, TURNS) is None
        assert tables(shop) & KEPT == set()
        assert refresh(shop.con, None, TURNS) is None


def test_a_shop_of_anonymous_lines_keeps_no_days() -> None:
    with growing(replace(SHOP, orders=(order(customer=None),))) as shop:
        assert shop.refresh() == 0
        assert shop.days() == []
        assert shop.refresh() is None
        shop.buy(order(AS_OF - 3 * DAY, "bob"))
        assert shop.refresh() == TODAY - 4
        assert [row[:2] for row in shop.days()] == [(1, TODAY - 3)]


def test_an_order_that_lies_before_1970_has_its_day() -> None:
    first = order(date(1991, 5, 1), "bob")
    with growing(replace(SHOP, orders=(first,))) as shop:
        assert shop.refresh() == day_number(date(1991, 5, 1))
        shop.buy(order(date(1991, 5, 3), "bob"))
        assert shop.refresh() == day_number(date(1991, 5, 2))
        assert shop.days() == shop.days_from_scratch()


def test_usual_prices_of_new_days_know_the_days_before() -> None:
    """Three drinks cost 300, 100 and 700 before: two of them usually cost 2 * 1100 / 3 = 733.3."""
    with growing(SHOP) as shop:
        shop.refresh()
        shop.buy(order(AS_OF - 3 * DAY, "bob", quantity=2, amount=500))
        shop.refresh()
        query = f"SELECT full_price, usual_price FROM customer_day WHERE day = {TODAY - 3}"
        assert shop.con.execute(query).fetchall() == [(500, 733)]
        assert shop.days("category_day") == [
            *(("drinks", TODAY - 20, 300, 1), ("drinks", TODAY - 10, 100, 1)),
            *(("drinks", TODAY - 9, 700, 1), ("drinks", TODAY - 3, 500, 2)),
        ]


def test_what_is_kept_in_a_file_is_extended_by_the_next_job(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file) as shop:
        assert shop.refresh() == TODAY - 20
        shop.mark()
    with growing(SHOP, file) as shop:
        assert shop.refresh() is None
        shop.buy(order(AS_OF - 5 * DAY, "ann"))
        assert shop.refresh() == TODAY - 6
        assert shop.marked() == [TODAY - 20, TODAY - 10, TODAY - 9]


def test_a_job_that_fails_leaves_what_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file) as shop:
        shop.refresh()
        before = shop.days()
        shop.buy(order(AS_OF - 5 * DAY, "ann"))
        with pytest.raises(ZeroDivisionError), transaction(shop.con):  # noqa: PT012  # both in one
            refresh(shop.con, shop.orders, TURNS)
            raise ZeroDivisionError
        assert shop.days() == before
    with growing(SHOP, file) as shop:
        shop.buy(order(AS_OF - 5 * DAY, "ann"))
        assert shop.refresh() == TODAY - 6
        assert shop.days() == shop.days_from_scratch()


def test_days_that_are_kept_and_up_to_date_are_taken_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file) as shop:
        shop.refresh()
        shop.mark()
    with growing(SHOP, file, read_only=True) as shop, daily(shop.con, shop.orders, TURNS):
        assert tables(shop, temporary=True) == set()
        assert len(shop.marked()) == 3


def test_days_are_made_for_a_job_that_may_not_write_where_none_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file):
        pass
    with growing(SHOP, file, read_only=True) as shop, daily(shop.con, shop.orders, TURNS):
        assert shop.days() == shop.days_from_scratch()
        assert tables(shop) & KEPT == set()


STALE: tuple[tuple[str, Shop], ...] = (
    ("orders", Shop((order(AS_OF - 3 * DAY, "bob"),))),
    ("late orders", Shop((order(AS_OF - 30 * DAY, "bob"),))),
    ("products", Shop(unit_costs=(("milk", 20),))),
    ("keys", Shop(conversations=(Contact("ann", noon(AS_OF - DAY)),))),
)


@pytest.mark.parametrize("more", [more for _, more in STALE], ids=[name for name, _ in STALE])
def test_days_are_made_for_a_job_that_may_not_write_where_those_kept_are_stale(
    tmp_path: Path, more: Shop
) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file) as shop:
        shop.refresh()
        shop.mark()
        shop.add(more)
    with growing(SHOP, file, read_only=True) as shop, daily(shop.con, shop.orders, TURNS):
        assert shop.days() == shop.days_from_scratch()
        assert len(shop.days("warehouse.main.customer_day")) == 3


def test_days_of_another_definition_are_made_for_a_job_that_may_not_write(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file) as shop:
        shop.refresh()
    with growing(SHOP, file, read_only=True) as shop:
        other = replace(shop.orders, channels=("phone",), category=None)
        with daily(shop.con, other, TURNS):
            assert shop.days() == shop.days_from_scratch(other)


def test_an_attribute_of_a_customer_changes_no_day() -> None:
    described = replace(SHOP, customers=(Customer("bob", "gold"),))
    with growing(described) as shop:
        shop.refresh()
        shop.mark()
        shop.add(Shop(customers=(Customer("bob", "silver", valid_from_on=AS_OF),)))
        assert shop.refresh() is None
        assert len(shop.marked()) == 3


def test_turns_of_customers_make_no_difference() -> None:
    rows: list[Order] = [order(AS_OF - n * DAY, f"c{n}") for n in range(1, 9)]
    with growing(replace(SHOP, orders=tuple(rows))) as shop:
        shop.refresh()
        assert shop.days() == shop.days_from_scratch()
        assert len(shop.days()) == 8

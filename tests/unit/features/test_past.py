"""Relations that a feature may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from features.behaviour import shape_of
from features.past import prepare
from features.slices import Keys
from features.warehouse import Connection
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Order,
    Shop,
    behaviour,
    built,
    order,
    returned,
)

EVERYONE = Keys(1, 10**6)


@contextmanager
def past(shop: Shop, *as_ofs: date, keys: Keys = EVERYONE) -> Iterator[Connection]:
    """Connection with the relations of some days, by default of `AS_OF`."""
    with built(shop) as (con, sources):
        shape = shape_of(sources, SETTINGS)
        prepare(con, as_ofs or (AS_OF,), shape, SETTINGS.category_level, keys)
        yield con


def rows_of(con: Connection, query: str) -> list[tuple[object, ...]]:
    return con.execute(query).fetchall()


def of(*rows: Order) -> Shop:
    return Shop(orders=rows)


def test_days_are_those_strictly_before_as_of() -> None:
    with past(of(*(order(AS_OF + days * DAY) for days in (-2, -1, 0, 1)))) as con:
        found = rows_of(con, "SELECT ordered_on, age_days FROM past_day ORDER BY ALL")
    assert found == [(AS_OF - 2 * DAY, 2), (AS_OF - DAY, 1)]


def test_each_as_of_sees_its_own_days() -> None:
    shop = of(*(order(AS_OF + days * DAY) for days in (-9, -2)))
    with past(shop, AS_OF, AS_OF - 5 * DAY) as con:
        found = rows_of(con, "SELECT as_of, age_days FROM past_day ORDER BY ALL")
    assert found == [(AS_OF - 5 * DAY, 4), (AS_OF, 2), (AS_OF, 9)]


def test_a_window_is_one_inside_and_zero_outside() -> None:
    with past(of(*(order(AS_OF - days * DAY) for days in (7, 8, 28, 29)))) as con:
        found = rows_of(con, "SELECT age_days, within_7d, within_28d FROM past_day ORDER BY ALL")
    assert found == [(7, 1, 1), (8, 0, 1), (28, 0, 1), (29, 0, 0)]


def test_a_gap_is_the_days_since_the_purchase_before() -> None:
    rows = [order(AS_OF - 9 * DAY), returned(AS_OF - 6 * DAY), order(AS_OF - 4 * DAY)]
    with past(of(*rows)) as con:
        found = rows_of(con, "SELECT age_days, gap_days FROM past_day ORDER BY age_days DESC")
    assert found == [(9, None), (6, None), (4, 5)]


def test_a_product_has_the_day_it_was_last_bought_before_as_of() -> None:
    rows = [order(AS_OF + days * DAY) for days in (-40, -10, 3)]
    with past(of(*rows), AS_OF, AS_OF - 20 * DAY, AS_OF + 9 * DAY) as con:
        found = rows_of(con, "SELECT as_of, age_days FROM past_product ORDER BY as_of")
    assert found == [(AS_OF - 20 * DAY, 20), (AS_OF, 10), (AS_OF + 9 * DAY, 6)]


def test_lines_that_nobody_sees() -> None:
    rows = [order(customer=None), order(product="FEE"), returned(), order(AS_OF)]
    with past(of(*rows)) as con:
        assert rows_of(con, "SELECT sum(lines), sum(returned_lines) FROM past_day") == [(0, 1)]
        assert rows_of(con, "FROM past_product") == []


def test_a_line_without_quantity_is_bought() -> None:
    with past(of(order(quantity=0, amount=0))) as con:
        assert rows_of(con, "SELECT orders, lines, spend FROM past_day") == [(1, 1, 0)]


def test_an_order_that_goes_over_midnight_counts_on_both_days() -> None:
    rows = [order(AS_OF - days * DAY, number="night") for days in (1, 2)]
    with past(of(*rows)) as con:
        assert rows_of(con, "SELECT sum(orders) FROM past_day") == [(2,)]


def test_categories_are_looked_at_in_the_longest_window_only() -> None:
    rows = [order(AS_OF - days * DAY) for days in (3, 28, 29)]
    shop = Shop(orders=tuple(rows), categories=(("tea", "drinks"),))
    with past(shop) as con:
        found = rows_of(con, "SELECT category, lines, age_days FROM past_category")
    assert found == [("drinks", 2, 3)]


def test_only_the_customers_of_the_keys_are_read() -> None:
    shop = of(*(order(customer=name) for name in ("ann", "bob", "eve")))
    with past(shop, keys=Keys(2, 3)) as con:
        for relation in ("past_day", "past_product", "past_profile"):
            found = rows_of(con, f"SELECT DISTINCT customer_key FROM {relation} ORDER BY 1")
            assert found == [(2,), (3,)]


@pytest.mark.parametrize(
    ("as_of", "tier"),
    [
        (AS_OF - 9 * DAY, None),
        (AS_OF - 8 * DAY, "silver"),
        (AS_OF, "silver"),
        (AS_OF + DAY, "gold"),
        (AS_OF + 900 * DAY, "gold"),
    ],
)
def test_attributes_are_those_that_held_on_the_day_before(as_of: date, tier: str | None) -> None:
    rows = (
        Customer("ann", "silver", valid_from_on=AS_OF - 9 * DAY),
        Customer("ann", "gold", valid_from_on=AS_OF),
    )
    with past(Shop(orders=(order(),), customers=rows), as_of) as con:
        found = rows_of(con, "SELECT tier FROM past_profile")
    assert found == ([] if tier is None else [(tier,)])


@pytest.mark.parametrize("level", ["channel", "lines", "ordered_on", "category", 'a"; drop -- 類'])
def test_a_level_of_the_hierarchy_may_be_named_like_anything(level: str) -> None:
    shop = Shop(orders=(order(product="tea"), order(product="milk")))
    settings = SETTINGS.model_copy(update={"category_level": level})
    with built(shop) as (con, sources):
        quoted = '"' + level.replace('"', '""') + '"'
        con.execute(
            f"CREATE OR REPLACE TABLE dim_product AS SELECT product_key, product, "
            f"'drinks' AS {quoted} FROM dim_product"
        )
        prepare(con, [AS_OF], shape_of(sources, settings), level, EVERYONE)
        found = rows_of(con, "SELECT category, lines FROM past_category")
    assert found == [("drinks", 2)]


def test_a_category_that_changes_is_changed_for_the_past_too() -> None:
    """Products have no history: the products table of today speaks of every day."""
    shop = Shop(orders=(order(product="tea"), order(product="milk")))
    apart = Shop(shop.orders, categories=(("tea", "hot"), ("milk", "cold")))
    together = Shop(shop.orders, categories=(("tea", "drinks"), ("milk", "drinks")))
    assert behaviour(apart)["categories_count_28d"].to_pylist() == [2]
    assert behaviour(together)["categories_count_28d"].to_pylist() == [1]

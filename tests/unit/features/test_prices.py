"""Weeks are whole, lines that are no sale stay out, and what the sources do not tell is refused."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from features.clock import Window
from features.levels import ItemsUnclear
from features.prices import NoPrices, PricesUnclear, PriceWeeks, build_price_weeks
from features.schemas import Sources
from features.settings import PriceDefinition
from tests.builders import AS_OF, DAY, Order, Shop, built, order, returned

WEEK = timedelta(days=7)
BY_CATEGORY = PriceDefinition(item="category")


def weeks(
    *rows: Order, days: int = 28, asked: PriceDefinition | None = None, **named: object
) -> PriceWeeks:
    with built(replace(Shop(orders=rows), **named)) as (con, sources):  # type: ignore[arg-type]
        window = Window(AS_OF - days * DAY, AS_OF)
        return build_price_weeks(con, asked or PriceDefinition(), window, sources)


def test_a_price_is_what_was_paid_for_a_unit_and_the_list_price_what_it_was_before() -> None:
    rows = (
        order(quantity=3, amount=300, discount=60, number="a"),
        order(quantity=1, amount=140, number="b"),
    )
    found = weeks(*rows)
    assert found.rows.to_pylist() == [
        {
            "item": "product:tea",
            "week": 3,
            "units": 4.0,
            "lines": 2,
            "revenue": 440,
            "list_revenue": 500,
            "price_paid": 110.0,
            "list_price": 125.0,
            "promoted_share": 0.75,
        }
    ]
    assert found.count == 4


def test_weeks_are_counted_back_from_as_of_and_a_part_of_one_is_not_looked_at() -> None:
    days = (AS_OF - DAY, AS_OF - WEEK, AS_OF - WEEK - DAY, AS_OF - 2 * WEEK - DAY)
    found = weeks(*(order(day) for day in days), days=20)
    assert found.rows["week"].to_pylist() == [0, 1]
    assert found.rows["lines"].to_pylist() == [1, 2]
    assert found.weeks == Window(AS_OF - 2 * WEEK, AS_OF)


def test_a_sale_on_as_of_is_not_seen() -> None:
    found = weeks(order(), order(AS_OF, product="milk"), order(AS_OF + DAY))
    assert found.rows["units"].to_pylist() == [1.0]
    assert found.items["name"].to_pylist() == ["tea"]
    assert found.lines.counted == 1


def test_lines_that_are_no_sale_of_an_item_stay_out_and_are_counted() -> None:
    rows = (
        order(number="a"),
        order(customer=None, number="b"),
        returned(),
        order(product="POSTAGE", number="c"),
        order(quantity=0, amount=0, number="d"),
        order(product=None, number="e"),
        order(product="milk", number="f"),
    )
    found = weeks(*rows, asked=BY_CATEGORY, categories=(("tea", "drinks"),))
    assert vars(found.lines) == {
        "counted": 2,
        "returned": 1,
        "no_products": 1,
        "of_quantity_0": 1,
        "without_item": 2,
    }
    assert found.rows["units"].to_pylist() == [2.0]


def test_an_item_says_what_it_belongs_to_and_a_question_mark_what_is_not_known() -> None:
    found = weeks(order(), order(product="milk"), categories=(("tea", "drinks"),))
    assert found.levels == ("category",)
    assert found.items.to_pylist() == [
        {"item": "product:milk", "name": "milk", "in_category": "category:?"},
        {"item": "product:tea", "name": "tea", "in_category": "category:drinks"},
    ]
    assert weeks(order(), asked=BY_CATEGORY, categories=(("tea", "drinks"),)).levels == ()


def test_stores_are_apart_where_it_is_asked_for_also_the_unknown_one() -> None:
    rows = (replace(order(), store="north"), order(number="b"), replace(order(number="c")))
    found = weeks(*rows, asked=PriceDefinition(by_store=True))
    assert found.rows.select(["store", "units"]).to_pylist() == [
        {"store": None, "units": 2.0},
        {"store": "north", "units": 1.0},
    ]


def test_days_without_a_sale_are_named() -> None:
    text = (
        "prices of the whole weeks from 2024-02-02 to 2024-02-29 need something that was sold in "
        "them, but there is nothing; the warehouse has orders from 2023-12-02 to 2023-12-02"
    )
    with pytest.raises(NoPrices, match=re.escape(text)):
        weeks(order(AS_OF - 90 * DAY))


def test_names_that_cannot_be_told_apart_are_refused() -> None:
    categories = (("tea", "a > b"), ("milk", "b"))
    with built(Shop(orders=(order(),), categories=categories)) as (con, given):
        con.execute("ALTER TABLE dim_product ADD COLUMN department VARCHAR")
        con.execute(
            "UPDATE dim_product SET department = CASE product WHEN 'tea' THEN 'x' ELSE 'x > a' END"
        )
        hierarchy = {"department": "department", "category": "category"}
        products = given.model_dump()["products"] | {"hierarchy": hierarchy}
        wider = Sources.model_validate({"orders": given.orders, "products": products})
        window = Window(AS_OF - 28 * DAY, AS_OF)
        with pytest.raises(ItemsUnclear, match="'category:x > a > b' stands for"):
            build_price_weeks(con, BY_CATEGORY, window, wider)


def refusals(asked: PriceDefinition, **columns: str) -> str:
    plain = {name: name for name in ("order", "ordered_at", "customer", "amount")}
    orders = {"path": "orders.csv", "columns": plain | columns}
    sources = Sources.model_validate({"orders": orders})
    with built(Shop(orders=(order(),))) as (con, _), pytest.raises(PricesUnclear) as refused:
        build_price_weeks(con, asked, Window(AS_OF - 28 * DAY, AS_OF), sources)
    return str(refused.value)


def test_what_the_sources_do_not_tell_is_refused_setting_by_setting() -> None:
    assert refusals(PriceDefinition(item="prodct", by_store=True)).splitlines() == [
        "prices.item: needs one of product, but found prodct; did you mean product?",
        "prices.item: needs sources.orders.columns.product, which says what was bought",
        "prices.item: needs sources.orders.columns.quantity, which a price is divided by",
        "prices.by_store: needs sources.orders.columns.store",
    ]
    assert refusals(PriceDefinition(), product="product") == (
        "prices.item: needs sources.orders.columns.quantity, which a price is divided by"
    )


def test_prices_without_orders_are_refused() -> None:
    labels = {"path": "labels.csv", "columns": {"customer": "c", "as_of": "d", "churned": "l"}}
    sources = Sources.model_validate({"labels": labels})
    with (
        built(Shop(orders=(order(),))) as (con, _),
        pytest.raises(PricesUnclear, match=r"prices need sources[.]orders, but the sources are"),
    ):
        build_price_weeks(con, PriceDefinition(), Window(AS_OF - 28 * DAY, AS_OF), sources)

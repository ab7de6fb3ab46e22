"""What customers bought day by day, worked out by hand; what the sources do not tell is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from features.clock import Window
from features.journeys import (
    Journeys,
    JourneysUnclear,
    NoJourneys,
    build_items,
    build_journeys,
    require_journeys,
    unknown_journeys,
)
from features.levels import ItemsUnclear
from features.schemas import Sources
from features.settings import JourneyDefinition
from tests.builders import AS_OF, DAY, Order, Shop, built, content, order, returned
from tests.loading import fully, loaded, orders, write

DRINKS = (("tea", "drinks"), ("milk", "drinks"))


def journeys(*rows: Order, item: str = "product", days: int = 200, **named: object) -> Journeys:
    with built(replace(Shop(orders=rows), **named)) as (con, sources):  # type: ignore[arg-type]
        window = Window(AS_OF - days * DAY, AS_OF)
        return build_journeys(con, JourneyDefinition(item=item), window, sources)


def test_a_row_is_what_a_customer_bought_of_an_item_on_a_day() -> None:
    found = journeys(
        order(number="a", quantity=2, amount=250, discount=50),
        order(number="b", quantity=1, amount=150),
        order(product="milk", amount=90),
        order(AS_OF - 2 * DAY, customer="bob"),
        unit_costs=(("tea", 60),),
    )
    day, milk, tea = AS_OF - DAY, 0, 1
    columns = ["customer", "day", "item", "quantity", "amount", "discount", "margin"]
    assert found.purchases.column_names == columns
    assert [tuple(row.values()) for row in found.purchases.to_pylist()] == [
        ("ann", day, milk, 1.0, 90, 0, None),
        ("ann", day, tea, 3.0, 400, 50, 220.0),
        ("bob", AS_OF - 2 * DAY, tea, 1.0, 100, 0, 40.0),
    ]
    assert found.items["label"].to_pylist() == ["product:milk", "product:tea"]
    assert found.purchases.schema.types == [
        *(pa.string(), pa.date32(), pa.int32(), pa.float64(), pa.int64(), pa.int64()),
        pa.float64(),
    ]


def test_items_say_what_they_belong_to_and_what_a_unit_of_them_brings() -> None:
    found = journeys(
        order(quantity=3, amount=300, discount=60),
        order(product="milk", amount=90),
        categories=(("tea", "drinks"),),
        unit_costs=(("tea", 60),),
        private_labels=(("tea", True),),
    )
    assert found.levels == ("category",)
    assert found.items.to_pylist() == [
        {
            "label": "product:milk",
            "name": "milk",
            "title": "milk",
            "in_category": "category:?",
            "is_private_label": None,
            "price": 90.0,
            "list_price": 90.0,
            "unit_margin": None,
        },
        {
            "label": "product:tea",
            "name": "tea",
            "title": "tea",
            "in_category": "category:drinks",
            "is_private_label": True,
            "price": 100.0,
            "list_price": 120.0,
            "unit_margin": 40.0,
        },
    ]


def test_prices_are_those_of_the_newest_91_days_in_which_an_item_was_bought() -> None:
    found = journeys(
        order(AS_OF - 91 * DAY, quantity=1, amount=130, discount=10),
        order(AS_OF - 30 * DAY, quantity=3, amount=270),
        order(AS_OF - 92 * DAY, amount=999),
        order(AS_OF - 92 * DAY, product="milk", amount=70),
        order(AS_OF - 200 * DAY, product="milk", amount=90),
        unit_costs=(("tea", 60), ("milk", 100)),
    )
    milk, tea = found.items.select(["price", "list_price", "unit_margin"]).to_pylist()
    assert milk == {"price": 80.0, "list_price": 80.0, "unit_margin": -20.0}
    assert tea == {"price": 100.0, "list_price": 102.5, "unit_margin": 40.0}


def test_a_margin_with_an_unknown_cost_is_unknown() -> None:
    rows = (order(), order(product="milk"), order(AS_OF - 2 * DAY))
    found = journeys(*rows, item="category", categories=DRINKS, unit_costs=(("tea", 60),))
    assert found.purchases["margin"].to_pylist() == [40.0, None]
    assert found.items["unit_margin"].to_pylist() == [None]
    assert found.items.column_names == [
        *("label", "name", "title", "price", "list_price", "unit_margin")
    ]
    assert found.levels == ()


def test_lines_that_are_no_purchase_of_somebody_known_stay_out_and_are_counted() -> None:
    found = journeys(
        order(number="a"),
        order(customer=None, number="b"),
        order(customer=None, product="soap", number="b"),
        returned(),
        order(product="POSTAGE", number="c"),
        order(quantity=0, amount=0, number="d"),
        order(product=None, number="e"),
        order(product="milk", number="f"),
        item="category",
        categories=(("tea", "drinks"), ("soap", "care")),
    )
    assert vars(found.lines) == {
        "counted": 1,
        "returned": 1,
        "no_products": 1,
        "of_quantity_0": 1,
        "anonymous": 2,
        "without_item": 2,
    }
    assert found.items["label"].to_pylist() == ["category:drinks"]
    assert found.purchases["quantity"].to_pylist() == [1.0]


def test_days_outside_the_window_are_not_seen() -> None:
    rows = (order(), order(AS_OF, product="milk"), order(AS_OF - 8 * DAY, product="soap"))
    found = journeys(*rows, days=7)
    assert found.items["name"].to_pylist() == ["tea"]
    assert found.lines.counted == 1
    assert journeys(*rows, days=8).items["name"].to_pylist() == ["soap", "tea"]


def test_days_begin_where_the_business_is() -> None:
    midnight = datetime(2024, 2, 20, 16, tzinfo=UTC)
    found = journeys(order(midnight), time_zone="Asia/Taipei")
    assert [str(day) for day in found.purchases["day"].to_pylist()] == ["2024-02-21"]


def test_customers_stand_in_the_order_of_their_names_as_they_are_written() -> None:
    names = ("bob", "7", "0007", "Ann", "林小姐", "ann")
    found = journeys(*(order(customer=name) for name in names))
    assert found.purchases["customer"].to_pylist() == sorted(names)


def test_customers_that_are_added_up_in_turns_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [order(customer=f"c{number}") for number in range(600)]
    at_once = journeys(*rows)
    monkeypatch.setattr("features.journeys._LINES_AT_ONCE", 1)
    in_turns = journeys(*rows)
    assert in_turns.purchases["item"].num_chunks > at_once.purchases["item"].num_chunks
    assert content(in_turns.purchases) == content(at_once.purchases)
    assert in_turns.named()["item"].to_pylist() == ["product:tea"] * 600


def test_purchases_can_carry_labels_or_titles() -> None:
    found = journeys(order(), order(product="milk"), order(AS_OF - 2 * DAY))
    assert found.named()["item"].to_pylist() == ["product:tea", "product:milk", "product:tea"]
    named = found.named("title")
    assert named["item"].to_pylist() == ["tea", "milk", "tea"]
    assert named.drop_columns("item").equals(found.purchases.drop_columns("item"))


PRODUCTS: dict[str, Any] = {
    "path": "products.csv",
    "columns": {"product": "product", "unit_cost": "cost", "private_label": "own"},
    "hierarchy": {"label": "department", "path": "type"},
    "groups": {"number": "brand", "item": "size"},
}
LINES = (
    "o1,2024-01-05 10:00:00,ann,3.00,007,2.5",
    "o1,2024-01-05 10:00:00,ann,2.00,8,1",
    "o2,2024-01-06 10:00:00,bob,4.00,9,1",
)
ROWS = (
    "007,0.50,yes,GROCERY,CUBED,Frost,",
    "8,1.00,no,PASTRY,CUBED,Frost,large",
    "9,,,GROCERY,,Dew,",
)


def of_files(folder: Path, item: str) -> Journeys:
    write(folder / "orders.csv", *LINES, header="order,at,customer,amount,product,quantity")
    write(folder / "products.csv", *ROWS, header="product,cost,own,department,type,brand,size")
    columns = {"product": "product", "quantity": "quantity"}
    sources = {"orders": orders(columns=columns), "products": PRODUCTS}
    window = Window(
        datetime(2024, 1, 1, tzinfo=UTC).date(), datetime(2024, 2, 1, tzinfo=UTC).date()
    )
    with loaded(folder, sources) as (con, _):
        asked = JourneyDefinition(item=item)
        return build_journeys(con, asked, window, Sources.model_validate(sources))


def test_a_product_belongs_to_its_groups_too_whatever_they_are_called(tmp_path: Path) -> None:
    found = of_files(tmp_path, "product")
    assert found.levels == ("label", "path", "number", "item")
    told = found.items.select([f"in_{level}" for level in found.levels]).to_pylist()
    assert [tuple(row.values()) for row in told] == [
        ("label:GROCERY", "path:GROCERY > CUBED", "number:Frost", "item:?"),
        ("label:PASTRY", "path:PASTRY > CUBED", "number:Frost", "item:large"),
        ("label:GROCERY", "path:GROCERY > ?", "number:Dew", "item:?"),
    ]
    assert found.items["is_private_label"].to_pylist() == [True, False, None]
    assert found.purchases["margin"].to_pylist() == [175.0, 100.0, None]


def test_names_that_two_items_have_get_their_labels_as_titles(tmp_path: Path) -> None:
    found = of_files(tmp_path, "path")
    labels = ["path:GROCERY > CUBED", "path:PASTRY > CUBED"]
    assert found.items["title"].to_pylist() == labels
    assert found.items["in_label"].to_pylist() == ["label:GROCERY", "label:PASTRY"]
    assert found.lines.without_item == 1


def test_a_group_is_an_item_that_belongs_to_nothing(tmp_path: Path) -> None:
    found = of_files(tmp_path, "number")
    assert found.items["title"].to_pylist() == ["Dew", "Frost"]
    assert found.levels == ()
    assert found.purchases["quantity"].to_pylist() == [3.5, 1.0]


def test_names_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    rows = ("7,,,A,B > C,,", "8,,,A > B,C,,")
    write(tmp_path / "products.csv", *rows, header="product,cost,own,department,type,brand,size")
    write(tmp_path / "orders.csv", *LINES, header="order,at,customer,amount,product,quantity")
    columns = {"product": "product", "quantity": "quantity"}
    sources = {"orders": orders(columns=columns), "products": PRODUCTS}
    with (
        loaded(tmp_path, sources) as (con, _),
        pytest.raises(ItemsUnclear, match="'path:A > B > C' stands for"),
    ):
        build_journeys(
            con,
            JourneyDefinition(item="path"),
            Window(AS_OF - 90 * DAY, AS_OF),
            Sources.model_validate(sources),
        )


def test_later_purchases_of_known_items_are_told_and_change_no_item() -> None:
    rows = (
        order(AS_OF - 9 * DAY, amount=100),
        order(AS_OF - 9 * DAY, customer=None, product="milk"),
        order(AS_OF - 2 * DAY, amount=300),
        order(AS_OF - 2 * DAY, product="milk"),
    )
    asked, window = JourneyDefinition(), Window(AS_OF - 20 * DAY, AS_OF - 5 * DAY)
    with built(Shop(orders=rows)) as (con, sources):
        found = build_journeys(con, asked, window, sources, until=AS_OF - DAY)
        before = build_journeys(con, asked, window, sources)
        assert build_items(con, asked, window, sources).equals(before.items)
    assert found.purchases.select(["day", "item", "amount"]).to_pylist() == [
        {"day": AS_OF - 9 * DAY, "item": 0, "amount": 100},
        {"day": AS_OF - 2 * DAY, "item": 0, "amount": 300},
    ]
    assert found.items.equals(before.items)
    assert found.items["label"].to_pylist() == ["product:tea"]
    assert found.lines == before.lines


@pytest.mark.parametrize("days", [7, 0])
def test_days_on_which_nobody_known_bought_anything_are_named(days: int) -> None:
    last = AS_OF - DAY
    text = (
        f"journeys of the days from {AS_OF - days * DAY} to {last} need an item that a known "
        f"customer bought in them, but there is nothing; the warehouse has orders from 2023-12-02 "
        f"to {last}"
    )
    with pytest.raises(NoJourneys, match=fully(text)):
        journeys(order(AS_OF - 90 * DAY), order(customer=None), days=days)


def test_what_the_sources_do_not_tell_is_refused() -> None:
    columns = {name: name for name in ("order", "ordered_at", "customer", "amount")}
    sources = Sources.model_validate({"orders": {"path": "orders.csv", "columns": columns}})
    told = (
        "needs one of product, but found prodct; did you mean product?",
        "needs sources.orders.columns.product, which says what was bought",
        "needs sources.orders.columns.quantity, which a price is divided by",
    )
    asked = JourneyDefinition(item="prodct")
    assert list(unknown_journeys(asked, sources)) == [("item", text) for text in told]
    wanted = fully("\n".join(f"journeys.item: {text}" for text in told))
    with built(Shop(orders=(order(),))) as (con, _), pytest.raises(JourneysUnclear, match=wanted):
        build_journeys(con, asked, Window(AS_OF - DAY, AS_OF), sources)
    elsewhere = fully("\n".join(f"offers.item: {text}" for text in told))
    with pytest.raises(JourneysUnclear, match=elsewhere):
        require_journeys(asked, sources, "offers")


def test_journeys_without_orders_are_refused() -> None:
    labels = {"path": "labels.csv", "columns": {"customer": "c", "as_of": "d", "churned": "l"}}
    text = "journeys.item: journeys need sources.orders, but the sources are: labels"
    with pytest.raises(JourneysUnclear, match=fully(text)):
        require_journeys(JourneyDefinition(), Sources.model_validate({"labels": labels}))

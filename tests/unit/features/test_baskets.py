"""Baskets of a shop of a dozen lines, worked out by hand."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from features.basket_groups import BasketGroup, groups, recoded, rows_of
from features.baskets import Bought, LinesSeen, NoBaskets, build_baskets
from features.clock import Window
from features.levels import ItemsUnclear
from features.schemas import Sources
from features.settings import BasketDefinition
from features.warehouse import Connection
from tests.loading import loaded, orders, write

HEADER = "order,at,customer,amount,product,quantity,discount,store"
LINES = (
    "p1,2023-12-01 10:00:00,dan,3.00,8,1,0,south",
    "p1,2023-12-01 10:00:00,dan,3.00,9,1,0,south",
    "p2,2023-12-01 18:00:00,dan,3.00,8,1,0,north",
    "p3,2023-12-02 10:00:00,eve,3.00,8,1,0,south",
    "p4,2023-12-02 18:00:00,eve,3.00,8,1,0,north",
    "o1,2024-01-05 10:00:00,ann,3.00,007,2,0,north",
    "o1,2024-01-05 10:00:00,ann,1.50,007,1,0.20,north",
    "o1,2024-01-05 10:00:00,ann,2.00,8,1,0,north",
    "o2,2024-01-05 18:00:00,ann,1.40,7,0.5,0,south",
    "o2,2024-01-05 18:00:00,ann,0,8,0,0.50,south",
    "o3,2024-01-06 09:00:00,bob,2.00,8,1,0,north",
    "o3,2024-01-06 09:00:00,bob,4.95,POSTAGE,1,0,north",
    "o3,2024-01-06 09:00:00,bob,-2.00,9,-1,0,north",
    "o4,2024-01-06 12:00:00,,2.00,8,1,0,",
    "o5,2024-01-07 12:00:00,cat,5.00,,1,0,south",
    "o6,2024-01-08 00:00:00,ann,9.00,9,1,0,north",
)
PRODUCTS = (
    "007,0.50,GROCERY,ICE,CUBED,Frost",
    "7,,GROCERY,ICE,CUBED,",
    "8,1.00,GROCERY,,MISC,Frost",
    "9,1.00,PASTRY,ICE,CUBED,",
)
PEOPLE = (
    *("ann,gold,2024-01-01", "ann,iron,2024-01-06", "bob,silver,2024-01-07"),
    *("cat,gold,2024-01-06", "cat,silver,2024-01-07"),
)
WEEK = Window(date(2024, 1, 1), date(2024, 1, 8))
SOURCES: dict[str, Any] = {
    "orders": orders(
        columns={name: name for name in ("product", "quantity", "discount", "store")},
        returns="negative_quantity",
        anonymous="keep",
        non_products="POSTAGE",
    ),
    "products": {
        "path": "products.csv",
        "columns": {"product": "product", "unit_cost": "cost"},
        "hierarchy": {"department": "department", "category": "category", "type": "type"},
        "groups": {"brand": "brand"},
    },
    "customers": {
        "path": "customers.csv",
        "columns": {"customer": "customer", "valid_from_on": "from"},
        "attributes": {"tier": {"column": "tier", "levels": ["gold", "silver"]}},
    },
}
Shop = tuple[Connection, Sources]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    write(folder / "orders.csv", *LINES, header=HEADER)
    write(folder / "products.csv", *PRODUCTS, header="product,cost,department,category,type,brand")
    write(folder / "customers.csv", *PEOPLE, header="customer,tier,from")
    with loaded(folder, SOURCES) as (con, _):
        yield con, Sources.model_validate(SOURCES)


def build(shop: Shop, window: Window = WEEK, **asked: Any) -> Bought:
    con, sources = shop
    return build_baskets(con, BasketDefinition(**asked), window, sources)


def held(bought: Bought) -> list[set[str]]:
    """Labels in each basket, in order of the baskets."""
    labels = bought.items.table["label"].to_pylist()
    found: list[set[str]] = [set() for _ in range(bought.count)]
    for row in bought.rows.to_pylist():
        found[row["basket"]].add(labels[row["item"]])
    return found


def weights(bought: Bought, **known: Any) -> dict[str, tuple[Any, ...]]:
    """Weights of each item of the one basket that is known by these."""
    (number,) = (
        at for at, row in enumerate(bought.baskets.to_pylist()) if known.items() <= row.items()
    )
    labels = bought.items.table["label"].to_pylist()
    rows = [row for row in bought.rows.to_pylist() if row.pop("basket") == number]
    return {labels[row.pop("item")]: tuple(row.values()) for row in rows}


def test_a_basket_holds_each_product_of_its_order_once(shop: Shop) -> None:
    bought = build(shop)
    assert bought.baskets["order"].to_pylist() == ["o1", "o2", "o3", "o4", "o5"]
    tea, ice, misc = "product:007", "product:7", "product:8"
    assert held(bought) == [{tea, misc}, {ice}, {misc}, {misc}, set()]
    assert bought.rows["basket"].to_pylist() == [0, 0, 1, 2, 3]
    assert bought.items.table["label"].to_pylist() == [tea, ice, misc]


def test_returns_fees_coupons_and_lines_without_a_product_are_told(shop: Shop) -> None:
    assert build(shop, weights=("margin",)).lines == LinesSeen(
        counted=7,
        without_product=1,
        without_cost=1,
        returned=1,
        no_products=1,
        of_quantity_0=1,
        anonymous=0,
    )


def test_a_line_of_nobody_is_in_no_customers_basket(shop: Shop) -> None:
    bought = build(shop, basket="customer")
    assert bought.baskets["customer"].to_pylist() == ["ann", "bob", "cat"]
    assert held(bought) == [{"product:007", "product:7", "product:8"}, {"product:8"}, set()]
    assert bought.lines.anonymous == 1


def test_a_visit_is_a_customer_on_a_day_in_a_store(shop: Shop) -> None:
    day = date(2024, 1, 5)
    visits = build(shop, basket="visit").baskets.select(["customer", "ordered_on", "store"])
    assert [tuple(row.values()) for row in visits.to_pylist()] == [
        ("ann", day, "north"),
        ("ann", day, "south"),
        ("bob", date(2024, 1, 6), "north"),
        ("cat", date(2024, 1, 7), "south"),
    ]
    assert build(shop, basket="customer_day").count == 3


def test_several_levels_are_items_by_their_path(shop: Shop) -> None:
    bought = build(shop, items=("department", "type", "category", "brand"))
    assert held(bought)[0] == {
        "department:GROCERY",
        "category:GROCERY > ICE",
        "type:GROCERY > ICE > CUBED",
        "type:GROCERY > ? > MISC",
        "brand:Frost",
    }
    names = bought.items.table.select(["level", "name", "title", "is_context"]).to_pylist()
    assert [tuple(row.values()) for row in names] == [
        ("brand", "Frost", "Frost", False),
        ("category", "ICE", "ICE", False),
        ("department", "GROCERY", "GROCERY", False),
        ("type", "MISC", "MISC", False),
        ("type", "CUBED", "CUBED", False),
    ]


def test_the_same_name_under_two_parents_is_two_items_with_long_titles(shop: Shop) -> None:
    bought = build(shop, Window(date(2024, 1, 1), date(2024, 1, 9)), items=("type",))
    assert bought.items.table["title"].to_pylist() == [
        "MISC",
        "type:GROCERY > ICE > CUBED",
        "type:PASTRY > ICE > CUBED",
    ]
    assert bought.items.numbered("type:PASTRY > ICE > CUBED") == 2
    assert bought.items.numbered("MISC") == 0


def test_each_item_knows_what_it_belongs_to(shop: Shop) -> None:
    bought = build(
        shop, items=("product", "type", "department", "brand"), context=("promoted", "weekday")
    )
    labels = bought.items.table["label"].to_pylist()
    above: dict[str, set[str]] = {label: set() for label in labels}
    for row in bought.items.ancestors.to_pylist():
        above[labels[row["item"]]].add(labels[row["ancestor"]])
    wide = {"department:GROCERY", "type:GROCERY > ICE > CUBED"}
    assert above["product:007"] == {*wide, "brand:Frost"}
    assert above["product:7"] == wide
    assert above["product:8"] == {
        "type:GROCERY > ? > MISC",
        "department:GROCERY",
        "brand:Frost",
    }
    assert above["type:GROCERY > ICE > CUBED"] == {"department:GROCERY"}
    assert above["brand:Frost"] == above["department:GROCERY"] == above["weekday:Friday"] == set()
    assert above["promoted_product:007"] == {
        *{"product:007", "brand:Frost", "promoted_brand:Frost"},
        *wide,
        *{"promoted_department:GROCERY", "promoted_type:GROCERY > ICE > CUBED"},
    }


def test_weights_are_added_up_and_the_context_weighs_nothing(shop: Shop) -> None:
    bought = build(
        shop,
        items=("product", "department"),
        weights=("quantity", "amount", "margin"),
        context=("weekday", "promoted"),
    )
    assert weights(bought, order="o1") == {
        "department:GROCERY": (4.0, 650, 400),
        "product:007": (3.0, 450, 300),
        "product:8": (1.0, 200, 100),
        "promoted_department:GROCERY": (0.0, 0, 0),
        "promoted_product:007": (0.0, 0, 0),
        "weekday:Friday": (0.0, 0, 0),
    }
    assert weights(bought, order="o2")["product:7"] == (0.5, 140, 0)


def test_the_context_says_when_where_and_of_whom(shop: Shop) -> None:
    bought = build(
        shop, items=("department",), context=("weekday", "store", "segment", "promotion")
    )
    ice = "department:GROCERY"
    assert held(bought) == [
        {ice, "weekday:Friday", "store:north", "tier:gold", "promotion:discount"},
        {ice, "weekday:Friday", "store:south", "tier:gold"},
        {ice, "weekday:Saturday", "store:north"},
        {ice, "weekday:Saturday"},
        {"weekday:Sunday", "store:south", "tier:silver"},
    ]
    context = [row["label"] for row in bought.items.table.to_pylist() if row["is_context"]]
    assert context == [
        *("promotion:discount", "store:north", "store:south", "tier:gold", "tier:silver"),
        *("weekday:Friday", "weekday:Saturday", "weekday:Sunday"),
    ]


def test_midnight_of_as_of_is_not_seen(shop: Shop) -> None:
    assert "o6" not in build(shop).baskets["order"].to_pylist()
    later = build(shop, Window(date(2024, 1, 8), date(2024, 1, 9)))
    assert later.baskets["order"].to_pylist() == ["o6"]
    assert held(later) == [{"product:9"}]


def test_a_window_in_which_nothing_was_bought_is_refused(shop: Shop) -> None:
    text = (
        "baskets of the days from 2023-01-01 to 2023-11-30 need something that was bought in "
        "them, but there is nothing; the warehouse has orders from 2023-12-01 to 2024-01-08"
    )
    with pytest.raises(NoBaskets, match=f"^{re.escape(text)}$"):
        build(shop, Window(date(2023, 1, 1), date(2023, 12, 1)))


def test_nothing_is_left_in_the_connection(shop: Shop) -> None:
    build(shop)
    with pytest.raises(NoBaskets):
        build(shop, Window(date(2023, 1, 1), date(2023, 12, 1)))
    temporary = "SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name LIKE 'basket%'"
    assert shop[0].execute(temporary).fetchall() == [(0,)]


def test_groups_are_all_baskets_then_segments_then_stores(shop: Shop) -> None:
    bought = build(shop, splits=("overall", "segment", "store"))
    asked = BasketDefinition(splits=("overall", "segment", "store"))
    found = [(g.split, g.name, g.baskets.tolist()) for g in groups(bought, asked, shop[1])]
    assert found == [
        ("overall", "overall", [0, 1, 2, 3, 4]),
        ("segment", "gold", [0, 1]),
        ("segment", "silver", [4]),
        ("segment", "unknown", [2, 3]),
        ("store", "north", [0, 2]),
        ("store", "south", [1, 4]),
        ("store", "unknown", [3]),
    ]


def test_a_value_that_the_config_does_not_list_is_a_group_of_its_own(shop: Shop) -> None:
    asked = BasketDefinition(basket="customer", splits=("segment",))
    window = Window(date(2024, 1, 7), date(2024, 1, 9))
    found = groups(build(shop, window, **asked.model_dump()), asked, shop[1])
    assert [(g.name, g.baskets.tolist()) for g in found] == [("silver", [1]), ("unlisted", [0])]


def test_a_basket_of_several_stores_is_of_the_one_of_most_lines(shop: Shop) -> None:
    asked = BasketDefinition(basket="customer", splits=("store",))
    december = Window(date(2023, 12, 1), date(2024, 1, 1))
    bought = build(shop, december, **asked.model_dump())
    assert bought.baskets["customer"].to_pylist() == ["dan", "eve"]
    assert bought.baskets["in_store"].to_pylist() == ["south", "north"]


def test_rows_are_in_order_at_any_number_of_threads(tmp_path: Path) -> None:
    chance = Random(3)
    sold = [(chance.randrange(8_000), chance.randrange(300)) for _ in range(40_000)]
    lines = [f"o{order},2024-01-05 10:00:00,c{order % 99},1,{item}" for order, item in sold]
    write(tmp_path / "orders.csv", *lines, header="order,at,customer,amount,product")
    given = {"orders": orders(columns={"product": "product"})}
    tables = []
    for threads in (1, 3):
        with loaded(tmp_path, given, threads=threads) as (con, _):
            tables.append(build((con, Sources.model_validate(given)), basket="customer").rows)
    pairs = list(zip(*(tables[0][name].to_pylist() for name in ("basket", "item")), strict=True))
    assert pairs == sorted(set(pairs))
    assert len(pairs) == len({(order % 99, item) for order, item in sold})
    assert tables[0].equals(tables[1])


def test_rows_of_a_group_are_numbered_anew(shop: Shop) -> None:
    bought = build(shop)
    group = BasketGroup(
        "store", "south", groups(bought, BasketDefinition(), shop[1])[0].baskets[2:]
    )
    assert rows_of(bought, group).to_pylist() == [
        {"basket": 0, "item": 2},
        {"basket": 1, "item": 2},
    ]


def test_rows_of_another_window_take_the_numbers_of_the_first(shop: Shop) -> None:
    first = build(shop, Window(date(2024, 1, 6), date(2024, 1, 9)))
    assert first.items.table["label"].to_pylist() == ["product:8", "product:9"]
    second = build(shop, Window(date(2024, 1, 5), date(2024, 1, 6)))
    assert second.items.table["label"].to_pylist() == ["product:007", "product:7", "product:8"]
    assert recoded(second.rows, second.items, first.items).to_pylist() == [{"basket": 0, "item": 0}]


def test_an_item_that_nobody_bought_is_named_with_the_nearest(shop: Shop) -> None:
    text = "an item needs the label of one that was bought, but found 'GROCER'; did you mean "
    with pytest.raises(ItemsUnclear, match=f"^{re.escape(text)}'GROCERY'"):
        build(shop, items=("department",)).items.numbered("GROCER")

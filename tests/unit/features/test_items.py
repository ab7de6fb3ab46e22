"""What a definition of baskets may ask of its sources, and items that can be told apart."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.baskets import build_baskets
from features.clock import Window
from features.items import require_known, unknown
from features.levels import ItemsUnclear
from features.schemas import Sources
from features.settings import BasketDefinition
from tests.loading import fully, loaded, orders, write

CUSTOMERS: dict[str, Any] = {"path": "c", "columns": {"customer": "c"}}
PRODUCTS: dict[str, Any] = {"path": "p", "columns": {"product": "p"}, "hierarchy": {"type": "t"}}
WITH_PRODUCTS = orders(columns={"product": "p"})


def told(asked: dict[str, Any], **sources: Any) -> list[str]:
    """Sentences about a definition, the setting first."""
    given = Sources.model_validate({"orders": WITH_PRODUCTS, "products": PRODUCTS, **sources})
    return [f"{field}: {text}" for field, text in unknown(BasketDefinition(**asked), given)]


def attributes(**named: dict[str, Any]) -> dict[str, Any]:
    return {**CUSTOMERS, "attributes": named}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"items": ("product", "typ")},
            "items: needs some of product, type, but found typ; did you mean type?",
        ),
        ({"items": ("brand",)}, "items: needs some of product, type, but found brand"),
        ({"basket": "visit"}, "basket: visit needs sources.orders.columns.store"),
        ({"context": ("store",)}, "context: store needs sources.orders.columns.store"),
        ({"splits": ("store",)}, "splits: store needs sources.orders.columns.store"),
        ({"context": ("channel",)}, "context: channel needs sources.orders.columns.channel"),
        (
            {"context": ("promoted",)},
            "context: promotion needs sources.orders.columns.discount",
        ),
        (
            {"weights": ("margin",)},
            "weights: margin needs sources.products.columns.unit_cost; amount needs none",
        ),
        (
            {"segment": "tier"},
            (
                "segment: needs a category of sources.customers.attributes (there are none), but "
                "found tier"
            ),
        ),
        (
            {"splits": ("segment",)},
            "splits: segment needs a category with levels in sources.customers.attributes",
        ),
        ({"items": ("type", "type")}, "items: needs each once, but found twice: type"),
    ],
)
def test_what_the_sources_do_not_tell_cannot_be_asked_for(
    asked: dict[str, Any], sentence: str
) -> None:
    assert told(asked) == [sentence]


def test_orders_without_products_have_no_items() -> None:
    sentence = "items: needs sources.orders.columns.product, which says what was bought"
    assert told({}, orders=orders()) == [sentence]


def test_a_number_is_no_segment() -> None:
    customers = attributes(age={"column": "a", "type": "number"}, tier={"column": "t"})
    sentence = "segment: needs a category of sources.customers.attributes (tier), but found age"
    assert told({"segment": "age"}, customers=customers) == [sentence]
    assert told({"segment": "tier", "context": ("segment",)}, customers=customers) == []


def test_a_segment_that_is_called_like_a_level_needs_another_name() -> None:
    customers = attributes(type={"column": "t", "levels": ["a"]})
    sentence = (
        "context: needs other names than those of levels, but both have type; rename that level "
        "or attribute"
    )
    assert told({"items": ("type",), "context": ("segment",)}, customers=customers) == [sentence]


def test_a_table_without_orders_has_no_baskets() -> None:
    labels = {"path": "l", "columns": {"customer": "c", "as_of": "d", "churned": "x"}}
    sources = Sources.model_validate({"customers": CUSTOMERS, "labels": labels})
    text = "rules.basket: baskets need sources.orders, but the sources are: customers, labels"
    with pytest.raises(ItemsUnclear, match=fully(text)):
        require_known(BasketDefinition(), sources)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    sources = Sources.model_validate({"orders": WITH_PRODUCTS})
    text = (
        "rules.items: needs some of product, but found type\n"
        "rules.context: channel needs sources.orders.columns.channel"
    )
    with pytest.raises(ItemsUnclear, match=fully(text)):
        require_known(BasketDefinition(items=("type",), context=("channel",)), sources)


def test_names_that_look_like_paths_are_refused(tmp_path: Path) -> None:
    write(
        tmp_path / "orders.csv",
        *("o1,2024-01-05 10:00:00,ann,3.00,1", "o1,2024-01-05 10:00:00,ann,3.00,2"),
        header="order,at,customer,amount,product",
    )
    write(tmp_path / "products.csv", "1,a > b,c,d", "2,a,b > c,d", header="product,x,y,z")
    given = {
        "orders": orders(columns={"product": "product"}),
        "products": {
            "path": "products.csv",
            "columns": {"product": "product"},
            "hierarchy": {"x": "x", "y": "y", "z": "z"},
        },
    }
    text = (
        "items need labels of their own, but 'y:a > b > c' stands for ['a', 'b > c'] and "
        "['a > b', 'c']; names of sources.products.hierarchy must not hold ' > ' or be '?'"
    )
    window, sources = Window(date(2024, 1, 1), date(2024, 2, 1)), Sources.model_validate(given)
    with loaded(tmp_path, given) as (con, _):
        with pytest.raises(ItemsUnclear, match=f"^{re.escape(text)}$"):
            build_baskets(con, BasketDefinition(items=("y",)), window, sources)
        assert build_baskets(con, BasketDefinition(items=("x",)), window, sources).count == 1

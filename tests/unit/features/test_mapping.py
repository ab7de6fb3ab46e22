from datetime import UTC, date, datetime
from typing import Any

import pytest

from features.casts import Reading
from features.mapping import fields_of, mapping_fingerprint, origin_sql
from features.schemas import Constant, Expression, OrdersColumns, Source, Sources
from tests.loading import orders

READING = Reading("UTC", (), ".", 2)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def source(name: str = "orders", **settings: Any) -> Source:
    given = {"orders": orders(**settings)} if name == "orders" else {name: settings}
    return Sources.model_validate(given).given()[name]


def test_orders_have_ten_columns_of_which_four_are_required() -> None:
    fields = fields_of("orders", source())
    assert [(field.name, field.type, field.required) for field in fields] == [
        ("order", "text", True),
        ("ordered_at", "instant", True),
        ("customer", "text", True),
        ("amount", "money", True),
        ("product", "text", False),
        ("quantity", "quantity", False),
        ("discount", "money", False),
        ("coupon", "money", False),
        ("store", "text", False),
        ("channel", "text", False),
    ]
    assert fields[1].path == "sources.orders.columns.ordered_at"
    assert fields[1].origin == "at"


def test_anonymous_lines_need_no_customer() -> None:
    fields = fields_of("orders", source(anonymous="keep"))
    assert [field.name for field in fields if field.required] == ["order", "ordered_at", "amount"]


def test_attributes_and_levels_are_columns_with_the_place_of_their_mapping() -> None:
    attributes = {"age": {"column": "a", "type": "number"}, "tier": {"column": {"constant": "x"}}}
    customers = source("customers", path="c", columns={"customer": "c"}, attributes=attributes)
    assert [
        (field.name, field.type, field.path) for field in fields_of("customers", customers)
    ] == [
        ("customer", "text", "sources.customers.columns.customer"),
        ("valid_from_on", "day", "sources.customers.columns.valid_from_on"),
        ("age", "number", "sources.customers.attributes.age.column"),
        ("tier", "text", "sources.customers.attributes.tier.column"),
    ]
    named = {"hierarchy": {"group": "g"}, "groups": {"brand": "b"}}
    products = source("products", path="p", columns={"product": "p"}, **named)
    assert [field.path for field in fields_of("products", products)][3:] == [
        "sources.products.hierarchy.group",
        "sources.products.groups.brand",
    ]


@pytest.mark.parametrize(
    ("origin", "sql"),
    [
        (None, "NULL"),
        ('odd "name"', '"odd ""name"""'),
        (Expression(expression="a * b -- cents"), "(a * b -- cents\n)"),
        (Constant(constant="it's"), "'it''s'"),
        (Constant(constant=-5), "-5"),
        (Constant(constant=1.5), "1.5"),
        (Constant(constant=date(2024, 1, 31)), "'2024-01-31'"),
    ],
)
def test_the_origin_of_a_column_is_quoted(origin: Any, sql: str) -> None:
    assert origin_sql(origin) == sql


def fingerprint(given: Source, reading: Reading = READING, earliest: datetime = EARLIEST) -> str:
    return mapping_fingerprint(given, reading, earliest)


def test_a_fingerprint_is_of_what_changes_rows() -> None:
    known = fingerprint(source())
    assert len(known) == 64
    same = [source(path="other.csv"), source(quarantine_limit=0.5)]
    assert {fingerprint(each) for each in same} == {known}
    other = [
        source(columns={"amount": "price"}),
        source(columns={"store": "shop"}),
        source(where="amount = '1'"),
        source(encoding="cp950"),
        source(delimiter=";"),
        source(returns="negative_quantity"),
        source(anonymous="keep"),
        source(non_products="POST"),
    ]
    readings = [
        Reading("Asia/Taipei", (), ".", 2),
        Reading("UTC", ("epoch_s",), ".", 2),
        Reading("UTC", (), ",", 2),
        Reading("UTC", (), ".", 0),
    ]
    found = {fingerprint(each) for each in other}
    found |= {fingerprint(source(), reading) for reading in readings}
    found |= {fingerprint(source(), earliest=datetime(1991, 1, 1, tzinfo=UTC))}
    assert len(found - {known}) == len(other) + len(readings) + 1


def test_a_column_that_came_to_be_changes_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    known = fingerprint(source())
    columns = dict(OrdersColumns.model_fields)
    del columns["coupon"]
    monkeypatch.setattr(OrdersColumns, "__pydantic_fields__", columns)
    assert fingerprint(source()) != known


def test_what_attributes_mean_to_people_is_not_part_of_the_fingerprint() -> None:
    def customers(**attribute: Any) -> Source:
        attributes = {"tier": {"column": "t", **attribute}}
        return source("customers", path="c", columns={"customer": "c"}, attributes=attributes)

    plain = fingerprint(customers())
    assert fingerprint(customers(levels=["gold"], meaning="tier of the club")) == plain
    assert fingerprint(customers(type="number")) != plain

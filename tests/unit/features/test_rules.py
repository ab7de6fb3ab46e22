from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from features.mapping import Field, fields_of
from features.rules import Plausible, broken_rule, raw_name
from features.schemas import Source, Sources
from features.sql import listing
from tests.loading import PLAUSIBLE, TEN_AM, orders

GOOD = {"order": "'o1'", "ordered_at": str(TEN_AM), "customer": "'ann'", "amount": "100"}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def rule(con: duckdb.DuckDBPyConnection, source: Source, name: str, **cells: str) -> Any:
    """The rule that a row breaks; each cell is the value, or ``raw|value`` in SQL."""
    columns = []
    for field in fields_of(name, source):
        raw, _, value = cells.get(field.name, "NULL").rpartition("|")
        columns.append(f'{raw or value} AS {raw_name(field)}, {value} AS "{field.name}"')
    sql = broken_rule(source, fields_of(name, source), PLAUSIBLE)
    return con.execute(f"SELECT {sql} FROM (SELECT {listing(columns)})").fetchall()[0][0]


def of_orders(con: duckdb.DuckDBPyConnection, *, settings: Any = None, **cells: str) -> Any:
    source = Sources.model_validate({"orders": orders(**(settings or {}))}).orders
    assert source is not None
    return rule(con, source, "orders", **(GOOD | cells))


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        ({}, None),
        ({"order": "NULL"}, "order_missing"),
        ({"customer": "' '|NULL"}, "customer_missing"),
        ({"customer": "1.5|NULL"}, "customer_unreadable"),
        ({"ordered_at": "'x'|NULL"}, "ordered_at_unreadable"),
        ({"ordered_at": "631151999999999"}, "ordered_at_before_1990"),
        ({"ordered_at": "631152000000000"}, None),
        ({"ordered_at": "1717199999999999"}, None),
        ({"ordered_at": "1717200000000000"}, "ordered_at_in_future"),
        ({"amount": "'x'|NULL"}, "amount_unreadable"),
        ({"amount": "-1"}, "amount_negative"),
        ({"amount": "0", "quantity": "0"}, None),
        ({"quantity": "-1"}, "quantity_negative"),
        ({"quantity": "'x'|NULL"}, "quantity_unreadable"),
        ({"discount": "-1"}, "discount_negative"),
        ({"discount": "50", "coupon": "-1"}, "coupon_negative"),
        ({"discount": "50", "coupon": "50"}, None),
        ({"discount": "50", "coupon": "51"}, "coupon_above_discount"),
        ({"coupon": "0"}, None),
        ({"coupon": "1"}, "coupon_above_discount"),
        ({"coupon": "'x'|NULL"}, "coupon_unreadable"),
        ({"store": "''|NULL"}, None),
        ({"order": "NULL", "amount": "-1"}, "order_missing"),
    ],
)
def test_a_row_of_orders_breaks_the_first_of_its_rules(
    con: duckdb.DuckDBPyConnection, cells: dict[str, str], broken: str | None
) -> None:
    assert of_orders(con, **cells) == broken


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        ({"quantity": "-1", "amount": "-100"}, None),
        ({"quantity": "-1", "amount": "0"}, None),
        ({"quantity": "-1", "amount": "100"}, "amount_positive_on_return"),
        ({"quantity": "1", "amount": "-100"}, "amount_negative_without_return"),
        ({"amount": "-100"}, "amount_negative_without_return"),
    ],
)
def test_returns_have_a_negative_quantity_and_no_positive_amount(
    con: duckdb.DuckDBPyConnection, cells: dict[str, str], broken: str | None
) -> None:
    assert of_orders(con, settings={"returns": "negative_quantity"}, **cells) == broken


def test_a_line_may_have_no_customer_where_the_config_says_so(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert of_orders(con, settings={"anonymous": "keep"}, customer="NULL") is None


@pytest.mark.parametrize(
    ("day", "broken"),
    [
        *(("1989-12-31", "as_of_before_1990"), ("1990-01-01", None), ("2024-05-31", None)),
        *(("2024-06-01", "as_of_in_future"), ("infinity", "as_of_in_future")),
    ],
)
def test_a_label_has_a_plausible_day(
    con: duckdb.DuckDBPyConnection, day: str, broken: str | None
) -> None:
    columns = {name: name for name in ("customer", "as_of", "churned")}
    labels = Sources.model_validate({"labels": {"path": "x", "columns": columns}}).labels
    assert labels is not None
    cells = {"customer": "'a'", "as_of": f"DATE '{day}'", "churned": "true"}
    assert rule(con, labels, "labels", **cells) == broken


@pytest.mark.parametrize(
    ("pages", "broken"),
    [
        *(("NULL", None), ("0", None), ("3.000", None), ("2.5", "pages_not_whole")),
        *(("-1", "pages_negative"), ("'x'|NULL", "pages_unreadable")),
    ],
)
def test_a_visit_has_a_whole_number_of_pages(
    con: duckdb.DuckDBPyConnection, pages: str, broken: str | None
) -> None:
    columns = {"customer": "c", "visited_at": "t", "pages": "p"}
    visits = Sources.model_validate({"visits": {"path": "x", "columns": columns}}).visits
    assert visits is not None
    cells = {"customer": "'a'", "visited_at": str(TEN_AM), "pages": pages}
    assert rule(con, visits, "visits", **cells) == broken


@pytest.mark.parametrize(
    ("seconds", "broken"),
    [("NULL", None), ("0", None), ("-0.5", "duration_seconds_negative")],
)
def test_a_contact_takes_no_less_than_no_time(
    con: duckdb.DuckDBPyConnection, seconds: str, broken: str | None
) -> None:
    columns = {"customer": "c", "contacted_at": "t", "kind": "k", "duration_seconds": "s"}
    contacts = Sources.model_validate({"contacts": {"path": "x", "columns": columns}}).contacts
    assert contacts is not None
    cells = {"customer": "'a'", "contacted_at": str(TEN_AM), "kind": "'call'"}
    assert rule(con, contacts, "contacts", **cells, duration_seconds=seconds) == broken


def test_the_year_of_the_rule_is_the_one_of_the_config() -> None:
    plausible = Plausible(datetime(2010, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    source = Sources.model_validate({"orders": orders()}).orders
    assert source is not None
    assert "ordered_at_before_2010" in broken_rule(source, fields_of("orders", source), plausible)


def test_a_raw_value_has_a_name_that_no_column_of_a_config_can_have() -> None:
    field = Field("order", "text", required=True, origin="x", path="")
    assert raw_name(field) == '"raw order"'

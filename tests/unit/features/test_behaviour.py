"""One row per customer and as_of, the same for training and scoring."""

import re
from datetime import date

import pyarrow as pa
import pytest

from features import slices
from features.behaviour import NoColumns, build, columns, schema, shape_of, stream
from features.clock import OutsideHistory
from features.contract import Profile, Shape
from features.families.recency import recency
from features.schemas import Sources
from features.settings import Behaviour, Cohort
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Order,
    Shop,
    behaviour,
    built,
    content,
    order,
)


def of(*rows: Order) -> Shop:
    return Shop(orders=rows)


MANY = of(*(order(AS_OF - (1 + n % 50) * DAY, f"c{n:03}") for n in range(300)))
"""300 customers with one order each, in the last 50 days."""


def test_rows_are_in_order_of_as_of_and_customer() -> None:
    shop = of(order(customer="bob"), order(AS_OF - 9 * DAY, "ann"))
    table = behaviour(shop, AS_OF, AS_OF - 3 * DAY)
    rows = [(row["as_of"], row["customer"]) for row in table.to_pylist()]
    assert rows == [(AS_OF - 3 * DAY, "ann"), (AS_OF, "ann"), (AS_OF, "bob")]


def test_columns_are_identity_and_then_doubles() -> None:
    table = behaviour(of(order()))
    assert table.schema.field(0) == pa.field("customer", pa.string())
    assert table.schema.field(1) == pa.field("as_of", pa.date32())
    assert {str(field.type) for field in list(table.schema)[2:]} == {"double"}


def test_the_config_decides_the_columns_before_any_data_is_seen() -> None:
    sources = Sources.model_validate(
        {
            "orders": {
                "path": "o.csv",
                "columns": {"order": "a", "ordered_at": "b", "customer": "c", "amount": "d"},
            },
            "customers": {
                "path": "c.csv",
                "columns": {"customer": "c"},
                "attributes": {
                    "age": {"column": "x", "type": "number"},
                    "home": {"column": "y", "levels": ["own"], "meaning": "house or flat"},
                },
            },
        }
    )
    assert shape_of(sources, Behaviour(windows_days=(7, 28))) == Shape(
        (7, 28),
        has_orders=True,
        has_categories=False,
        profile=(
            Profile("age", is_number=True, levels=(), meaning="age"),
            Profile("home", is_number=False, levels=("own",), meaning="house or flat"),
        ),
    )


def test_the_schema_names_every_column_of_the_families() -> None:
    shape = Shape((7,), has_orders=True, has_categories=False, profile=())
    names = schema(shape).names
    assert names == ["customer", "as_of", *(column.name for column in columns(shape))]
    assert names[2] == recency(shape).columns[0].name


def test_a_contractual_business_needs_no_orders() -> None:
    shop = Shop(customers=(Customer("ann", "gold", 30),), labels=(("ann", AS_OF, True),))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
    assert behaviour(shop, settings=settings).to_pylist() == [
        {
            "customer": "ann",
            "as_of": AS_OF,
            "is_tier_gold": 1,
            "is_tier_silver": 0,
            "is_tier_unlisted": 0,
            "age": 30,
        }
    ]


def test_who_has_a_contract_and_never_ordered_has_missing_values() -> None:
    shop = Shop(orders=(order(customer="bob"),), customers=(Customer("ann"), Customer("bob")))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
    ann, bob = behaviour(shop, settings=settings).to_pylist()
    assert {value for name, value in ann.items() if name not in ("customer", "as_of")} == {None}
    assert bob["orders_count_7d"] == 1


@pytest.mark.parametrize("as_of", [AS_OF - DAY, AS_OF - 9 * DAY, AS_OF + 400 * DAY])
def test_a_day_outside_the_history_is_refused(as_of: date) -> None:
    text = (
        f"an as_of needs orders before it, but the warehouse has orders from 2024-02-29 to "
        f"2024-03-05 and as_of={as_of} was asked for; use a date from 2024-03-01 to 2024-03-06 "
        f"(up to 2025-03-06 is accepted)"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(text)}$"):
        behaviour(of(order(AS_OF - DAY), order(AS_OF + 4 * DAY)), as_of)


def test_a_config_without_any_feature_is_refused() -> None:
    text = (
        "a behaviour table needs sources.orders or sources.customers.attributes, but the config "
        "has neither; add what is known about customers"
    )
    with pytest.raises(NoColumns, match=f"^{re.escape(text)}$"):
        columns(Shape((7,), has_orders=False, has_categories=True, profile=()))


def test_no_day_gives_no_row() -> None:
    with built(of(order())) as (con, sources):
        table = build(con, [], sources, SETTINGS)
    assert table.num_rows == 0
    assert table.schema == schema(shape_of(sources, SETTINGS))


def test_a_day_that_is_asked_for_twice_is_there_once() -> None:
    shop = of(order())
    assert content(behaviour(shop, AS_OF, AS_OF)) == content(behaviour(shop, AS_OF))


@pytest.mark.parametrize("rows", [1, 100, 299, 300, 5000])
def test_batches_have_at_most_so_many_rows(rows: int) -> None:
    with built(MANY) as (con, sources):
        batches = list(stream(con, [AS_OF], sources, SETTINGS, rows))
        whole = build(con, [AS_OF], sources, SETTINGS)
    assert {batch.num_rows for batch in batches[:-1]} <= {rows}
    assert 0 < batches[-1].num_rows <= rows
    assert content(pa.Table.from_batches(batches)) == content(whole)


def test_a_large_business_is_computed_in_turns_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = (AS_OF - 20 * DAY, AS_OF)
    at_once = behaviour(MANY, *days)
    monkeypatch.setattr(slices, "BUDGET_LINES", 1)
    monkeypatch.setattr(slices, "BLOCK_KEYS", 100)
    in_turns = behaviour(MANY, *days)
    assert content(in_turns) == content(at_once)
    assert in_turns.num_rows == 180 + 300


def test_a_turn_without_customers_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = of(*(order(AS_OF - (1 if n == 7 else 90) * DAY, f"c{n}") for n in range(10)))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(active_within_days=28)})
    monkeypatch.setattr(slices, "BUDGET_LINES", 1)
    monkeypatch.setattr(slices, "BLOCK_KEYS", 2)
    assert behaviour(shop, settings=settings)["customer"].to_pylist() == ["c7"]


def test_the_warehouse_stays_as_it_is() -> None:
    query = "SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY ALL"
    with built(of(order())) as (con, sources):
        before = con.execute(query).fetchall()
        build(con, [AS_OF], sources, SETTINGS)
        assert con.execute(query).fetchall() == before

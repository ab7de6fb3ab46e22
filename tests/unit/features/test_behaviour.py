"""One row per customer and as_of, the same for training and scoring."""

import re
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from features import slices
from features.behaviour import (
    NoColumns,
    build,
    columns,
    keep_daily,
    schema,
    shape_of,
    stream,
)
from features.clock import OutsideHistory
from features.cohort import CohortEmpty
from features.contract import (
    Campaigns,
    Contacts,
    Orders,
    Profile,
    Shape,
    Visits,
    fingerprint,
)
from features.families.recency import recency
from features.schemas import Sources
from features.settings import Behaviour, Cohort, Engine
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


SOURCES: dict[str, object] = {
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
RICH: dict[str, object] = {
    "orders": {
        "path": "o.csv",
        "columns": {
            **{name: name for name in ("order", "ordered_at", "customer", "amount", "product")},
            **{name: name for name in ("quantity", "discount", "coupon", "store", "channel")},
        },
        "returns": "negative_quantity",
    },
    "products": {
        "path": "p.csv",
        "columns": {name: name for name in ("product", "unit_cost", "private_label")},
        "hierarchy": {"category": "category"},
    },
    "contacts": {
        "path": "t.csv",
        "columns": {
            **{name: name for name in ("customer", "contacted_at", "kind", "outcome")},
            **{name: name for name in ("duration_seconds", "satisfaction")},
        },
    },
    "visits": {
        "path": "v.csv",
        "columns": {name: name for name in ("customer", "visited_at", "session")},
    },
    "campaigns": {
        "path": "s.csv",
        "columns": {name: name for name in ("customer", "sent_at", "campaign")},
    },
    "responses": {
        "path": "r.csv",
        "columns": {name: name for name in ("customer", "responded_at", "campaign")},
    },
}
CHOSEN = Behaviour(
    windows_days=(7, 28),
    category_level="category",
    categories=("tea",),
    channels=("web",),
    contact_kinds=("call",),
    peers_by=("store",),
)


def shape(sources: dict[str, object], settings: Behaviour = CHOSEN) -> Shape:
    return shape_of(Sources.model_validate(sources), settings)


def test_the_config_decides_the_columns_before_any_data_is_seen() -> None:
    assert shape(SOURCES, Behaviour(windows_days=(7, 28))) == Shape(
        (7, 28),
        Orders(),
        profile=(
            Profile("age", is_number=True, levels=(), meaning="age"),
            Profile("home", is_number=False, levels=("own",), meaning="house or flat"),
        ),
    )


def test_what_sources_tell_is_in_the_shape() -> None:
    assert shape(RICH) == Shape(
        (7, 28),
        Orders(
            category="category",
            categories=("tea",),
            channels=("web",),
            has_products=True,
            has_stores=True,
            has_discounts=True,
            has_coupons=True,
            has_costs=True,
            has_private_labels=True,
            has_returns=True,
        ),
        Contacts(("call",), has_outcomes=True, has_durations=True, has_satisfaction=True),
        Visits(has_sessions=True),
        Campaigns(has_responses=True),
        peers_by=("store",),
    )


def test_prospects_have_a_profile_and_nothing_else() -> None:
    settings = CHOSEN.model_copy(update={"cohort": Cohort(contract="prospect")})
    assert shape({**RICH, "customers": SOURCES["customers"]}, settings) == Shape(
        (7, 28),
        profile=(
            Profile("age", is_number=True, levels=(), meaning="age"),
            Profile("home", is_number=False, levels=("own",), meaning="house or flat"),
        ),
    )


def test_a_prospect_of_a_shop_is_described_by_the_profile_alone() -> None:
    shop = Shop((order(customer="ann"),), (Customer("ann", "gold"), Customer("bob", "silver")))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(contract="prospect")})
    assert behaviour(shop, settings=settings).to_pylist() == [
        {
            "customer": "bob",
            "as_of": AS_OF,
            "is_tier_gold": 0,
            "is_tier_silver": 1,
            "is_tier_unlisted": 0,
            "age": None,
        }
    ]


@pytest.mark.parametrize(
    ("source", "without", "field"),
    [
        ("orders", "product", "has_products"),
        ("orders", "store", "has_stores"),
        ("orders", "discount", "has_discounts"),
        ("orders", "coupon", "has_coupons"),
        ("products", "unit_cost", "has_costs"),
        ("products", "private_label", "has_private_labels"),
    ],
)
def test_a_column_that_is_not_mapped_is_not_told(source: str, without: str, field: str) -> None:
    settings = Sources.model_validate(RICH).model_dump()
    settings[source]["columns"][without] = None
    orders, everything = shape(settings).orders, shape(RICH).orders
    assert orders is not None
    assert everything is not None
    assert orders == replace(everything, **{field: False})  # type: ignore[arg-type]  # a flag


def test_the_schema_names_every_column_of_the_families() -> None:
    plain = Shape((7,), Orders())
    names = schema(plain).names
    assert names == ["customer", "as_of", *(column.name for column in columns(plain))]
    assert names[2] == recency(plain).columns[0].name


def test_a_column_holds_what_its_relations_are_made_of() -> None:
    """A column of purchases changes with the channels, of which the days of customers are made."""
    one, two = Shape((7,), Orders(channels=("web",))), Shape((7,), Orders(channels=("shop",)))
    first, second = (dict(zip(schema(s).names[2:], columns(s), strict=True)) for s in (one, two))
    assert first["days_since_order"] != second["days_since_order"]
    assert first["week_of_year"] == second["week_of_year"]
    assert first["days_since_order"].sql.startswith(recency(one).columns[0].sql + "; purchases = ")


@pytest.mark.parametrize(
    "other",
    [
        Orders(category="department", has_products=True),
        Orders(category="category", has_products=True, has_costs=True),
        Orders(category="category", has_products=True, channels=("web",)),
    ],
)
def test_the_fingerprint_changes_with_the_days_of_customers(other: Orders) -> None:
    before = columns(Shape((7,), Orders(category="category", has_products=True)))
    assert fingerprint(columns(Shape((7,), other))[:1]) != fingerprint(before[:1])


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
    assert {name for name, value in ann.items() if value is not None} == {
        *("customer", "as_of", "week_of_year")
    }
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
        columns(Shape((7,)))


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
        batches = list(stream(con, [AS_OF], sources, SETTINGS, rows=rows))
        whole = build(con, [AS_OF], sources, SETTINGS)
    assert {batch.num_rows for batch in batches[:-1]} <= {rows}
    assert 0 < batches[-1].num_rows <= rows
    assert content(pa.Table.from_batches(batches)) == content(whole)


def in_turns(shop: Shop, *as_ofs: date, settings: Behaviour = SETTINGS) -> pa.Table:
    """The table, computed for as few customers at a time as can be."""
    with built(shop) as (con, sources):
        return build(con, as_ofs or (AS_OF,), sources, settings, engine=Engine(turn_rows=1))


def test_a_large_business_is_computed_in_turns_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = (AS_OF - 20 * DAY, AS_OF)
    monkeypatch.setattr(slices, "BLOCK_KEYS", 100)
    found = in_turns(MANY, *days)
    assert content(found) == content(behaviour(MANY, *days))
    assert found.num_rows == 180 + 300


def test_rows_of_a_day_are_streamed_in_order_of_the_customer_turn_by_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keys 1 and 2 are the first turn's, both days of it before the second turn's."""
    monkeypatch.setattr(slices, "BLOCK_KEYS", 3)
    shop = of(*(order(AS_OF - 9 * DAY, name) for name in ("ann", "bob", "eve")))
    days = [AS_OF, AS_OF - 2 * DAY]
    with built(shop) as (con, sources):
        batches = stream(con, days, sources, SETTINGS, engine=Engine(turn_rows=1), rows=1)
        rows = [(row["as_of"], row["customer"]) for b in batches for row in b.to_pylist()]
    assert rows == [
        *((AS_OF - 2 * DAY, "ann"), (AS_OF - 2 * DAY, "bob"), (AS_OF, "ann"), (AS_OF, "bob")),
        *((AS_OF - 2 * DAY, "eve"), (AS_OF, "eve")),
    ]


def test_a_batch_is_of_one_day() -> None:
    with built(of(order(AS_OF - 9 * DAY))) as (con, sources):
        days = [AS_OF - 2 * DAY, AS_OF]
        batches = list(stream(con, days, sources, SETTINGS))
    assert [batch["as_of"].to_pylist() for batch in batches] == [[day] for day in days]


def test_a_turn_without_customers_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = of(*(order(AS_OF - (1 if n == 7 else 90) * DAY, f"c{n}") for n in range(10)))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(active_within_days=28)})
    monkeypatch.setattr(slices, "BLOCK_KEYS", 2)
    assert in_turns(shop, settings=settings)["customer"].to_pylist() == ["c7"]


def test_a_day_without_anybody_is_refused_after_the_days_that_have_somebody() -> None:
    """Rows come before it is known that a later turn has nobody either."""
    settings = SETTINGS.model_copy(update={"cohort": Cohort(active_within_days=7)})
    with built(of(order(AS_OF - 20 * DAY), order(AS_OF + DAY))) as (con, sources):
        rows = stream(con, [AS_OF - 19 * DAY, AS_OF], sources, settings)
        assert next(rows).num_rows == 1
        with pytest.raises(CohortEmpty, match=f"at as_of={AS_OF}; widen"):
            next(rows)


def test_kept_days_are_used_as_they_are() -> None:
    with built(of(order())) as (con, sources):
        keep_daily(con, sources, SETTINGS, Engine())
        con.execute("UPDATE customer_day SET spend = 77")
        table = build(con, [AS_OF], sources, SETTINGS)
    assert table["spend_7d"].to_pylist() == [77]


def test_kept_days_give_the_table_of_days_that_are_made_for_it() -> None:
    with built(MANY) as (con, sources):
        fresh = build(con, [AS_OF], sources, SETTINGS)
        keep_daily(con, sources, SETTINGS, Engine())
        assert content(build(con, [AS_OF], sources, SETTINGS)) == content(fresh)


def test_the_warehouse_stays_as_it_is() -> None:
    query = "SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY ALL"
    with built(of(order())) as (con, sources):
        before = con.execute(query).fetchall()
        build(con, [AS_OF], sources, SETTINGS)
        assert con.execute(query).fetchall() == before

"""Atoms of some customers at all days, and columns made of them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from features.behaviour import shape_of
from features.compose import columns, facts, others
from features.contract import Feature, feature
from features.kept import daily
from features.settings import Behaviour, Cohort
from features.slices import Keys
from features.statements import Task
from features.terms import Measure, Term, Things, given
from features.warehouse import Connection
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Contact,
    Customer,
    Order,
    Shop,
    Visit,
    built,
    noon,
    order,
    returned,
)

SPEND, ORDERS = Measure("purchases", "spend"), Measure("purchases", "orders")
PRODUCTS, LINES = Things("products"), Measure("products", "lines")
EVERYBODY = Keys(1, 1_000)
CONTRACT, PROSPECT = Cohort(contract="active"), Cohort(contract="prospect")


def made(name: str, term: Term) -> Feature:
    return feature(name, "number", None, "never ordered", name, term=term)


ALL_SPEND = made("spend", SPEND.ever())


@contextmanager
def asked(
    shop: Shop,
    *features: Feature,
    as_ofs: tuple[date, ...] = (AS_OF,),
    settings: Behaviour = SETTINGS,
) -> Iterator[tuple[Connection, Task]]:
    """A warehouse whose days are there, and what is asked of it."""
    with built(shop) as (con, sources):
        shape = shape_of(sources, settings)
        has_orders = sources.orders is not None
        task = Task(shape, features, settings.cohort, as_ofs, has_orders=has_orders)
        days = nullcontext() if shape.orders is None else daily(con, shape.orders, [EVERYBODY])
        with days:
            yield con, task


def tables(
    shop: Shop,
    *features: Feature,
    as_ofs: tuple[date, ...] = (AS_OF,),
    keys: Keys = EVERYBODY,
    settings: Behaviour = SETTINGS,
) -> list[pa.Table]:
    """A table for each day."""
    with asked(shop, *features, as_ofs=as_ofs, settings=settings) as (con, task):
        return columns(con, task, facts(con, task, keys, others(con, task)))


def column(shop: Shop, term: Term, cohort: Cohort | None = None) -> dict[str, float | None]:
    """Customer to value at `AS_OF`."""
    settings = SETTINGS.model_copy(update={"cohort": cohort or Cohort()})
    (table,) = tables(shop, made("a", term), settings=settings)
    return dict(zip(table["customer"].to_pylist(), table["a"].to_pylist(), strict=True))


def of(*rows: Order) -> Shop:
    return Shop(rows)


def test_there_is_a_table_for_each_day_in_their_order() -> None:
    shop = of(order(AS_OF - 9 * DAY, "bob"), order(customer="ann"))
    early, late = tables(shop, ALL_SPEND, as_ofs=(AS_OF - 5 * DAY, AS_OF))
    assert early.to_pylist() == [{"customer": "bob", "as_of": AS_OF - 5 * DAY, "spend": 100}]
    assert late.to_pylist() == [
        {"customer": "ann", "as_of": AS_OF, "spend": 100},
        {"customer": "bob", "as_of": AS_OF, "spend": 100},
    ]


def test_days_in_memory_give_what_those_of_the_warehouse_give() -> None:
    """Measures that are columns and others; rows on and after the last day are not looked at."""
    shop = of(*(order(AS_OF - n * DAY, f"c{n % 3}", amount=10 * n + 50) for n in range(-3, 20)))
    terms = (SPEND.ever(), Measure("purchases", "spend * orders").ever(), ORDERS.since())
    features = tuple(made(name, term) for name, term in zip("abc", terms, strict=True))
    with asked(shop, *features, as_ofs=(AS_OF - 5 * DAY, AS_OF)) as (con, task):
        query = "SELECT * FROM customer_day ORDER BY customer_key, day"
        days = con.sql(query).to_arrow_table()
        known = others(con, task)
        expected = facts(con, task, EVERYBODY, known)
        con.execute("DROP VIEW temp.customer_day")
        assert facts(con, task, EVERYBODY, known, days) == expected
    assert [len(table) for table in expected] == [3, 3]


def test_a_day_on_which_nobody_is_in_has_an_empty_table() -> None:
    (nobody, somebody) = tables(of(order()), ALL_SPEND, as_ofs=(AS_OF - 5 * DAY, AS_OF))
    assert (nobody.num_rows, somebody.num_rows) == (0, 1)
    assert nobody.column_names == ["customer", "as_of", "spend"]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (Keys(1, 2), ["ann", "bob"]),
        (Keys(2, 2), ["bob"]),
        (Keys(3, 9), ["eve"]),
        (Keys(4, 9), []),
    ],
)
def test_only_customers_of_the_turn_are_in(keys: Keys, names: list[str]) -> None:
    shop = of(*(order(customer=name) for name in ("eve", "ann", "bob")))
    (table,) = tables(shop, ALL_SPEND, keys=keys)
    assert table["customer"].to_pylist() == names


def test_members_have_as_many_orders_as_the_rule_says() -> None:
    shop = of(order(customer="ann", number="1"), order(customer="ann", number="2"), order())
    shop = shop.with_orders(order(customer="bob"), order(AS_OF, "bob"))
    assert list(column(shop, SPEND.ever(), Cohort(min_orders=2))) == ["ann"]


def test_members_were_active_within_the_days_of_the_rule() -> None:
    shop = of(order(AS_OF - 28 * DAY, "ann"), order(AS_OF - 29 * DAY, "bob"), returned())
    assert list(column(shop, SPEND.ever(), Cohort(active_within_days=28))) == ["ann"]


def test_who_only_gave_things_back_is_no_member() -> None:
    shop = of(order(customer="ann"), returned(customer="bob"))
    assert column(shop, SPEND.ever()) == {"ann": 100}


def test_a_contract_needs_no_order_and_has_no_atom_without_a_row() -> None:
    """Zoe ordered and has no contract; bob's only order lies on as_of."""
    shop = Shop(
        (order(customer="ann"), order(customer="zoe"), order(AS_OF, "bob")),
        (Customer("ann"), Customer("bob"), Customer("eve")),
    )
    assert column(shop, SPEND.within(7), CONTRACT) == {"ann": 100, "bob": None, "eve": None}


def test_who_has_rows_but_none_in_the_window_has_zero() -> None:
    assert column(of(order(AS_OF - 8 * DAY)), SPEND.within(7)) == {"ann": 0}


def test_a_prospect_has_a_contract_and_no_order_yet() -> None:
    shop = Shop(
        (order(customer="ann"), order(AS_OF, "bob")),
        (Customer("ann"), Customer("bob", age=30), Customer("eve", valid_from_on=AS_OF)),
    )
    assert column(shop, given("profile", "profile_age"), PROSPECT) == {"bob": 30}


def test_prospects_of_a_business_without_orders_are_described_by_their_profile() -> None:
    shop = Shop(customers=(Customer("ann", age=30), Customer("bob")), labels=(("a", AS_OF, True),))
    found = column(shop, given("profile", "profile_age"), PROSPECT)
    assert found == {"ann": 30, "bob": None}


def test_relations_of_several_sources_meet_in_one_row() -> None:
    """Ann ordered and called; bob ordered only; what a caller or visitor did is told of nobody."""
    shop = Shop(
        (order(customer="ann"), order(customer="bob")),
        conversations=(Contact("ann", noon(AS_OF - 2 * DAY)), Contact("cid", noon(AS_OF - DAY))),
        visits=(Visit("bob", noon(AS_OF - DAY), pages=7), Visit("dan", noon(AS_OF - DAY))),
    )
    calls, pages = Measure("contacts", "n", "1"), Measure("visits", "pages")
    features = (made("calls", calls.ever()), made("pages", pages.ever()), ALL_SPEND)
    (table,) = tables(shop, *features)
    assert table.to_pylist() == [
        {"customer": "ann", "as_of": AS_OF, "calls": 1, "pages": None, "spend": 100},
        {"customer": "bob", "as_of": AS_OF, "calls": None, "pages": 7, "spend": 100},
    ]


def test_a_source_of_which_the_turn_has_no_row_gives_no_atom() -> None:
    shop = Shop(
        (order(customer="ann"), order(customer="bob")),
        conversations=(Contact("bob", noon(AS_OF - DAY)),),
    )
    calls = made("calls", Measure("contacts", "n", "1").ever())
    (table,) = tables(shop, calls, ALL_SPEND, keys=Keys(1, 1))
    assert table["calls"].to_pylist() == [None]


def test_things_and_rows_of_one_relation_are_looked_at_together() -> None:
    """Three lines in the window, of two products, one of them new."""
    shop = of(order(AS_OF - 20 * DAY), order(number="a"), order(number="b"), order(product="milk"))
    term = LINES.within(7) * 100 + PRODUCTS.distinct(7) * 10 + PRODUCTS.fresh(7)
    assert column(shop, term) == {"ann": 321}


def test_things_alone_are_counted() -> None:
    shop = of(order(), order(product="milk"), order(AS_OF - 9 * DAY, "bob"))
    assert column(shop, PRODUCTS.distinct(7)) == {"ann": 2, "bob": 0}
    assert column(shop, PRODUCTS.top(LINES, 28)) == {"ann": 1, "bob": 1}


def test_who_bought_nothing_with_a_name_has_no_things() -> None:
    shop = of(order(), order(customer="bob", product=None))
    assert column(shop, PRODUCTS.distinct(7)) == {"ann": 1, "bob": None}


def test_a_missing_measure_counts_as_nothing() -> None:
    shop = Shop(
        (order(),),
        conversations=(
            Contact("ann", noon(AS_OF - DAY), duration_seconds=60),
            Contact("ann", noon(AS_OF - 2 * DAY)),
        ),
    )
    seconds = Measure("contacts", "seconds", "duration_seconds")
    assert column(shop, seconds.ever()) == {"ann": 60}


def test_the_calendar_is_the_same_for_all_and_that_of_each_day() -> None:
    """2024-03-01 lies in week 9, eight days earlier in week 8."""
    shop = of(order(AS_OF - 20 * DAY, "ann"), order(AS_OF - 20 * DAY, "bob"))
    week = made("week", given("calendar", "week_of_year"))
    early, late = tables(shop, week, as_ofs=(AS_OF - 8 * DAY, AS_OF))
    assert early["week"].to_pylist() == [8, 8]
    assert late["week"].to_pylist() == [9, 9]


def test_everybody_is_more_than_the_turn() -> None:
    """Gaps: 3 days of ann, 5 of bob; the turn is ann's."""
    shop = of(
        *(order(AS_OF - n * DAY, "ann") for n in (4, 1)),
        *(order(AS_OF - n * DAY, "bob") for n in (9, 4)),
    )
    gaps = made("gaps", given("everyone", "everyone_gap_days"))
    (table,) = tables(shop, gaps, keys=Keys(1, 1))
    assert table["gaps"].to_pylist() == [8]


def test_what_nobody_did_before_the_day_is_missing() -> None:
    shop = Shop((order(),), (Customer("ann"),))
    settings = SETTINGS.model_copy(update={"cohort": CONTRACT})
    gaps = made("gaps", given("everyone", "everyone_gap_days"))
    (table,) = tables(shop, gaps, as_ofs=(AS_OF - 9 * DAY,), settings=settings)
    assert table.to_pylist() == [{"customer": "ann", "as_of": AS_OF - 9 * DAY, "gaps": None}]


def test_a_profile_is_that_of_the_day_before_each_day() -> None:
    changed = AS_OF - 3 * DAY
    shop = Shop(
        (order(AS_OF - 20 * DAY), order(AS_OF - 20 * DAY, "zoe")),
        (Customer("ann", age=30), Customer("ann", age=31, valid_from_on=changed)),
    )
    age = made("age", given("profile", "profile_age"))
    early, late = tables(shop, age, as_ofs=(changed, changed + DAY))
    assert early["age"].to_pylist() == [30, None]
    assert late["age"].to_pylist() == [31, None]


def test_peers_of_a_store_may_be_of_other_turns() -> None:
    """Spend at the store: 100 of ann, 300 of bob; zoe's main store is another."""
    rows = [
        replace(order(customer=who, amount=amount), store=store)
        for who, amount, store in (("ann", 100, "n"), ("bob", 300, "n"), ("zoe", 7, "s"))
    ]
    shape_settings = SETTINGS.model_copy(update={"peers_by": ("store",)})
    leader = Things("stores").leader(Measure("stores", "lines"), 28)
    mean = Term('"peers_store"', given("peers", "peers_store").atoms | leader.atoms)
    for keys, expected in ((Keys(1, 1), [200]), (Keys(2, 3), [200, 7])):
        (table,) = tables(of(*rows), made("mean", mean), keys=keys, settings=shape_settings)
        assert table["mean"].to_pylist() == expected


def test_the_engine_is_left_as_it_was() -> None:
    with asked(of(order()), ALL_SPEND) as (con, task):
        views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        before = con.execute(views).fetchall()
        columns(con, task, facts(con, task, EVERYBODY, others(con, task)))
        assert con.execute(views).fetchall() == before

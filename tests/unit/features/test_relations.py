"""The rows that terms look at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from features.clock import day_number
from features.contract import Campaigns, Contacts, Orders, Shape, Visits
from features.relations import categories, relations
from features.spelling import DuckDB, Spark
from tests.builders import (
    AS_OF,
    DAY,
    Campaign,
    Contact,
    Order,
    Response,
    Shop,
    Visit,
    built,
    noon,
    order,
    returned,
)

TODAY = day_number(AS_OF)
ORDERS = Orders(category="category", has_products=True, has_stores=True)
ALL = Shape((7,), ORDERS, Contacts(), Visits(), Campaigns())
YESTERDAY = noon(AS_OF - DAY)
NOBODYS = (order(customer=None),)


def rows(shop: Shop, name: str, columns: str = "*") -> list[tuple[object, ...]]:
    """Rows of a relation in order of their columns."""
    query = relations(ALL, DuckDB())[name].rows
    with built(shop) as (con, _):
        found = con.execute(f"SELECT {columns} FROM ({query}) ORDER BY ALL").fetchall()
    return [tuple(row) for row in found]


def lines(*rows_: Order) -> Shop:
    return Shop(rows_, categories=(("tea", "drinks"), ("milk", "drinks"), ("rice", "food")))


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (Shape((7,)), []),
        (Shape((7,), Orders()), ["purchases"]),
        (Shape((7,), Orders(has_products=True)), ["purchases", "products"]),
        (Shape((7,), Orders(category="category")), ["purchases", "categories"]),
        (Shape((7,), Orders(has_stores=True)), ["purchases", "stores"]),
        (Shape((7,), contacts=Contacts()), ["contacts"]),
        (Shape((7,), campaigns=Campaigns()), ["sendings", "responses"]),
        (Shape((7,), visits=Visits()), ["visits"]),
    ],
)
def test_there_is_a_relation_for_what_sources_tell(shape: Shape, names: list[str]) -> None:
    assert list(relations(shape, DuckDB())) == names


def test_products_categories_and_stores_are_things() -> None:
    found = relations(ALL, DuckDB())
    assert {name for name, each in found.items() if each.has_things} == {
        *("products", "categories", "stores")
    }
    assert all(name == each.name for name, each in found.items())


def test_a_product_is_a_thing_by_its_key() -> None:
    """Keys are in order of the name: milk, rice, tea."""
    shop = lines(order(), order(product="milk", number="b"), order(AS_OF, "bob", product="tea"))
    assert rows(shop, "products", "customer_key, day, lines, thing") == [
        *((1, TODAY - 1, 1, 1), (1, TODAY - 1, 1, 3), (2, TODAY, 1, 3))
    ]


def test_returns_fees_nobodys_lines_and_lines_without_product_are_no_things() -> None:
    shop = lines(
        order(AS_OF - 5 * DAY),
        returned(),
        order(product="POSTAGE"),
        order(customer=None),
        order(product=None),
    )
    for name in ("products", "categories"):
        assert rows(shop, name, "day") == [(TODAY - 5,)]


def test_categories_are_numbered_in_order_of_their_names() -> None:
    shop = lines(order(amount=5), order(product="rice"), order(product="milk"), order(product="x"))
    assert rows(shop, "categories", "thing, category, spend, lines") == [
        *((1, "drinks", 5, 1), (1, "drinks", 100, 1), (2, "food", 100, 1))
    ]


def test_a_level_may_have_any_name() -> None:
    assert '"a ""b"""' in categories('a "b"')


def test_a_store_is_a_thing_by_its_key() -> None:
    north, south = replace(order(), store="north"), replace(order(product="milk"), store="south")
    shop = lines(north, south, order(product="rice"))
    assert rows(shop, "stores", "customer_key, day, lines, thing") == [
        *((1, TODAY - 1, 1, 1), (1, TODAY - 1, 1, 2))
    ]


def test_a_contact_says_its_kind_and_how_it_went() -> None:
    calls = (
        Contact("ann", YESTERDAY, "complaint", "resolved", 90.5, 4),
        Contact("bob", YESTERDAY),
    )
    columns = "customer_key, day, kind, is_resolved, duration_seconds, satisfaction"
    assert rows(Shop(NOBODYS, conversations=calls), "contacts", columns) == [
        *((1, TODAY - 1, "complaint", True, 90.5, 4), (2, TODAY - 1, "call", None, None, None))
    ]


def test_a_campaign_counts_when_it_was_sent_and_when_it_was_answered() -> None:
    shop = Shop(
        NOBODYS,
        campaigns=(Campaign("ann", noon(AS_OF - 9 * DAY)), Campaign("bob", YESTERDAY)),
        responses=(Response("ann", noon(AS_OF - 3 * DAY)),),
    )
    assert rows(shop, "sendings") == [(1, TODAY - 9), (2, TODAY - 1)]
    assert rows(shop, "responses") == [(1, TODAY - 3)]


def test_visits_of_a_day_are_one_row_with_visits_sessions_and_pages() -> None:
    shop = Shop(
        NOBODYS,
        visits=(
            Visit("ann", YESTERDAY, "s1", 3),
            Visit("ann", YESTERDAY + timedelta(hours=1), "s1"),
            Visit("ann", YESTERDAY, "s2", 0),
            Visit("ann", YESTERDAY - timedelta(hours=1)),
            Visit("ann", noon(AS_OF), "s1", 7),
        ),
    )
    assert rows(shop, "visits", "customer_key, day, visits, sessions, pages") == [
        *((1, TODAY - 1, 4, 2, 5), (1, TODAY, 1, 1, 7))
    ]


def test_engines_differ_in_how_they_number_days_only() -> None:
    def without_days(text: str) -> str:
        for on in ("ordered_on", "contacted_on", "sent_on", "responded_on", "visited_on"):
            text = text.replace(DuckDB().day_number(on), "").replace(Spark().day_number(on), "")
        return text

    embedded, cluster = relations(ALL, DuckDB()), relations(ALL, Spark())
    assert [without_days(each.rows) for each in embedded.values()] == [
        without_days(each.rows) for each in cluster.values()
    ]

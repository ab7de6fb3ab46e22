"""What is known of others before an as_of."""

from dataclasses import replace
from datetime import date

import pytest

from features.clock import day_number
from features.contract import Orders, Profile, Shape
from features.population import EVERYONE, STORE, group_of, peers_mean, peers_query
from features.statements import asked, profile_query
from features.terms import Atom
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, Customer, Order, Shop, built, order, returned

TODAY = day_number(AS_OF)
TIER = Profile("tier", is_number=False, levels=("gold",), meaning="tier")
SHAPE = Shape((7, 28), Orders(has_stores=True), profile=(TIER,), peers_by=(STORE, "tier"))


def everyone(con: Connection, *as_ofs: date) -> list[tuple[object, ...]]:
    """As_of, gaps, days in them, their logarithms, the squares of these, days since the first."""
    query = f"WITH asked AS ({asked(as_ofs)}) SELECT * FROM ({EVERYONE}) ORDER BY as_of"
    return con.execute(query).fetchall()


def peers(shop: Shop, by: str, *as_ofs: date) -> list[tuple[object, ...]]:
    days = as_ofs or (AS_OF,)
    query = f"""WITH asked AS ({asked(days)}), profile AS ({profile_query(SHAPE)})
        SELECT as_of, peer, mean_spend FROM ({peers_query(SHAPE, by, days)}) ORDER BY ALL"""
    with built(shop) as (con, _):
        return con.execute(query).fetchall()


def at(store: str, *, customer: str = "ann", days: int = 1, amount: int = 100) -> Order:
    line = order(AS_OF - days * DAY, customer, amount=amount, number=f"{store} {amount}")
    return replace(line, store=store)


def test_gaps_of_all_customers_before_each_day_add_up() -> None:
    with built(Shop((order(),))) as (con, _):
        con.execute(f"""
            CREATE TABLE customer_day AS SELECT * FROM (VALUES (1, {TODAY - 5}, 1, 7, 3),
                (2, {TODAY - 5}, 1, 4, 2), (2, {TODAY - 1}, 1, 4, 2), (2, {TODAY}, 1, 1, 0))
            AS t (customer_key, day, gaps, gap_days, gap_logs)""")
        assert everyone(con, AS_OF - 4 * DAY, AS_OF, AS_OF - 9 * DAY) == [
            (AS_OF - 4 * DAY, 2, 11, 5, 13, 1),
            (AS_OF, 3, 15, 7, 17, 5),
        ]


def test_customers_of_a_store_are_those_of_whose_things_most_come_from_it() -> None:
    assert group_of(SHAPE, STORE).atoms == {
        Atom("leader", "stores", "lines", "lines", oldest=28),
    }


def test_customers_are_alike_by_an_attribute() -> None:
    assert group_of(SHAPE, "tier").atoms == {Atom("given", "profile", "profile_tier")}


def test_a_mean_needs_the_group_too() -> None:
    found = peers_mean(SHAPE, "tier")
    assert found.sql == '"peers_tier"'
    assert found.atoms == {
        Atom("given", "peers", "peers_tier"),
        Atom("given", "profile", "profile_tier"),
    }


def test_the_mean_of_a_store_is_spend_there_by_buyer_there() -> None:
    """North: 100 and 200 of ann, 60 of bob; south: 40 of ann."""
    shop = Shop((at("north"), at("north", amount=200), at("north", customer="bob", amount=60)))
    shop = shop.with_orders(at("south", amount=40), order(amount=999))
    assert peers(shop, STORE) == [(AS_OF, 1, 180), (AS_OF, 2, 40)]


@pytest.mark.parametrize(("days", "expected"), [(1, 1), (28, 1), (29, 0), (0, 0), (-1, 0)])
def test_spend_counts_within_the_window_before_as_of(days: int, expected: int) -> None:
    """Of the windows of 7 and 28 days the longer is nearer to a quarter."""
    assert len(peers(Shop((at("north", days=days),)), STORE)) == expected


def test_returns_and_fees_are_no_spend_of_a_store() -> None:
    back = replace(returned(), store="north")
    fee = replace(order(product="POSTAGE", amount=7), store="north")
    assert peers(Shop((at("north"), back, fee)), STORE) == [(AS_OF, 1, 100)]


def test_the_mean_of_an_attribute_is_spend_by_buyer_who_had_it_that_day() -> None:
    customers = (
        Customer("ann", "gold"),
        Customer("bob", "gold", valid_from_on=AS_OF - 2 * DAY),
        Customer("cid", "tin"),
        Customer("dan"),
        Customer("eve", "gold"),
    )
    spent = {"ann": 10, "bob": 30, "cid": 7, "dan": 1}
    shop = Shop(tuple(order(customer=who, amount=n) for who, n in spent.items()), customers)
    assert peers(shop, "tier") == [(AS_OF, "gold", 20), (AS_OF, "tin", 7)]


def test_each_day_has_the_means_of_its_own_window() -> None:
    shop = Shop((at("north", days=30), at("north", amount=300)))
    assert peers(shop, STORE, AS_OF - 5 * DAY, AS_OF) == [
        *((AS_OF - 5 * DAY, 1, 100), (AS_OF, 1, 300))
    ]

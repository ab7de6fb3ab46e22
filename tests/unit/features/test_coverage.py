from dataclasses import replace

from hypothesis import given, settings

from features.coverage import Coverage, coverage
from features.settings import Cohort
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Shop,
    behaviour,
    built,
    order,
    returned,
)
from tests.shops import shops

LABELS = (("eve", AS_OF, True),)


def found(shop: Shop) -> Coverage:
    with built(shop) as (con, sources):
        return coverage(con, sources, AS_OF)


def test_buyers_one_time_buyers_and_those_who_never_bought_are_told_apart() -> None:
    shop = Shop(
        orders=(
            order(AS_OF - 3 * DAY, "ann", number="1"),
            order(AS_OF - 3 * DAY, "ann", number="2"),
            order(AS_OF - DAY, "bob"),
            order(AS_OF - DAY, "bob", product="milk"),
        ),
        customers=(Customer("bob"), Customer("eve"), Customer("zoe", valid_from_on=AS_OF)),
    )
    assert found(shop) == Coverage(2, 1, 1, 4, 0)


def test_what_happens_on_the_day_or_later_is_not_seen() -> None:
    before = order(AS_OF - DAY, "ann")
    shop = Shop(orders=(before, order(AS_OF, "ann"), order(AS_OF + DAY, "bob"), order(AS_OF, None)))
    assert found(shop) == Coverage(1, 1, 0, 1, 0)


def test_returns_and_fees_are_no_purchases_and_lines_without_a_name_are_counted() -> None:
    rows = (order(customer="ann"), returned(customer="bob"), order(customer=None))
    assert found(Shop(orders=(*rows, order(customer="eve", product="FEE")))) == Coverage(
        1, 1, 0, 4, 1
    )


def test_a_business_without_orders_knows_its_customers_by_their_table() -> None:
    shop = Shop(customers=(Customer("eve"), Customer("bob")), labels=LABELS)
    assert found(shop) == Coverage(never_bought=2)


@settings(max_examples=6)
@given(shop=shops())
def test_buyers_are_those_for_whom_a_table_of_everybody_has_rows(shop: Shop) -> None:
    shop = shop.with_orders(order(customer="ann"))
    everybody = SETTINGS.model_copy(update={"cohort": Cohort()})
    table = behaviour(shop, settings=everybody).to_pylist()
    seen = found(shop)
    assert seen.bought == len(table)
    assert seen.bought_once == sum(row["orders_count"] == 1 for row in table)
    assert found(replace(shop, orders=tuple(reversed(shop.orders)))) == seen

"""What customers spent day by day, worked out by hand; what the sources do not tell is refused."""

from datetime import date

import pytest

from features.clock import Window
from features.schemas import Sources
from features.spending import SCHEMA, NoSpending, SpendingUnclear, build_spending
from tests.builders import AS_OF, DAY, Order, Shop, built, order, returned

Row = tuple[str, date, int, int, int, int | None]


def spending(*rows: Order, days: int = 200, costs: tuple[tuple[str, int], ...] = ()) -> list[Row]:
    with built(Shop(orders=rows, unit_costs=costs)) as (con, sources):
        table = build_spending(con, Window(AS_OF - days * DAY, AS_OF), sources)
    assert table.schema == SCHEMA
    return [tuple(row.values()) for row in table.to_pylist()]


def test_a_row_is_what_a_customer_spent_on_a_day() -> None:
    found = spending(
        order(AS_OF - DAY, "bob"),
        order(AS_OF - 3 * DAY, number="a", quantity=2, amount=250, discount=50),
        order(AS_OF - 3 * DAY, number="b", amount=150),
        order(AS_OF - 2 * DAY),
    )
    assert found == [
        ("ann", AS_OF - 3 * DAY, 2, 400, 0, None),
        ("ann", AS_OF - 2 * DAY, 1, 100, 0, None),
        ("bob", AS_OF - DAY, 1, 100, 0, None),
    ]


def test_what_was_given_back_stands_beside_what_was_bought() -> None:
    found = spending(order(amount=300), returned(), returned(AS_OF - 2 * DAY))
    assert found == [
        ("ann", AS_OF - 2 * DAY, 0, 0, 100, 0),  # nothing bought earns nothing
        ("ann", AS_OF - DAY, 1, 300, 100, None),
    ]


def test_margins_are_known_where_all_costs_are() -> None:
    found = spending(
        order(AS_OF - 3 * DAY, quantity=2, amount=250),
        order(AS_OF - 2 * DAY, number="a"),
        order(AS_OF - 2 * DAY, product="milk", number="b"),
        costs=(("tea", 60),),
    )
    assert [row[-1] for row in found] == [130, None]


def test_the_day_itself_and_what_lies_before_the_window_are_not_seen() -> None:
    found = spending(order(AS_OF), order(AS_OF - DAY), order(AS_OF - 5 * DAY), days=5)
    assert [row[1] for row in found] == [AS_OF - 5 * DAY, AS_OF - DAY]


def test_fees_and_what_is_nobodys_do_not_count() -> None:
    assert len(spending(order(product="POSTAGE"), order(customer=None), order(AS_OF - DAY))) == 1


def test_days_without_any_purchase_are_refused_with_those_that_have_some() -> None:
    message = (
        "spendings of the days from 2024-02-25 to 2024-02-29 need something that a known customer "
        "bought in them, but there is nothing; the warehouse has orders from 2024-01-01 to "
        "2024-01-01"
    )
    with pytest.raises(NoSpending) as found:
        spending(order(date(2024, 1, 1)), days=5)
    assert str(found.value) == message


def test_a_business_without_orders_has_no_spending() -> None:
    with built(Shop(orders=(order(),))) as (con, sources):
        without: Sources = sources.model_copy(update={"orders": None})
        with pytest.raises(SpendingUnclear, match=r"the config has no sources\.orders"):
            build_spending(con, Window(AS_OF - DAY, AS_OF), without)

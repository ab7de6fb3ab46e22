"""What happened after each as_of."""

import re
from datetime import date

import pytest

from features.clock import HorizonNotObserved
from features.labels import LabelsMissing, build_labels, labelled_days
from features.settings import ChurnDefinition
from tests.builders import AS_OF, DAY, Customer, Order, Shop, built, order, returned
from tests.oracles import behaviour as oracle

LATER = AS_OF + 365 * DAY
SILENT = ChurnDefinition(gap_days=7, horizon_days=28)
LABELLED = ChurnDefinition(kind="labelled")


def labels(
    shop: Shop, *as_ofs: date, definition: ChurnDefinition = SILENT, last_on: date = LATER
) -> list[dict[str, object]]:
    with built(shop) as (con, _):
        table = build_labels(con, as_ofs or (AS_OF,), definition, last_on)
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


def has_churned(*rows: Order) -> bool:
    (row,) = labels(Shop(orders=(order(AS_OF - DAY), *rows)))
    return bool(row["churned"])


def test_who_buys_nothing_in_the_horizon_has_churned() -> None:
    assert has_churned()


@pytest.mark.parametrize("days", [7, 20, 34])
def test_a_purchase_in_the_horizon_is_a_return_of_the_customer(days: int) -> None:
    assert not has_churned(order(AS_OF + days * DAY))


@pytest.mark.parametrize("days", [0, 6])
def test_a_purchase_in_the_gap_does_not_count(days: int) -> None:
    assert has_churned(order(AS_OF + days * DAY))


@pytest.mark.parametrize("days", [35, 300])
def test_a_purchase_after_the_horizon_does_not_count(days: int) -> None:
    assert has_churned(order(AS_OF + days * DAY))


def test_bringing_something_back_is_not_a_purchase() -> None:
    assert has_churned(returned(AS_OF + 10 * DAY))


def test_postage_is_not_a_purchase() -> None:
    assert has_churned(order(AS_OF + 10 * DAY, product="POSTAGE"))


def test_what_others_buy_does_not_count() -> None:
    rows = labels(Shop(orders=(order(customer="ann"), order(AS_OF + 10 * DAY, "bob"))))
    assert rows == [
        {"customer": "ann", "as_of": AS_OF, "churned": True},
        {"customer": "bob", "as_of": AS_OF, "churned": False},
    ]


def test_anonymous_lines_keep_nobody() -> None:
    assert has_churned(order(AS_OF + 10 * DAY, None))


def test_without_a_gap_an_order_on_as_of_counts() -> None:
    shop = Shop(orders=(order(AS_OF - DAY), order(AS_OF)))
    (row,) = labels(shop, definition=ChurnDefinition(horizon_days=28))
    assert not row["churned"]


def test_several_days_come_in_order_of_day_and_customer() -> None:
    days = [AS_OF, AS_OF - 28 * DAY]
    shop = Shop(orders=(order(customer="bob"), order(AS_OF + 10 * DAY, "ann")))
    rows = labels(shop, *days)
    assert [(row["as_of"], row["customer"]) for row in rows] == [
        (days[1], "ann"),
        (days[1], "bob"),
        (days[0], "ann"),
        (days[0], "bob"),
    ]


@pytest.mark.parametrize(("gap", "horizon"), [(0, 1), (0, 28), (7, 28), (3, 90)])
def test_labels_equal_their_oracle(gap: int, horizon: int) -> None:
    rows = [order(AS_OF + days * DAY, f"c{days % 7}") for days in range(-20, 60, 3)]
    rows += [returned(AS_OF + days * DAY, f"c{days % 5}") for days in range(0, 60, 7)]
    shop = Shop(orders=tuple(rows))
    definition = ChurnDefinition(gap_days=gap, horizon_days=horizon)
    found = {row["customer"]: row["churned"] for row in labels(shop, definition=definition)}
    assert found == {
        customer: oracle.churned(shop, customer, AS_OF, gap, horizon)
        for customer in oracle.everyone(shop)
    }


def test_a_horizon_that_is_not_over_is_refused() -> None:
    text = (
        "labels for as_of=2024-03-01 need orders up to 2024-04-04, but the warehouse ends on "
        "2024-04-03; use as_of <= 2024-02-29 or wait 1 day"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(text)}$"):
        labels(Shop(orders=(order(),)), last_on=date(2024, 4, 3))


def test_the_last_day_of_the_horizon_may_be_the_last_day_of_data() -> None:
    assert labels(Shop(orders=(order(),)), last_on=date(2024, 4, 4))


CONTRACTS = Shop(
    customers=(Customer("ann"), Customer("bob")),
    labels=(("bob", AS_OF, False), ("ann", AS_OF, True), ("ann", AS_OF - 28 * DAY, False)),
)


def test_a_labels_table_is_believed() -> None:
    assert labels(CONTRACTS, definition=LABELLED) == [
        {"customer": "ann", "as_of": AS_OF, "churned": True},
        {"customer": "bob", "as_of": AS_OF, "churned": False},
    ]


def test_a_labels_table_tells_its_days() -> None:
    with built(CONTRACTS) as (con, _):
        assert labelled_days(con) == [AS_OF - 28 * DAY, AS_OF]


def test_a_day_that_the_labels_table_lacks_is_refused() -> None:
    text = (
        "labels for as_of=2024-03-02, 2024-03-03 need rows in the labels table, but it speaks of "
        "2024-02-02, 2024-03-01 only"
    )
    with pytest.raises(LabelsMissing, match=f"^{re.escape(text)}$"):
        labels(CONTRACTS, AS_OF, AS_OF + DAY, AS_OF + 2 * DAY, definition=LABELLED)


def test_an_empty_labels_table_is_refused() -> None:
    text = "labels for as_of=2024-03-01 need rows in the labels table, but it speaks of no day"
    with built(CONTRACTS) as (con, _):
        con.execute("DELETE FROM stg_labels")
        with pytest.raises(LabelsMissing, match=f"^{re.escape(text)}$"):
            build_labels(con, [AS_OF], LABELLED, LATER)

"""Whom a behaviour table has a row for."""

import re

import pytest

from features.cohort import CohortEmpty, described, require_rule, require_somebody
from features.settings import Cohort
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Order,
    Shop,
    behaviour,
    noon,
    order,
    returned,
)

ACTIVE, PROSPECT = Cohort(contract="active"), Cohort(contract="prospect")
LABELS = (("eve", AS_OF, True),)


def members(shop: Shop, cohort: Cohort) -> list[str]:
    settings = SETTINGS.model_copy(update={"cohort": cohort})
    names: list[str] = behaviour(shop, settings=settings)["customer"].to_pylist()
    return names


def of(*rows: Order) -> Shop:
    return Shop(orders=rows)


def test_everyone_who_ever_ordered_is_in() -> None:
    shop = of(order(AS_OF - 3000 * DAY, "ann"), order(AS_OF - DAY, "bob"))
    assert members(shop, Cohort()) == ["ann", "bob"]


def test_an_order_on_as_of_does_not_make_a_member() -> None:
    assert members(of(order(customer="ann"), order(AS_OF, "bob")), Cohort()) == ["ann"]


def test_activity_is_counted_in_days_before_as_of() -> None:
    shop = of(order(AS_OF - 56 * DAY, "ann"), order(AS_OF - 57 * DAY, "bob"))
    assert members(shop, Cohort(active_within_days=56)) == ["ann"]


def test_bringing_something_back_is_no_activity() -> None:
    shop = of(order(AS_OF - 90 * DAY, "bob"), returned(AS_OF - DAY, "bob"), order(customer="ann"))
    assert members(shop, Cohort(active_within_days=56)) == ["ann"]


def test_the_least_number_of_orders_counts_orders_not_lines() -> None:
    shop = of(
        order(customer="ann", number="a1"),
        order(customer="ann", number="a2"),
        order(customer="bob", product="tea"),
        order(customer="bob", product="milk"),
    )
    assert members(shop, Cohort(min_orders=2)) == ["ann"]


def test_returns_and_fees_make_no_member() -> None:
    shop = of(order(customer="ann"), returned(customer="bob"), order(customer="eve", product="FEE"))
    assert members(shop, Cohort()) == ["ann"]


def test_lines_without_customer_make_no_member() -> None:
    assert members(of(order(customer="ann"), order(customer=None)), Cohort()) == ["ann"]


def test_a_contract_needs_no_orders() -> None:
    shop = Shop(orders=(order(customer="ann"),), customers=(Customer("ann"), Customer("bob")))
    assert members(shop, ACTIVE) == ["ann", "bob"]


def test_who_has_orders_and_no_row_in_the_customers_table_has_no_contract() -> None:
    shop = Shop(
        orders=(order(customer="ann"), order(customer="eve")),
        customers=(Customer("ann"),),
        contacts=(("zoe", noon(AS_OF - DAY)),),
    )
    assert members(shop, ACTIVE) == ["ann"]


def test_a_contract_that_begins_on_as_of_is_not_active_yet() -> None:
    rows = (
        Customer("ann", valid_from_on=AS_OF - DAY),
        Customer("bob", valid_from_on=AS_OF),
    )
    assert members(Shop(customers=rows, labels=LABELS), ACTIVE) == ["ann"]


def test_members_are_in_order_of_their_identifiers_letter_by_letter() -> None:
    names = ["10", "9", "Zoe", "ann", "émile", "林", "0009"]
    shop = of(*(order(customer=name) for name in names))
    assert members(shop, Cohort()) == ["0009", "10", "9", "Zoe", "ann", "émile", "林"]


def test_nobody_at_an_as_of_is_refused() -> None:
    shop = of(order(AS_OF - 90 * DAY), order(AS_OF + 300 * DAY))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(active_within_days=56, min_orders=2)})
    text = (
        "a behaviour table needs customers, but nobody meets at least 2 orders, the last within "
        "56 days at as_of=2024-03-01, 2024-04-30; widen behaviour.cohort or choose another date"
    )
    with pytest.raises(CohortEmpty, match=f"^{re.escape(text)}$"):
        behaviour(shop, AS_OF, AS_OF + 60 * DAY, settings=settings)


def test_nobody_with_a_contract_is_refused() -> None:
    shop = Shop(customers=(Customer("ann", valid_from_on=AS_OF),), labels=LABELS)
    settings = SETTINGS.model_copy(update={"cohort": ACTIVE})
    text = (
        "a behaviour table needs customers, but nobody meets an active contract at "
        "as_of=2024-03-01; widen behaviour.cohort or choose another date"
    )
    with pytest.raises(CohortEmpty, match=f"^{re.escape(text)}$"):
        behaviour(shop, settings=settings)


def test_a_rule_without_anything_to_choose_by_is_refused() -> None:
    text = (
        "a cohort needs orders, or behaviour.cohort.contract: active with a customers table, but "
        "the config has neither"
    )
    with pytest.raises(CohortEmpty, match=f"^{re.escape(text)}$"):
        members(Shop(customers=(Customer("ann"),), labels=LABELS), Cohort())


@pytest.mark.parametrize(
    ("cohort", "has_orders"), [(Cohort(), True), (ACTIVE, False), (PROSPECT, False)]
)
def test_a_rule_with_something_to_choose_by_is_accepted(
    cohort: Cohort, *, has_orders: bool
) -> None:
    require_rule(cohort, has_orders=has_orders)


def test_somebody_on_every_day_is_enough() -> None:
    require_somebody([AS_OF, AS_OF + DAY], {AS_OF, AS_OF + DAY, AS_OF + 2 * DAY}, Cohort())


def test_only_days_without_anybody_are_named() -> None:
    with pytest.raises(CohortEmpty, match=f" at as_of={AS_OF + DAY}; widen"):
        require_somebody([AS_OF, AS_OF + DAY], {AS_OF}, Cohort())


def test_a_prospect_has_a_profile_and_no_order_yet() -> None:
    shop = Shop(
        (order(customer="ann"), order(AS_OF, "bob"), returned(customer="cid")),
        (Customer("ann"), Customer("bob"), Customer("cid")),
    )
    assert members(shop, PROSPECT) == ["bob", "cid"]


def test_nobody_without_an_order_is_refused() -> None:
    text = "nobody meets a prospect's profile at as_of=2024-03-01; widen behaviour.cohort"
    with pytest.raises(CohortEmpty, match=re.escape(text)):
        members(Shop((order(),), (Customer("ann"),)), PROSPECT)


@pytest.mark.parametrize(
    ("cohort", "words"),
    [
        (Cohort(), "at least 1 order ever"),
        (Cohort(min_orders=2), "at least 2 orders ever"),
        (Cohort(active_within_days=56), "at least 1 order, the last within 56 days"),
        (ACTIVE, "an active contract"),
        (PROSPECT, "a prospect's profile"),
    ],
)
def test_the_rule_is_told_in_words(cohort: Cohort, words: str) -> None:
    assert described(cohort) == words

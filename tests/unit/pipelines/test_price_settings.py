"""What the section of prices asks for must fit together, and be told by the sources."""

import pytest
from pydantic import ValidationError

from pipelines.config import Business
from pipelines.contradictions import contradictions
from pipelines.price_settings import Prices


def said(orders: dict[str, object], prices: dict[str, object]) -> list[str]:
    columns = {"order": "o", "ordered_at": "d", "customer": "c", "amount": "a", **orders}
    business = Business.model_validate(
        {
            "name": "shop",
            "sources": {"orders": {"path": "orders.csv", "columns": columns}},
            "churn": {"test_as_of": "2024-03-01"},
            "prices": prices,
        }
    )
    return [each.text for each in contradictions(business) if each.text.startswith("prices")]


def test_weeks_must_be_enough_to_fit_and_to_test() -> None:
    with pytest.raises(ValidationError, match="needs weeks from 34 on"):
        Prices(weeks=33)
    assert Prices(weeks=34).wanted.weeks_least == 26


def test_the_price_is_that_paid_unless_that_of_the_list_is_asked_for() -> None:
    assert Prices().column == "price_paid"
    assert Prices(price="list").column == "list_price"


def test_an_item_that_the_sources_do_not_know_is_a_contradiction() -> None:
    known: dict[str, object] = {"product": "p", "quantity": "q"}
    assert said(known, {"item": "brand"}) == ["prices.item: needs one of product, but found brand"]
    assert said(known, {"by_store": True}) == [
        "prices.by_store: needs sources.orders.columns.store"
    ]
    assert said(known, {"item": "product"}) == []


def test_a_config_without_the_section_may_lack_what_it_needs() -> None:
    assert said({}, {}) == []

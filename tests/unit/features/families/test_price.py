"""How much of what was bought was discounted, and how much went into one order."""

import pytest

from tests.builders import AS_OF, DAY, features, order, returned


def test_the_discount_share_is_of_the_full_price() -> None:
    rows = [order(amount=750, discount=250), order(product="milk", amount=1000)]
    assert features(*rows)["discount_share_7d"] == 0.125


def test_the_share_of_discounted_items_counts_lines() -> None:
    rows = [order(product=name, discount=name == "tea") for name in ("tea", "milk", "rice", "oil")]
    assert features(*rows)["discounted_lines_share_7d"] == 0.25


def test_items_per_order() -> None:
    rows = [order(AS_OF - 2 * DAY, product=name) for name in ("tea", "milk", "rice")]
    assert features(*rows, order(AS_OF - DAY))["lines_per_order_7d"] == 2


@pytest.mark.parametrize(
    "name", ["discount_share_7d", "discounted_lines_share_7d", "lines_per_order_7d"]
)
def test_a_window_without_orders_has_no_shares(name: str) -> None:
    assert features(order(AS_OF - 8 * DAY))[name] is None


def test_what_was_free_without_a_discount_has_no_discount_share() -> None:
    values = features(order(amount=0))
    assert values["discount_share_7d"] is None
    assert values["discounted_lines_share_7d"] == 0


def test_returned_lines_are_not_items() -> None:
    assert features(order(), returned(AS_OF - 2 * DAY))["lines_per_order_7d"] == 1

"""How much."""

import pytest

from tests.builders import AS_OF, DAY, Shop, features, features_in, order, returned


def test_spend_is_what_was_paid_in_minor_units() -> None:
    values = features(order(amount=1250), order(AS_OF - 8 * DAY, amount=999))
    assert values["spend_7d"] == 1250
    assert values["spend_28d"] == 2249


def test_the_mean_order_value_is_spend_over_orders() -> None:
    rows = [
        order(AS_OF - 2 * DAY, product="tea", amount=1000),
        order(AS_OF - 2 * DAY, product="milk", amount=200),
        order(AS_OF - DAY, amount=300),
    ]
    assert features(*rows)["order_value_mean_7d"] == 750


def test_a_window_without_orders_has_no_mean_and_no_spend() -> None:
    values = features(order(AS_OF - 60 * DAY))
    assert values["order_value_mean_28d"] is None
    assert values["spend_28d"] == 0


def test_returns_do_not_lower_spend() -> None:
    assert features(order(AS_OF - 3 * DAY), returned(AS_OF - 2 * DAY))["spend_7d"] == 100


def test_postage_is_not_spend() -> None:
    assert features(order(amount=500), order(product="FEE 12", amount=90))["spend_7d"] == 500


def test_large_amounts_add_up_to_the_unit() -> None:
    large = 10**12 + 1
    rows = [order(product=str(index), amount=large) for index in range(1000)]
    assert features(*rows)["spend_7d"] == 1000 * large


def test_the_margin_is_over_what_has_a_known_cost() -> None:
    rows = (
        order(product="tea", quantity=2, amount=250),
        order(product="milk", amount=40),
        order(product="soap", amount=9000),
    )
    shop = Shop(rows, unit_costs=(("tea", 60), ("milk", 70)))
    assert features_in(shop)["margin_7d"] == (250 - 2 * 60) + (40 - 70)


def test_what_has_no_known_cost_has_earned_nothing() -> None:
    shop = Shop((order(product="soap"),), unit_costs=(("tea", 60),))
    assert features_in(shop)["margin_7d"] == 0


def test_spend_counts_half_after_its_half_life() -> None:
    rows = [order(AS_OF - 28 * DAY, amount=100), order(AS_OF - 56 * DAY, amount=1000)]
    values = features(*rows, order(AS_OF, amount=10_000))
    assert values["spend_halved_in_28"] == pytest.approx(100 / 2 + 1000 / 4)
    assert values["spend_halved_in_91"] == pytest.approx(
        100 * 0.5 ** (28 / 91) + 1000 * 0.5 ** (56 / 91)
    )

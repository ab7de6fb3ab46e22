"""How much was discounted, bought with a coupon, dear for its kind, or of the own brand."""

from dataclasses import replace

import pytest

from tests.builders import AS_OF, DAY, Order, Shop, features, features_in, order, returned


def test_the_discount_share_is_of_the_full_price() -> None:
    rows = [order(amount=750, discount=250), order(product="milk", amount=1000)]
    assert features(*rows)["discount_share_7d"] == 0.125


def test_the_share_of_discounted_items_counts_lines() -> None:
    rows = [order(product=name, discount=name == "tea") for name in ("tea", "milk", "rice", "oil")]
    assert features(*rows)["discounted_lines_share_7d"] == 0.25


def test_the_share_of_items_with_a_coupon_counts_lines() -> None:
    rows = [order(product=name, discount=10) for name in ("tea", "milk", "rice", "oil")]
    with_coupon = replace(rows[0], coupon=4)
    assert features(with_coupon, *rows[1:])["coupon_lines_share_7d"] == 0.25


def test_the_own_brand_is_a_share_of_items_whose_brand_is_known() -> None:
    rows = tuple(order(product=name) for name in ("tea", "milk", "soap"))
    shop = Shop(rows, private_labels=(("tea", True), ("milk", False)))
    assert features_in(shop)["private_label_lines_share_7d"] == 0.5


@pytest.mark.parametrize(
    "name",
    [
        *("discount_share_7d", "discounted_lines_share_7d", "coupon_lines_share_7d"),
        *("private_label_lines_share_7d", "price_tier_7d"),
    ],
)
def test_a_window_without_orders_has_no_shares(name: str) -> None:
    rows = (order(AS_OF - 9 * DAY), order(AS_OF - 8 * DAY), returned())
    shop = Shop(rows, categories=(("tea", "drinks"),), private_labels=(("tea", True),))
    values = features_in(shop)
    assert values[name] is None
    assert values[name.replace("7d", "28d")] is not None


def test_what_was_free_without_a_discount_has_no_discount_share() -> None:
    values = features(order(amount=0))
    assert values["discount_share_7d"] is None
    assert values["discounted_lines_share_7d"] == 0


def tier(*rows: Order) -> float | None:
    """Price over the usual one of ann's drinks, of which there are tea and milk."""
    shop = Shop(rows, categories=(("tea", "drinks"), ("milk", "drinks"), ("rice", "grain")))
    return features_in(shop)["price_tier_28d"]


EARLIER = order(AS_OF - 40 * DAY, "bob", "milk", quantity=2, amount=150, discount=50)
"""Two units of a drink for 200 before discount: 100 each."""


def test_the_usual_price_is_what_a_unit_of_the_category_cost_anybody_before_that_day() -> None:
    assert tier(EARLIER, order(quantity=3, amount=400, discount=50)) == 450 / 300


def test_what_is_bought_on_the_same_day_or_later_is_not_usual_yet() -> None:
    rows = (order(AS_OF - DAY, "eve", amount=900), order(AS_OF, "eve", amount=900))
    assert tier(EARLIER, order(AS_OF - 2 * DAY, amount=80), *rows) == 0.8


def test_the_first_day_of_a_category_has_no_usual_price() -> None:
    assert tier(EARLIER, order(product="rice"), order(customer="bob", product="rice")) is None


def test_what_a_category_usually_costs_is_rounded_half_up_for_each_line() -> None:
    cheap = order(AS_OF - 40 * DAY, "bob", "milk", quantity=2, amount=5)
    rows = (order(product="tea", amount=6), order(product="milk", amount=6, quantity=3))
    # 2.5 each: 3 for the one, 7.5 and so 8 for the three.
    assert tier(cheap, *rows) == 12 / 11


def test_a_line_without_a_unit_has_no_price_of_a_unit() -> None:
    """A coupon by itself, whether or not anybody else buys of the category on that day."""
    coupon = order(product="milk", quantity=0, amount=0, discount=70)
    other = order(customer="eve")
    assert tier(EARLIER, order(AS_OF - 3 * DAY), coupon) == 1
    assert tier(EARLIER, order(AS_OF - 3 * DAY), coupon, other) == 1


def test_what_is_given_back_has_no_tier() -> None:
    assert tier(EARLIER, order(AS_OF - 2 * DAY, amount=50), returned()) == 0.5

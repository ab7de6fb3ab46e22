"""How large an order is, and what it is made of."""

from tests.builders import AS_OF, DAY, Shop, features, features_in, order, returned

TWO_ORDERS = (
    *(order(AS_OF - 2 * DAY, product=name) for name in ("tea", "milk", "rice")),
    order(AS_OF - DAY),
)


def test_items_per_order() -> None:
    assert features(*TWO_ORDERS)["lines_per_order_7d"] == 2


def test_an_order_with_one_item_is_one_of_two() -> None:
    assert features(*TWO_ORDERS)["single_item_orders_share_7d"] == 0.5


def test_what_is_given_back_is_no_item_of_an_order() -> None:
    values = features(order(number="a"), order(number="a", quantity=-1, amount=-100))
    assert values["lines_per_order_7d"] == 1
    assert values["single_item_orders_share_7d"] == 1


def test_a_window_without_orders_has_no_size_of_an_order() -> None:
    values = features(order(AS_OF - 8 * DAY), returned(AS_OF - DAY))
    assert values["lines_per_order_7d"] is None
    assert values["single_item_orders_share_7d"] is None
    assert values["lines_per_order_28d"] == 1


def test_the_share_of_a_category_is_of_what_was_spent_in_any_category() -> None:
    rows = (
        order(product="tea", amount=300),
        order(product="rice", amount=100),
        order(product="soap", amount=9000),
    )
    shop = Shop(rows, categories=(("tea", "drinks"), ("rice", "穀物")))
    values = features_in(shop)
    assert values["drinks_spend_share_28d"] == 0.75
    assert values["穀物_spend_share_28d"] == 0.25


def test_a_category_without_spend_beside_others_has_none_of_it() -> None:
    shop = Shop((order(product="tea"),), categories=(("tea", "drinks"),))
    assert features_in(shop)["穀物_spend_share_28d"] == 0


def test_spend_in_no_category_has_no_mix() -> None:
    assert features(order(product="soap"))["drinks_spend_share_28d"] is None

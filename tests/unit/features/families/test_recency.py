"""How long ago."""

from tests.builders import AS_OF, DAY, Shop, features, features_in, order, returned


def test_an_order_on_as_of_is_not_seen() -> None:
    assert features(order(AS_OF - 4 * DAY), order(AS_OF))["days_since_order"] == 4


def test_an_order_of_the_day_before_as_of_is_one_day_ago() -> None:
    assert features(order(AS_OF - DAY))["days_since_order"] == 1


def test_the_last_of_several_orders_counts() -> None:
    rows = [order(AS_OF - days * DAY) for days in (90, 12, 40)]
    assert features(*rows)["days_since_order"] == 12


def test_a_return_is_not_an_order() -> None:
    values = features(order(AS_OF - 9 * DAY), returned(AS_OF - 2 * DAY))
    assert values["days_since_order"] == 9
    assert values["days_since_return"] == 2


def test_who_never_returned_anything_has_no_last_return() -> None:
    assert features(order())["days_since_return"] is None


def test_postage_alone_is_not_an_order() -> None:
    values = features(order(AS_OF - 9 * DAY), order(AS_OF - 2 * DAY, product="POSTAGE"))
    assert values["days_since_order"] == 9


def test_each_category_of_the_config_has_its_own_last_order() -> None:
    rows = (
        order(AS_OF - 9 * DAY, product="tea"),
        order(AS_OF - 5 * DAY, product="milk"),
        order(AS_OF - 2 * DAY, product="soap"),
        order(AS_OF - DAY, product="tea", quantity=-1, amount=-100),
    )
    shop = Shop(rows, categories=(("tea", "drinks"), ("milk", "drinks"), ("rice", "穀物")))
    values = features_in(shop)
    assert values["days_since_drinks"] == 5
    assert values["days_since_穀物"] is None

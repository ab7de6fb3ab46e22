"""How many different products and categories, how concentrated, how many of them new."""

from math import log

import pytest

from tests.builders import AS_OF, DAY, Order, Shop, features, features_in, order, returned

CATEGORIES = (("tea", "飲料"), ("milk", "飲料"), ("rice", "grain"), ("oil", "fat; \"'--"))


def values_of(*rows: Order) -> dict[str, float | None]:
    return features_in(Shop(orders=rows, categories=CATEGORIES))


def test_products_are_counted_once_per_window() -> None:
    rows = [
        order(AS_OF - 2 * DAY, product="tea"),
        order(AS_OF - DAY, product="tea"),
        order(AS_OF - 9 * DAY, product="milk"),
    ]
    values = features(*rows)
    assert values["products_count_7d"] == 1
    assert values["products_count_28d"] == 2


def test_a_product_is_new_in_the_window_of_its_first_purchase() -> None:
    rows = [
        order(AS_OF - 60 * DAY, product="tea"),
        order(AS_OF - 9 * DAY, product="milk"),
        order(AS_OF - 2 * DAY, product="tea"),
        order(AS_OF - 2 * DAY, product="milk"),
        order(AS_OF - DAY, product="rice"),
    ]
    values = features(*rows)
    assert values["new_products_share_7d"] == pytest.approx(1 / 3)
    assert values["new_products_share_28d"] == pytest.approx(2 / 3)


def test_what_is_bought_on_as_of_is_no_product_yet() -> None:
    values = features(order(AS_OF - 2 * DAY), order(AS_OF, product="milk"))
    assert values["products_count_7d"] == 1


def test_a_window_without_products_has_no_share_of_new_ones() -> None:
    values = features(order(AS_OF - 60 * DAY))
    assert values["products_count_28d"] == 0
    assert values["new_products_share_28d"] is None


def test_lines_without_a_product_name_none() -> None:
    assert features(order(product=None))["products_count_28d"] is None


def test_a_returned_product_is_not_bought_again() -> None:
    rows = [order(AS_OF - 60 * DAY), returned(AS_OF - 2 * DAY)]
    assert features(*rows)["products_count_7d"] == 0


def test_categories_are_counted_once_per_window() -> None:
    rows = [order(AS_OF - 9 * DAY, product=name) for name in ("tea", "milk", "rice")]
    values = values_of(*rows, order(product="oil"))
    assert values["categories_count_7d"] == 1
    assert values["categories_count_28d"] == 3


def test_half_the_lines_in_one_category_and_two_of_a_quarter() -> None:
    values = values_of(*(order(product=name) for name in ("tea", "milk", "rice", "oil")))
    assert values["category_concentration_28d"] == (2 * 2 + 1 + 1) / 16
    assert values["top_category_share_28d"] == 0.5
    assert values["category_entropy_28d"] == pytest.approx(log(2) / 2 + log(4) / 4 + log(4) / 4)


def test_one_category_is_all_there_is() -> None:
    values = values_of(order(product="tea"), order(product="milk"))
    assert values["category_concentration_28d"] == 1
    assert values["top_category_share_28d"] == 1
    assert values["category_entropy_28d"] == 0


SPREAD = ("category_concentration_28d", "category_entropy_28d", "top_category_share_28d")


def test_a_product_that_the_products_table_does_not_know_has_no_category() -> None:
    values = values_of(order(product="soap"))
    assert [values[name] for name in ("categories_count_28d", *SPREAD)] == [None] * 4


def test_an_older_purchase_leaves_the_window_without_categories() -> None:
    values = values_of(order(AS_OF - 29 * DAY, product="tea"))
    assert values["categories_count_28d"] == 0
    assert [values[name] for name in SPREAD] == [None] * 3


def test_what_is_bought_on_as_of_adds_no_category() -> None:
    values = values_of(order(product="tea"), order(AS_OF, product="rice"))
    assert values["categories_count_28d"] == 1

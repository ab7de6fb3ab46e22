"""How many different categories, and how concentrated."""

import pytest

from tests.builders import AS_OF, DAY, Order, Shop, features_in, order

CATEGORIES = (("tea", "飲料"), ("milk", "飲料"), ("rice", "grain"), ("oil", "fat; \"'--"))


def values_of(*rows: Order) -> dict[str, float | None]:
    return features_in(Shop(orders=rows, categories=CATEGORIES))


def test_categories_are_counted_once_per_window() -> None:
    rows = [order(AS_OF - 9 * DAY, product=name) for name in ("tea", "milk", "rice")]
    values = values_of(*rows, order(product="oil"))
    assert values["categories_count_7d"] == 1
    assert values["categories_count_28d"] == 3


def test_concentration_is_the_sum_of_squared_shares_of_lines() -> None:
    rows = [order(product=name) for name in ("tea", "milk", "rice", "oil")]
    values = values_of(*rows)
    assert values["category_concentration_28d"] == (2 * 2 + 1 + 1) / 16
    assert values["top_category_share_28d"] == 0.5


def test_one_category_is_all_there_is() -> None:
    values = values_of(order(product="tea"), order(product="milk"))
    assert values["category_concentration_28d"] == 1
    assert values["top_category_share_28d"] == 1


NAMES = (
    "categories_count_7d",
    "categories_count_28d",
    "category_concentration_28d",
    "top_category_share_28d",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_product_that_the_products_table_does_not_know_has_no_category(name: str) -> None:
    assert values_of(order(product="soap"))[name] is None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_longest_window_has_no_category(name: str) -> None:
    assert values_of(order(AS_OF - 29 * DAY, product="tea"))[name] is None


def test_what_is_bought_on_as_of_adds_no_category() -> None:
    values = values_of(order(product="tea"), order(AS_OF, product="rice"))
    assert values["categories_count_28d"] == 1

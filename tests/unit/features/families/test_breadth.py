"""How many different products, and how many of them bought again."""

from tests.builders import AS_OF, DAY, features, order, returned


def test_products_are_counted_once_per_window() -> None:
    rows = [
        order(AS_OF - 2 * DAY, product="tea"),
        order(AS_OF - DAY, product="tea"),
        order(AS_OF - 9 * DAY, product="milk"),
    ]
    values = features(*rows)
    assert values["products_count_7d"] == 1
    assert values["products_count_28d"] == 2


def test_bought_again_means_on_two_days_of_the_window() -> None:
    rows = [
        order(AS_OF - 20 * DAY, product="tea"),
        order(AS_OF - 2 * DAY, product="tea"),
        order(AS_OF - 2 * DAY, product="milk"),
    ]
    values = features(*rows)
    assert values["repeated_products_share_28d"] == 0.5
    assert values["repeated_products_share_7d"] == 0


def test_two_lines_on_one_day_are_not_bought_again() -> None:
    rows = [order(AS_OF - 2 * DAY), order(AS_OF - 2 * DAY, amount=7)]
    assert features(*rows)["repeated_products_share_7d"] == 0


def test_a_product_that_is_bought_again_after_as_of_was_not_bought_again_before() -> None:
    rows = [order(AS_OF - 2 * DAY), order(AS_OF), order(AS_OF + 9 * DAY)]
    values = features(*rows)
    assert values["repeated_products_share_7d"] == 0
    assert values["products_count_7d"] == 1


def test_a_window_without_products_has_no_share() -> None:
    values = features(order(AS_OF - 60 * DAY))
    assert values["products_count_28d"] == 0
    assert values["repeated_products_share_28d"] is None


def test_lines_without_a_product_name_none() -> None:
    assert features(order(product=None))["products_count_28d"] is None


def test_a_returned_product_is_not_bought_again() -> None:
    rows = [order(AS_OF - 60 * DAY), returned(AS_OF - 2 * DAY)]
    assert features(*rows)["products_count_7d"] == 0

"""How often."""

import pytest

from tests.builders import AS_OF, DAY, features, order, returned


def test_a_window_holds_the_day_it_starts_on_and_not_the_one_before() -> None:
    values = features(order(AS_OF - 7 * DAY), order(AS_OF - 8 * DAY))
    assert values["orders_count_7d"] == 1
    assert values["orders_count_28d"] == 2


def test_two_orders_of_a_day_are_two_orders_on_one_active_day() -> None:
    values = features(order(number="morning"), order(number="evening"))
    assert values["orders_count_7d"] == 2
    assert values["active_days_count_7d"] == 1


def test_the_lines_of_an_order_are_one_order() -> None:
    assert features(order(product="tea"), order(product="milk"))["orders_count_7d"] == 1


def test_a_line_written_twice_counts_once() -> None:
    values = features(order(), order())
    assert values["orders_count_7d"] == 1
    assert values["spend_7d"] == 100


def test_who_ordered_before_the_window_only_has_none_in_it() -> None:
    values = features(order(AS_OF - 60 * DAY))
    assert values["orders_count_28d"] == 0
    assert values["active_days_count_28d"] == 0


@pytest.mark.parametrize("name", ["orders_count_28d", "active_days_count_28d"])
def test_a_day_of_returns_alone_is_not_active(name: str) -> None:
    assert features(order(AS_OF - 3 * DAY), returned(AS_OF - 2 * DAY))[name] == 1


def test_orders_of_others_do_not_count() -> None:
    assert features(order(), order(customer="bob"))["orders_count_7d"] == 1


def test_lines_without_customer_are_nobodys() -> None:
    assert features(order(), order(customer=None, number="a"))["orders_count_7d"] == 1


def test_a_day_with_orders_counts_half_after_its_half_life() -> None:
    rows = [order(AS_OF - days * DAY) for days in (14, 28)]
    values = features(*rows, order(AS_OF - 28 * DAY, number="second"))
    assert values["active_days_count_halved_in_7"] == pytest.approx(1 / 4 + 1 / 16)
    assert values["active_days_count_halved_in_14"] == pytest.approx(1 / 2 + 1 / 4)
    assert values["active_days_count_halved_in_28"] == pytest.approx(0.5**0.5 + 1 / 2)


def test_what_is_bought_on_as_of_does_not_count_at_all() -> None:
    values = features(order(AS_OF - 14 * DAY), order(AS_OF), order(AS_OF + DAY))
    assert values["active_days_count_halved_in_14"] == pytest.approx(1 / 2)

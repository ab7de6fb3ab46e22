"""How long a customer, and how much of that time a buyer."""

from tests.builders import AS_OF, DAY, features, order, returned


def test_tenure_begins_with_the_first_order() -> None:
    values = features(order(AS_OF - 70 * DAY), order(AS_OF - DAY))
    assert values["tenure_days"] == 70


def test_orders_ever_have_no_window() -> None:
    rows = [order(AS_OF - days * DAY) for days in (1, 400, 4000)]
    assert features(*rows)["orders_count"] == 3


def test_orders_per_week_spread_over_the_whole_tenure() -> None:
    rows = [order(AS_OF - 28 * DAY), order(number="morning"), order(number="evening")]
    assert features(*rows)["orders_per_week"] == 0.75


def test_a_return_does_not_make_an_earlier_customer() -> None:
    assert features(returned(AS_OF - 30 * DAY), order(AS_OF - 5 * DAY))["tenure_days"] == 5

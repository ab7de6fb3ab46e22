"""How long a customer, and how much of that time a buyer."""

import pytest

from features.settings import Cohort
from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Customer,
    Shop,
    behaviour,
    features,
    order,
    returned,
)


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


@pytest.mark.parametrize(("days_ago", "flag"), [((9,), 1), ((9, 9), 1), ((9, 2), 0)])
def test_who_ordered_on_one_day_only_is_a_one_time_buyer(
    days_ago: tuple[int, ...], flag: int
) -> None:
    rows = [order(AS_OF - days * DAY, number=str(n)) for n, days in enumerate(days_ago)]
    assert features(*rows, order(AS_OF))["is_one_time_buyer"] == flag


def test_ten_silent_days_are_a_quarter_of_forty() -> None:
    values = features(order(AS_OF - 40 * DAY), order(AS_OF - 10 * DAY))
    assert values["silent_share_of_tenure"] == 0.25


def test_a_customer_since_half_of_the_time_that_is_known() -> None:
    values = features(order(AS_OF - 100 * DAY, "bob"), order(AS_OF - 50 * DAY))
    assert values["tenure_share_of_history"] == 0.5


def test_who_only_gave_back_has_no_tenure_and_no_order() -> None:
    """The table has a row of who has a contract, whether they ordered or not."""
    shop = Shop((returned(AS_OF - 5 * DAY), order(customer="bob")), (Customer("ann"),))
    settings = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
    (row,) = behaviour(shop, settings=settings).to_pylist()
    missing = ("tenure_days", "orders_per_week", "is_one_time_buyer", "silent_share_of_tenure")
    assert [row[name] for name in missing] == [None] * 4
    assert row["orders_count"] == 0

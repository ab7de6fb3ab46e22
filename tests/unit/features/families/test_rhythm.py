"""The gaps between days with an order."""

from math import sqrt

import pytest

from tests.builders import AS_OF, DAY, features, order, returned

GAPS = ("gap_mean_days", "gap_longest_days", "overdue_ratio")
SPREADS = ("gap_spread_days", "gap_variation")


def test_gaps_of_three_and_five_days() -> None:
    values = features(*(order(AS_OF - days * DAY) for days in (10, 7, 2)))
    assert values["gap_mean_days"] == 4
    assert values["gap_longest_days"] == 5
    assert values["gap_spread_days"] == pytest.approx(sqrt(2))
    assert values["gap_variation"] == pytest.approx(sqrt(2) / 4)


def test_overdue_is_the_time_since_the_last_order_over_the_usual_gap() -> None:
    values = features(*(order(AS_OF - days * DAY) for days in (14, 10, 6)))
    assert values["overdue_ratio"] == 1.5


def test_equal_gaps_have_no_spread() -> None:
    values = features(*(order(AS_OF - days * DAY) for days in (22, 15, 8, 1)))
    assert values["gap_spread_days"] == 0
    assert values["gap_variation"] == 0


@pytest.mark.parametrize("name", [*GAPS, *SPREADS])
def test_one_day_with_orders_has_no_gap(name: str) -> None:
    assert features(order(number="a"), order(number="b"))[name] is None


@pytest.mark.parametrize("name", SPREADS)
def test_one_gap_has_no_spread(name: str) -> None:
    assert features(order(AS_OF - 5 * DAY), order(AS_OF - 2 * DAY))[name] is None


def test_a_day_of_returns_does_not_part_a_gap() -> None:
    rows = [order(AS_OF - 9 * DAY), returned(AS_OF - 5 * DAY), order(AS_OF - DAY)]
    assert features(*rows)["gap_mean_days"] == 8


def test_the_first_order_after_as_of_ends_no_gap() -> None:
    rows = [order(AS_OF - 9 * DAY), order(AS_OF - 6 * DAY), order(AS_OF + 50 * DAY)]
    assert features(*rows)["gap_longest_days"] == 3

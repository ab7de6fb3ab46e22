"""The gaps between days with an order."""

from math import exp, log, sqrt

import pytest

from tests.builders import AS_OF, DAY, Order, features, order, returned

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


def days_ago(*days: int, who: str = "ann") -> list[Order]:
    return [order(AS_OF - each * DAY, who) for each in days]


def test_the_second_third_and_fifth_last_day_with_an_order() -> None:
    values = features(*days_ago(1, 2, 4, 8, 16), order(number="second"))
    ranks = ("second", "third", "fifth", "tenth")
    assert [values[f"days_since_{rank}_last_order"] for rank in ranks] == [2, 4, 16, None]


def test_three_usual_gaps_of_everybody_stand_beside_own_ones() -> None:
    """Own gaps 3 and 5 and bob's 10: 6 on average. Silent for 4 days."""
    values = features(*days_ago(12, 9, 4), *days_ago(21, 11, who="bob"))
    assert values["overdue_ratio_shrunk"] == pytest.approx(4 / ((8 + 3 * 6) / 5))
    assert values["longer_gaps_probability"] == pytest.approx((1 + 3 * exp(-4 / 6)) / 5)


def test_a_first_order_is_held_against_the_gaps_of_others() -> None:
    """Bob's gaps are 2 and 4 days, 3 on average; ann has been silent for 6."""
    values = features(*days_ago(6), *days_ago(20, 18, 14, who="bob"))
    assert values["overdue_ratio_shrunk"] == pytest.approx(2)
    assert values["longer_gaps_probability"] == pytest.approx(exp(-2))
    assert values["gap_this_long_probability"] == pytest.approx((12 / (12 + 6)) ** 3)


def test_the_present_gap_is_less_likely_the_more_regular_orders_were() -> None:
    """Alone with gaps of 3 and 5 days: three of 4 and a day more each, 15 + 8 = 23 days, 5 gaps."""
    values = features(*days_ago(10, 7, 2))
    assert values["gap_this_long_probability"] == pytest.approx((23 / 25) ** 5)


def test_the_logarithm_of_the_present_gap_in_deviations_from_the_usual_one() -> None:
    """Logarithms in thousandths, 1099 and 1609: 1354 on average, 255 from it either way."""
    values = features(*days_ago(10, 7, 2))
    assert values["gap_log_deviation"] == pytest.approx((1000 * log(2) - 1354) / 255)


AGAINST_OTHERS = ("overdue_ratio_shrunk", "longer_gaps_probability", "gap_log_deviation")


def test_where_nobody_ordered_twice_there_is_no_usual_gap() -> None:
    values = features(*days_ago(6), *days_ago(9, who="bob"))
    assert [values[name] for name in AGAINST_OTHERS] == [None] * 3
    assert values["gap_this_long_probability"] == pytest.approx((3 / (3 + 6)) ** 3)


def test_a_gap_that_ends_on_as_of_is_not_usual_yet() -> None:
    rows = [*days_ago(6), order(AS_OF - 9 * DAY, "bob"), order(AS_OF, "bob")]
    assert features(*rows)["overdue_ratio_shrunk"] is None


def test_gaps_that_are_all_equal_do_not_deviate() -> None:
    assert features(*days_ago(9, 6, 3))["gap_log_deviation"] is None

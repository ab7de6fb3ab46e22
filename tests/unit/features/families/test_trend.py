"""The last window against the one before, the slope over the weeks, the longest silence."""

import pytest

from tests.builders import AS_OF, DAY, features, order, returned


def test_three_days_with_an_order_after_one_and_as_much_spend() -> None:
    rows = [order(AS_OF - days * DAY, amount=100) for days in (1, 3, 7)]
    values = features(*rows, order(AS_OF - 8 * DAY, amount=300))
    assert values["active_days_change_7d"] == (3 - 1) / (3 + 1)
    assert values["spend_change_7d"] == 0


@pytest.mark.parametrize(("days_ago", "change"), [(7, 1), (8, -1), (14, -1), (15, None)])
def test_what_lies_in_one_window_alone_is_all_new_or_all_gone(
    days_ago: int, change: float | None
) -> None:
    values = features(order(AS_OF - days_ago * DAY))
    assert values["active_days_change_7d"] == change
    assert values["spend_change_7d"] == change


def test_ten_more_every_day_is_a_slope_of_490_a_week_from_week_to_week() -> None:
    rows = [order(AS_OF - age * DAY, amount=10 * (29 - age)) for age in range(1, 29)]
    values = features(*rows)
    assert values["spend_slope_28d"] == pytest.approx(49 * 10)
    assert values["active_days_slope_28d"] == pytest.approx(0, abs=1e-12)


def test_one_order_on_the_last_day_rises_by_least_squares() -> None:
    """Days -13.5 to 13.5 about their middle: 13.5 over the sum of their squares, 1827."""
    values = features(order(AS_OF - DAY, amount=1000))
    assert values["active_days_slope_28d"] == pytest.approx(49 * 13.5 / 1827)
    assert values["spend_slope_28d"] == pytest.approx(49 * 13.5 / 1827 * 1000)


def test_an_order_before_the_window_has_no_slope_in_it() -> None:
    assert features(order(AS_OF - 29 * DAY))["spend_slope_28d"] == 0


def test_days_with_an_order_were_six_days_ago_on_average() -> None:
    rows = [order(AS_OF - days * DAY) for days in (2, 10, 40)]
    rows += [order(AS_OF - 2 * DAY, number="second")]
    assert features(*rows)["active_days_age_mean_days_28d"] == 6


def test_a_window_without_orders_has_no_average_age() -> None:
    assert features(order(AS_OF - 29 * DAY))["active_days_age_mean_days_28d"] is None


@pytest.mark.parametrize(
    ("days_ago", "longest"),
    [((9, 5, 2), 4), ((5, 4, 3), 3), ((40, 20, 5), 20), ((60, 30, 29, 1), 28), ((90,), 28)],
)
def test_the_longest_silence_ended_in_the_window_or_lasts(
    days_ago: tuple[int, ...], longest: int
) -> None:
    """The whole gap counts, up to the length of the window."""
    rows = [order(AS_OF - days * DAY) for days in days_ago]
    assert features(*rows)["silence_longest_days_28d"] == longest


def test_a_return_does_not_break_a_silence() -> None:
    values = features(order(AS_OF - 20 * DAY), returned(AS_OF - 10 * DAY), order(AS_OF - DAY))
    assert values["silence_longest_days_28d"] == 19

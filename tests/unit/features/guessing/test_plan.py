from datetime import date, timedelta

import pytest

from features.guessing.plan import plan
from features.guessing.trial import Pace

FIRST = date(2023, 1, 1)


def pace(history: int, long_gap: int, usual_gap: int = 7, gaps: int = 500) -> Pace:
    """A history of so many days whose first one is 2023-01-01."""
    last = FIRST + timedelta(days=history - 1)
    return Pace(FIRST, last, 100, gaps, usual_gap, long_gap)


@pytest.mark.parametrize(("gap", "horizon"), [(1, 7), (7, 7), (8, 14), (25, 28), (50, 56)])
def test_the_horizon_is_the_long_gap_in_whole_weeks(gap: int, horizon: int) -> None:
    assert plan(pace(730, gap)).horizon_days == horizon


def test_test_calibration_and_training_fit_into_a_year() -> None:
    found = plan(pace(365, 25))
    # 2023-12-31 is the last day, so the 28 days from 2023-12-04 are the newest that are known.
    assert found.test_as_of == date(2023, 12, 4)
    assert found.score_as_of == date(2024, 1, 1)
    # Training ends 56 days before, on 2023-10-09; seven steps of 28 days back is 2023-03-27.
    assert (found.train_cutoffs, found.step_days) == (8, 28)
    assert found.earliest_train == date(2023, 3, 27)
    assert found.windows_days == (7, 14, 28, 56, 91, 182)
    assert found.active_within_days == 56
    assert not found.is_limited
    assert not found.is_too_short


def test_a_short_history_limits_the_horizon() -> None:
    found = plan(pace(120, 60))
    assert (found.wanted_days, found.horizon_days) == (63, 21)
    assert found.is_limited
    assert found.earliest_train > FIRST


def test_steps_shrink_until_enough_training_days_fit() -> None:
    assert plan(pace(150, 28)).step_days == 7


def test_seldom_purchases_are_looked_back_on_in_wide_windows() -> None:
    assert plan(pace(1500, 180, usual_gap=90)).windows_days == (28, 56, 91, 182, 364, 728)


def test_without_a_second_purchase_four_weeks_are_assumed() -> None:
    assert plan(pace(365, 0, usual_gap=0, gaps=0)).horizon_days == 28


@pytest.mark.parametrize("history", [1, 2, 3, 6, 8, 13])
def test_a_few_days_are_too_few_and_give_a_plan_all_the_same(history: int) -> None:
    found = plan(pace(history, 30))
    assert found.horizon_days >= 1
    assert found.windows_days
    assert found.is_too_short == (found.earliest_train <= FIRST)

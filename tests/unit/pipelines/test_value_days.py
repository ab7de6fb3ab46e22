"""Days of value: what is learnt was over before the day that it is used on."""

import re
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from features.clock import HorizonNotObserved, OutsideHistory
from features.star import History
from pipelines.value_days import ValueDays, day_of, newer_half, number_of, value_days
from pipelines.value_settings import ValueSettings

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
KNOWN = History(FIRST, LAST, 100, 10, 5, 0)


def test_the_newest_day_whose_horizon_is_over_is_tested_and_the_one_before_it_chooses() -> None:
    days = value_days(ValueSettings(), KNOWN)
    assert days.tested == date(2023, 12, 4)
    assert days.chosen == date(2023, 11, 6)
    assert days.first == FIRST


@pytest.mark.parametrize(("horizon", "step"), [(28, 28), (28, 14), (84, 28), (30, 28)])
def test_days_that_are_learnt_from_are_over_and_have_a_horizon_before(
    horizon: int, step: int
) -> None:
    asked = ValueSettings(horizon_days=horizon, step_days=step)
    days = value_days(asked, KNOWN)
    for used in (days.chosen, days.tested):
        learnt = days.learnt(used)
        assert list(learnt) == sorted(learnt)
        assert all(day + timedelta(days=horizon) <= used for day in learnt)
        assert all(day - timedelta(days=horizon) >= FIRST for day in learnt)
        assert set(learnt) <= set(days.looked_at)
        assert used - timedelta(days=step) * -(-horizon // step) in learnt


def test_no_more_days_than_asked_for_are_learnt_from() -> None:
    days = value_days(ValueSettings(train_cutoffs=2), KNOWN)
    assert days.learnt(days.tested) == (date(2023, 10, 9), date(2023, 11, 6))


def test_a_later_day_is_compared_with_the_newer_half_of_those_learnt_from() -> None:
    days = value_days(ValueSettings(train_cutoffs=5), KNOWN)
    assert newer_half(days) == (date(2023, 9, 11), date(2023, 10, 9), date(2023, 11, 6))


def test_a_day_and_its_number_are_one() -> None:
    assert number_of(date(1970, 1, 2)) == 1
    assert day_of(number_of(LAST)) == LAST


def test_an_empty_warehouse_is_refused() -> None:
    nothing = History(None, None, 0, 0, 0, 0)
    message = "value needs orders, but the warehouse has none; run: regulars build"
    with pytest.raises(OutsideHistory, match=f"^{message}$"):
        value_days(ValueSettings(), nothing)


def test_a_test_that_is_not_over_is_refused() -> None:
    message = (
        "value that is tested on the 28 days from 2023-12-05 on needs orders up to 2024-01-01, but "
        "the warehouse ends on 2023-12-31; use value.test_as_of up to 2023-12-04, or fewer "
        "value.horizon_days"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(message)}$"):
        value_days(ValueSettings(test_as_of=date(2023, 12, 5)), KNOWN)


def test_less_than_two_horizons_before_the_test_are_refused() -> None:
    message = (
        "value needs 56 days of orders before the test on 2023-02-25, two horizons that naive "
        "predictors compare, but the warehouse begins on 2023-01-01; use fewer value.horizon_days "
        "than 28, or a later value.test_as_of"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(message)}$"):
        value_days(ValueSettings(test_as_of=date(2023, 2, 25)), KNOWN)
    found = value_days(ValueSettings(test_as_of=date(2023, 2, 26)), KNOWN)
    assert isinstance(found, ValueDays)
    assert found.learnt(found.tested) == (date(2023, 1, 29),)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"models": ["bg_nbd", "bg_nbd"]},
            "needs each of models once, but they are bg_nbd, bg_nbd",
        ),
        (
            {"learner": {"behaviour": ["age", "spend", "age"]}},
            "needs each of learner.behaviour once, but they are age, spend, age",
        ),
        (
            {"horizon_days": 84, "clv_days": 28},
            "needs clv_days of horizon_days=84 or more, but they are 28",
        ),
        (
            {"horizon_days": 183},
            "needs age_most of horizon_days=183 or more",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    wrong: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=re.escape(told)):
        ValueSettings.model_validate(wrong)

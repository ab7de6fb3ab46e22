"""Naive predictors of money, and what they cannot tell."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.value.baselines import (
    Asked,
    NobodyBefore,
    SeasonNotObserved,
    at_total,
    customers_of,
    naive,
    overall_mean,
    same_again,
    seasonal_total,
    year_ago,
)
from tests.till_rolls import bought

ASKED = Asked(as_of=1000, horizon_days=10)
NOBODY_LATER = pd.Index(["a", "b", "c"])
LINES = bought(
    ("z", 600, 1.0),
    ("a", 630, 10.0),
    ("b", 635, 10.0),
    ("a", 640, 5.0),
    ("b", 645, 25.0),
    ("d", 645, 99.0),
    ("a", 992, 8.0),
    ("c", 999, 4.0),
    ("c", 1000, 1000.0),
)


def test_the_last_equal_period_comes_again() -> None:
    assert same_again(NOBODY_LATER, LINES, ASKED).tolist() == [8.0, 0.0, 4.0]


def test_the_same_days_of_a_year_ago_come_again() -> None:
    assert year_ago(NOBODY_LATER, LINES, ASKED).tolist() == [5.0, 25.0, 0.0]


def test_the_total_changes_as_it_did_a_year_ago() -> None:
    # Of the customers of day 636 (d came later), 20 within the ten days before, 30 after.
    assert seasonal_total(NOBODY_LATER, LINES, ASKED).tolist() == [12.0, 0.0, 6.0]


def test_active_customers_alone_tell_the_change() -> None:
    asked = Asked(1000, 10, active_within_days=5)
    assert customers_of(LINES, asked.before(364)).tolist() == ["b"]
    assert seasonal_total(NOBODY_LATER, LINES, asked).tolist() == [20.0, 0.0, 10.0]


def test_customers_of_an_earlier_day_ordered_as_often_as_those_of_today() -> None:
    # Before day 990 a and b ordered on two days, d and z on one.
    twice = Asked(1000, 10, min_orders=2)
    assert customers_of(LINES, twice.before(10)).tolist() == ["a", "b"]
    assert overall_mean(NOBODY_LATER, LINES, twice).tolist() == [4.0, 4.0, 4.0]
    late = Asked(1000, 10, active_within_days=346, min_orders=2)
    assert customers_of(LINES, late.before(10)).tolist() == ["b"]
    assert customers_of(LINES, replace(twice, min_orders=3).before(10)).tolist() == []


def test_orders_of_one_day_count_each_where_they_are_known() -> None:
    counted = LINES.assign(orders=[2, 1, 1, 1, 1, 1, 1, 1, 1])
    twice = Asked(1000, 10, min_orders=2)
    assert customers_of(counted, twice.before(10)).tolist() == ["a", "b", "z"]


def test_everybody_gets_the_mean_that_customers_of_a_horizon_before_spent() -> None:
    # a, b, d and z were customers before day 990; a spent 8 since.
    assert overall_mean(NOBODY_LATER, LINES, ASKED).tolist() == [2.0, 2.0, 2.0]


def test_promises_keep_their_shares_at_another_total() -> None:
    assert at_total(np.array([1.0, 3.0]), 8.0).tolist() == [2.0, 6.0]
    assert at_total(np.zeros(2), 8.0).tolist() == [0.0, 0.0]


def test_nothing_from_as_of_on_is_seen() -> None:
    earlier = LINES[LINES["day"] < 1000]
    for name, said in naive(NOBODY_LATER, LINES, ASKED).said.items():
        assert said.tolist() == naive(NOBODY_LATER, earlier, ASKED).said[name].tolist()


def test_a_short_history_has_no_season_and_the_latest_change_stands_for_it() -> None:
    found = naive(NOBODY_LATER, LINES[LINES["day"] > 900], Asked(1005, 5))
    assert sorted(found.said) == ["latest_total", "overall_mean", "same_again"]
    # Customers of day 1000: 12 within the five days... 4 before it, 1000 after it.
    assert found.said["latest_total"].tolist() == [0.0, 0.0, 1000.0 * 250.0]
    assert sorted(found.untold) == ["seasonal_total", "year_ago"]


def test_a_season_that_was_not_observed_is_refused() -> None:
    text = (
        "a season needs purchases from 1971-09-19 on, but they begin on 1971-09-24; use a later "
        "as_of than 1972-09-27, or a shorter horizon_days or season_days"
    )
    with pytest.raises(SeasonNotObserved, match=f"^{re.escape(text)}$"):
        seasonal_total(NOBODY_LATER, LINES[LINES["day"] > 600].assign(day=631), Asked(1000, 10))


def test_a_season_without_money_is_refused() -> None:
    lines = bought(("a", 600, 1.0), ("a", 999, 1.0))
    text = (
        "a seasonal total needs money that was spent around 1971-09-29, but the 1 customers of "
        "that day spent 0.00 before and 0.00 after it; use another season_days"
    )
    with pytest.raises(SeasonNotObserved, match=f"^{re.escape(text)}$"):
        seasonal_total(NOBODY_LATER, lines, ASKED)


def test_a_mean_of_nobody_is_refused() -> None:
    text = (
        "a mean needs customers who ordered before 1972-09-17, but there are none; use a later "
        "as_of or a shorter horizon_days"
    )
    with pytest.raises(NobodyBefore, match=f"^{re.escape(text)}$"):
        overall_mean(NOBODY_LATER, LINES[LINES["day"] > 990], ASKED)


def test_a_season_that_is_not_over_tells_no_longer_period() -> None:
    text = (
        "a season of 364 days tells periods of as many days or fewer, but horizon_days is 400; use "
        "a shorter one, or same_again"
    )
    for predict in (year_ago, seasonal_total):
        with pytest.raises(SeasonNotObserved, match=f"^{re.escape(text)}$"):
            predict(NOBODY_LATER, LINES, Asked(1000, 400))

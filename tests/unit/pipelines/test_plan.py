import re
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import CutoffsTooEarly
from features.star import History
from features.warehouse import Connection
from pipelines.config import Churn
from pipelines.plan import PARTS, Plan, parts_of, plan, unseen_customers

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
KNOWN = History(FIRST, LAST, 10, 5, 3, 0)
NO_CONNECTION: Connection = None  # type: ignore[assignment]  # silent churn asks no table


def planned(**churn: object) -> Plan:
    settings = {"horizon_days": 28, "test_as_of": date(2024, 11, 1), **churn}
    return plan(NO_CONNECTION, Churn.model_validate(settings), KNOWN)


def test_each_part_begins_where_the_labels_of_the_part_before_have_ended() -> None:
    made = planned(train_cutoffs=3).newest
    assert made.calibration == (date(2024, 10, 4),)
    assert made.train[-1] == date(2024, 9, 6)
    assert made.train == (date(2024, 7, 12), date(2024, 8, 9), date(2024, 9, 6))


def test_the_gap_counts_as_time_until_the_label_is_known() -> None:
    made = planned(gap_days=7, train_cutoffs=1).newest
    assert made.test[0] - made.calibration[0] == timedelta(days=35)


def test_days_with_less_history_than_a_label_window_are_left_out() -> None:
    assert min(planned(train_cutoffs=60).earliest.train) >= FIRST + timedelta(days=28)


def test_a_test_day_that_leaves_no_training_day_is_refused() -> None:
    expected = (
        "training needs a day with 28 days of orders before it, but churn.test_as_of=2024-02-20 "
        "leaves 2023-12-26 at the latest and orders begin on 2024-01-01; choose a later "
        "churn.test_as_of or a shorter horizon"
    )
    with pytest.raises(CutoffsTooEarly, match=re.escape(expected)):
        planned(test_as_of=date(2024, 2, 20))


def test_test_days_lie_steps_apart_and_every_one_has_days_of_its_own_before_it() -> None:
    made = planned(train_cutoffs=3, step_days=14)
    assert made.test == (date(2024, 10, 4), date(2024, 10, 18), date(2024, 11, 1))
    for origin in made.origins:
        alone = planned(train_cutoffs=3, step_days=14, test_cutoffs=1, test_as_of=origin.test[0])
        assert alone.origins == (origin,)


ASKED = st.fixed_dictionaries(
    {
        "horizon_days": st.integers(1, 90),
        "gap_days": st.integers(0, 30),
        "step_days": st.integers(1, 90),
        "test_cutoffs": st.integers(1, 12),
        "train_cutoffs": st.integers(1, 12),
        "test_as_of": st.dates(LAST - timedelta(days=200), LAST),
    }
)


@given(ASKED)
def test_nothing_is_learnt_from_outcomes_that_a_test_day_could_not_know(
    asked: dict[str, Any],
) -> None:
    label = timedelta(days=asked["gap_days"] + asked["horizon_days"])
    try:
        made = planned(**asked)
    except CutoffsTooEarly:
        return
    assert made.newest.test == (asked["test_as_of"],)
    assert 1 <= len(made.origins) <= asked["test_cutoffs"]
    for origin in made.origins:
        (test,), (calibration,) = origin.test, origin.calibration
        assert max(origin.train) + label <= calibration
        assert calibration + label <= test
        assert 2 * len(origin.train) >= len(made.newest.train)
    searched_until = max(made.earliest.train) + label
    assert searched_until + label <= min(made.test)


def labelled(days: int, tests: int) -> Plan:
    """The plan of a labels table with so many days."""
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE stg_labels AS SELECT DATE '2024-01-01' + n::INTEGER AS as_of "
            f"FROM range({days}) AS days(n)"
        )
        return plan(con, Churn(kind="labelled", test_cutoffs=tests), KNOWN)


def test_a_labels_table_with_few_days_is_split_by_customer() -> None:
    made = labelled(2, 3)
    assert made.by_customer
    assert made.test == made.newest.train == (date(2024, 1, 2),)


@pytest.mark.parametrize(
    ("days", "tests", "expected"), [(3, 3, 1), (6, 3, 3), (6, 1, 1), (9, 9, 4)]
)
def test_every_test_day_of_a_labels_table_has_a_day_to_calibrate_on_and_half_the_days(
    days: int, tests: int, expected: int
) -> None:
    made = labelled(days, tests)
    assert not made.by_customer
    assert len(made.origins) == expected
    for origin in made.origins:
        assert max(origin.train) < min(origin.calibration) < min(origin.test)
        assert 2 * len(origin.train) >= len(made.newest.train)


def test_a_customer_falls_into_the_same_part_in_every_table() -> None:
    customers = np.array([f"c{number}" for number in range(2000)], dtype=object)
    parts = parts_of(customers)
    assert (parts_of(customers[::-1])[::-1] == parts).all()
    shares = np.bincount(parts, minlength=len(PARTS)) / len(parts)
    assert np.abs(shares - [0.6, 0.2, 0.2]).max() < 0.03
    assert (unseen_customers(customers) == (parts == 2)).all()

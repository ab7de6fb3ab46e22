import re
from datetime import date, timedelta

import numpy as np
import pytest

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
    made = planned(train_cutoffs=3)
    assert made.calibration == (date(2024, 10, 4),)
    assert made.train[-1] == date(2024, 9, 6)
    assert made.train == (date(2024, 7, 12), date(2024, 8, 9), date(2024, 9, 6))


def test_the_gap_counts_as_time_until_the_label_is_known() -> None:
    made = planned(gap_days=7, train_cutoffs=1)
    assert made.test[0] - made.calibration[0] == timedelta(days=35)


def test_days_with_less_history_than_a_label_window_are_left_out() -> None:
    assert min(planned(train_cutoffs=60).train) >= FIRST + timedelta(days=28)


def test_a_test_day_that_leaves_no_training_day_is_refused() -> None:
    expected = (
        "training needs a day with 28 days of orders before it, but churn.test_as_of=2024-02-20 "
        "leaves 2023-12-26 at the latest and orders begin on 2024-01-01; choose a later "
        "churn.test_as_of or a shorter horizon"
    )
    with pytest.raises(CutoffsTooEarly, match=re.escape(expected)):
        planned(test_as_of=date(2024, 2, 20))


def test_a_customer_falls_into_the_same_part_in_every_table() -> None:
    customers = np.array([f"c{number}" for number in range(2000)], dtype=object)
    parts = parts_of(customers)
    assert (parts_of(customers[::-1])[::-1] == parts).all()
    shares = np.bincount(parts, minlength=len(PARTS)) / len(parts)
    assert np.abs(shares - [0.6, 0.2, 0.2]).max() < 0.03
    assert (unseen_customers(customers) == (parts == 2)).all()

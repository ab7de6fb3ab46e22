"""Triangles of cohorts: who ordered again, and what has not happened yet."""

import re

import numpy as np
import pytest

from models.proportions import wilson
from models.spending import PeriodsUnclear
from models.worth.cohorts import cohorts
from tests.till_rolls import bought, cell, row

EDGES = [10, 20, 30, 40]
LINES = bought(
    ("a", 11, 5.0),
    ("a", 25, 6.0),
    ("a", 26, 1.0),
    ("a", 39, 2.0),
    ("b", 12, 4.0),
    ("b", 13, -1.0),
    ("c", 22, 9.0),
    ("c", 41, 99.0),
    ("d", 3, 1.0),
    ("d", 35, 8.0),
)


def test_customers_are_followed_from_their_first_order() -> None:
    found = cohorts(LINES, EDGES)
    assert found.customers.to_dict() == {10: 2, 20: 1, 30: 0}
    active = found.active.to_numpy()
    assert active[0].tolist() == [2.0, 1.0, 1.0]
    assert active[1, :2].tolist() == [1.0, 0.0]
    revenue = found.revenue.to_numpy()
    assert revenue[0].tolist() == [8.0, 7.0, 2.0]
    assert cell(found.revenue_per_customer, 10, 1) == 3.5
    assert row(found.cumulative_revenue_per_customer, 10) == [4.0, 7.5, 8.5]


def test_what_has_not_happened_is_not_seen() -> None:
    found = cohorts(LINES, EDGES)
    unseen = [[False, False, False], [False, False, True], [False, True, True]]
    for table in (found.active, found.revenue, found.cumulative_revenue_per_customer.iloc[:2]):
        assert np.isnan(table.to_numpy()).tolist() == unseen[: len(table)]
    assert np.isnan(found.retained(20, 2).value)


def test_who_ordered_before_the_first_period_belongs_to_no_cohort() -> None:
    found = cohorts(LINES, EDGES)
    assert found.is_first_whole
    assert not cohorts(LINES[LINES["day"] > 10], EDGES).is_first_whole
    assert found.revenue.sum().sum() == 8 + 7 + 2 + 9


def test_shares_carry_their_intervals() -> None:
    found = cohorts(LINES, EDGES)
    assert row(found.retention, 10) == [1.0, 0.5, 0.5]
    assert found.retained(10, 1) == wilson(1, 2)
    ages = found.by_age.set_index("age")
    assert row(ages, 1, ["cohorts", "customers", "retention"]) == [2, 3, 1 / 3]
    assert cell(ages, 1, "revenue_per_customer") == pytest.approx(7 / 3)


def test_no_period_is_refused() -> None:
    text = (
        "periods need two or more rising days, each the end of the one before, but are []; sort "
        "them, each once"
    )
    with pytest.raises(PeriodsUnclear, match=f"^{re.escape(text)}$"):
        cohorts(LINES, [])

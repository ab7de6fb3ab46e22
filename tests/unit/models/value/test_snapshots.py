"""Customers at a day: figures of before, outcome of after."""

import re

import numpy as np
import pandas as pd
import pytest

from models.value.snapshots import OWN, SnapshotUnclear, snapshot
from tests.till_rolls import bought, cell, row

LINES = bought(
    ("a", 100, 1.0),
    ("a", 640, 2.0),
    ("a", 985, 4.0),
    ("a", 995, 8.0),
    ("a", 1000, 16.0),
    ("a", 1009, 32.0),
    ("a", 1010, 64.0),
    ("b", 999, 3.0),
)
BEHAVIOUR = pd.DataFrame({"orders": [4, 1]}, index=["a", "b"])


def test_money_before_as_of_is_a_figure_and_money_after_the_outcome() -> None:
    found = snapshot(BEHAVIOUR, LINES, 1000, 10, known_until=1010)
    assert row(found.figures, "a") == [4.0, 8.0, 4.0, 2.0, 15.0]
    assert row(found.figures, "b") == [1.0, 3.0, 0.0, 0.0, 3.0]
    assert found.figures.columns.tolist() == ["orders", *OWN]
    assert found.outcome("a test").tolist() == [48.0, 0.0]


def test_what_was_not_observed_a_year_ago_is_not_known() -> None:
    found = snapshot(BEHAVIOUR, LINES[LINES["day"] > 900], 1000, 10, known_until=1010)
    assert np.isnan(cell(found.figures, "a", OWN[2]))


def test_an_outcome_that_is_not_over_is_refused() -> None:
    found = snapshot(BEHAVIOUR, LINES, 1000, 10, known_until=1009)
    assert found.spend is None
    text = (
        "a learner needs what customers spent within 10 days from 1972-09-27 on, but these days "
        "are not over; use an earlier as_of"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(text)}$"):
        found.outcome("a learner")


def test_a_customer_twice_is_refused() -> None:
    text = (
        "a snapshot needs one row of each customer, but 1 of 3 rows name a customer again; keep "
        "the rows of one as_of"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(text)}$"):
        snapshot(pd.concat([BEHAVIOUR, BEHAVIOUR.iloc[:1]]), LINES, 1000, 10, 1010)

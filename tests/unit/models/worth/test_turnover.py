"""Rates of customers won, kept, lost and won back."""

import re

import numpy as np
import pytest

from models.proportions import wilson
from models.spending import PeriodsUnclear
from models.worth.turnover import customer_rates
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


def test_rates_of_each_period() -> None:
    found = customer_rates(LINES, EDGES).set_index("period")
    counts = ["active", "new", "retained", "lost", "won_back"]
    assert row(found, 20, counts) == [2, 1, 1, 1, 0]
    assert row(found, 30, counts) == [2, 0, 1, 1, 1]
    assert cell(found, 20, "retention_rate") == 0.5
    assert cell(found, 20, "attrition_rate") == 0.5
    assert cell(found, 20, "acquisition_rate") == 0.5
    assert cell(found, 30, "win_back_rate") == 0.5  # of b and d, silent before, d came
    assert cell(found, 20, "win_back_rate") == 0.0  # of d
    assert cell(found, 30, "retention_rate_low") == wilson(1, 2).low
    assert cell(found, 10, "new") == 2  # d was known before, so that new ones can be told


def test_in_the_first_period_that_is_known_nobody_is_told_new() -> None:
    found = customer_rates(LINES[LINES["customer"] != "d"], EDGES)
    assert np.isnan(found.loc[0, ["new", "retained", "acquisition_rate"]].astype(float)).all()


def test_prospects_give_a_second_rate() -> None:
    found = customer_rates(LINES, EDGES, targeted=[100, 10, 5])
    assert found["targeted_rate"].tolist() == [0.02, 0.1, 0.0]


def test_prospects_of_other_periods_and_no_period_are_refused() -> None:
    text = (
        "rates need the prospects targeted in each of the 3 periods, but 2 numbers are given; give "
        "one per period"
    )
    with pytest.raises(PeriodsUnclear, match=f"^{re.escape(text)}$"):
        customer_rates(LINES, EDGES, targeted=[100, 10])
    with pytest.raises(PeriodsUnclear, match=re.escape("but are []; sort them, each once")):
        customer_rates(LINES, [])

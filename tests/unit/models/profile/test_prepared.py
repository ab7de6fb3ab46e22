"""Groups and columns before anything is compared: order, gaps, what is left out and why."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from models.profile.groups import ColumnsUnfit, GroupsUnfit, groups_of
from models.profile.prepared import back, normal_scores, prepared


def test_groups_come_in_the_order_asked_for_and_small_ones_are_left_out() -> None:
    values = ["b"] * 3 + ["a"] * 2 + ["c"] + [None] + ["d"] * 2
    groups, mask = groups_of("age", values, ("d", "x", "b"), least=2)
    assert groups.names == ("d", "b", "a")
    assert groups.counts.tolist() == [2, 3, 2]
    assert mask.tolist() == [True] * 5 + [False, False, True, True]
    assert groups.code.tolist() == [1, 1, 1, 2, 2, 0, 0]


def test_one_group_is_refused_with_the_customers_of_each() -> None:
    message = (
        "a comparison by age needs at least two groups of 3 customers or more, but found a: 3, "
        "b: 2; choose another day or other groups"
    )
    with pytest.raises(GroupsUnfit, match=re.escape(message)):
        groups_of("age", ["a", "a", "a", "b", "b", None], least=3)
    with pytest.raises(GroupsUnfit, match="but found none"):
        groups_of("age", [None, None])


def table() -> pd.DataFrame:
    random = np.random.default_rng(1)
    spend = random.lognormal(size=100)
    return pd.DataFrame(
        {
            "spend": spend,
            "twice": 2 * spend + 0.01 * random.normal(size=100),
            "days": np.where(np.arange(100) < 10, np.nan, random.normal(size=100)),
            "seldom": np.where(np.arange(100) < 30, np.nan, 1.0),
            "nearly": np.where(np.arange(100) < 3, 1.0, 0.0),
            "orders": random.poisson(4, 100).astype(float),
        }
    )


def test_columns_are_left_out_with_the_reason_and_gaps_are_filled() -> None:
    rows = table()
    before = rows.copy()
    found = prepared(rows, list(rows.columns), 5)
    assert found.columns == ("spend", "days", "orders")
    assert found.left_out == {
        "twice": "says the same as spend",
        "seldom": "known for 70% of the customers only",
        "nearly": "the same for nearly everybody",
    }
    assert found.filled == pytest.approx({"spend": 0, "days": 0.1, "orders": 0})
    np.testing.assert_allclose(found.rows.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.rows.std(axis=0), 1)
    pd.testing.assert_frame_equal(rows, before)
    assert prepared(rows, ["spend", "orders", "days"], 2).left_out == {"days": "2 come before it"}


def test_scores_keep_the_order_and_can_be_read_back() -> None:
    values = np.array([3.0, 1, 2, 100, 2])
    scores = normal_scores(values)
    expected = norm.ppf((np.array([4, 1, 2.5, 5, 2.5]) - 0.375) / 5.25)
    np.testing.assert_allclose(scores, expected)
    assert back(np.array([0.0]), values)[0] == 2.0


def test_values_can_stay_as_they_are() -> None:
    found = prepared(table(), ["spend", "orders"], 5, scores=False)
    spend = table()["spend"].to_numpy()
    np.testing.assert_allclose(found.rows[:, 0], (spend - spend.mean()) / spend.std())
    np.testing.assert_allclose(
        found.correlations[0, 1], (found.rows[:, 0] * found.rows[:, 1]).mean()
    )


def test_one_column_is_refused() -> None:
    message = (
        "methods on many columns need at least 2 that tell of different things, but of 2 found 1; "
        "name more columns"
    )
    with pytest.raises(ColumnsUnfit, match=re.escape(message)):
        prepared(table(), ["spend", "twice"], 5)

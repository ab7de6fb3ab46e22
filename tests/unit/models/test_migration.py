"""Moves between groups, the revenue they moved, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest

from models.migration import ABSENT, GroupsUnclear, migration
from tests.till_rolls import cell, row

BEFORE = pd.Series({"a": "gold", "b": "gold", "c": "gold", "d": "tin", "e": "tin"})
AFTER = pd.Series({"a": "gold", "b": "tin", "c": "gold", "d": "gold", "f": "tin"})
SPENT = pd.Series({"a": 10.0, "b": 20.0, "c": 30.0, "d": 1.0, "e": 2.0})
LATER = pd.Series({"a": 12.0, "b": 5.0, "c": 30.0, "d": 40.0, "f": 3.0})


def test_every_move_carries_its_customers_and_revenue() -> None:
    found = migration(BEFORE, AFTER, SPENT, LATER)
    rows = found.moves.set_index(["source", "target"])
    columns = ["customers", "revenue_before", "revenue_after", "revenue_moved"]
    assert row(rows, ("gold", "gold"), columns) == [2, 40.0, 42.0, 2.0]
    assert row(rows, ("gold", "tin"), columns) == [1, 20.0, 5.0, -15.0]
    assert row(rows, ("tin", "gold"), columns) == [1, 1.0, 40.0, 39.0]
    assert row(rows, ("tin", ABSENT), columns) == [1, 2.0, 0.0, -2.0]
    assert row(rows, (ABSENT, "tin"), columns) == [1, 0.0, 3.0, 3.0]
    assert cell(rows, ("gold", "gold"), "share") == 2 / 3
    assert rows["revenue_moved"].sum() == LATER.sum() - SPENT.sum()


def test_the_interval_of_revenue_is_that_of_a_sum_over_customers() -> None:
    row = migration(BEFORE, AFTER, SPENT, LATER).moves.iloc[0]
    half = 1.959963984540054 * np.sqrt(2.0**2 + 0.0**2 - 2.0**2 / 6)  # a moved 2, c 0, of 6
    assert row["moved_low"] == pytest.approx(2.0 - half)
    assert row["moved_high"] == pytest.approx(2.0 + half)


def test_groups_tell_who_came_and_who_left() -> None:
    rows = migration(BEFORE, AFTER, SPENT, LATER).groups.set_index("group")
    assert row(rows, "gold") == [3, 3, 60.0, 82.0, 40.0, 5.0]
    assert row(rows, "tin") == [2, 2, 3.0, 8.0, 8.0, 40.0]
    assert rows.index.tolist() == ["gold", "tin", ABSENT]


def test_the_matrix_keeps_the_order_of_a_category() -> None:
    ordered = pd.Series(
        pd.Categorical(BEFORE, categories=["tin", "gold"], ordered=True), index=BEFORE.index
    )
    wide = migration(ordered, AFTER, SPENT, LATER).matrix()
    assert wide.index.tolist() == ["tin", "gold", ABSENT]
    assert cell(wide, "tin", "tin") == 0
    assert int(wide.to_numpy().sum()) == 6


def test_a_customer_twice_or_without_a_group_is_refused() -> None:
    text = (
        "a migration needs one group of each customer, but on the earlier day 1 rows name a "
        "customer again and 1 have no group; keep one row of each, with its group"
    )
    odd = pd.Series(["x", None, "x"], index=["a", "b", "a"])
    with pytest.raises(GroupsUnclear, match=f"^{re.escape(text)}$"):
        migration(odd, AFTER, SPENT, LATER)


def test_numbers_and_the_categories_of_either_day_keep_their_order() -> None:
    money = pd.Series([1.0, 1.0, 1.0])
    numbers = pd.Series([10, 2, 1])
    assert migration(numbers, numbers, money, money).groups["group"].tolist() == [1, 2, 10]
    plain = pd.Series(["gold", "tin", "tin"])
    ordered = pd.Series(pd.Categorical(plain, categories=["tin", "gold"], ordered=True))
    assert migration(plain, ordered, money, money).groups["group"].tolist() == ["tin", "gold"]


def test_money_of_a_customer_twice_or_not_known_is_refused() -> None:
    text = (
        "a migration needs money of each customer once, but before the later day 1 rows name a "
        "customer again and 1 hold no finite number; sum them, and leave out who is not known"
    )
    odd = pd.Series([1.0, np.nan], index=["a", "a"])
    with pytest.raises(GroupsUnclear, match=f"^{re.escape(text)}$"):
        migration(BEFORE, AFTER, SPENT, odd)


def test_without_money_only_customers_are_counted() -> None:
    found = migration(pd.Series([0, -1, 1]), pd.Series([1, 1], index=[0, 1]))
    moves = found.moves[["source", "target", "customers", "revenue_moved"]].to_numpy().tolist()
    assert moves == [[-1, 1, 1, 0.0], [0, 1, 1, 0.0], [1, ABSENT, 1, 0.0]]

"""Purchases before a day, orders, sums over windows, and periods."""

import re

import numpy as np
import pandas as pd
import pytest

from models.spending import (
    PeriodsUnclear,
    PurchasesUnclear,
    calendar_months,
    equal_periods,
    orders_of,
    period_of,
    seen,
    spend_between,
    spend_of,
)
from tests.till_rolls import bought

LINES = bought(("a", 1, 5.0), ("a", 1, 3.0), ("a", 4, -3.0), ("b", 3, 7.0), ("a", 9, 2.0))


def test_a_purchase_on_as_of_is_not_seen() -> None:
    assert seen(LINES, 9)["day"].max() == 4
    assert len(seen(LINES)) == 5


def test_lines_of_a_customer_and_day_are_one_order_and_a_return_alone_is_none() -> None:
    found = orders_of(LINES, 9)
    assert found.to_numpy().tolist() == [["a", 1, 8.0], ["b", 3, 7.0]]


def test_named_orders_of_one_day_are_counted_apart() -> None:
    named = LINES.assign(order=["one", "two", "three", "four", "five"])
    assert orders_of(named)["amount"].tolist() == [5.0, 3.0, 2.0, 7.0]


def test_returns_are_taken_off_what_was_spent_within_a_window() -> None:
    assert spend_between(LINES, 1, 5).to_dict() == {"a": 5.0, "b": 7.0}
    assert spend_between(LINES, 4, 9).to_dict() == {"a": -3.0}


def test_who_bought_nothing_then_spent_0() -> None:
    assert spend_of(pd.Index(["c", "b"]), LINES, 0, 5).tolist() == [0.0, 7.0]


def test_periods_are_counted_back_from_as_of() -> None:
    assert equal_periods(3, 30, 7).tolist() == [9, 16, 23, 30]


def test_a_month_that_is_not_whole_is_left_out() -> None:
    first = int(np.datetime64("2017-01-10").astype("datetime64[D]").astype(np.int64))
    as_of = int(np.datetime64("2017-04-02").astype("datetime64[D]").astype(np.int64))
    days = calendar_months(first, as_of).astype("datetime64[D]").astype(str).tolist()
    assert days == ["2017-02-01", "2017-03-01", "2017-04-01"]
    begun = int(np.datetime64("2017-01-01").astype("datetime64[D]").astype(np.int64))
    assert len(calendar_months(begun, as_of)) == 4


def test_a_day_belongs_to_the_period_it_begins() -> None:
    assert period_of(np.array([0, 1, 4, 5, 9]), [1, 5, 9]).tolist() == [-1, 0, 0, 1, -1]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            LINES.drop(columns="day"),
            "purchases need the columns customer, day and amount, but lack day; name them so",
        ),
        (
            LINES.assign(day="monday"),
            (
                "purchases need numbers as day, but it holds str; give days since 1970-01-01, and "
                "money as numbers"
            ),
        ),
        (
            LINES.assign(amount=[1.0, np.inf, np.nan, 1.0, 1.0]),
            (
                "purchases need amount in every row, but 2 of 5 have none; leave these rows "
                "out, or mend them"
            ),
        ),
        (
            LINES.assign(customer=pd.Series(["a", None, "a", "b", "a"], dtype=object)),
            (
                "purchases need customer in every row, but 1 of 5 have none; leave these rows "
                "out, or mend them"
            ),
        ),
    ],
)
def test_purchases_that_cannot_be_read_are_refused(rows: pd.DataFrame, text: str) -> None:
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}$"):
        seen(rows)


def test_a_part_of_a_day_is_refused() -> None:
    text = "purchases need whole numbers as day, but 1 of 5 have a part of a day; round them down"
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}$"):
        seen(LINES.assign(day=[1.0, 2.5, 3.0, 4.0, 5.0]))
    assert len(seen(LINES.assign(day=[1.0, 2.0, 3.0, 4.0, 5.0]))) == 5


def test_periods_that_do_not_rise_or_are_none_are_refused() -> None:
    with pytest.raises(PeriodsUnclear, match=re.escape("but are [5, 5]; sort them, each once")):
        period_of(np.array([1]), [5, 5])
    with pytest.raises(PeriodsUnclear, match="periods of 7 days need at least one"):
        equal_periods(0, 6, 7)
    with pytest.raises(PeriodsUnclear, match="calendar months need a whole one"):
        calendar_months(1, 20)


def test_a_return_under_the_number_of_an_order_does_not_make_it_younger() -> None:
    lines = bought(("a", 1, 10.0), ("a", 30, -2.0)).assign(order="one")
    assert orders_of(lines).to_numpy().tolist() == [["a", 1, 8.0]]


def test_what_floats_leave_of_0_is_neither_an_order_nor_money() -> None:
    lines = bought(("a", 1, 0.1), ("a", 1, 0.2), ("a", 1, -0.3), ("b", 1, 0.01))
    assert orders_of(lines)["customer"].tolist() == ["b"]
    assert spend_between(lines, 0, 2).to_dict() == {"a": 0.0, "b": 0.01}


def test_lines_without_the_order_that_others_name_are_refused() -> None:
    text = (
        "purchases need order in every row, but 1 of 5 have none; leave these rows out, or mend "
        "them"
    )
    lines = LINES.assign(order=pd.Series(["one", None, "two", "three", "four"]))
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}$"):
        orders_of(lines)

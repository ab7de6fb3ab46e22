"""Customer equity, and the return on it."""

import re

import numpy as np
import pandas as pd
import pytest

from models.worth.equity import CustomersTwice, NoEquityToStart, customer_equity, return_on_customer


def test_equity_is_the_sum_of_values() -> None:
    found = customer_equity(np.array([1.0, 2.0, 3.0] * 20), resamples=200)
    assert found.value == 120.0
    assert found.low < 120.0 < found.high


def test_return_is_cash_and_change_over_the_start() -> None:
    found = return_on_customer(
        pd.Series({"a": 10.0, "b": 0.0}),
        pd.Series({"a": 100.0, "b": 50.0}),
        pd.Series({"a": 90.0, "c": 30.0}),
        resamples=100,
    )
    assert found.total.value == pytest.approx((10.0 + 120.0 - 150.0) / 150.0)
    assert (found.change_kept, found.change_new, found.change_lost) == (-10.0, 30.0, -50.0)
    assert found.customers["return_on_customer"].to_dict() == pytest.approx(
        {"a": 0.0, "b": -1.0, "c": np.nan}, nan_ok=True
    )
    assert found.total.low <= found.total.value <= found.total.high


def test_no_equity_at_the_start_has_no_return() -> None:
    text = (
        "a return on customers needs equity above 0 at the start, but it is 0.00; begin with a day "
        "when there were customers"
    )
    with pytest.raises(NoEquityToStart, match=f"^{re.escape(text)}$"):
        return_on_customer(pd.Series({"a": 1.0}), pd.Series({"a": 0.0}), pd.Series({"a": 1.0}))


def test_a_customer_twice_is_refused() -> None:
    text = (
        "a return on customers needs each customer once, but 1 of 2 rows of cash_flow name one "
        "again; sum them"
    )
    worth = pd.Series({"a": 1.0})
    with pytest.raises(CustomersTwice, match=f"^{re.escape(text)}$"):
        return_on_customer(pd.Series([1.0, 2.0], index=["a", "a"]), worth, worth)

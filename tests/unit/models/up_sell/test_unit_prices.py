"""Prices of a unit are medians of what was paid, and weighed goods are known by them."""

import re

import pandas as pd
import pytest

from models.up_sell.unit_prices import PurchasesUnclear, unit_prices


def lines(product: str, amounts: list[float], quantity: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer": "a",
            "day": range(len(amounts)),
            "product": product,
            "quantity": quantity,
            "amount": amounts,
        }
    )


def test_the_price_is_the_median_of_what_was_paid_for_a_unit_before_the_day() -> None:
    bought = pd.concat([lines("tea", [200, 400, 600, 9000], 2.0), lines("gone", [-5, 0], 1.0)])
    (row,) = unit_prices(bought, 3).to_dict("records")
    assert (row["product"], row["price"], row["purchases"]) == ("tea", 200.0, 3)


def test_what_hardly_ever_has_the_same_price_twice_is_sold_by_weight() -> None:
    meat, tea = [500.0 + each for each in range(20)], [500.0] * 15 + [450.0] * 5
    found = unit_prices(pd.concat([lines("meat", meat), lines("tea", tea)]), 100)
    assert found["is_weighed"].tolist() == [True, False]
    assert found["lone"].tolist() == [1.0, 0.0]


def test_more_than_a_quarter_of_lone_prices_is_sold_by_weight_and_a_quarter_is_not() -> None:
    quarter = [500.0] * 9 + [1.0, 2.0, 3.0]
    more = [500.0] * 9 + [1.0, 2.0, 3.0, 4.0]
    found = unit_prices(pd.concat([lines("a", quarter), lines("b", more)]), 100)
    assert found["lone"].tolist() == [3 / 12, 4 / 13]
    assert found["is_weighed"].tolist() == [False, True]


def test_a_handful_of_prices_proves_nothing() -> None:
    assert not unit_prices(lines("tea", [1, 2, 3, 4, 5]), 100)["is_weighed"].any()


def test_a_missing_column_is_named() -> None:
    message = (
        "up-sell needs purchases with the columns ['customer', 'day', 'product', 'quantity', "
        "'amount'], but ['amount'] are missing; rename or add them"
    )
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(message)}$"):
        unit_prices(lines("tea", [1]).drop(columns="amount"), 100)


def test_days_are_numbers() -> None:
    message = (
        "up-sell needs numbers in the column day (day: days since 1970-01-01; amount: minor "
        "units), but it holds datetime64[us]; cast it"
    )
    dated = lines("tea", [1]).assign(day=pd.Series(["2020-01-01"], dtype="datetime64[us]"))
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(message)}$"):
        unit_prices(dated, 100)

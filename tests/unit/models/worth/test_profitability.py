"""Profit of customers and periods; what is not known stays unknown."""

import re
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.spending import PeriodsUnclear, PurchasesUnclear
from models.worth.profitability import (
    CostsAssumed,
    discounts,
    ledger,
    net_present_value,
    totals,
    unknown_costs,
)
from tests.till_rolls import cell, row

EDGES = [0, 10, 20]
LINES = pd.DataFrame(
    {
        "customer": ["a", "a", "a", "b", "b"],
        "day": [1, 1, 12, 3, 25],
        "amount": [10.0, 5.0, 8.0, 7.0, 100.0],
        "product_cost": [4.0, 3.0, nan, 2.0, 50.0],
        "serving_cost": [1.0, 1.0, 1.0, 1.0, 1.0],
    }
)

CONTACTS = pd.DataFrame({"customer": ["a", "c", "b"], "day": [2, 11, 4], "cost": [0.5, 0.25, nan]})


def test_profit_is_what_is_left_and_is_unknown_where_a_cost_is() -> None:
    found = ledger(LINES, EDGES, CONTACTS).set_index(["customer", "period"])
    first, second = ("a", 0), ("a", 10)
    columns = ["orders", "revenue", "product_cost", "serving_cost"]
    assert row(found, first, columns) == [1, 15, 7, 2]
    assert cell(found, first, "profit") == 15 - 7 - 2 - 0.5
    assert cell(found, first, "unknown") == ""
    assert np.isnan(cell(found, second, "profit"))
    assert cell(found, second, "unknown") == "product_cost"
    assert cell(found, second, "revenue_less_known_costs") == 8 - 1
    assert cell(found, ("b", 0), "unknown") == "marketing_cost"


def test_who_was_only_contacted_costs_and_brings_nothing() -> None:
    found = ledger(LINES, EDGES, CONTACTS).set_index(["customer", "period"])
    columns = ["orders", "revenue", "product_cost", "profit"]
    assert row(found, ("c", 10), columns) == [0, 0, 0, -0.25]


def test_without_contacts_marketing_is_unknown_and_with_none_it_is_0() -> None:
    assert ledger(LINES, EDGES)["marketing_cost"].isna().all()
    nobody = CONTACTS.iloc[:0]
    assert ledger(LINES, EDGES, nobody)["marketing_cost"].tolist() == [0.0, 0.0, 0.0]
    plain = pd.DataFrame({"customer": [], "day": []})
    assert ledger(LINES, EDGES, plain)["marketing_cost"].tolist() == [0.0, 0.0, 0.0]


def test_what_is_assumed_is_used_where_nothing_was_recorded_and_told() -> None:
    assumed = CostsAssumed(
        product_cost_share=0.5, serving_cost_per_order=9.0, marketing_cost_per_contact=2.0
    )
    plain = LINES.drop(columns="serving_cost")
    found = ledger(plain, EDGES, CONTACTS, assumed).set_index(["customer", "period"])
    assert row(found, ("a", 0), ["product_cost", "serving_cost", "marketing_cost"]) == [
        *(7.0, 9.0, 0.5)
    ]
    assert cell(found, ("a", 10), "product_cost") == 4.0
    assert cell(found, ("a", 10), "assumed") == "product_cost, serving_cost"
    assert cell(found, ("b", 0), "marketing_cost") == 2.0
    assert cell(found, ("b", 0), "assumed") == "serving_cost, marketing_cost"
    assert (found["unknown"] == "").all()


def test_what_lies_outside_the_periods_is_left_out() -> None:
    assert ledger(LINES, EDGES)["revenue"].sum() == 30


def test_one_unknown_period_leaves_a_customer_unknown() -> None:
    found = totals(ledger(LINES, EDGES, CONTACTS.iloc[:2]))
    assert np.isnan(cell(found, "a", "profit"))
    assert row(found, "a", ["revenue", "revenue_less_known_costs"]) == [
        23,
        23 - 7 - 3 - 0.5,
    ]
    assert cell(found, "b", "profit") == 4.0
    assert found["unknown"].to_dict() == {"a": "product_cost", "b": "", "c": ""}


def test_how_much_is_unknown_is_told() -> None:
    found = unknown_costs(ledger(LINES, EDGES, CONTACTS)).set_index("cost")
    assert row(found, "product_cost") == [1, 1, 8.0, 8 / 30]
    assert row(found, "serving_cost") == [0, 0, 0.0, 0.0]
    assert row(found, "marketing_cost") == [1, 1, 7.0, 7 / 30]


def test_money_is_discounted_to_the_first_edge_from_the_end_of_its_period() -> None:
    rows = pd.DataFrame(
        {"customer": ["a", "a", "b"], "period": [0, 365, 0], "profit": [110.0, 121.0, nan]}
    )
    found = net_present_value(rows, [0, 365, 730], rate=0.1)
    expected = 110 / 1.1 ** (365 / 365.25) + 121 / 1.1 ** (730 / 365.25)
    assert found["a"] == pytest.approx(expected)
    assert np.isnan(found["b"])
    assert discounts(np.array([0]), 0.1).tolist() == [1.0]


def test_contacts_without_a_day_are_refused() -> None:
    text = "contacts need the columns customer and day, but lack day; name them so"
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}$"):
        ledger(LINES, EDGES, CONTACTS.drop(columns="day"))


def test_what_was_recorded_of_one_order_stays_where_another_is_assumed() -> None:
    lines = pd.DataFrame(
        {"customer": "a", "day": [1, 2], "amount": 5.0, "serving_cost": [100.0, nan]}
    )
    found = ledger(lines, EDGES, None, CostsAssumed(serving_cost_per_order=3.0))
    assert found["serving_cost"].tolist() == [103.0]
    assert found["assumed"].tolist() == ["serving_cost"]
    assert np.isnan(cell(ledger(lines, EDGES), 0, "serving_cost"))


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"day": pd.to_datetime(["1970-01-03"] * 3)},
            (
                "contacts need numbers as day, but it holds datetime64[us]; give days since "
                "1970-01-01, and money as numbers"
            ),
        ),
        (
            {"day": [1.0, nan, 2.0]},
            (
                "contacts need day in every row, but 1 of 3 have none; leave these rows out, or "
                "mend them"
            ),
        ),
        (
            {"customer": ["a", None, "b"]},
            (
                "contacts need customer in every row, but 1 of 3 have none; leave these rows out, "
                "or mend them"
            ),
        ),
        (
            {"cost": "free"},
            (
                "contacts need finite numbers or nulls as cost, but 3 of 3 rows of str are not; "
                "mend them"
            ),
        ),
    ],
)
def test_contacts_that_cannot_be_read_are_refused(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}$"):
        ledger(LINES, EDGES, CONTACTS.assign(**changed))


def test_a_cost_without_end_is_refused() -> None:
    text = "purchases need finite numbers or nulls as product_cost, but 1 of 4 rows of float64"
    with pytest.raises(PurchasesUnclear, match=f"^{re.escape(text)}"):
        ledger(LINES.assign(product_cost=[1.0, np.inf, nan, 1.0, 1.0]), EDGES)


def test_other_edges_than_those_of_the_ledger_discount_nothing() -> None:
    text = (
        "a net present value needs the edges of its ledger, but 1 of its periods begin elsewhere, "
        "such as on 10; pass the same edges"
    )
    with pytest.raises(PeriodsUnclear, match=f"^{re.escape(text)}$"):
        net_present_value(ledger(LINES, EDGES), [0, 20], 0.1, "revenue")

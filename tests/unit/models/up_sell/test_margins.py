"""What an upgrade is expected to earn, by hand, and which product is offered."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.margins import (
    Earning,
    ProbabilitiesUnfit,
    best_sellers,
    expected_extra_margin,
)
from models.up_sell.settings import TiersWanted
from models.up_sell.tiers import Tiers, tiers_of
from models.up_sell.transitions import transitions
from tests.up_shop import products, purchases, tiers

AS_OF = 300


def expected(bought: pd.DataFrame, of: Tiers, content_kept: float = 1.0) -> dict[str, Any]:
    pairs = snapshot(bought, of, AS_OF)
    table = expected_extra_margin(
        pairs,
        np.full(len(pairs), 0.5),
        bought,
        of,
        observed=transitions(bought, of, AS_OF),
        earning=Earning(horizon=28, content_kept=content_kept),
    )
    (row,) = table.to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_probability_times_purchases_times_margin() -> None:
    bought = purchases(("a", 280, "good", 2), ("a", 290, "good", 2), ("b", 299, "better"))
    row = expected(bought, tiers())
    # Own rate: one return in 20 days, and one more in the need's mean time: 21 days a return.
    assert row["purchases_expected"] == pytest.approx(28 * 2 / (20 + 21))
    # Nobody has returned after a step, so that only the first purchase is above.
    assert row["purchases_above"] == 1.0
    assert row["units_usual"] == 2
    assert (row["amount_usual"], row["amount_above"]) == (200, 300)
    assert (row["margin_usual"], row["margin_above"]) == (100, 150)
    assert row["extra_revenue"] == pytest.approx(0.5 * 100)
    assert row["extra_margin"] == pytest.approx(0.5 * 50)
    assert row["product"] == "coffee 0 better"


def test_later_purchases_count_by_the_share_that_stays() -> None:
    bought = purchases(
        *(("a", day, "good") for day in range(200, 300, 7)),
        *(("b", 290, "good"), ("b", 294, "best"), ("b", 299, "best")),
    )
    row = expected(bought, tiers())
    assert row["purchases_expected"] > 3
    if_any = row["purchases_expected"] / (1 - np.exp(-row["purchases_expected"]))
    assert row["purchases_above"] == pytest.approx(if_any)


def test_margins_are_unknown_where_costs_are() -> None:
    bought = purchases(("a", 280, "good"), ("a", 290, "good"), ("b", 299, "better"))
    row = expected(bought.drop(columns="margin"), tiers())
    assert np.isnan(row["extra_margin"])
    assert row["extra_revenue"] == pytest.approx(0.5 * 50)


def test_nothing_is_expected_where_every_need_is_refused() -> None:
    none = tiers_of(products(), TiersWanted(products_least=99))
    bought = purchases(("a", 280, "good"), ("a", 290, "good"))
    assert none.refused["need"].tolist() == ["coffee 0"]
    offers = expected_extra_margin(
        snapshot(bought, none, AS_OF),
        np.empty(0),
        bought,
        none,
        observed=transitions(bought, none, AS_OF),
        earning=Earning(28),
    )
    assert len(offers) == 0
    assert "extra_margin" in offers


def packs() -> tuple[pd.DataFrame, Tiers]:
    table = pd.DataFrame(
        {
            "product": ["small", "large"],
            "need": "tea",
            "price": [100.0, 180.0],
            "size": ["100 G", "200 G"],
        }
    )
    wanted = TiersWanted(by="size", products_least=1, purchases_least=0)
    bought = pd.DataFrame(
        {
            "customer": ["a", "a", "b"],
            "day": [280, 290, 295],
            "product": ["small", "small", "large"],
            "quantity": [2.0, 2.0, 1.0],
            "amount": [200.0, 200.0, 180.0],
        }
    )
    return bought, tiers_of(table, wanted)


def test_larger_packs_hold_the_same_content_unless_told_otherwise() -> None:
    bought, of = packs()
    row = expected(bought, of)
    assert (row["amount_usual"], row["amount_above"]) == pytest.approx((200, 180))
    assert row["extra_revenue"] == pytest.approx(-10)
    as_many = expected(bought, of, content_kept=0.0)
    assert as_many["amount_above"] == pytest.approx(360)


def test_the_best_seller_lately_is_offered_and_else_that_of_all_days() -> None:
    table = pd.DataFrame(
        {
            "product": ["cheap", "old", "new", "fad"],
            "need": "tea",
            "price": [100.0, 200.0, 200.0, 200.0],
            "level": ["low", "high", "high", "high"],
        }
    )
    wanted = TiersWanted(by="level", levels=("low", "high"), products_least=1, purchases_least=0)
    of = tiers_of(table, wanted)
    bought = pd.DataFrame(
        {
            "customer": "a",
            "day": [10, 290, 310, 20],
            "product": ["old", "new", "fad", "cheap"],
            "quantity": [9.0, 1.0, 99.0, 1.0],
            "amount": 100.0,
        }
    )
    assert best_sellers(bought, of, AS_OF)["product"].tolist() == ["cheap", "new"]
    assert best_sellers(bought, of, 100)["product"].tolist() == ["cheap", "old"]


def test_there_is_one_probability_for_each_pair() -> None:
    bought = purchases(("a", 280, "good"), ("a", 290, "good"))
    pairs: UpPairs = snapshot(bought, tiers(), AS_OF)
    message = (
        "expected margins need one probability for each of 1 pairs, but the shape is (2,); pass "
        "those that were made of these pairs"
    )
    with pytest.raises(ProbabilitiesUnfit, match=f"^{re.escape(message)}$"):
        expected_extra_margin(
            pairs,
            np.ones(2),
            bought,
            tiers(),
            observed=transitions(bought, tiers(), AS_OF),
            earning=Earning(28),
        )

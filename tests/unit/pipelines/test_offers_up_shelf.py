"""Which steps up may be offered on a day, of a made-up shop with two needs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.offers.policies import Policies
from pipelines.offer_settings import UpSell
from pipelines.offers_up_goods import UpGoods
from pipelines.offers_up_shelf import UpAsked, needed, up_shelf
from tests.steps_up import (
    CUSTOMERS,
    DAY,
    HORIZON,
    LABELS,
    NEEDS,
    TEA,
    UP,
    bought,
    offered,
    products,
    shelf,
    types,
)


def test_products_of_steps_up_lie_behind_the_items() -> None:
    found = shelf()
    assert found.items["title"].tolist() == ["coffee", "tea", "coffee: fine", "tea: bud"]
    assert found.products.tolist() == [1, 4]
    assert offered(found) == [(0, "coffee: fine"), (0, "tea: bud")]


def test_a_chance_is_that_of_a_step_times_the_part_of_the_product() -> None:
    # Of the 4 days with something above plain coffee, 3 are with the fine one.
    chances = shelf().offers["probability"].tolist()
    assert chances == pytest.approx([0.2 * 3 / 4, 0.1 * 1.0])


def test_who_bought_above_lately_is_offered_nothing_above() -> None:
    assert 2 not in shelf().offers["customer"].tolist()


def test_an_offer_tells_units_cycles_and_what_the_step_would_bring() -> None:
    row = shelf().offers.iloc[0]
    assert row["kind"] == "up"
    assert row["units"] == 1.0
    assert row["bought_days"] == 0
    assert np.isnan(row["days_since"])
    # One purchase above at least, which brings 205 (mean of the upper tier) instead of 100.
    assert row["expected_extra_revenue"] >= 0.2 * 105
    assert row["expected_extra_margin"] == pytest.approx(row["expected_extra_revenue"] / 2)


def test_a_reason_tells_the_tiers_and_how_many_stepped_up() -> None:
    move = shelf().moves.iloc[0].to_dict()
    assert (move["need"], move["from_tier"], move["to_tier"]) == (
        "coffee",
        "lower price",
        "upper price",
    )
    assert 0 < move["moved_share"] < 1
    assert move["days"] == HORIZON


def test_a_step_that_would_bring_less_is_not_offered() -> None:
    assert offered(shelf(margins={4: 10.0})) == [(0, "coffee: fine")]


def test_where_costs_are_not_known_a_step_up_brings_more_revenue() -> None:
    found = shelf(margins={3: np.nan, 4: np.nan})
    assert offered(found) == [(0, "coffee: fine"), (0, "tea: bud")]
    assert found.offers["expected_extra_margin"].isna().tolist() == [False, True]


def test_what_is_excluded_or_not_in_stock_takes_its_products_along() -> None:
    no_tea = Policies(exclude={"item": ("tea",)})
    assert offered(shelf(policies=no_tea)) == [(0, "coffee: fine")]
    assert offered(shelf(stock={TEA})) == [(0, "tea: bud")]


def test_another_product_of_the_tier_is_offered_where_the_best_seller_is_not_allowed() -> None:
    found = shelf(policies=Policies(unit_margin_least=85.0))
    assert offered(found) == [(0, "coffee: finest"), (0, "tea: bud")]
    assert found.offers["probability"].iloc[0] == pytest.approx(0.2 * 1 / 4)


def test_where_products_are_offered_a_step_up_is_a_row_of_the_items() -> None:
    found = shelf(item="product")
    assert found.items["label"].tolist() == list(LABELS)
    assert len(found.products) == 0
    assert offered(found) == [(0, "fine"), (0, "bud")]


def test_what_is_bought_on_the_day_or_later_changes_no_step_up() -> None:
    one, other = shelf(), shelf((0, DAY, 1), (1, DAY + 3, 2), (3, DAY + 1, 4))
    pd.testing.assert_frame_equal(one.offers, other.offers)
    pd.testing.assert_frame_equal(one.moves, other.moves)
    pd.testing.assert_frame_equal(one.items, other.items)


def test_offers_of_some_customers_are_those_of_all() -> None:
    found = shelf()
    offers, moves = found.of(np.array([1, 2]))
    assert (len(offers), len(moves)) == (0, 0)
    assert len(found.of(np.array([0, 1]))[0]) == 2


def test_nobody_to_ask_is_no_step_up() -> None:
    table = bought()
    needs = pd.DataFrame({"product": range(5), "need": NEEDS})
    names = pd.Index(CUSTOMERS)
    up = UpGoods(products(), needs, table, DAY, "type", 1, UpSell(need="type"), names)
    asked = UpAsked(DAY, np.empty(0, np.int64), HORIZON, Policies(), None)
    found = up_shelf(types(table).items, up, UP, asked)
    assert len(found.offers) == 0
    assert len(found.items) == 2
    refused = replace(up, needs=needs.assign(need=None))
    assert len(up_shelf(types(table).items, refused, UP, asked).offers) == 0


def test_the_name_of_a_need_is_told_without_its_parents() -> None:
    assert needed("type:drinks > coffee") == "coffee"
    assert needed("category:tea") == "tea"

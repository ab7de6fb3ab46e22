"""Which steps up may be offered on a day, of a made-up shop with two needs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.next_basket.histories import histories_of
from models.offers.policies import Policies
from models.up_sell.rates import Rates
from models.up_sell.settings import TiersWanted
from pipelines.offer_settings import UpSell
from pipelines.offers_goods import Goods
from pipelines.offers_up import Up
from pipelines.offers_up_goods import UpGoods
from pipelines.offers_up_shelf import UpAsked, UpShelf, needed, up_shelf

DAY, HORIZON = 300, 28
CUSTOMERS = ("ada", "bob", "cy", "dan")
LABELS = ("product:plain", "product:fine", "product:finest", "product:leaf", "product:bud")
PRICES = {0: 100.0, 1: 200.0, 2: 220.0, 3: 100.0, 4: 300.0}
COFFEE, TEA = "type:drinks > coffee", "type:drinks > tea"
NEEDS = (COFFEE, COFFEE, COFFEE, TEA, TEA)
RATES = Rates(
    0.2,
    np.array([0.2, 0.2, 0.2]),
    pd.DataFrame(
        {
            "need": [COFFEE, TEA],
            "tier": [0, 0],
            "habit": [0, 0],
            "pairs": [10, 10],
            "bought": [2, 1],
            "transition_rate": [0.2, 0.1],
            "own_past": [0.2, 0.1],
        }
    ),
    50.0,
    HORIZON,
)
UP = Up("transition_rate", None, RATES)
LINES = (
    *((0, day, 0) for day in (250, 270, 290)),  # ada buys plain coffee
    *((0, day, 3) for day in (260, 280)),  # and plain tea
    *((1, day, 1) for day in (255, 275, 295)),  # bob buys fine coffee
    *((2, day, 0) for day in (271, 281)),
    (2, 291, 2),  # cy bought finest coffee, and before that plain coffee
    *((3, day, 4) for day in (270, 290)),  # dan buys buds
)


def products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": LABELS,
            "name": [each.partition(":")[2] for each in LABELS],
            "title": [each.partition(":")[2] for each in LABELS],
            "in_type": NEEDS,
            "is_private_label": False,
            "price": list(PRICES.values()),
            "list_price": list(PRICES.values()),
            "unit_margin": [50.0, 80.0, 90.0, 40.0, 100.0],
        }
    )


def bought(*more: tuple[int, int, int]) -> pd.DataFrame:
    table = pd.DataFrame([*LINES, *more], columns=["customer", "day", "product"])
    table = table.sort_values(["customer", "day", "product"], ignore_index=True)
    amount = table["product"].map(PRICES)
    return table.assign(quantity=1.0, amount=amount, margin=amount / 2)


def types(table: pd.DataFrame) -> Goods:
    """Coffee and tea, and what was bought of them."""
    items = pd.DataFrame(
        {
            "label": [COFFEE, TEA],
            "name": ["coffee", "tea"],
            "title": ["coffee", "tea"],
            "price": [150.0, 150.0],
            "list_price": [150.0, 150.0],
            "unit_margin": [60.0, 60.0],
        }
    )
    return goods(items, table.assign(item=table["product"].map([0, 0, 0, 1, 1].__getitem__)))


def goods(items: pd.DataFrame, table: pd.DataFrame) -> Goods:
    names = table.assign(customer=np.array(CUSTOMERS)[table["customer"]])
    return Goods(items, histories_of(names, "customer", "day", "item"), table)


def shelf(
    *more: tuple[int, int, int],
    item: str = "type",
    policies: Policies | None = None,
    stock: set[str] | None = None,
) -> UpShelf:
    table = bought(*more)
    needs = pd.DataFrame({"product": range(5), "need": NEEDS})
    wanted = TiersWanted(products_least=1, purchases_least=0, tiers=2)
    asked = UpSell(need="type", tiers=wanted)
    up = UpGoods(products(), needs, table, DAY + HORIZON, item, 1, asked)
    own = types(table) if item == "type" else goods(products(), table.assign(item=table["product"]))
    rows = np.arange(len(CUSTOMERS))
    return up_shelf(own, up, UP, UpAsked(DAY, rows, HORIZON, policies or Policies(), stock))


def offered(found: UpShelf) -> list[tuple[int, str]]:
    titles = found.items["title"].to_numpy()
    return [
        (int(who), str(titles[item]))
        for who, item in zip(found.offers["customer"], found.offers["item"], strict=True)
    ]


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
    up = UpGoods(products(), needs, table, DAY, "type", 1, UpSell(need="type"))
    asked = UpAsked(DAY, np.empty(0, np.int64), HORIZON, Policies(), None)
    found = up_shelf(types(table), up, UP, asked)
    assert len(found.offers) == 0
    assert len(found.items) == 2
    refused = replace(up, needs=needs.assign(need=None))
    assert len(up_shelf(types(table), refused, UP, asked).offers) == 0


def test_the_name_of_a_need_is_told_without_its_parents() -> None:
    assert needed("type:drinks > coffee") == "coffee"
    assert needed("category:tea") == "tea"

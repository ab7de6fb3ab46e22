"""A made-up shop of two needs with two tiers each, and its steps up."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from models.next_basket.histories import histories_of
from models.offers.policies import Policies
from models.up_sell.rates import Rates
from models.up_sell.settings import TiersWanted
from pipelines.offer_settings import UpSell
from pipelines.offers_goods import Goods
from pipelines.offers_up import Up
from pipelines.offers_up_goods import UpGoods
from pipelines.offers_up_shelf import UpAsked, UpShelf, up_shelf

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
    margins: Mapping[int, float] = MappingProxyType({}),
) -> UpShelf:
    table = bought(*more)
    told = table["product"].map(margins)
    table = table.assign(margin=table["margin"].where(~table["product"].isin(margins), told))
    needs = pd.DataFrame({"product": range(5), "need": NEEDS})
    wanted = TiersWanted(products_least=1, purchases_least=0, tiers=2)
    asked = UpSell(need="type", tiers=wanted)
    up = UpGoods(products(), needs, table, DAY + HORIZON, item, 1, asked, pd.Index(CUSTOMERS))
    own = types(table) if item == "type" else goods(products(), table.assign(item=table["product"]))
    rows = np.arange(len(CUSTOMERS))
    return up_shelf(own.items, up, UP, UpAsked(DAY, rows, HORIZON, policies or Policies(), stock))


def offered(found: UpShelf) -> list[tuple[int, str]]:
    titles = found.items["title"].to_numpy()
    return [
        (int(who), str(titles[item]))
        for who, item in zip(found.offers["customer"], found.offers["item"], strict=True)
    ]

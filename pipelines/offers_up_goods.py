"""Products with their needs and every purchase of them, where the next tier up is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from features.journeys import Journeys
from features.schemas import Sources
from models.next_basket.histories import WholeArray
from models.up_sell.tiers import Tiers, tiers_of
from models.up_sell.unit_prices import unit_prices
from pipelines.offer_settings import Offers, UpSell
from pipelines.offers_goods import IN, Goods, number_of

_UNKNOWN: Final = (":?", " > ?")
"""Ends of a label that says that what a product belongs to is not known."""

_FIGURES: Final = ("quantity", "amount", "margin")


@dataclass(frozen=True, eq=False)
class UpGoods:
    """Products, and every purchase of them.

    Attributes
    ----------
    products
        A row per product, by position: columns of `features.journeys.Journeys.items`.
    needs
        A row per product: product (position); need (label; missing: not known); and, where they
        are told, size and level (text; missing: not known).
    purchases
        By customer and day: customer (position in the histories of the goods; behind them of who
        is not there, having bought nothing on offer), day (since 1970-01-01), product (position),
        quantity, amount, margin (minor units; NaN: not known).
    until
        Day from which on purchases are not known.
    item, seen_least
        What is offered: `features.levels.PRODUCT` or a wider level; and the days and customers on
        which it was bought, at least.
    asked
        Of the config.
    """

    products: pd.DataFrame
    needs: pd.DataFrame
    purchases: pd.DataFrame
    until: int
    item: str
    seen_least: int
    asked: UpSell

    def tiers(self, day: int) -> Tiers:
        """Tiers by what was sold before a day (since 1970-01-01)."""
        priced = unit_prices(self.purchases, day)
        return tiers_of(priced.merge(self.needs, on="product"), self.asked.tiers)

    def bought_in(self, day: int, horizon: int) -> tuple[WholeArray, WholeArray]:
        """Customers and products (positions) of purchases in ``[day, day + horizon)``."""
        days = self.purchases["day"]
        some = self.purchases[(days >= day) & (days < day + horizon)]
        return some["customer"].to_numpy(np.int64), some["product"].to_numpy(np.int64)

    def customers(self, day: int) -> WholeArray:
        """Positions of those who bought before a day, ascending."""
        before = self.purchases.loc[self.purchases["day"] < day, "customer"]
        return np.unique(before.to_numpy(np.int64))


def up_sell_of(offers: Offers, sources: Sources) -> UpSell | None:
    """What is asked for, with the need in the place of its default; None: nothing is looked for."""
    asked, products = offers.up_sell, sources.products
    levels = tuple(products.hierarchy) if products else ()
    if asked is None or not levels:
        return None
    return asked.model_copy(update={"need": asked.need or levels[-1]})


def up_goods_of(
    found: Journeys, later: Journeys | None, goods: Goods, offers: Offers, asked: UpSell
) -> UpGoods:
    """Products of the days before one, and their purchases.

    Parameters
    ----------
    found
        Journeys by product, of all days before the day.
    later
        Of the days behind; of products that were not sold before, nothing is kept.
    goods
        Items on offer, and who bought them.
    offers, asked
        Of the config, see `up_sell_of`.
    """
    products = found.items.to_pandas()
    spans = (found,) if later is None else (found, later)
    customers = _everybody(spans, goods)
    labels = pd.Index(products["label"])
    bought = pd.concat([_numbered(each, labels, customers) for each in spans], ignore_index=True)
    bought = bought.sort_values(["customer", "day", "product"], ignore_index=True)
    until = found.window.end if later is None else later.window.end
    needs, end = _needs(products, asked), number_of(until)
    return UpGoods(products, needs, bought, end, offers.item, offers.seen_least, asked)


def _everybody(spans: Sequence[Journeys], goods: Goods) -> pd.Index:
    """Customers with a history, and behind them the others.

    Were the others left out, prices would depend on who buys something on offer later.
    """
    known = goods.histories.customers
    names = pd.concat([each.purchases["customer"].unique().to_pandas() for each in spans])
    return known.append(pd.Index(names.unique()).difference(known))


def _numbered(found: Journeys, labels: pd.Index, customers: pd.Index) -> pd.DataFrame:
    """Purchases of known products with positions in the place of names."""
    rows = found.purchases.select(["customer", "item", *_FIGURES]).to_pandas()
    place = labels.get_indexer(pd.Index(found.items["label"].to_pandas()))
    table = pd.DataFrame(
        {
            "customer": customers.get_indexer(pd.Index(rows["customer"])).astype(np.int64),
            "day": found.purchases["day"].cast(pa.int32()).to_numpy().astype(np.int64),
            "product": place[rows["item"]].astype(np.int64),
            **{name: rows[name].to_numpy(np.float64, na_value=np.nan) for name in _FIGURES},
        }
    )
    return table[table["product"] >= 0]


def _needs(products: pd.DataFrame, asked: UpSell) -> pd.DataFrame:
    """Need, size and level of each product."""
    found = pd.DataFrame({"product": np.arange(len(products))})
    named = {"need": asked.need, "size": asked.size, "level": asked.level}
    for column, name in named.items():
        if name is None:
            continue
        values = products[f"{IN}{name}"].astype(object)
        is_unknown = values.isna() | values.astype("str").str.endswith(_UNKNOWN)
        told = values if column == "need" else values.astype("str").str.removeprefix(f"{name}:")
        found[column] = told.astype(object).mask(is_unknown, None)
    return found

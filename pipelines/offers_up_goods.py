"""Products with their needs and every purchase of them, where the next tier up is looked for."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from features.journeys import Journeys
from features.schemas import Sources
from models.next_basket.histories import WholeArray
from models.up_sell.tiers import Tiers, tiers_of
from models.up_sell.unit_prices import unit_prices
from pipelines.offer_settings import Offers, UpSell
from pipelines.offers_goods import IN, Goods, coded_of, number_of

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
    names
        Of the customers, by position.
    """

    products: pd.DataFrame
    needs: pd.DataFrame
    purchases: pd.DataFrame
    until: int
    item: str
    seen_least: int
    asked: UpSell
    names: pd.Index

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

    def earlier(self, products: pd.DataFrame, goods: Goods, until: int) -> "UpGoods":
        """What was known of products on an earlier day.

        Parameters
        ----------
        products
            Sold before that day, see `features.journeys.build_items`.
        goods
            Items on offer on that day, and who bought them.
        until
            The day up to which purchases are told (since 1970-01-01).
        """
        place = pd.Index(products["label"]).get_indexer(pd.Index(self.products["label"]))
        bought = self.purchases[self.purchases["day"] < until]
        bought = bought.assign(product=place[bought["product"]])
        names, bought = _everybody(self.names, bought[bought["product"] >= 0], goods)
        return replace(
            self,
            products=products,
            needs=_needs(products, self.asked),
            purchases=bought,
            until=until,
            names=names,
        )


def up_sell_of(offers: Offers, sources: Sources) -> UpSell | None:
    """What is asked for, with the need in the place of its default; None: nothing is looked for."""
    asked, products = offers.up_sell, sources.products
    levels = tuple(products.hierarchy) if products else ()
    if asked is None or not levels:
        return None
    return asked.model_copy(update={"need": asked.need or levels[-1]})


def up_goods_of(
    found: Journeys, goods: Goods, offers: Offers, asked: UpSell, until: date | None = None
) -> UpGoods:
    """Products of the days before one, and their purchases.

    Parameters
    ----------
    found
        Journeys by product: of all days before the end of its window, and purchases from then on,
        if there are any.
    goods
        Items on offer, and who bought them.
    offers, asked
        Of the config, see `up_sell_of`.
    until
        The day up to which purchases are told; None: the end of the window.
    """
    products, end = found.items.to_pandas(), number_of(until or found.window.end)
    names, bought = coded_of(found, _FIGURES)
    bought = bought.rename(columns={"item": "product"})
    bought = bought.astype(dict.fromkeys(_FIGURES, np.float64))
    everybody, bought = _everybody(names, bought, goods)
    needs, least = _needs(products, asked), offers.seen_least
    return UpGoods(products, needs, bought, end, offers.item, least, asked, everybody)


def _everybody(
    names: pd.Index, bought: pd.DataFrame, goods: Goods
) -> tuple[pd.Index, pd.DataFrame]:
    """Customers with a history, and behind them the others; and purchases with their positions.

    Were the others left out, prices would depend on who buys something on offer later.
    """
    known = goods.histories.customers
    some = names[np.bincount(bought["customer"], minlength=len(names)) > 0]
    everybody = known.append(some.difference(known))
    place = everybody.get_indexer(names).astype(np.int64)
    bought = bought.assign(customer=place[bought["customer"]])
    return everybody, bought.sort_values(["customer", "day", "product"], ignore_index=True)


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

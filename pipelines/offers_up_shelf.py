"""Steps up that may be offered on a day: products of the next tier, with chances and reasons."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.levels import PRODUCT
from models.next_basket.histories import WholeArray
from models.offers.cycles import cycles_of
from models.offers.policies import LEFT_OUT, Policies
from models.offers.shelf import shelf_of
from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.margins import Earning, expected_extra_margin
from models.up_sell.need_days import NeedDays, need_days
from models.up_sell.next_products import next_products
from models.up_sell.tiers import Tiers
from models.up_sell.transitions import Transitions, transitions
from pipelines.offers_goods import IN, LATE_DAYS
from pipelines.offers_up import Up
from pipelines.offers_up_goods import UpGoods

KIND: Final = "up"

EXTRA: Final = ("expected_extra_revenue", "expected_extra_margin")
"""Columns of offers of this kind alone."""

_BETWEEN: Final = " > "
"""Stands between a name and its parent in a label."""


@dataclass(frozen=True, eq=False)
class UpShelf:
    """Steps up of a day.

    Attributes
    ----------
    items
        All that may be offered, by position: the items, and behind them the products that are
        none of them.
    products
        Shape (rows behind the items,): position of each in `UpGoods.products`.
    offers
        A row per customer and product, by customer: customer; item (position in ``items``); kind;
        probability (that the product is bought within the horizon); units; bought_days, days_since,
        cycle_days and is_own_cycle of the product; and `EXTRA` (minor units, of a step to anything
        above, whichever product).
    moves
        Of the same rows, see `models.offers.evidence.Evidence`.
    """

    items: pd.DataFrame
    products: WholeArray
    offers: pd.DataFrame
    moves: pd.DataFrame

    def of(self, rows: WholeArray) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Offers and moves of some customers (positions)."""
        is_asked = self.offers["customer"].isin(rows)
        return self.offers[is_asked], self.moves[self.moves["customer"].isin(rows)]

    def labels(self) -> Collection[str]:
        """Of the products behind the items: those that policies and stock allow."""
        return self.items["label"].iloc[len(self.items) - len(self.products) :].tolist()


@dataclass(frozen=True, eq=False)
class UpAsked:
    """Whose steps up are looked for, and what may be offered.

    Attributes
    ----------
    day
        Days since 1970-01-01.
    rows
        Positions of the customers, ascending.
    horizon
        Days of the chances.
    policies, stock
        Which products are allowed, see `allowed`.
    """

    day: int
    rows: WholeArray
    horizon: int
    policies: Policies
    stock: Collection[str] | None


def up_shelf(items: pd.DataFrame, goods: UpGoods, up: Up, asked: UpAsked) -> UpShelf:
    """Steps up that may be offered on a day; nothing from the day on is seen.

    Parameters
    ----------
    items
        Items on offer, see `pipelines.offers_goods.Goods`.
    goods
        Products, and their purchases.
    up
        What says how likely a step is.
    asked
        Whose, and what is allowed.
    """
    found, moves = _steps(items, goods, up, asked)
    product: WholeArray = found["product"].to_numpy().astype(np.int64)
    table, behind, position = _positions(items, goods, product)
    found, moves = (each.assign(item=position[each.index]) for each in (found, moves))
    moves = moves.reset_index(drop=True)
    return UpShelf(table, behind, _described(found, product, goods, asked.day), moves)


def _steps(
    items: pd.DataFrame, goods: UpGoods, up: Up, asked: UpAsked
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Steps up and what was seen of them, by the steps' row; the days behind are let go of."""
    purchases, day = goods.purchases, asked.day
    tiers = goods.tiers(day)
    names = [str(each) for each in allowed(items, goods, asked)]
    nexts = next_products(purchases, tiers, day, names, LATE_DAYS)
    place = nexts.set_index(["need", "tier"])[["product", "share"]]
    days = need_days(purchases, tiers, day)
    observed = transitions(purchases, tiers, day, asked.horizon, days=days)
    known = _Known(purchases, tiers, days, observed)
    found = _told(_new_pairs(goods, known, asked, place.index), place, up, known)
    return found, _moves(found, tiers, observed)


def allowed(items: pd.DataFrame, goods: UpGoods, asked: UpAsked) -> WholeArray:
    """Positions of products that may be offered, ascending.

    A product was bought often enough, and policies allow it as they would an item of its columns.
    Its item, at the level that is offered, is on offer, not excluded and in stock: what is said of
    an item is said of its products, and a stock list names items.
    """
    products = goods.products
    bought = goods.purchases.loc[goods.purchases["day"] < asked.day, "product"]
    is_seen = np.bincount(bought, minlength=len(products)) >= goods.seen_least
    parent = products["label" if goods.item == PRODUCT else f"{IN}{goods.item}"]
    verdict = shelf_of(items, asked.policies, asked.stock).verdict
    against = [LEFT_OUT.index(name) for name in ("excluded", "out_of_stock")]
    parents = items["label"][~np.isin(verdict, against)]
    rows = np.flatnonzero(is_seen & parent.isin(parents).to_numpy(bool)).astype(np.int64)
    own = shelf_of(products.iloc[rows].reindex(columns=items.columns), asked.policies, None)
    return rows[own.verdict < 0]


@dataclass(frozen=True, eq=False)
class _Known:
    """Purchases of all customers before a day, made once for all who look at them."""

    purchases: pd.DataFrame
    tiers: Tiers
    days: NeedDays
    observed: Transitions


def _new_pairs(goods: UpGoods, known: _Known, asked: UpAsked, offered: pd.Index) -> UpPairs:
    """Pairs to which a purchase above would be new, and for which there is a product to offer.

    Of all customers at once: what everybody bought is looked at anew each time.
    """
    pairs = snapshot(
        known.purchases,
        known.tiers,
        asked.day,
        wanted=goods.asked.pairs,
        customers=asked.rows.tolist(),
        days=known.days,
    )
    has_product = pd.MultiIndex.from_frame(pairs.keys[["need", "tier"]]).isin(offered)
    return pairs.where(pairs.is_new & has_product)


def _told(pairs: UpPairs, place: pd.DataFrame, up: Up, known: _Known) -> pd.DataFrame:
    """Pairs with product, probability, units and what a step up would earn: those that earn more.

    That is margin; revenue where costs are not known.
    """
    said, observed = up.said(pairs), known.observed
    earned = expected_extra_margin(
        pairs,
        said,
        known.purchases,
        known.tiers,
        observed=observed,
        earning=Earning(observed.within_days, LATE_DAYS),
        days=known.days,
    )
    one = place.reindex(pd.MultiIndex.from_frame(pairs.keys[["need", "tier"]]))
    found = pairs.keys.assign(
        product=one["product"].to_numpy(),
        probability=said * one["share"].to_numpy(),
        units=earned["units_usual"].to_numpy(),
        expected_extra_revenue=earned["extra_revenue"].to_numpy(),
        expected_extra_margin=earned["extra_margin"].to_numpy(),
    )
    extra = earned["extra_margin"].fillna(earned["extra_revenue"]).to_numpy()
    return found[~(extra <= 0)].reset_index(drop=True)  # a step that brings less is none


def _positions(
    items: pd.DataFrame, goods: UpGoods, product: WholeArray
) -> tuple[pd.DataFrame, WholeArray, WholeArray]:
    """All that may be offered, which products are behind the items, and the place of each offer."""
    products = goods.products
    if goods.item == PRODUCT:
        place = pd.Index(items["label"]).get_indexer(pd.Index(products["label"].iloc[product]))
        return items, np.empty(0, np.int64), place.astype(np.int64)
    behind = np.unique(product)
    more = products.iloc[behind]
    need = goods.needs["need"].iloc[behind].map(needed).to_numpy(dtype=object)
    titles = [f"{name}: {title}" for name, title in zip(need, more["title"], strict=True)]
    rows = more.assign(title=titles).reindex(columns=items.columns)
    table = pd.concat([items, rows.astype(items.dtypes)], ignore_index=True)
    return table, behind, len(items) + np.searchsorted(behind, product)


def needed(label: str) -> str:
    """Name of a need without its parents."""
    return label.partition(":")[2].rpartition(_BETWEEN)[2]


def _described(found: pd.DataFrame, product: WholeArray, goods: UpGoods, day: int) -> pd.DataFrame:
    """Offers with the cycles of the products."""
    bought = goods.purchases
    customer = found["customer"].to_numpy(np.int64)
    count = 1 + max(int(bought["customer"].max()), int(customer.max(initial=-1)))
    columns = (bought["customer"].array, bought["day"].array, bought["product"].array)
    cycles = cycles_of(columns, day, count, len(goods.products)).of(customer, product)
    told = ["customer", "item", "probability", "units", *EXTRA]
    return pd.concat([found[told], cycles], axis=1).assign(kind=KIND)


def _moves(found: pd.DataFrame, tiers: Tiers, observed: Transitions) -> pd.DataFrame:
    """What was seen of those who bought the usual tier before; of steps that were seen at all."""
    names = tiers.levels.set_index(["need", "tier"])["name"]
    unit = " price" if tiers.by == "price" else ""
    usual, above = (
        names.reindex(pd.MultiIndex.from_frame(found[["need", each]])).to_numpy(dtype=object)
        for each in ("tier", "to_tier")
    )
    highest = pd.Series(tiers.counts - 1, index=tiers.needs)
    is_top = found["to_tier"].to_numpy() == found["need"].map(highest).to_numpy()
    steps = observed.steps.set_index(["need", "tier"])["within_share"]
    moved = steps.reindex(pd.MultiIndex.from_frame(found[["need", "tier"]])).to_numpy(np.float64)
    told = pd.DataFrame(
        {
            "customer": found["customer"],
            "need": found["need"].map(needed),
            "from_tier": [f"{name}{unit}" for name in usual],
            "to_tier": [
                f"{name}{unit}" if top else f"{name}{unit} or above"
                for name, top in zip(above, is_top, strict=True)
            ],
            "moved_share": moved,
            "days": observed.within_days,
        }
    )
    return told[moved > 0]

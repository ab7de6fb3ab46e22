"""Tiers of products within a need: by price, by pack size, or by a level that is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.cuts import by_level, by_price, by_size
from models.up_sell.goods import Goods, Graded
from models.up_sell.settings import TiersWanted
from models.up_sell.sizes import Size, size_of

Reason = Literal[
    "few_products",
    "few_purchases",
    "no_price",
    "sold_by_weight",
    "no_size",
    "sizes_unlike",
    "no_level",
    "one_tier",
]
"""Why a need has no tiers, see `TOLD`."""

TOLD: Final[Mapping[Reason, str]] = {
    "few_products": "too few products for two tiers",
    "few_purchases": "too few purchases for two tiers",
    "no_price": "no product has a price above 0",
    "sold_by_weight": "sold by weight: the price of a piece tells its weight, not its tier",
    "no_size": "too few purchases of products whose pack sizes can be compared",
    "sizes_unlike": "larger packs do not cost more: the size tells something else, such as the "
    "content of one piece of a pack",
    "no_level": "no product has one of the levels that were named",
    "one_tier": "all in one tier: prices, sizes or levels do not differ enough",
}
"""Reasons in words."""

_COLUMNS: Final = ("product", "need", "price")


class ProductsUnclear(RegularsError):
    """The table of products lacks a column, or tells a product twice."""


@dataclass(frozen=True, eq=False)
class Tiers:
    """Which products are of which tier.

    Attributes
    ----------
    products
        A row per product of a need with tiers, by product: product; need; tier (0 is the lowest);
        price (minor units per unit); size (grams, millilitres, pieces; NaN where unknown). A
        product without a price or size that could be compared is none of them.
    levels
        A row per need and tier, by these: need; tier; name; products; purchases (NaN where they
        were not told); price_low, price (weighted median), price_high (minor units per unit; where
        tiers go by price and sizes are known, for a pack of the need's usual size); size (weighted
        median; NaN where unknown).
    refused
        A row per need without tiers, by need: need; reason (`Reason`); told (in words).
    by
        What the tiers go by, see `TiersWanted`.
    """

    products: pd.DataFrame
    levels: pd.DataFrame
    refused: pd.DataFrame
    by: Literal["price", "size", "level"]

    @cached_property
    def needs(self) -> pd.Index:
        """Needs with tiers, ascending."""
        found: pd.Index = pd.Index(self.levels["need"].unique())
        return found

    @cached_property
    def counts(self) -> IntArray:
        """Shape (needs,): tiers of each."""
        places = self.needs.get_indexer(pd.Index(self.levels["need"]))
        return np.bincount(places, minlength=len(self.needs)).astype(np.int64)

    def table(self, column: str) -> FloatArray:
        """Figures of the levels, shape (needs, most tiers of any); NaN where there is no tier."""
        places = self.needs.get_indexer(pd.Index(self.levels["need"]))
        found = np.full((len(self.needs), int(self.counts.max(initial=1))), np.nan)
        # Without any tier the table is empty, and its columns are of no type.
        tier = self.levels["tier"].to_numpy(dtype=np.int64)
        found[places, tier] = self.levels[column].to_numpy(dtype=np.float64)
        return found


def tiers_of(products: pd.DataFrame, wanted: TiersWanted) -> Tiers:
    """Tiers of every need, or why it has none.

    By price, products are cut at quantiles of their purchases (of products, where purchases are not
    told); equal prices stay together, in the tier that holds their middle. Where enough of a need
    has a size, the price is that of a pack of the usual size: what size explains of the logarithm
    of the price, by least squares, is taken off, so that a multi-pack is not a tier. Where a tier
    would be too small, or hardly dearer than the one below, fewer tiers are tried.

    By size, packs within a factor of each other are one tier, tiers with too little are dropped.

    Parameters
    ----------
    products
        A row per product: product, need (null: left out), price (minor units per unit; may be NaN
        unless tiers go by it); optionally size (number or text, see `models.up_sell.sizes`), level,
        purchases (numbers), is_weighed.
    wanted
        How tiers are cut.

    Raises
    ------
    ProductsUnclear
        When a column is missing, a product has several rows, or levels are not named.
    """
    _require(products, wanted)
    known = products[products["need"].notna()].copy()
    known["product"] = known["product"].astype(str).astype(object)
    known["need"] = known["need"].astype(str).astype(object)
    known = known.sort_values(["need", "product"], kind="stable")
    graded: list[Graded] = []
    refused: list[tuple[str, Reason, str]] = []
    starts = np.flatnonzero(known["need"].ne(known["need"].shift()).to_numpy(dtype=np.bool_))
    every = _goods(known)
    ends = [*starts[1:], len(known)][: len(starts)]  # of no need there is none
    for start, end in zip(starts, ends, strict=True):
        goods = every.part(slice(int(start), int(end)))
        found = _graded(goods, wanted)
        if isinstance(found, Graded):
            graded.append(found)
        else:
            refused.append((goods.need, found, TOLD[found]))
    return Tiers(
        _products(graded),
        _levels(graded, has_purchases="purchases" in products),
        pd.DataFrame(refused, columns=["need", "reason", "told"]),
        wanted.by,
    )


def _graded(goods: Goods, wanted: TiersWanted) -> Graded | Reason:
    """The tiers of a need, or why there are none."""
    if wanted.by == "price":
        return by_price(goods, wanted)
    return by_size(goods, wanted) if wanted.by == "size" else by_level(goods, wanted)


def _require(products: pd.DataFrame, wanted: TiersWanted) -> None:
    extra = {"price": (), "size": ("size",), "level": ("level",)}[wanted.by]
    missing = [name for name in (*_COLUMNS, *extra) if name not in products.columns]
    if missing:
        message = (
            f"tiers by {wanted.by} need products with the columns {[*_COLUMNS, *extra]}, but "
            f"{missing} are missing; rename or add them"
        )
        raise ProductsUnclear(message)
    twice = products["product"][products["product"].duplicated()]
    if len(twice):
        message = (
            f"tiers need one row per product, but {twice.nunique():,} products have several, such "
            f"as {twice.iloc[0]!r}; keep one of each"
        )
        raise ProductsUnclear(message)
    if wanted.by == "level" and len(set(wanted.levels)) < max(2, len(wanted.levels)):
        message = (
            f"tiers by level need two or more different levels, the lowest first, but levels are "
            f"{list(wanted.levels)}; name them, such as levels=('good', 'better', 'best')"
        )
        raise ProductsUnclear(message)


def _goods(known: pd.DataFrame) -> Goods:
    """All products as arrays, in order of the rows."""
    count = len(known)
    sizes: list[Size | None] = [None] * count
    if "size" in known:
        parsed = {value: size_of(value) for value in known["size"].dropna().unique()}
        sizes = [parsed.get(value) for value in known["size"]]
    has_purchases = "purchases" in known
    purchases = known["purchases"].to_numpy(dtype=np.float64) if has_purchases else np.ones(count)
    weighed: BoolArray = np.zeros(count, dtype=np.bool_)
    if "is_weighed" in known:
        weighed = known["is_weighed"].eq(other=True).to_numpy(dtype=np.bool_)
    levels = known["level"].astype(object).tolist() if "level" in known else [None] * count
    return Goods(
        known["need"].to_numpy(dtype=object),
        known["product"].to_numpy(dtype=object),
        known["price"].to_numpy(dtype=np.float64, na_value=np.nan),
        np.nan_to_num(purchases, nan=0.0),
        weighed,
        sizes,
        levels,
        has_purchases=has_purchases,
    )


def _products(graded: list[Graded]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "product": each.goods.product[each.tier >= 0],
                "need": each.goods.need,
                "tier": each.tier[each.tier >= 0],
                "price": each.goods.price[each.tier >= 0],
                "size": each.size[each.tier >= 0],
            }
        )
        for each in graded
    ]
    empty = {"product": "object", "need": "object", "tier": "int64"} | dict.fromkeys(
        ("price", "size"), "float64"
    )
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()})
    found = pd.concat(parts, ignore_index=True)
    return found.astype(empty).sort_values("product", kind="stable").reset_index(drop=True)


def _levels(graded: list[Graded], *, has_purchases: bool) -> pd.DataFrame:
    rows = [row for each in graded for row in each.levels()]
    columns = ["need", "tier", "name", "products", "purchases", "price_low", "price", "price_high"]
    found = pd.DataFrame(rows, columns=[*columns, "size"])
    if not has_purchases:
        found["purchases"] = np.nan
    return found

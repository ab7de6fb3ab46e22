"""The products of one need as arrays, and the tiers they were put into."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.sizes import Size

Names = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Goods:
    """Products, sorted by need and product.

    Attributes
    ----------
    needs, product
        Shape (products,): names.
    price
        Shape (products,): minor units per unit, or NaN.
    purchases
        Shape (products,): what each counts for; 1 where purchases are not told.
    is_weighed
        Shape (products,): sold by weight.
    sizes, levels
        Of each product; None where unknown.
    has_purchases
        Whether purchases are told.
    """

    needs: Names
    product: Names
    price: FloatArray
    purchases: FloatArray
    is_weighed: BoolArray
    sizes: list[Size | None]
    levels: list[Any]  # whatever the user's column holds
    has_purchases: bool

    @property
    def need(self) -> str:
        """The need, of products of one."""
        return str(self.needs[0])

    def part(self, rows: slice) -> "Goods":
        """Some rows."""
        return Goods(
            self.needs[rows],
            self.product[rows],
            self.price[rows],
            self.purchases[rows],
            self.is_weighed[rows],
            self.sizes[rows],
            self.levels[rows],
            has_purchases=self.has_purchases,
        )

    def without(self, is_out: BoolArray) -> BoolArray:
        """Rows that are not left out and cost something."""
        return ~is_out & np.isfinite(self.price) & (self.price > 0)


@dataclass(frozen=True, eq=False)
class Graded:
    """Products of a need with their tiers.

    Attributes
    ----------
    goods
        The products.
    tier
        Shape (products,): 0 is the lowest; -1: none.
    size
        Shape (products,): amounts that can be compared, or NaN.
    worth
        Shape (products,): the price that tiers are told by, minor units: of a unit, or of a pack of
        the usual size.
    names
        Of each tier, the lowest first.
    """

    goods: Goods
    tier: IntArray
    size: FloatArray
    worth: FloatArray
    names: tuple[str, ...]

    def levels(self) -> list[tuple[str, int, str, int, float, float, float, float, float]]:
        """A row per tier, see `models.up_sell.tiers.Tiers`."""
        rows = []
        for tier, name in enumerate(self.names):
            of = self.tier == tier
            price, weight = self.worth[of], self.goods.purchases[of]
            priced = np.isfinite(price)
            low, high = (
                (float(price[priced].min()), float(price[priced].max()))
                if priced.any()
                else (np.nan, np.nan)
            )
            middle, size = median(price, weight), median(self.size[of], weight)
            count, purchases = int(of.sum()), float(weight.sum())
            rows.append((self.goods.need, tier, name, count, purchases, low, middle, high, size))
        return rows


def median(values: FloatArray, weights: FloatArray) -> float:
    """The least value that half the weight does not exceed; NaN where there is none."""
    kept = np.isfinite(values) & (weights > 0)
    if not kept.any():
        return float("nan")
    order = np.argsort(values[kept], kind="stable")
    so_far = np.cumsum(weights[kept][order])
    return float(values[kept][order][np.searchsorted(so_far, so_far[-1] / 2)])

"""Items, stores and weeks as arrays: what was sold of each, and at which price."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from models.spec import BoolArray, FloatArray, IntArray

PriceColumn = Literal["price_paid", "list_price"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Rows of items, stores and weeks with a sale, sorted by these.

    Attributes
    ----------
    items
        Names, shape (i,), ascending.
    item, store, week
        Shape (n,): position of the item; a number of the store, 0 where all are together; week
        from 0 on.
    log_units, log_price
        Shape (n,): natural logarithms of the units and of the price of one.
    promoted
        Shape (n,), 0..1: share of the units that were promoted.
    unpriced
        Rows that were left out because their price was 0 or below: it has no logarithm.
    """

    items: tuple[str, ...]
    item: IntArray
    store: IntArray
    week: IntArray
    log_units: FloatArray
    log_price: FloatArray
    promoted: FloatArray
    unpriced: int = 0

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.item)

    @cached_property
    def begins(self) -> IntArray:
        """Shape (i + 1,): the first row of each item, and the number of rows."""
        return np.searchsorted(self.item, np.arange(len(self.items) + 1)).astype(np.int64)

    def rows_of(self, item: int) -> slice:
        """Rows of an item."""
        return slice(int(self.begins[item]), int(self.begins[item + 1]))

    def where(self, mask: BoolArray) -> "Panel":
        """The rows of the mask; the items stay, also those that have no row any more."""
        return Panel(
            self.items,
            self.item[mask],
            self.store[mask],
            self.week[mask],
            self.log_units[mask],
            self.log_price[mask],
            self.promoted[mask],
            self.unpriced,
        )


def panel_of(rows: pd.DataFrame, price: PriceColumn = "price_paid") -> Panel:
    """Arrays of a table with a row per item, store (where it has one) and week with a sale.

    Parameters
    ----------
    rows
        Columns item, week (from 0 on), units (above 0), the price, promoted_share (0..1), and
        store where there are several; a missing store is one of its own.
    price
        Which column is the price of a unit.
    """
    is_priced = rows[price].to_numpy(dtype=np.float64) > 0
    kept = rows[is_priced]
    items, item = np.unique(kept["item"].to_numpy(dtype=object).astype(str), return_inverse=True)
    store = np.zeros(len(kept), dtype=np.int64)
    if "store" in kept:
        store = pd.factorize(kept["store"], sort=True, use_na_sentinel=False)[0].astype(np.int64)
    week = kept["week"].to_numpy(dtype=np.int64)
    order = np.lexsort((week, store, item))
    units, cost = (kept[name].to_numpy(dtype=np.float64) for name in ("units", price))
    return Panel(
        tuple(items.tolist()),
        item.astype(np.int64)[order],
        store[order],
        week[order],
        np.log(units)[order],
        np.log(cost)[order],
        kept["promoted_share"].to_numpy(dtype=np.float64)[order],
        int((~is_priced).sum()),
    )

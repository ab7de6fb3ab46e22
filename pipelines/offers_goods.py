"""What is on offer and who bought what of it when: journeys as histories of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from features.errors import RegularsError
from features.journeys import Journeys
from models.next_basket.histories import Codes, Histories, WholeArray, histories_of

IN: Final = "in_"
"""Before the name of a level in the column that says what an item belongs to."""

LATE_DAYS: Final = 56
"""Newest days before an as_of whose baskets tell what is popular."""


_KEPT: Final = ["customer", "day", "item", "quantity", "amount", "discount"]


class NothingOnOffer(RegularsError):
    """No item was bought often enough to be offered."""


@dataclass(frozen=True, eq=False)
class Goods:
    """Items on offer, and every purchase of them.

    Attributes
    ----------
    items
        One row per item, by position: columns of `features.journeys.Journeys.items`.
    histories
        Of every customer, over these items.
    purchases
        The purchases themselves, by customer and day: customer (position in
        ``histories.customers``), day (since 1970-01-01), item (position), quantity, amount and
        discount (minor units).
    """

    items: pd.DataFrame
    histories: Histories
    purchases: pd.DataFrame

    @cached_property
    def groups(self) -> Mapping[str, WholeArray]:
        """By each level above the item: the group of each item, numbered from 0."""
        return {
            name.removeprefix(IN): pd.factorize(self.items[name].fillna(""), sort=True)[0].astype(
                np.int64
            )
            for name in self.items.columns
            if name.startswith(IN)
        }

    def named(self) -> pa.Table:
        """Labels, titles and names of the items."""
        return pa.Table.from_pandas(self.items[["label", "title", "name"]], preserve_index=False)

    def before(self, day: int) -> "Goods":
        """The same items, and what was bought of them before a day."""
        bought = self.purchases[self.purchases["day"] < day]
        return replace(self, histories=self.histories.before(day), purchases=bought)

    def units(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Units per purchase: of each customer and item that was bought, and of each item."""
        shape = (len(self.histories.customers), len(self.items))
        cells = (self.purchases["customer"].to_numpy(), self.purchases["item"].to_numpy())
        quantity = self.purchases["quantity"].to_numpy(dtype=np.float64)
        total = sparse.csr_array((quantity, cells), shape=shape)
        times = sparse.csr_array((np.ones(len(quantity)), cells), shape=shape)
        total.sum_duplicates()
        times.sum_duplicates()
        total.data /= times.data
        whole = np.bincount(cells[1], quantity, minlength=shape[1])
        return total, whole / np.maximum(1, np.bincount(cells[1], minlength=shape[1]))


def goods_of(found: Journeys, seen_least: int, later: pa.Table | None = None) -> Goods:
    """Items bought on enough days of customers, with their purchases.

    Parameters
    ----------
    found
        All that is known of, before a day.
    seen_least
        Days and customers that an item needs.
    later
        Purchases of the days behind, see `features.journeys.Journeys.named`; those of items that
        are not on offer are left out.

    Raises
    ------
    NothingOnOffer
        When no item has so many.
    """
    items = found.items.to_pandas()
    bought = found.purchases.select(_KEPT).to_pandas()
    seen = np.bincount(bought["item"], minlength=len(items))
    rows = np.flatnonzero(seen >= seen_least)
    if not len(rows):
        message = (
            f"an offer needs an item that was bought {seen_least:,} times (days and customers), "
            f"but the most of any is {int(seen.max(initial=0)):,}; lower offers.seen_least, or "
            "offer a wider level (offers.item)"
        )
        raise NothingOnOffer(message)
    place = np.full(len(items), -1)
    place[rows] = np.arange(len(rows))
    kept = items.take(rows).reset_index(drop=True)
    bought = bought.assign(item=place[bought["item"]])
    if later is not None:
        number = pd.Series(np.arange(len(kept)), index=kept["label"])
        more = later.to_pandas()
        more = more.assign(item=more["item"].map(number).fillna(-1).astype(np.int64))
        bought = pd.concat([bought, more[bought.columns]], ignore_index=True)
    return _numbered(kept, bought[bought["item"] >= 0].reset_index(drop=True))


def _numbered(items: pd.DataFrame, bought: pd.DataFrame) -> Goods:
    days = pd.to_datetime(bought["day"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    bought = bought.assign(day=days)
    histories = histories_of(bought, "customer", "day", "item")
    place = histories.customers.get_indexer(pd.Index(bought["customer"]))
    bought = bought.assign(customer=place).sort_values(["customer", "day"], ignore_index=True)
    return Goods(items, _over(histories, len(items)), bought)


def _over(histories: Histories, items: int) -> Histories:
    """The same histories over all items, whether they were bought or not."""
    codes: Codes = np.asarray(histories.items, dtype=np.int64)[histories.codes].astype(np.int32)
    return replace(histories, items=pd.RangeIndex(items), codes=codes)


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))

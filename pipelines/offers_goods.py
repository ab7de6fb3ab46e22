"""What is on offer and who bought what of it when: journeys as histories of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from features.errors import RegularsError
from features.journeys import Journeys
from models.next_basket.histories import Codes, Histories, WholeArray, histories_of

IN: Final = "in_"
"""Before the name of a level in the column that says what an item belongs to."""

LATE_DAYS: Final = 56
"""Newest days before an as_of whose baskets tell what is popular."""

_FIGURES: Final = ("quantity", "amount", "discount")


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

    def earlier(self, items: pd.DataFrame, day: int, until: int, seen_least: int) -> "Goods":
        """What was on offer on an earlier day, as it was known then.

        Parameters
        ----------
        items
            Known on that day, see `features.journeys.build_items`.
        day, until
            The day, and the one up to which purchases are told (since 1970-01-01).
        seen_least
            Days and customers that an item needed by then.

        Raises
        ------
        NothingOnOffer
            When no item had so many.
        """
        place = pd.Index(items["label"]).get_indexer(pd.Index(self.items["label"]))
        bought = self.purchases[self.purchases["day"] < until]
        bought = bought.assign(item=place[bought["item"]])
        bought = bought[bought["item"] >= 0]
        return _on_offer(items, (self.histories.customers, bought), day, seen_least)

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


def goods_of(found: Journeys, seen_least: int) -> Goods:
    """Items bought on enough days of customers, with their purchases.

    Parameters
    ----------
    found
        All that is known of, before the end of its window; and purchases from then on, if there
        are any.
    seen_least
        Days and customers that an item needs, before that.

    Raises
    ------
    NothingOnOffer
        When no item has so many.
    """
    coded = coded_of(found, _FIGURES)
    return _on_offer(found.items.to_pandas(), coded, number_of(found.window.end), seen_least)


def coded_of(found: Journeys, figures: Sequence[str]) -> tuple[pd.Index, pd.DataFrame]:
    """Names of the customers, ascending, and purchases with numbers in the place of names.

    Parameters
    ----------
    found
        Journeys.
    figures
        Columns that are kept beside customer (position), day (since 1970-01-01) and item.
    """
    bought = found.purchases
    coded = pc.dictionary_encode(bought["customer"]).unify_dictionaries().combine_chunks()
    names = pd.Index(coded.dictionary.to_pandas())
    order = names.argsort()
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    table = {
        "customer": rank[coded.indices.to_numpy()],
        "day": bought["day"].cast(pa.int32()).to_numpy().astype(np.int64),
        "item": bought["item"].to_numpy().astype(np.int64),
        **{name: bought[name].to_numpy() for name in figures},
    }
    return names[order], pd.DataFrame(table)


def _on_offer(
    items: pd.DataFrame, coded: tuple[pd.Index, pd.DataFrame], day: int, seen_least: int
) -> Goods:
    """Items that were bought often enough before a day, and all purchases of them."""
    names, bought = coded
    before = bought["item"].to_numpy()[bought["day"].to_numpy() < day]
    seen = np.bincount(before, minlength=len(items))
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
    bought = bought.assign(item=place[bought["item"]])
    kept = items.take(rows).reset_index(drop=True)
    return _numbered(kept, names, bought[bought["item"] >= 0])


def _numbered(items: pd.DataFrame, names: pd.Index, bought: pd.DataFrame) -> Goods:
    """Goods of the customers that bought any of the items."""
    is_there = np.bincount(bought["customer"], minlength=len(names)) > 0
    place = np.cumsum(is_there) - 1
    bought = bought.assign(customer=place[bought["customer"]])
    bought = bought.sort_values(["customer", "day"], ignore_index=True)
    histories = histories_of(bought, "customer", "day", "item")
    return Goods(items, replace(_over(histories, len(items)), customers=names[is_there]), bought)


def _over(histories: Histories, items: int) -> Histories:
    """The same histories over all items, whether they were bought or not."""
    codes: Codes = np.asarray(histories.items, dtype=np.int64)[histories.codes].astype(np.int32)
    return replace(histories, items=pd.RangeIndex(items), codes=codes)


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))

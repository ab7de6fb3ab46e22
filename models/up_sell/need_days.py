"""What each customer bought of each need on each day, and of which tier it was."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from models.spec import FloatArray, IntArray
from models.up_sell.tiers import Tiers
from models.up_sell.unit_prices import sold

_LINES_AT_ONCE: Final = 1_000_000
"""Lines whose sums are made at a time, so that memory stays bounded; it changes no result."""


@dataclass(frozen=True, eq=False)
class NeedDays:
    """Days on which a customer bought something of a need, sorted by customer, need and day.

    Attributes
    ----------
    customers, needs
        Names by code, ascending.
    customer, need, day
        Shape (days,): codes, and days since 1970-01-01.
    tier
        Shape (days,): the tier with the most units on that day; of equals the highest.
    top
        Shape (days,): the highest tier of that day.
    units, amount, margin
        Shape (days,): of the whole day; amount and margin in minor units, margin NaN where that of
        any line is unknown.
    parts
        A row per customer, need, day and tier: their codes; units; amount; margin; content (units
        times size, NaN where that of any line is unknown).
    """

    customers: pd.Index
    needs: pd.Index
    customer: IntArray
    need: IntArray
    day: IntArray
    tier: IntArray
    top: IntArray
    units: FloatArray
    amount: FloatArray
    margin: FloatArray
    parts: pd.DataFrame

    @cached_property
    def starts(self) -> IntArray:
        """Shape (pairs + 1,): where each customer and need begins."""
        if not len(self.day):
            return np.zeros(1, dtype=np.int64)
        is_head = np.ones(len(self.day), dtype=np.bool_)
        is_head[1:] = (np.diff(self.customer) != 0) | (np.diff(self.need) != 0)
        return np.append(np.flatnonzero(is_head), len(self.day)).astype(np.int64)

    @cached_property
    def pair(self) -> IntArray:
        """Shape (days,): number of the customer and need."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts)).astype(np.int64)


def need_days(purchases: pd.DataFrame, tiers: Tiers, as_of: int) -> NeedDays:
    """Days of customers and needs before a day; products without a tier are left out.

    Parameters
    ----------
    purchases
        See `models.up_sell.unit_prices.unit_prices`; ``margin`` (minor units) may be there.
    tiers
        Of the products.
    as_of
        Nothing from this day on is seen.

    Raises
    ------
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    kept = sold(purchases, as_of)
    place = pd.Index(tiers.products["product"]).get_indexer(_names(kept["product"]))
    kept = kept[place >= 0].assign(place=place[place >= 0]).drop(columns="product")
    customer, customers = pd.factorize(kept["customer"], sort=True)
    kept["customer"] = customer.astype(np.int64)
    if not kept["customer"].is_monotonic_increasing:
        kept = kept.sort_values("customer", kind="stable")
    parts, days = [], []
    for rows in _blocks(kept["customer"].to_numpy()):
        parts.append(_by_tier(_lines(kept.iloc[rows], tiers)))
        days.append(_by_day(parts[-1]))
    del kept
    found = _together(days)
    return NeedDays(pd.Index(customers), tiers.needs, **found, parts=pd.DataFrame(_together(parts)))


def _blocks(customer: IntArray) -> list[slice]:
    """Rows of some customers after others: sums of a customer need no rows of another one."""
    newest = customer[_LINES_AT_ONCE - 1 :: _LINES_AT_ONCE]
    ends = np.unique(np.append(np.searchsorted(customer, newest, side="right"), len(customer)))
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _lines(kept: pd.DataFrame, tiers: Tiers) -> pd.DataFrame:
    """Lines with need and tier in the place of the product."""
    place = kept["place"].to_numpy(dtype=np.int64)
    of_product = tiers.needs.get_indexer(pd.Index(tiers.products["need"]))
    units = kept["quantity"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "customer": kept["customer"].to_numpy(dtype=np.int64),
            "need": of_product[place].astype(np.int64),
            "day": kept["day"].to_numpy(dtype=np.int64),
            "tier": tiers.products["tier"].to_numpy(dtype=np.int64)[place],
            "units": units,
            "amount": kept["amount"].to_numpy(dtype=np.float64),
            "margin": kept["margin"].to_numpy(dtype=np.float64),
            "content": units * tiers.products["size"].to_numpy(dtype=np.float64)[place],
        }
    )


def _together(blocks: list[pd.DataFrame]) -> dict[str, Any]:
    """Columns of all blocks, one after the other, so that no more than one is there twice."""
    names = blocks[0].columns
    return {name: np.concatenate([each.pop(name).to_numpy() for each in blocks]) for name in names}


def _names(products: pd.Series) -> pd.Index:
    """Names as text, of each product once."""
    codes, distinct = pd.factorize(products)
    found: pd.Index = pd.Index(distinct).astype(str).astype(object).take(codes)
    return found


def _by_tier(lines: pd.DataFrame) -> pd.DataFrame:
    """Sums by customer, need, day and tier; the order of lines changes no last digit."""
    keys = ["customer", "need", "day", "tier"]
    figures = ["units", "amount", "margin", "content"]
    ordered = lines.sort_values([*keys, *figures], kind="stable")
    by_key = ordered.groupby(keys, sort=True)
    found = by_key[["units", "amount"]].sum()
    for name in ("margin", "content"):  # the sum of what is not known is not known
        found[name] = by_key[name].sum(skipna=False)
    return found.reset_index()


def _by_day(parts: pd.DataFrame) -> pd.DataFrame:
    """Columns of `NeedDays` of these parts, a row per customer, need and day."""
    keys = ["customer", "need", "day"]
    by_day = parts.groupby(keys, sort=True)
    sums = by_day[["units", "amount"]].sum()
    sums["margin"] = by_day["margin"].sum(skipna=False)
    highest = by_day["tier"].max()
    most = parts.sort_values([*keys, "units", "tier"], kind="stable").groupby(keys, sort=True)
    found = sums.index.to_frame(index=False)
    found["tier"] = most["tier"].last().to_numpy(dtype=np.int64)
    found["top"] = highest.to_numpy(dtype=np.int64)
    for name in ("units", "amount", "margin"):
        found[name] = sums[name].to_numpy(dtype=np.float64)
    return found.astype(dict.fromkeys((*keys, "tier", "top"), np.int64))

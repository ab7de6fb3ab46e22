"""Own cycles: how often a customer buys an item, and how long ago the last time was."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled
from features.errors import RegularsError
from models.offers.shelf import FloatArray, WholeArray

DAYS_LEAST: Final = 3
"""Days on which an item was bought from which on its mean gap counts as a cycle."""


class PurchasesUnclear(RegularsError):
    """Purchases that are not in order, or name what there is not."""


@dataclass(frozen=True, eq=False)
class Cycles:
    """What customers bought before a day, one row per customer and item, sorted by both.

    Attributes
    ----------
    starts
        Shape (customers + 1,): where the rows of each customer begin.
    items
        Shape (rows,): positions.
    bought_days
        Shape (rows,): days on which the customer bought the item, 1 or more.
    days_since
        Shape (rows,): days from the last of them, 1 or more.
    own_days
        Shape (rows,): mean gap between them in days; NaN where there are fewer than `DAYS_LEAST`.
    typical_days
        Shape (items,): median over customers of ``own_days``; NaN where nobody has one.
    """

    starts: WholeArray
    items: WholeArray
    bought_days: WholeArray
    days_since: WholeArray
    own_days: FloatArray
    typical_days: FloatArray

    def of(self, customers: WholeArray, items: WholeArray) -> pd.DataFrame:
        """What candidates need to know of customers and items.

        Parameters
        ----------
        customers, items
            Shape (pairs,): positions.

        Returns
        -------
        pandas.DataFrame
            One row per pair in their order: bought_days (0: never), days_since (NaN: never),
            cycle_days (own, or else the item's typical one; NaN: unknown, or never bought) and
            is_own_cycle.

        Raises
        ------
        PurchasesUnclear
            When they differ in length, or name a position there is not.
        """
        if len(customers) != len(items):
            message = (
                f"cycles need a customer and an item each, but there are {len(customers):,} and "
                f"{len(items):,}; give arrays of one length"
            )
            raise PurchasesUnclear(message)
        who = _asked("customer", customers, len(self.starts) - 1)
        at = _places(self.starts, self.items, who, _asked("item", items, len(self.typical_days)))
        is_known = at >= 0
        rows = at[is_known]
        bought = np.zeros(len(at), dtype=np.int64)
        bought[is_known] = self.bought_days[rows]
        since, cycle = np.full(len(at), np.nan), np.full(len(at), np.nan)
        since[is_known] = self.days_since[rows]
        own, typical = self.own_days[rows], self.typical_days[self.items[rows]]
        cycle[is_known] = np.where(np.isnan(own), typical, own)
        return pd.DataFrame(
            {
                "bought_days": bought,
                "days_since": since,
                "cycle_days": cycle,
                "is_own_cycle": bought >= DAYS_LEAST,
            }
        )


def cycles_of(
    purchases: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    as_of: int,
    customers: int,
    items: int,
) -> Cycles:
    """Own and typical cycles, as they were known before a day.

    The own cycle is the mean gap between days on which the customer bought the item, that is the
    time from the first to the last over one less than their number. Of an item that comes round
    slowly only the hasty buyers have been seen three times, so that a typical cycle is rather too
    short; the longer the history, the less.

    Parameters
    ----------
    purchases
        Customers (positions), days (whole, of any origin) and items (positions), each of shape
        (purchases,), in order of customer and day. Several of a day count once.
    as_of
        First day that is not known: purchases from then on are not looked at.
    customers, items
        Number of each.

    Raises
    ------
    PurchasesUnclear
        When the arrays differ in length, are out of order, or name a position there is not.
    """
    who, days, what = (np.ascontiguousarray(each, dtype=np.int64) for each in purchases)
    _require_order(who, days, what)
    for name, values, count in (("customer", who, customers), ("item", what, items)):
        if len(values) and (values.min() < 0 or values.max() >= count):
            message = (
                f"positions of {name}s are 0 to {count - 1:,}, but purchases hold "
                f"{values.min():,} to {values.max():,}; give positions in the table of {name}s"
            )
            raise PurchasesUnclear(message)
    is_seen = days < as_of
    who, days, what = who[is_seen], days[is_seen], what[is_seen]
    begins = np.searchsorted(who, np.arange(customers + 1)).astype(np.int64)
    starts, bought, counts, first, last = _pairs(begins, days, what, items)
    gaps = np.maximum(counts - 1, 1)
    own = np.where(counts >= DAYS_LEAST, (last - first) / gaps, np.nan)
    return Cycles(starts, bought, counts, as_of - last, own, _medians(bought, own, items))


def _asked(name: str, positions: npt.ArrayLike, count: int) -> WholeArray:
    """Positions that there are: a compiled loop would read beside its arrays."""
    values = np.asarray(positions)
    is_wrong = ~((values >= 0) & (values < count))
    if is_wrong.any():
        message = (
            f"positions of {name}s are 0 to {count - 1:,}, but cycles are asked of "
            f"{values[int(np.argmax(is_wrong))]}; give positions in the table of {name}s"
        )
        raise PurchasesUnclear(message)
    return np.ascontiguousarray(values, dtype=np.int64)


def _require_order(who: WholeArray, days: WholeArray, what: WholeArray) -> None:
    if not len(who) == len(days) == len(what):
        message = (
            "purchases need a customer, a day and an item each, but there are "
            f"{len(who):,}, {len(days):,} and {len(what):,}; give arrays of one length"
        )
        raise PurchasesUnclear(message)
    is_late = (who[1:] < who[:-1]) | ((who[1:] == who[:-1]) & (days[1:] < days[:-1]))
    if is_late.any():
        message = (
            "purchases need to be in order of customer and day, but row "
            f"{int(np.argmax(is_late)) + 1:,} comes before the row above it; sort them"
        )
        raise PurchasesUnclear(message)


def _medians(bought: WholeArray, own: FloatArray, items: int) -> FloatArray:
    """Median of each item's own cycles, shape (items,)."""
    is_known = ~np.isnan(own)
    what, days = bought[is_known], own[is_known]
    order = np.lexsort([days, what])
    what, days = what[order], days[order]
    begins = np.searchsorted(what, np.arange(items + 1))
    counts = np.diff(begins)
    found = np.full(items, np.nan)
    some = np.flatnonzero(counts)
    low = begins[:-1][some] + (counts[some] - 1) // 2
    high = begins[:-1][some] + counts[some] // 2
    found[some] = (days[low] + days[high]) / 2
    return found


@compiled
def _pairs(
    begins: WholeArray, days: WholeArray, what: WholeArray, items: int
) -> tuple[WholeArray, WholeArray, WholeArray, WholeArray, WholeArray]:
    """Where each customer begins; then item, days, first and last day of each pair."""
    starts = np.zeros(begins.size, np.int64)
    bought = np.empty(what.size, np.int64)
    counts = np.zeros(what.size, np.int64)
    first = np.empty(what.size, np.int64)
    last = np.empty(what.size, np.int64)
    place = np.full(items, -1, np.int64)
    end = 0
    for customer in range(begins.size - 1):
        begin = end
        for row in range(begins[customer], begins[customer + 1]):
            if place[what[row]] < 0:
                place[what[row]] = 0
                bought[end] = what[row]
                end += 1
        bought[begin:end] = np.sort(bought[begin:end])
        for at in range(begin, end):
            place[bought[at]] = at
        for row in range(begins[customer], begins[customer + 1]):
            at = place[what[row]]
            if counts[at] == 0:
                first[at] = days[row]
            if counts[at] == 0 or last[at] != days[row]:
                counts[at] += 1
                last[at] = days[row]
        for at in range(begin, end):
            place[bought[at]] = -1
        starts[customer + 1] = end
    return starts, bought[:end], counts[:end], first[:end], last[:end]


@compiled
def _places(
    starts: WholeArray, bought: WholeArray, customers: WholeArray, items: WholeArray
) -> WholeArray:
    """Row of each customer and item, -1 where it was never bought; shape (pairs,)."""
    found = np.full(customers.size, -1, np.int64)
    for pair in range(customers.size):
        low, high = starts[customers[pair]], starts[customers[pair] + 1]
        end = high
        while low < high:
            middle = (low + high) // 2
            if bought[middle] < items[pair]:
                low = middle + 1
            else:
                high = middle
        if low < end and bought[low] == items[pair]:
            found[pair] = low
    return found

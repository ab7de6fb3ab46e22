"""What is known of a customer and a need on a day: the figures of up-sell."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.need_days import NeedDays
from models.up_sell.tiers import Tiers

_OWN: Final = (
    *("days_in_need", "days_in_need_56d", "days_since_last", "days_since_first", "gap_days_mean"),
    *("overdue", "units_per_day", "amount_in_need", "usual_share", "share_above", "days_above"),
    *("days_above_56d", "days_above_faded", "days_since_above", "last_step", "top_step"),
)
_CUSTOMER: Final = (
    *("customer_days", "customer_days_56d", "customer_days_since_last", "customer_amount"),
    *("customer_needs", "other_level_mean", "other_above_share"),
)
_NEED: Final = (
    *("tier", "tiers", "price_ratio", "price_ratio_28d", "price_usual", "price_position"),
    *("need_top_share", "need_above_share", "need_above_share_28d", "need_customers"),
)
COLUMNS: Final = (*_OWN, *_CUSTOMER, *_NEED)
"""Names of the figures, see docs/up_sell.md; shares are of purchase days, 0..1, money is in minor
units, and NaN means that there is none to tell of."""

_RECENT: Final = 56
_NOW: Final = 28


@dataclass(frozen=True, eq=False)
class Picked:
    """Pairs of customers and needs that are looked at.

    Attributes
    ----------
    days
        All days before ``as_of``.
    usual
        Shape (all pairs,): the usual tier of each.
    rows
        Shape (pairs,): which of all pairs are looked at.
    as_of
        The day.
    """

    days: NeedDays
    usual: IntArray
    rows: IntArray
    as_of: int

    @cached_property
    def is_above(self) -> BoolArray:
        """Shape (days,): something above the usual tier was bought."""
        found: BoolArray = self.days.top > self.usual[self.days.pair]
        return found

    @cached_property
    def age(self) -> FloatArray:
        """Shape (days,): days before ``as_of``."""
        return (self.as_of - self.days.day).astype(np.float64)

    def sums(self, values: FloatArray | BoolArray) -> FloatArray:
        """Sums over the days of all pairs, shape (all pairs,)."""
        found: FloatArray = np.bincount(
            self.days.pair, values, minlength=len(self.days.starts) - 1
        ).astype(np.float64)
        return found

    @property
    def days_since_above(self) -> FloatArray:
        """Shape (pairs,): days since something above the usual tier was bought; NaN: never."""
        newest = np.full(len(self.days.starts) - 1, np.inf)
        np.minimum.at(newest, self.days.pair[self.is_above], self.age[self.is_above])
        found: FloatArray = newest[self.rows]
        return np.where(np.isinf(found), np.nan, found)


def figures(picked: Picked, tiers: Tiers) -> FloatArray:
    """Figures of the pairs, shape (pairs, len(COLUMNS)); nothing from ``as_of`` on is in them."""
    if not len(picked.rows):
        return np.empty((0, len(COLUMNS)))
    columns = _own(picked) | _of_customer(picked, tiers) | _of_need(picked, tiers)
    return np.column_stack([columns[name] for name in COLUMNS])


def _own(picked: Picked) -> dict[str, FloatArray]:
    """What the customer did in the need."""
    days, rows, age = picked.days, picked.rows, picked.age
    count = np.diff(days.starts)[rows].astype(np.float64)
    heads, lasts = days.starts[:-1][rows], days.starts[1:][rows] - 1
    since_last, since_first = age[lasts], age[heads]
    usual = picked.usual[rows]
    gap = _ratio(since_first - since_last, count - 1)
    is_usual = days.tier == picked.usual[days.pair]
    highest = np.maximum.reduceat(days.top, days.starts[:-1])[rows]
    recent = age <= _RECENT
    return {
        "days_in_need": count,
        "days_in_need_56d": picked.sums(recent)[rows],
        "days_since_last": since_last,
        "days_since_first": since_first,
        "gap_days_mean": gap,
        "overdue": _ratio(since_last, gap),
        "units_per_day": picked.sums(days.units)[rows] / count,
        "amount_in_need": picked.sums(days.amount)[rows],
        "usual_share": picked.sums(is_usual)[rows] / count,
        "share_above": picked.sums(picked.is_above)[rows] / count,
        "days_above": picked.sums(picked.is_above)[rows],
        "days_above_56d": picked.sums(picked.is_above & recent)[rows],
        "days_above_faded": picked.sums(picked.is_above * 0.5 ** (age / _RECENT))[rows],
        "days_since_above": picked.days_since_above,
        "last_step": (days.tier[lasts] - usual).astype(np.float64),
        "top_step": (highest - usual).astype(np.float64),
    }


def _of_customer(picked: Picked, tiers: Tiers) -> dict[str, FloatArray]:
    """What the customer did in all needs with tiers, and how high in the others."""
    days, rows = picked.days, picked.rows
    pair_customer = days.customer[days.starts[:-1]]
    every = len(days.customers)
    codes = days.customer * (int(days.day.max()) + 1) + days.day
    _, first = np.unique(codes, return_index=True)
    owner, age = days.customer[first], picked.age[first]
    newest = np.full(every, np.inf)
    np.minimum.at(newest, owner, age)
    level = days.tier / np.maximum(tiers.counts[days.need] - 1, 1)
    of = pair_customer[rows]
    other_days = np.bincount(days.customer, minlength=every)[of] - np.diff(days.starts)[rows]
    other_level, other_above = (
        np.bincount(days.customer, values, minlength=every)[of] - picked.sums(values)[rows]
        for values in (level, picked.is_above)
    )
    return {
        "customer_days": np.bincount(owner, minlength=every)[of].astype(np.float64),
        "customer_days_56d": np.bincount(owner, age <= _RECENT, minlength=every)[of],
        "customer_days_since_last": newest[of],
        "customer_amount": np.bincount(days.customer, days.amount, minlength=every)[of],
        "customer_needs": np.bincount(pair_customer, minlength=every)[of].astype(np.float64),
        "other_level_mean": _ratio(other_level, other_days),
        "other_above_share": _ratio(other_above, other_days),
    }


def _of_need(picked: Picked, tiers: Tiers) -> dict[str, FloatArray]:
    """What everybody does in the need, and what the tiers cost; of all customers before as_of."""
    days, rows = picked.days, picked.rows
    need, usual = days.need[days.starts[:-1]][rows], picked.usual[rows]
    prices = tiers.table("price")
    parts = days.parts
    paid_now = _paid(parts[parts["day"] >= picked.as_of - _NOW], prices.shape)
    own = parts["amount"].to_numpy() / prices[parts["need"].to_numpy(), parts["tier"].to_numpy()]
    place = _pair_of(parts)
    pairs = len(days.starts) - 1
    own_sum = np.bincount(place, own, minlength=pairs)[rows]
    own_units = np.bincount(place, parts["units"].to_numpy(), minlength=pairs)[rows]
    # Days at each tier or higher, by need: the days of the pair itself are among them.
    above, whole = _reached(days, prices.shape, days.day >= 0)
    above_now, whole_now = _reached(days, prices.shape, picked.age <= _NOW)
    top = tiers.counts[need] - 1
    return {
        "tier": usual.astype(np.float64),
        "tiers": tiers.counts[need].astype(np.float64),
        "price_ratio": prices[need, usual + 1] / prices[need, usual],
        "price_ratio_28d": _ratio(paid_now[need, usual + 1], paid_now[need, usual]),
        "price_usual": prices[need, usual],
        "price_position": _ratio(own_sum, own_units),
        "need_top_share": above[need, top] / whole[need],
        "need_above_share": above[need, usual + 1] / whole[need],
        "need_above_share_28d": _ratio(above_now[need, usual + 1], whole_now[need]),
        "need_customers": np.bincount(days.need[days.starts[:-1]], minlength=len(tiers.needs))[
            need
        ].astype(np.float64),
    }


def _pair_of(parts: pd.DataFrame) -> IntArray:
    """Number of the pair of each part; parts are sorted like days."""
    customer, need = parts["customer"].to_numpy(), parts["need"].to_numpy()
    is_head = np.ones(len(parts), dtype=np.bool_)
    is_head[1:] = (np.diff(customer) != 0) | (np.diff(need) != 0)
    found: IntArray = np.cumsum(is_head) - 1
    return found


def _paid(parts: pd.DataFrame, shape: tuple[int, int]) -> FloatArray:
    """What was paid for a unit, by need and tier, minor units; NaN where nothing was sold."""
    place = parts["need"].to_numpy() * shape[1] + parts["tier"].to_numpy()
    cells = shape[0] * shape[1]
    amount = np.bincount(place, parts["amount"].to_numpy(), minlength=cells)
    units = np.bincount(place, parts["units"].to_numpy(), minlength=cells)
    return _ratio(amount, units).reshape(shape)


def _reached(
    days: NeedDays, shape: tuple[int, int], taken: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Days with something of a tier or higher, by need and tier, and all days of the need."""
    place = days.need[taken] * shape[1] + days.top[taken]
    counts = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    reached: FloatArray = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1].astype(np.float64)
    return reached, counts.sum(axis=1).astype(np.float64)


def _ratio(above: FloatArray | IntArray, below: FloatArray | IntArray) -> FloatArray:
    """Quotient, NaN where there is nothing to divide by."""
    found: FloatArray = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found

"""Customers and needs whose usual tier has one above, with what is known of them on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import RegularsError
from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.figures import COLUMNS, Picked, figures
from models.up_sell.need_days import NeedDays, need_days
from models.up_sell.settings import PairsWanted
from models.up_sell.tiers import Tiers

HABITS: Final = ("never above", "above long ago", "above lately")
"""What a customer's own past says of the tiers above the usual one, by code."""

_LATELY: Final = 2
_ROUNDING: Final = 12


class LabelsNotObserved(RegularsError):
    """What came after a day is asked for, but the records end before the horizon does."""


@dataclass(frozen=True, eq=False)
class UpPairs:
    """Customers and needs on one day.

    Attributes
    ----------
    keys
        A row per customer and need, by these: customer; need; tier (the usual one); to_tier (the
        next one up).
    columns
        Names of the figures.
    figures
        Shape (pairs, columns); NaN where unknown.
    habit
        Shape (pairs,): code of `HABITS`.
    bought
        Shape (pairs,): whether something above the usual tier was bought within the horizon; None
        where none was asked for.
    as_of
        Day since 1970-01-01; nothing from it on is in the figures.
    horizon
        Days from ``as_of`` on that ``bought`` looks at.
    """

    keys: pd.DataFrame
    columns: tuple[str, ...]
    figures: FloatArray
    habit: npt.NDArray[np.int64]
    bought: BoolArray | None
    as_of: int
    horizon: int | None

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.keys)

    @property
    def is_new(self) -> BoolArray:
        """Shape (pairs,): a purchase above would be new, as there was none lately, or ever."""
        found: BoolArray = self.habit < _LATELY
        return found

    def where(self, mask: BoolArray) -> "UpPairs":
        """The pairs of a mask, shape (pairs,)."""
        return UpPairs(
            self.keys[mask].reset_index(drop=True),
            self.columns,
            self.figures[mask],
            self.habit[mask],
            None if self.bought is None else self.bought[mask],
            self.as_of,
            self.horizon,
        )


def snapshot(
    purchases: pd.DataFrame,
    tiers: Tiers,
    as_of: int,
    horizon: int | None = None,
    *,
    wanted: PairsWanted | None = None,
    customers: Collection[object] | None = None,
    known_until: int | None = None,
    days: NeedDays | None = None,
) -> UpPairs:
    """All pairs of customers and needs on a day, with what became of them where a horizon is given.

    The usual tier is the one with the greatest sum of purchase days, each faded by its age; of
    equals the highest, so that nobody is offered what is usual already. Whoever alternates between
    tiers buys above again and again; that is no upgrade, and ``habit`` tells it.

    Parameters
    ----------
    purchases
        See `models.up_sell.unit_prices.unit_prices`.
    tiers
        Of the products; made of what was known on the day (else prices of later days look in).
    as_of
        Nothing from this day on (since 1970-01-01) is in the figures.
    horizon
        Days from ``as_of`` on in which a purchase above counts; None: no outcome.
    wanted
        Which pairs count.
    customers
        Whose pairs are told; None: everybody's. What a need's figures say is of everybody.
    known_until
        Day from which on purchases are not known; None: the one after the last purchase.
    days
        Of the same purchases, tiers and day, see `models.up_sell.need_days.need_days`; None: they
        are made here.

    Raises
    ------
    LabelsNotObserved
        When what is known ends before ``as_of + horizon``, or the horizon is below 1.
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    settings = wanted or PairsWanted()
    days = need_days(purchases, tiers, as_of) if days is None else days
    usual = usual_tiers(days, as_of, settings.half_life_days, int(tiers.counts.max(initial=1)))
    lengths = np.diff(days.starts)
    last = days.day[days.starts[1:] - 1]
    need = days.need[days.starts[:-1]]
    is_in = (lengths >= settings.days_least) & (last >= as_of - settings.active_days)
    if customers is not None:
        is_asked = days.customers.isin(list(customers))
        is_in &= is_asked[days.customer[days.starts[:-1]]]
    rows = np.flatnonzero(is_in & (usual < tiers.counts[need] - 1))
    picked = Picked(days, usual, rows, as_of)
    keys = pd.DataFrame(
        {
            "customer": days.customers.take(days.customer[days.starts[:-1]][rows]),
            "need": days.needs.to_numpy()[need[rows]],
            "tier": usual[rows],
            "to_tier": usual[rows] + 1,
        }
    )
    bought = None
    if horizon is not None:
        newest = int(purchases["day"].max()) if len(purchases) else as_of - 1
        _require_seen(as_of, horizon, newest if known_until is None else known_until - 1)
        bought = _bought(purchases, tiers, picked, horizon)
    return UpPairs(
        keys,
        COLUMNS,
        figures(picked, tiers),
        _habit(picked, settings.new_days),
        bought,
        as_of,
        horizon,
    )


def usual_tiers(days: NeedDays, as_of: int, half_life: float, tiers: int) -> IntArray:
    """The tier with the greatest faded number of purchase days, shape (pairs,); ties: the highest.

    Parameters
    ----------
    days
        Days of customers and needs.
    as_of
        Day on which a purchase of the same day would count 1.
    half_life
        Days after which one counts half.
    tiers
        Most tiers of any need.
    """
    pairs = len(days.starts) - 1
    faded = 0.5 ** ((as_of - days.day) / half_life)
    sums = np.bincount(days.pair * tiers + days.tier, faded, minlength=pairs * tiers)
    relative = sums.reshape(pairs, tiers)
    relative = relative / np.maximum(relative.max(axis=1, keepdims=True), 1e-300)
    best = np.argmax(np.round(relative, _ROUNDING)[:, ::-1], axis=1)
    found: IntArray = (tiers - 1 - best).astype(np.int64)
    return found


def _habit(picked: Picked, new_days: int) -> npt.NDArray[np.int64]:
    since = picked.days_since_above
    found: npt.NDArray[np.int64] = np.where(np.isnan(since), 0, 1 + (since <= new_days))
    return found.astype(np.int64)


def _require_seen(as_of: int, horizon: int, newest: int) -> None:
    """Nothing, when the whole horizon was seen."""
    if horizon < 1:
        message = f"a horizon needs 1 day or more, but it is {horizon}; ask for more"
        raise LabelsNotObserved(message)
    if newest < as_of + horizon - 1:
        message = (
            f"outcomes for as_of={as_of} and a horizon of {horizon} days need purchases up to day "
            f"{as_of + horizon - 1}, but they end on day {newest}; use an as_of of "
            f"{newest + 1 - horizon} or before, or a shorter horizon"
        )
        raise LabelsNotObserved(message)


def _bought(purchases: pd.DataFrame, tiers: Tiers, picked: Picked, horizon: int) -> BoolArray:
    """Whether a pair has a day in the horizon with something above the usual tier."""
    as_of = picked.as_of
    later = need_days(purchases[purchases["day"] >= as_of], tiers, as_of + horizon)
    days, heads = picked.days, picked.days.starts[:-1][picked.rows]
    place = days.customers.get_indexer(later.customers)[later.customer]
    known = place >= 0
    count = len(days.needs)
    code = days.customer[heads] * count + days.need[heads]
    order = np.argsort(code)
    asked = place[known] * count + later.need[known]
    at = np.minimum(np.searchsorted(code[order], asked), max(len(code) - 1, 0))
    found = np.zeros(len(code), dtype=np.bool_)
    if len(code):
        pair = order[at]
        is_above = (code[pair] == asked) & (later.top[known] > picked.usual[picked.rows][pair])
        found[pair[is_above]] = True
    return found

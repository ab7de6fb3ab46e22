"""Customers with a plan on several days, as pairs that propensities are learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.candidates import UpPairs

NEED: Final = "plan"
"""The one need of contracts."""

_OWN: Final = ("level", "levels_above", "snapshots_before", "days_on_plan", "upgrades_before")
_LATELY_DAYS: Final = 180


@dataclass(frozen=True, eq=False)
class PlanDays:
    """Plans by customer and day.

    Attributes
    ----------
    table
        A row per customer and as_of, by these: customer; as_of; level (position of the plan); and
        the other columns.
    levels
        Plans, the lowest first.
    as_ofs
        Shape (days,), ascending.
    """

    table: pd.DataFrame
    levels: tuple[str, ...]
    as_ofs: IntArray

    @classmethod
    def of(cls, snapshots: pd.DataFrame, levels: Sequence[str]) -> "PlanDays":
        """Rows sorted, plans by position, columns in whatever order."""
        keys = ["customer", "as_of"]
        others = [name for name in snapshots.columns if name not in (*keys, "plan")]
        table = snapshots[[*keys, "plan", *others]]
        table = table.sort_values(keys, kind="stable").reset_index(drop=True)
        place = {name: each for each, name in enumerate(levels)}
        table.insert(2, "level", table["plan"].astype(str).map(place).astype(np.int64))
        as_ofs = np.unique(table["as_of"].to_numpy(dtype=np.int64))
        return cls(table.drop(columns="plan"), tuple(levels), as_ofs)

    @cached_property
    def next_level(self) -> IntArray:
        """Shape (rows,): level at the next as_of; -1 where the customer is not there."""
        place = np.searchsorted(self.as_ofs, self.table["as_of"].to_numpy())
        customer = pd.factorize(self.table["customer"])[0]
        found = np.full(len(self.table), -1, dtype=np.int64)
        is_next = (customer[1:] == customer[:-1]) & (place[1:] == place[:-1] + 1)
        found[:-1][is_next] = self.table["level"].to_numpy()[1:][is_next]
        return found

    @cached_property
    def own(self) -> tuple[FloatArray, FloatArray]:
        """What the snapshots before tell, shape (rows, figures); and days since a higher plan."""
        return _own(self)

    @cached_property
    def given(self) -> tuple[FloatArray, tuple[str, ...]]:
        """The other columns as numbers, shape (rows, columns), and their names."""
        return _given(self)


def pairs_of(days: PlanDays, place: int) -> UpPairs:
    """Customers of an as_of with a plan above, whose outcome is known unless it is the newest.

    Figures are the columns of the table (text as a flag for each value that the first as_of has)
    and what the customer's own snapshots up to the day say.

    Parameters
    ----------
    days
        All snapshots.
    place
        Position of the as_of.
    """
    as_of = int(days.as_ofs[place])
    is_last = place == len(days.as_ofs) - 1
    table = days.table
    is_asked = (table["as_of"].to_numpy() == as_of) & (
        table["level"].to_numpy() < len(days.levels) - 1
    )
    own, since_above = days.own
    given, columns = days.given
    level = table["level"].to_numpy(dtype=np.int64)[is_asked]
    since = since_above[is_asked]
    keys = pd.DataFrame(
        {
            "customer": table["customer"][is_asked].to_numpy(),
            "need": NEED,
            "tier": level,
            "to_tier": level + 1,
        }
    )
    bought: BoolArray | None = None if is_last else days.next_level[is_asked] > level
    return UpPairs(
        keys,
        (*_OWN, *columns),
        np.column_stack([own[is_asked], given[is_asked]]),
        np.where(np.isnan(since), 0, 1 + (since <= _LATELY_DAYS)).astype(np.int64),
        bought,
        as_of,
        None if is_last else int(days.as_ofs[place + 1]) - as_of,
    )


def _own(days: PlanDays) -> tuple[FloatArray, FloatArray]:
    """What the snapshots before tell, shape (rows, len(_OWN)); and days since a higher plan."""
    table = days.table
    level, as_of = (table[name].to_numpy(dtype=np.int64) for name in ("level", "as_of"))
    customer = pd.factorize(table["customer"])[0]
    found, since = np.zeros((len(table), len(_OWN))), np.full(len(table), np.nan)
    last_at: dict[int, int] = {}
    before, began, upgrades = 0, 0, 0
    for row in range(len(table)):
        if row == 0 or customer[row] != customer[row - 1]:
            last_at, before, began, upgrades = {}, 0, int(as_of[row]), 0
        elif level[row] != level[row - 1]:
            began = int(as_of[row])
            upgrades += int(level[row] > level[row - 1])
        days_on = int(as_of[row]) - began
        found[row] = (level[row], len(days.levels) - 1 - level[row], before, days_on, upgrades)
        higher = [day for each, day in last_at.items() if each > level[row]]
        since[row] = as_of[row] - max(higher) if higher else np.nan
        last_at[int(level[row])] = int(as_of[row])
        before += 1
    return found, since


def _given(days: PlanDays) -> tuple[FloatArray, tuple[str, ...]]:
    """The other columns as numbers, shape (rows, columns), and their names."""
    first = (days.table["as_of"] == days.as_ofs[0]).to_numpy()
    values: list[FloatArray] = []
    names: list[str] = []
    for name in [str(each) for each in days.table.columns[3:]]:
        column = days.table[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            values.append(column.to_numpy(dtype=np.float64, na_value=np.nan))
            names.append(name)
            continue
        for value in sorted({str(each) for each in column[first].dropna()}):
            is_value = column.astype(object).astype(str).eq(value)
            values.append(np.asarray(is_value, dtype=np.float64))
            names.append(f"{name}={value}")
    if not values:
        return np.empty((len(days.table), 0)), ()
    return np.column_stack(values), tuple(names)

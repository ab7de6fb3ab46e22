"""What is known beside the baskets: figures of items and of customers by day, more recommenders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled
from features.errors import RegularsError
from models.next_basket.histories import Doubles, Histories, WholeArray, days_of, ends
from models.next_basket.offers import Recommender

BY_OTHERS: Final = 40
"""How many items each recommender that facts bring along puts forward."""

_ALWAYS: Final = np.iinfo(np.int64).min
"""Day of what has always been known."""

Maker = Callable[[Histories], Recommender]
"""How a recommender is made of what is known of everybody."""


class FactsUnclear(RegularsError):
    """A table of figures that does not say of whom or what, from when on, or how much."""


@dataclass(frozen=True, eq=False)
class Dated:
    """Figures by name and day; on a day counts the newest row of an earlier day.

    Attributes
    ----------
    columns
        Names of the figures.
    names
        Of items or of customers, each once.
    starts
        Shape (names + 1,): where the rows of each name begin.
    days
        Shape (rows,): days since 1970-01-01, ascending within a name. What a row says is known at
        the end of its day.
    values
        Shape (rows, columns).
    """

    columns: tuple[str, ...]
    names: pd.Index
    starts: WholeArray
    days: WholeArray
    values: Doubles

    def places(self, names: pd.Index) -> WholeArray:
        """Positions of names, shape (names,); -1 where nothing is ever known of one."""
        return np.asarray(self.names.get_indexer(names), dtype=np.int64)

    def on(self, places: WholeArray, days: WholeArray) -> Doubles:
        """What was known before each day, shape (pairs, columns); NaN where nothing was.

        Parameters
        ----------
        places
            Shape (pairs,), see `places`.
        days
            Shape (pairs,).
        """
        rows = _newest_before(self.starts, self.days, places, days)
        found = np.full((len(rows), len(self.columns)), np.nan)
        is_known = rows >= 0
        found[is_known] = self.values[rows[is_known]]
        return found


@dataclass(frozen=True, eq=False)
class Facts:
    """What a learner may be told beside the baskets: prices, promotions, season, segments, rules.

    Attributes
    ----------
    items
        Figures of items, such as the price or the share of sales at a discount of late.
    customers
        Figures of customers, such as their segment by number.
    recommenders
        By name, how further ones are made of what is known of everybody, such as
        `models.next_basket.item_neighbours.by_rules` of rules found in them.
    """

    items: Dated | None = None
    customers: Dated | None = None
    recommenders: Mapping[str, Maker] = field(default_factory=dict)


def dated(frame: pd.DataFrame, name: str, day: str | None = None) -> Dated:
    """Figures of a table with a row per name and day; every other column is a figure.

    Parameters
    ----------
    frame
        The table, in any order. A figure that is not known is empty.
    name
        Column of items or of customers.
    day
        Column of instants, whose UTC day counts, or of whole days since 1970-01-01. A row is known
        from the next day on; without a column every row has always been.

    Raises
    ------
    FactsUnclear
        When a column is missing or no number, a row has no name or day, or two rows share them.
    HistoriesUnclear
        When days are no days.
    """
    _refuse_unclear(frame, [name] if day is None else [name, day])
    figures = [column for column in frame.columns if column not in {name, day}]
    days = np.full(len(frame), _ALWAYS) if day is None else days_of(frame[day])
    codes, names = pd.factorize(frame[name], sort=True)
    order = np.lexsort([days, codes])
    same = (np.diff(codes[order]) == 0) & (np.diff(days[order]) == 0)
    if same.any():
        message = (
            f"figures need one row per {name!r} and day, but {int(same.sum()):,} of "
            f"{len(frame):,} rows share both with another; leave one of each"
        )
        raise FactsUnclear(message)
    values = frame[figures].to_numpy(dtype=np.float64, na_value=np.nan)
    counts = np.bincount(codes, minlength=len(names))
    columns = tuple(map(str, figures))
    return Dated(columns, pd.Index(names), ends(counts), days[order], values[order])


def _refuse_unclear(frame: pd.DataFrame, keys: list[str]) -> None:
    for column in keys:
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"figures need a column {column!r}, but the table has: {found}"
            raise FactsUnclear(message)
        missing = int(frame[column].isna().sum())
        if missing:
            message = (
                f"every row of figures needs a {column!r}, but {missing:,} of {len(frame):,} have "
                "none; leave them out or fill them in"
            )
            raise FactsUnclear(message)
    for column in frame.columns.difference(keys):
        if not pd.api.types.is_numeric_dtype(frame[column].dtype):
            message = (
                f"figures are numbers, but {column!r} holds {frame[column].dtype}; give each of "
                "its values a number or leave the column out"
            )
            raise FactsUnclear(message)


@compiled
def _newest_before(
    starts: WholeArray, days: WholeArray, places: WholeArray, before: WholeArray
) -> npt.NDArray[np.int64]:
    """Row of each place that is the newest before the day, shape (pairs,); -1 where none is."""
    found = np.full(places.size, -1, np.int64)
    for pair in range(places.size):
        place = places[pair]
        if place < 0:
            continue
        low, high = starts[place], starts[place + 1]
        while low < high:
            middle = (low + high) // 2
            if days[middle] < before[pair]:
                low = middle + 1
            else:
                high = middle
        if low > starts[place]:
            found[pair] = low - 1
    return found

"""Groups of baskets that are looked at apart: all, each segment, each store."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.baskets import Bought
from features.items import Items, segment_of
from features.kernels import Whole
from features.schemas import Sources
from features.segments import UNKNOWN, UNLISTED
from features.settings import BasketDefinition

OVERALL: Final = "overall"
"""All baskets together."""


@dataclass(frozen=True, eq=False)
class BasketGroup:
    """Some of the baskets.

    Attributes
    ----------
    split
        What the groups are told apart by.
    name
        Of the segment or store; `OVERALL`.
    baskets
        Numbers of its baskets, ascending, shape (b,).
    """

    split: Literal["overall", "segment", "store"]
    name: str
    baskets: Whole


def groups(bought: Bought, asked: BasketDefinition, sources: Sources) -> tuple[BasketGroup, ...]:
    """The groups of a definition that have a basket, in its order.

    Every basket is in one group of each split. Segments come as the config lists their values,
    then those of a value that it does not list, then the baskets of nobody known; stores by name,
    then those of none.

    Parameters
    ----------
    bought
        Baskets of that definition.
    asked
        Its ``splits``.
    sources
        Of the config.
    """
    found: list[BasketGroup] = []
    for split in asked.splits:
        if split == "overall":
            found.append(BasketGroup(split, OVERALL, np.arange(bought.count, dtype=np.int64)))
            continue
        values = bought.baskets[f"in_{split}"].to_pylist()
        listed = _levels(asked, sources) if split == "segment" else ()
        names = np.array([_named(value, listed) for value in values], dtype=object)
        order = listed or tuple(sorted(set(values) - {None}))
        found += [
            BasketGroup(split, name, np.flatnonzero(names == name).astype(np.int64))
            for name in dict.fromkeys([*order, UNLISTED, UNKNOWN])
            if (names == name).any()
        ]
    return tuple(found)


def _levels(asked: BasketDefinition, sources: Sources) -> tuple[str, ...]:
    name = segment_of(asked, sources)
    return (
        ()
        if name is None or sources.customers is None
        else sources.customers.attributes[name].levels
    )


def _named(value: str | None, listed: tuple[str, ...]) -> str:
    if value is None:
        return UNKNOWN
    return value if not listed or value in listed else UNLISTED


def rows_of(bought: Bought, group: BasketGroup) -> pa.Table:
    """Rows of a group's baskets, which are numbered from 0 in the same order; else as they were.

    Grain: basket and item, see `features.baskets.Bought`.
    """
    is_in = np.zeros(bought.count, dtype=bool)
    is_in[group.baskets] = True
    number = np.cumsum(is_in, dtype=np.int64) - 1
    baskets = bought.rows["basket"].to_numpy()
    rows = bought.rows.filter(pa.array(is_in[baskets]))
    renumbered = pa.array(number[rows["basket"].to_numpy()])
    return rows.set_column(0, "basket", renumbered)


def recoded(rows: pa.Table, items: Items, others: Items) -> pa.Table:
    """Rows with the items' numbers among others; those that are not there are left out.

    So that baskets of two windows can be held against each other. A basket that loses all its
    items still counts.

    Parameters
    ----------
    rows
        Of baskets and items.
    items
        Whose numbers the rows have.
    others
        Whose numbers they get.
    """
    place = pc.index_in(items.table["label"], value_set=others.table["label"].combine_chunks())
    number = pc.take(place, rows["item"])
    is_there = number.is_valid()
    return rows.set_column(1, "item", number.cast(pa.int32())).filter(is_there)

"""What may be offered at all: items, their groups, and which of them policies rule out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import RegularsError
from models.offers.policies import LEFT_OUT, Policies

WholeArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

ITEM: Final = "item"
"""Names an item itself where a policy names a column."""

_COLUMNS: Final = ("label", "title", "price", "unit_margin")
_IN: Final = "in_"
"""Stands before the name of a level in the column that says what an item belongs to."""
_UNKNOWN: Final = (":?", " > ?")
"""Ends of a value that says that what an item belongs to is not known."""


class ItemsUnclear(RegularsError):
    """A table of items that lacks a column or names two items alike."""


class PolicyUnfit(RegularsError):
    """A policy that names what the items do not have."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """Items by position, as far as policies heed them.

    Attributes
    ----------
    verdict
        Shape (items,), int8: position in `LEFT_OUT` of what rules the item out, -1: nothing does.
    price, unit_margin
        Shape (items,): money of one unit; NaN: unknown.
    groups
        Shape (limits + 1, items), int32: group of each item by each column of ``most_per``, and
        last by ``diversity_by``; -1: none, or no such policy.
    sizes
        Shape (limits + 1,): number of groups of each.
    """

    verdict: npt.NDArray[np.int8]
    price: FloatArray
    unit_margin: FloatArray
    groups: npt.NDArray[np.int32]
    sizes: WholeArray


def shelf_of(items: pd.DataFrame, policies: Policies, stock: Collection[str] | None) -> Shelf:
    """The items under policies, shape (items,).

    Parameters
    ----------
    items
        One row per item: label (unique), title, price and unit_margin (NaN: unknown), and a column
        for each level or group, such as ``in_category`` or ``brand``.
    policies
        May name a column ``in_category`` as ``category``; a value of it as ``category:TEA`` or
        ``TEA``; and an item by its label or its title.
    stock
        Labels of the items that can be sold; None: all can.

    Raises
    ------
    ItemsUnclear
        When a column is missing, or two items have the same label.
    PolicyUnfit
        When a policy names a column that the items do not have, or no item is in a stock list.
    """
    _require_items(items)
    verdict = np.full(len(items), -1, np.int8)
    margin = items["unit_margin"].to_numpy(dtype=np.float64)
    ruled = {
        "unit_margin": margin < _or(policies.unit_margin_least, -np.inf),
        "unit_margin_unknown": np.isnan(margin) & (policies.unit_margin_least is not None),
        "out_of_stock": _out_of_stock(items, stock),
        "excluded": _excluded(items, policies),
    }
    for name, is_out in ruled.items():  # the last one is the first to count
        verdict[is_out] = LEFT_OUT.index(name)
    columns = [*policies.most_per, policies.diversity_by]
    policy = [f"most_per.{name}" for name in policies.most_per] + ["diversity_by"]
    groups = [_groups(items, one, said) for one, said in zip(columns, policy, strict=True)]
    return Shelf(
        verdict=verdict,
        price=np.ascontiguousarray(items["price"], dtype=np.float64),
        unit_margin=np.ascontiguousarray(margin),
        groups=np.array([codes for codes, _ in groups], dtype=np.int32).reshape(len(groups), -1),
        sizes=np.array([size for _, size in groups], dtype=np.int64),
    )


def unmatched(items: pd.DataFrame, policies: Policies) -> dict[str, tuple[str, ...]]:
    """Values of ``exclude`` that no item has, by column: gone by now, or misspelt.

    Raises
    ------
    ItemsUnclear, PolicyUnfit
        See `shelf_of`.
    """
    _require_items(items)
    found = {}
    for name, values in policies.exclude.items():
        known = set().union(*_spellings(items, name, f"exclude.{name}"))
        missing = tuple(one for one in values if one not in known)
        if missing:
            found[name] = missing
    return found


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _require_items(items: pd.DataFrame) -> None:
    for column in _COLUMNS:
        if column not in items:
            found = ", ".join(map(str, items.columns)) or "none"
            message = f"items need a column {column!r}, but the table has: {found}"
            raise ItemsUnclear(message)
    doubled = items["label"][items["label"].duplicated()]
    if len(doubled):
        message = (
            f"every item needs a label of its own, but {doubled.iloc[0]!r} is that of two items or "
            "more; leave one row of each"
        )
        raise ItemsUnclear(message)


def _out_of_stock(items: pd.DataFrame, stock: Collection[str] | None) -> npt.NDArray[np.bool_]:
    if stock is None:
        return np.zeros(len(items), dtype=bool)
    is_there = items["label"].isin(list(stock)).to_numpy(dtype=bool)
    if stock and len(items) and not is_there.any():
        message = (
            f"a stock list names items by their labels, such as {items['label'].iloc[0]!r}, but "
            f"none of its {len(stock):,} is one (the first by name is {min(stock)!r}); write labels"
        )
        raise PolicyUnfit(message)
    return ~is_there


def _excluded(items: pd.DataFrame, policies: Policies) -> npt.NDArray[np.bool_]:
    is_out = np.zeros(len(items), dtype=bool)
    for name, values in policies.exclude.items():
        for spelling in _spellings(items, name, f"exclude.{name}"):
            is_out |= spelling.isin(values).to_numpy(dtype=bool)
    return is_out


def _spellings(items: pd.DataFrame, name: str, policy: str) -> tuple[pd.Series, pd.Series]:
    """What a policy may call the value of each item; missing where there is none."""
    if name == ITEM:
        return items["label"].astype("str"), items["title"].astype("str")
    column = items[_column(items, name, policy)].astype("str")
    level = name.removeprefix(_IN)
    return column, column.str.removeprefix(f"{level}:")


def _groups(
    items: pd.DataFrame, name: str | None, policy: str
) -> tuple[npt.NDArray[np.int32], int]:
    """Group of each item, -1 where there is none, and the number of groups."""
    if name is None:
        return np.full(len(items), -1, np.int32), 0
    if name == ITEM:
        values = items["label"]
    else:
        values = items[_column(items, name, policy)]
        values = values.mask(values.astype("str").str.endswith(_UNKNOWN, na=False))
    codes, groups = pd.factorize(values)
    return codes.astype(np.int32), len(groups)


def _column(items: pd.DataFrame, name: str, policy: str) -> str:
    for column in (f"{_IN}{name}", name):
        if column in items and column not in _COLUMNS:
            return column
    offered = [str(one).removeprefix(_IN) for one in items.columns if one not in _COLUMNS]
    message = (
        f"offers.policies.{policy} needs a column of the items, but {name!r} is none; use one of: "
        f"{', '.join([ITEM, *offered])}"
    )
    raise PolicyUnfit(message)

"""Rows of baskets and items as the whole numbers that are mined."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from features.items import Items
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.hierarchy import leaves


def coded(rows: pa.Table, count: int, items: Items, weight: str | None = None) -> Baskets:
    """Baskets of rows that are sorted already, each basket and item once; nothing is sorted anew.

    How many items filled each basket is told where it holds more than these: what they belong to,
    or context.

    Parameters
    ----------
    rows
        Of `features.baskets.Bought`, or of one of its groups.
    count
        Number of baskets, those without a row included.
    items
        Whose numbers the rows have.
    weight
        One of the weights that the rows have.
    """
    numbers = np.bincount(rows["basket"].to_numpy(), minlength=count)
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.int64)
    codes = rows["item"].to_numpy().astype(np.int32, copy=False)
    labels = pd.Index(items.table["label"].to_pylist(), dtype=object)
    weights = None if weight is None else rows[weight].to_numpy().astype(np.float64)
    found = Baskets(starts, codes, labels, weights)
    return replace(found, bought=_bought(found, items))


def belonging(items: Items) -> tuple[Codes, Codes]:
    """Items and what they belong to, near and far, as positions in the labels, sorted by both."""
    item, above = (items.ancestors[name].to_numpy() for name in ("item", "ancestor"))
    return item.astype(np.int32), above.astype(np.int32)


def _bought(found: Baskets, items: Items) -> WholeArray | None:
    """Items that filled each basket; None where all of its items did."""
    belongs = belonging(items)
    context = np.flatnonzero(items.table["is_context"].to_numpy()).astype(np.int32)
    if not len(belongs[0]) and not len(context):
        return None
    return leaves(found, belongs, context)

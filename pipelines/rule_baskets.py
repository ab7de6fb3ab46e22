"""Rows of baskets and items as the whole numbers that are mined."""

import numpy as np
import pandas as pd
import pyarrow as pa

from features.items import Items
from models.rules.baskets import Baskets


def coded(rows: pa.Table, count: int, items: Items, weight: str | None = None) -> Baskets:
    """Baskets of rows that are sorted already, each basket and item once; nothing is sorted anew.

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
    return Baskets(starts, codes, labels, weights)

"""What is known of a customer whatever the item, and of an item whoever the customer."""

from typing import Final

import numpy as np

from models.next_basket.histories import Doubles, Histories, WholeArray

CUSTOMER_COLUMNS: Final = (
    "customer_baskets",
    "customer_days",
    "customer_gap_days",
    "customer_gap_days_last",
    "customer_days_since_last",
    "customer_size_mean",
    "customer_size_sd",
    "customer_size_inverse_mean",
    "customer_size_last",
    "customer_size_newest_3",
    "customer_size_newest_10",
    "customer_items",
    "customer_repeat_share",
)
"""Columns of `customer_figures`, by position."""

ITEM_COLUMNS: Final = (
    "item_baskets_share",
    "item_buyers_share",
    "item_baskets_per_buyer",
    "item_repeat_rate",
    "item_again_next",
    "item_size_mean",
    "item_inverse_size",
    "item_share_7d",
    "item_share_28d",
    "item_share_91d",
    "item_trend",
    "item_days_since_first",
)
"""Columns of `item_figures`, by position."""


def customer_figures(histories: Histories, as_of: WholeArray) -> Doubles:
    """Figures of each customer, shape (customers, len(CUSTOMER_COLUMNS)); NaN without a basket.

    Parameters
    ----------
    histories
        Of the customers.
    as_of
        Shape (customers,): day that the next basket is predicted on.
    """
    count = len(histories.customers)
    owner, lengths = histories.customer_of_basket, histories.lengths
    has = lengths > 0
    found = np.full((count, len(CUSTOMER_COLUMNS)), np.nan)
    newest, oldest = histories.firsts[1:][has] - 1, histories.firsts[:-1][has]
    sizes = histories.sizes.astype(np.float64)
    span = histories.days[newest] - histories.days[oldest]
    found[:, 0] = lengths
    found[has, 1] = span
    found[has, 2] = np.where(lengths[has] > 1, span / np.maximum(lengths[has] - 1, 1), np.nan)
    before = np.maximum(newest - 1, oldest)
    gap = (histories.days[newest] - histories.days[before]).astype(np.float64)
    found[has, 3] = np.where(newest > oldest, gap, np.nan)
    found[has, 4] = as_of[has] - histories.days[newest]

    def mean(values: Doubles, within: int | None = None) -> Doubles:
        kept = np.ones(len(values), bool) if within is None else histories.ago < within
        total = np.bincount(owner[kept], values[kept], minlength=count)
        return total[has] / np.bincount(owner[kept], minlength=count)[has]

    found[has, 5] = mean(sizes)
    found[has, 6] = np.sqrt(np.maximum(0.0, mean(sizes**2) - found[has, 5] ** 2))
    found[has, 7] = mean(1 / sizes)
    found[has, 8] = sizes[newest]
    found[has, 9], found[has, 10] = mean(sizes, 3), mean(sizes, 10)
    entries = np.bincount(owner, sizes, minlength=count)
    distinct = np.diff(histories.matrix(np.ones(len(sizes))).indptr)
    found[:, 11] = distinct
    found[has, 12] = 1 - distinct[has] / entries[has]
    return found


def item_figures(known: Histories, again_next: Doubles) -> Doubles:
    """Figures of each item among all customers, shape (items, len(ITEM_COLUMNS)).

    Parameters
    ----------
    known
        Histories of all customers.
    again_next
        Shape (items,), 0..1: how often the basket after a purchase holds the item again.
    """
    items, baskets = len(known.items), max(1, len(known.days))
    counts = known.matrix(np.ones(len(known.days)))
    buyers = np.bincount(counts.indices, minlength=items)
    repeaters = np.bincount(counts.indices[counts.data > 1], minlength=items)
    popularity = known.popularity
    size = known.sizes[known.basket_of_entry].astype(np.float64)
    today = int(known.days.max(initial=0))
    age = today - known.days
    held = np.bincount(known.codes, size, minlength=items)
    inverse = np.bincount(known.codes, 1 / size, minlength=items)
    first = np.full(items, today, dtype=np.int64)
    np.minimum.at(first, known.codes, known.days[known.basket_of_entry])
    month, quarter = _share(known, age < 28), _share(known, age < 91)  # noqa: PLR2004
    return np.column_stack(
        [
            popularity / baskets,
            buyers / max(1, int((known.lengths > 0).sum())),  # others are not known yet
            popularity / np.maximum(buyers, 1),
            repeaters / np.maximum(buyers, 1),
            again_next,
            held / np.maximum(popularity, 1),
            inverse / np.maximum(popularity, 1),
            _share(known, age < 7),  # noqa: PLR2004
            month,
            quarter,
            month / np.maximum(quarter, 1e-9),
            today - first,
        ]
    )


def _share(known: Histories, is_in: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Doubles:
    """Share of some baskets that hold each item, shape (items,)."""
    codes = known.codes[is_in[known.basket_of_entry]]
    return np.bincount(codes, minlength=len(known.items)) / max(1, int(is_in.sum()))

"""What each item brings in each basket, in whole numbers, and what an itemset is to hold."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.rules import utility_plain
from models.rules.baskets import Baskets, Codes, WholeArray
from models.rules.utility_kernels import COUNT, ITEM, LENGTH, PARENT, UTILITY

_EXACT: Final = 2**53
"""Whole numbers up to which a float64 holds each."""

_MOST: Final = 2**62
"""Sum of all weights, signs aside, that sums of them stay exact below."""


class UtilityUnclear(RegularsError):
    """Baskets without usable weights, or a wish that says nothing."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """What each item brings in each basket, in whole numbers.

    Attributes
    ----------
    starts, codes
        Of the baskets, as in `models.rules.baskets.Baskets`.
    worths
        What each item of a basket brings, shape (entries,).
    held
        What each basket brings before any of these items is counted, shape (baskets,).
    items
        Number of items.
    stem
        Items that every basket here holds and every itemset is to hold: the itemset of the first,
        of the first two, and so on, as in `Found.table`.
    """

    starts: WholeArray
    codes: Codes
    worths: WholeArray
    held: WholeArray
    items: int
    stem: WholeArray

    @cached_property
    def basket(self) -> WholeArray:
        """Basket of each entry."""
        return np.repeat(np.arange(len(self.held)), np.diff(self.starts))

    @cached_property
    def order(self) -> WholeArray:
        """Items in the order in which itemsets grow by them.

        Those that never bring anything above 0 come last, so that bounds stay low behind the
        others; otherwise ascending by what baskets that hold the item bring at most (transaction
        weighted utility). That does not depend on any threshold, so neither does the result's
        order.
        """
        above = np.maximum(self.worths, 0)
        bounds = self.held + np.bincount(self.basket, above, minlength=len(self.held))
        weighted = np.bincount(self.codes, np.maximum(bounds, 0)[self.basket], minlength=self.items)
        brings = np.bincount(self.codes, above, minlength=self.items) > 0
        there = np.flatnonzero(np.bincount(self.codes, minlength=self.items))
        return there[np.lexsort((weighted[there], ~brings[there]))].astype(np.int64)

    @cached_property
    def ranks(self) -> WholeArray:
        """Place of each item in that order; -1 of one that is in no basket."""
        ranks = np.full(self.items, -1, dtype=np.int64)
        ranks[self.order] = np.arange(len(self.order))
        return ranks

    def singles(self) -> WholeArray:
        """What the baskets that hold an item bring with it alone, by rank."""
        found = np.zeros(len(self.order), dtype=np.int64)
        np.add.at(found, self.ranks[self.codes], self.held[self.basket] + self.worths)
        return found

    def rows(self) -> list[utility_plain.Row]:
        """Every basket as plain Python takes it."""
        ranks = self.ranks[self.codes].tolist()
        pairs, ends = list(zip(ranks, self.worths.tolist(), strict=True)), self.starts.tolist()
        return [
            (held, tuple(sorted(pairs[begin:end])))
            for held, begin, end in zip(self.held.tolist(), ends[:-1], ends[1:], strict=True)
        ]


def worths_of(baskets: Baskets) -> WholeArray:
    """Weights of baskets in whole numbers, shape (entries,).

    Raises
    ------
    UtilityUnclear
        When there are none, one is not whole, or they are too large to be summed exactly.
    """
    if baskets.weights is None:
        message = (
            "utility and weighted support need weights, such as quantities or margins, but these "
            "baskets have none; name a column of weights where the baskets are made"
        )
        raise UtilityUnclear(message)
    weights = baskets.weights
    is_odd = (weights != np.rint(weights)) | (np.abs(weights) > _EXACT)
    if is_odd.any():
        message = (
            f"weights need whole numbers up to {_EXACT:,}, but {int(is_odd.sum()):,} of "
            f"{len(weights):,} are none, such as {weights[is_odd][0]}; give money in minor units"
        )
        raise UtilityUnclear(message)
    size = float(np.abs(weights).sum())
    if size > _MOST:
        message = f"weights need a sum below {_MOST:,}, signs aside, but it is {size:,.0f}"
        raise UtilityUnclear(message)
    whole: WholeArray = weights.astype(np.int64)
    return whole


def ledger_of(
    baskets: Baskets,
    worths: WholeArray,
    without: Collection[object],
    must: Collection[object],
    weights: WholeArray | None = None,
) -> Ledger:
    """What there is to grow: the baskets that hold what they must, without what they may not.

    Parameters
    ----------
    baskets, worths
        What each item brings in each, shape (entries,).
    without, must
        Names of items that no itemset may hold, and of those that each must hold.
    weights
        What each basket brings at the outset; None for nothing.

    Raises
    ------
    UtilityUnclear
        When a name is in no basket, or an item must be held and must not.
    """
    items, count = len(baskets.labels), baskets.count
    needed, unwanted = _positions(baskets, must, "must"), _positions(baskets, without, "without")
    if both := baskets.labels[np.intersect1d(needed, unwanted)].tolist():
        message = f"an itemset cannot hold and not hold {', '.join(map(repr, both))}"
        raise UtilityUnclear(message)
    held = np.zeros(count, dtype=np.int64) if weights is None else weights
    if not len(needed) and not len(unwanted):
        stem = np.empty((0, 5), dtype=np.int64)
        return Ledger(baskets.starts, baskets.codes, worths, held, items, stem)
    basket = baskets.owners
    held, is_there = held.copy(), np.ones(count, dtype=bool)
    stem = np.empty((len(needed), 5), dtype=np.int64)
    for place, item in enumerate(needed.tolist()):
        is_item = baskets.codes == item
        is_there &= np.bincount(basket[is_item], minlength=count) > 0
        held[basket[is_item]] += worths[is_item]
        stem[place, [ITEM, PARENT, LENGTH]] = item, place - 1, place + 1
        stem[place, [COUNT, UTILITY]] = is_there.sum(), held[is_there].sum()
    is_free = np.ones(items, dtype=bool)
    is_free[needed] = is_free[unwanted] = False
    is_kept = is_free[baskets.codes] & is_there[basket]
    sizes = np.bincount(basket[is_kept], minlength=count)[is_there]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Ledger(starts, baskets.codes[is_kept], worths[is_kept], held[is_there], items, stem)


def _positions(baskets: Baskets, names: Collection[object], name: str) -> WholeArray:
    found = baskets.labels.get_indexer(pd.Index(list(names), dtype=object))
    if (found < 0).any():
        missing = ", ".join(
            repr(each) for each, at in zip(names, found.tolist(), strict=True) if at < 0
        )
        message = f"{name} names items that are in no basket: {missing}"
        raise UtilityUnclear(message)
    return np.unique(found).astype(np.int64)


def checked(name: str, value: int, least: int) -> None:
    """Refuse what is no whole number of so much or more.

    Raises
    ------
    UtilityUnclear
        When it is not.
    """
    if value < least or value % 1:
        message = f"{name} needs a whole number of {least} or more, but it is {value}"
        raise UtilityUnclear(message)

"""Baskets as whole numbers: items coded once, one basket after the other (CSR)."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled, filling
from features.errors import RegularsError
from models.coding import coded
from models.room import room

WholeArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float64]

_SMALL = 5_000
"""Rows below which numpy is quicker than loading what is compiled."""

_PART = 1 << 20
"""Entries that are counted at a time."""

_INSERTED = 32
"""Items of a basket up to which they are sorted by insertion."""


class BasketsUnclear(RegularsError):
    """Rows of baskets and items that do not say which item is in which basket."""


@dataclass(frozen=True, eq=False)
class Baskets:
    """Distinct items of every basket.

    Attributes
    ----------
    starts
        Shape (baskets + 1,): where the items of each basket begin, and the last one's end.
    codes
        Shape (entries,): items as positions in ``labels``, ascending within a basket.
    labels
        Name of each item, ascending; one may be in no basket.
    weights
        Shape (entries,): what each item of a basket counts for, such as quantity or margin, summed
        over its rows; None where nothing was given.
    bought
        Shape (baskets,): how many distinct items filled each basket, where it holds more than
        these, such as what they belong to and the day; None where each of its items is one.
    """

    starts: WholeArray
    codes: Codes
    labels: pd.Index
    weights: Weights | None = None
    bought: WholeArray | None = None

    @property
    def count(self) -> int:
        """Number of baskets, the empty ones included."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> WholeArray:
        """Distinct items of each basket, shape (baskets,)."""
        return np.diff(self.starts)

    @property
    def owners(self) -> WholeArray:
        """Basket of each entry, shape (entries,)."""
        return np.repeat(np.arange(self.count), self.sizes)

    def frequencies(self) -> WholeArray:
        """Baskets that hold each item, shape (items,)."""
        found = np.zeros(len(self.labels), dtype=np.int64)
        for begin in range(0, len(self.codes), _PART):  # numpy widens what it counts
            found += np.bincount(self.codes[begin : begin + _PART], minlength=len(found))
        return found


@dataclass(frozen=True)
class Capped:
    """What a cap on the size of baskets took away.

    Attributes
    ----------
    most
        Items that a basket may hold.
    baskets
        How many held more.
    entries
        Items that were taken out of them, all together.
    """

    most: int
    baskets: int
    entries: int


def baskets_of(frame: pd.DataFrame, basket: str, item: str, weight: str | None = None) -> Baskets:
    """Baskets of a table with a row per basket and item.

    An item counts once per basket, however many rows say so. A basket whose only rows name no item
    (null) is an empty one: it counts among all baskets.

    Parameters
    ----------
    frame
        The table, in any order.
    basket, item
        Columns that name both; identifiers of any one type that sorts.
    weight
        Column of numbers that are summed over the rows of an item in a basket.

    Raises
    ------
    BasketsUnclear
        When a column is missing, a row names no basket, or a weight is no finite number.
    """
    for column in (basket, item, *([] if weight is None else [weight])):
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"baskets need a column {column!r}, but the table has: {found}"
            raise BasketsUnclear(message)
    basket_codes, names = coded(frame[basket])
    item_codes, labels = coded(frame[item])
    unnamed = int(np.count_nonzero(basket_codes < 0))
    if unnamed:
        message = (
            f"every row needs a basket, but {unnamed:,} of {len(frame):,} rows have none in "
            f"{basket!r}; leave them out or name theirs"
        )
        raise BasketsUnclear(message)
    weights = None if weight is None else _weights(frame[weight])
    return gathered(basket_codes, item_codes, len(names), labels, weights)


def gathered(
    basket_codes: Codes | WholeArray,
    item_codes: Codes | WholeArray,
    baskets: int,
    labels: pd.Index,
    weights: Weights | None = None,
) -> Baskets:
    """Baskets of coded rows, in any order.

    Parameters
    ----------
    basket_codes, item_codes
        Shape (rows,): whole numbers from 0; an item below 0 is none.
    baskets
        How many there are.
    labels
        Of the items.
    weights
        Shape (rows,), or None.
    """
    owners = basket_codes.astype(np.int32, copy=False)
    items = item_codes.astype(np.int32, copy=False)
    is_item = items >= 0
    if not is_item.all():
        owners, items = owners[is_item], items[is_item]
        weights = None if weights is None else weights[is_item]
    if weights is None and len(items) >= _SMALL:
        found = room(len(items), np.int32)
        starts, used = _gather(found, owners, items, baskets)
        codes = found[:used]  # a copy where most of the room would be kept for nothing
        return Baskets(starts, codes if 2 * used > len(items) else codes.copy(), labels)
    starts, codes, entry = _distinct(owners, items, baskets)
    if weights is None:
        return Baskets(starts, codes, labels)
    summed = np.bincount(entry, weights, minlength=len(codes)).astype(np.float64)
    return Baskets(starts, codes, labels, summed)


def capped(baskets: Baskets, most: int) -> tuple[Baskets, Capped]:
    """Baskets of so many items at most, and what that took away.

    A larger basket keeps its items that are in most baskets, equals by label. So the baskets of a
    wholesaler, or of a till that was never closed, cost bounded time; the count of an itemset is a
    lower bound then.

    Raises
    ------
    BasketsUnclear
        When the cap is below 1.
    """
    if most < 1:
        message = f"a cap on baskets needs at least 1 item, not {most}"
        raise BasketsUnclear(message)
    sizes = baskets.sizes
    large = np.flatnonzero(sizes > most)
    told = Capped(most, len(large), int((sizes[large] - most).sum()))
    if not len(large):
        return baskets, told
    frequencies = baskets.frequencies()
    is_kept = np.ones(len(baskets.codes), dtype=bool)
    for each in large.tolist():
        begin, end = baskets.starts[each], baskets.starts[each + 1]
        order = np.argsort(-frequencies[baskets.codes[begin:end]], kind="stable")
        is_kept[begin + order[most:]] = False
    starts = np.concatenate([[0], np.cumsum(np.minimum(sizes, most))])
    weights = None if baskets.weights is None else baskets.weights[is_kept]
    codes = baskets.codes[is_kept]
    return replace(baskets, starts=starts, codes=codes, weights=weights), told


def _weights(values: pd.Series) -> Weights:
    try:
        found = values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        message = f"weights need numbers, but {values.name!r} holds {values.dtype}"
        raise BasketsUnclear(message) from error
    odd = int(np.count_nonzero(~np.isfinite(found)))
    if odd:
        message = f"weights need finite numbers, but {odd:,} in {values.name!r} are not"
        raise BasketsUnclear(message)
    return found


def _distinct(
    basket_codes: Codes, item_codes: Codes, baskets: int
) -> tuple[WholeArray, Codes, WholeArray]:
    """Where each basket starts, its distinct items ascending, and the entry of each row."""
    order = np.lexsort([item_codes, basket_codes])
    owner, items = basket_codes[order], item_codes[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (owner[1:] != owner[:-1]) | (items[1:] != items[:-1])
    entry = np.empty(len(order), dtype=np.int64)
    entry[order] = np.cumsum(is_first) - 1
    starts = np.searchsorted(owner[is_first], np.arange(baskets + 1))
    return starts.astype(np.int64), items[is_first].astype(np.int32), entry


@filling
def _gather(
    found: Codes, basket_codes: Codes, item_codes: Codes, baskets: int
) -> tuple[WholeArray, int]:
    """Put the distinct items of each basket in ascending order; where each starts, and the end."""
    ends = np.zeros(baskets + 1, np.int64)
    for row in range(basket_codes.size):
        ends[basket_codes[row] + 1] += 1
    for basket in range(baskets):
        ends[basket + 1] += ends[basket]
    after = ends[:baskets].copy()
    for row in range(basket_codes.size):
        basket = basket_codes[row]
        found[after[basket]] = item_codes[row]
        after[basket] += 1
    starts = np.zeros(baskets + 1, np.int64)
    used = 0
    for basket in range(baskets):
        begin, end = ends[basket], ends[basket + 1]
        _sort(found, begin, end)
        for place in range(begin, end):
            if place == begin or found[place] != found[place - 1]:
                found[used] = found[place]
                used += 1
        starts[basket + 1] = used
    return starts, used


@compiled
def _sort(found: Codes, begin: int, end: int) -> None:
    """Sort a part in place: few items by insertion, which is quick where they are sorted."""
    is_sorted = True
    for place in range(begin + 1, end):
        is_sorted &= found[place - 1] <= found[place]
    if is_sorted:
        return
    if end - begin > _INSERTED:
        found[begin:end] = np.sort(found[begin:end])
        return
    for place in range(begin + 1, end):
        item, at = found[place], place
        while at > begin and found[at - 1] > item:
            found[at] = found[at - 1]
            at -= 1
        found[at] = item

"""Sequences as whole numbers: items coded once, element after element in time (CSR)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from features.compiled import compiled
from features.errors import RegularsError
from models.coding import Codes, WholeArray, coded

Unit = Literal["seconds", "days", "numbers"]
Step = Literal["seconds", "days"]

_SMALL = 5_000
"""Rows below which numpy is quicker than loading what is compiled."""


class SequencesUnclear(RegularsError):
    """Rows of sequences, instants and items that do not say what came when in which sequence."""


@dataclass(frozen=True, eq=False)
class Sequences:
    """What happened in every sequence: elements in the order of time, distinct items in each.

    Attributes
    ----------
    elements
        Shape (sequences + 1,): where the elements of each sequence begin, and the last one's end.
    starts
        Shape (elements + 1,): where the items of each element begin, and the last one's end.
    codes
        Shape (entries,): items as positions in ``labels``, ascending within an element.
    instants
        Shape (elements,): when each was, ascending within a sequence, no two the same.
    labels
        Name of each item, ascending; one may be in no sequence.
    unit
        Of the instants: seconds or days since 1970, or ``numbers`` as they were given.
    """

    elements: WholeArray
    starts: WholeArray
    codes: Codes
    instants: WholeArray
    labels: pd.Index
    unit: Unit = "numbers"

    @property
    def count(self) -> int:
        """Number of sequences, the empty ones included."""
        return len(self.elements) - 1

    @cached_property
    def owners(self) -> Codes:
        """Sequence of each entry, shape (entries,)."""
        sizes = self.starts[self.elements[1:]] - self.starts[self.elements[:-1]]
        return np.repeat(np.arange(self.count, dtype=np.int32), sizes)

    @cached_property
    def places(self) -> WholeArray:
        """Element of each entry, shape (entries,)."""
        return np.repeat(np.arange(len(self.instants)), np.diff(self.starts))

    def frequencies(self) -> WholeArray:
        """Sequences that hold each item, shape (items,)."""
        if len(self.codes) >= _SMALL:
            return _frequencies(self.elements, self.starts, self.codes, len(self.labels))
        pairs = np.unique(np.column_stack([self.owners, self.codes]), axis=0)
        return np.bincount(pairs[:, 1], minlength=len(self.labels)).astype(np.int64)

    def between(self, begin: int | None, end: int) -> "Sequences":
        """What happened in [begin, end) alone; every sequence stays, and may be an empty one.

        Both are instants as the sequences have them: whole days or seconds since 1970-01-01, or
        numbers in a unit of your own.
        """
        is_kept = self.instants < end
        if begin is not None:
            is_kept &= self.instants >= begin
        chosen = np.flatnonzero(is_kept)
        lengths: WholeArray = np.diff(self.starts)[chosen]
        before = np.concatenate([[0], np.cumsum(is_kept)])
        return Sequences(
            elements=before[self.elements].astype(np.int64),
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            codes=self.codes[_ranges(self.starts[chosen], lengths)],
            instants=self.instants[chosen],
            labels=self.labels,
            unit=self.unit,
        )

    def only(self, kept: WholeArray) -> "Sequences":
        """Some of the sequences, by their positions."""
        sizes = np.diff(self.elements)[kept]
        chosen = _ranges(self.elements[kept], sizes)
        lengths: WholeArray = np.diff(self.starts)[chosen]
        return Sequences(
            elements=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            codes=self.codes[_ranges(self.starts[chosen], lengths)],
            instants=self.instants[chosen],
            labels=self.labels,
            unit=self.unit,
        )


def _ranges(begins: WholeArray, sizes: WholeArray) -> WholeArray:
    """Whole numbers from each begin on, so many, one range after the other."""
    before = np.cumsum(sizes) - sizes
    found: WholeArray = np.arange(sizes.sum()) + np.repeat(begins - before, sizes)
    return found


def sequences_of(
    frame: pd.DataFrame,
    sequence: str,
    instant: str,
    item: str,
    unit: Step = "seconds",
) -> Sequences:
    """Sequences of a table with a row per sequence, instant and item.

    Rows of one instant are one element, and an item counts once in it, however many rows say so. A
    sequence whose only rows name no item (null) is an empty one: it counts among all sequences.

    Parameters
    ----------
    frame
        The table, in any order.
    sequence, item
        Columns that name both; identifiers of any one type that sorts.
    instant
        Column of datetimes, or of whole numbers in a unit of your own.
    unit
        To what datetimes are rounded down, in their own time zone: with ``days`` all of a day is
        one element. Whole numbers stay as they are.

    Raises
    ------
    SequencesUnclear
        When a column is missing, a row names no sequence or no instant, or instants are neither
        datetimes nor whole numbers.
    """
    for column in (sequence, instant, item):
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"sequences need a column {column!r}, but the table has: {found}"
            raise SequencesUnclear(message)
    times, kind = _instants(frame[instant], unit)
    owners, names = coded(frame[sequence])
    items, labels = coded(frame[item])
    unnamed = int(np.count_nonzero(owners < 0))
    if unnamed:
        message = (
            f"every row needs a sequence, but {unnamed:,} of {len(frame):,} rows have none in "
            f"{sequence!r}; leave them out or name theirs"
        )
        raise SequencesUnclear(message)
    is_item = items >= 0
    if not is_item.all():
        owners, times, items = owners[is_item], times[is_item], items[is_item]
    gather = _gathered if len(items) >= _SMALL else _plainly_gathered
    return Sequences(*gather(owners, times, items, len(names)), labels, kind)


def _instants(values: pd.Series, unit: Step) -> tuple[WholeArray, Unit]:
    """Whole numbers of an ordered column, and their unit."""
    missing = int(values.isna().sum())
    if missing:
        message = (
            f"every row needs an instant, but {missing:,} of {len(values):,} rows have none in "
            f"{values.name!r}; leave them out or tell when theirs was"
        )
        raise SequencesUnclear(message)
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy(dtype=np.int64), "numbers"
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        message = (
            f"instants need datetimes or whole numbers, but {values.name!r} holds {values.dtype}; "
            "convert it, such as by pandas.to_datetime"
        )
        raise SequencesUnclear(message)
    if unit not in get_args(Step):
        message = f"the unit of instants is 'seconds' or 'days', not {unit!r}"
        raise SequencesUnclear(message)
    local = values.dt.tz_localize(None)
    step = "D" if unit == "days" else "s"
    return local.to_numpy().astype(f"datetime64[{step}]").astype(np.int64), unit


_Parts = tuple[WholeArray, WholeArray, Codes, WholeArray]
"""Elements, starts, codes and instants of `Sequences`."""


def _plainly_gathered(owners: Codes, times: WholeArray, items: Codes, sequences: int) -> _Parts:
    """What `_gathered` returns, by numpy."""
    order = np.lexsort((items, times, owners))
    owners, times, items = owners[order], times[order], items[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (owners[1:] != owners[:-1]) | (times[1:] != times[:-1])
    is_kept = is_new.copy()
    is_kept[1:] |= items[1:] != items[:-1]
    begins = np.flatnonzero(is_new[is_kept])
    elements = np.searchsorted(owners[is_new], np.arange(sequences + 1)).astype(np.int64)
    starts = np.append(begins, np.count_nonzero(is_kept)).astype(np.int64)
    return elements, starts, items[is_kept].astype(np.int32), times[is_new]


@compiled
def _gathered(owners: Codes, times: WholeArray, items: Codes, sequences: int) -> _Parts:
    """Rows of each sequence in the order of time, and the distinct items of each instant."""
    rows = owners.size
    heads = np.zeros(sequences + 1, np.int64)
    for row in range(rows):
        heads[owners[row] + 1] += 1
    for number in range(sequences):
        heads[number + 1] += heads[number]
    after = heads[:sequences].copy()
    when, what = np.empty(rows, np.int64), np.empty(rows, np.int32)
    for row in range(rows):
        place = after[owners[row]]
        when[place], what[place] = times[row], items[row]
        after[owners[row]] += 1
    elements = np.zeros(sequences + 1, np.int64)
    starts, instants = np.zeros(rows + 1, np.int64), np.empty(rows, np.int64)
    codes = np.empty(rows, np.int32)
    used, made = 0, 0
    for number in range(sequences):
        begin, end = heads[number], heads[number + 1]
        _order(when, what, begin, end)
        while begin < end:
            last = begin
            while last < end and when[last] == when[begin]:
                if last == begin or what[last] != what[last - 1]:
                    codes[used] = what[last]
                    used += 1
                last += 1
            instants[made] = when[begin]
            made += 1
            starts[made] = used
            begin = last
        elements[number + 1] = made
    return elements, starts[: made + 1].copy(), codes[:used].copy(), instants[:made].copy()


@compiled
def _order(when: WholeArray, what: Codes, begin: int, end: int) -> None:
    """Sort the rows of a sequence by instant and item, if they are not."""
    is_sorted = True
    for row in range(begin + 1, end):
        is_sorted &= when[row - 1] < when[row] or (
            when[row - 1] == when[row] and what[row - 1] <= what[row]
        )
    if is_sorted:
        return
    what[begin:end] = what[begin:end][np.argsort(when[begin:end], kind="mergesort")]
    when[begin:end] = np.sort(when[begin:end])
    first = begin
    for row in range(begin + 1, end + 1):
        if row == end or when[row] != when[first]:
            if row > first + 1:
                what[first:row] = np.sort(what[first:row])
            first = row


@compiled
def _frequencies(elements: WholeArray, starts: WholeArray, codes: Codes, items: int) -> WholeArray:
    """Sequences that hold each item."""
    found, seen = np.zeros(items, np.int64), np.full(items, -1, np.int64)
    for number in range(elements.size - 1):
        for entry in range(starts[elements[number]], starts[elements[number + 1]]):
            if seen[codes[entry]] != number:
                seen[codes[entry]] = number
                found[codes[entry]] += 1
    return found

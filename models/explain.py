"""Why customers' scores are high: what raised each most, in words, and the cause that speaks."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, get_args

import numpy as np
import pyarrow as pa

from features.contract import Cause, Column
from models.phrases import Money, phrase, said_alike
from models.spec import FloatArray, IntArray

CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)

_WINDOW: Final = re.compile(r"_\d+d$")
_NOBODY: Final = -1
_AT_ONCE: Final = 4096
"""Rows whose contributions are looked at together, so that they stay in the processor's cache."""


@dataclass(frozen=True)
class Leading:
    """The cause that raised each score most.

    Attributes
    ----------
    cause
        Shape (n,), index into `CAUSES`; -1 where nothing that speaks for a cause raised the score.
    share
        Shape (n,), its share of what raised the score (0..1); NaN where there is no cause.
    """

    cause: IntArray
    share: FloatArray


def reasons(
    contributions: FloatArray,
    values: FloatArray,
    columns: Sequence[Column],
    medians: Mapping[str, float],
    count: int = 3,
    *,
    money: Money | None = None,
) -> pa.ListArray:
    """The columns that raised each customer's score most, in words: n lists of up to ``count``.

    Columns whose names differ in the window only are one reason: their contributions are summed,
    and the one that raised the score most speaks for them. The strongest reason comes first.

    Parameters
    ----------
    contributions
        Shape (n, k), log-odds, from a fitted model; its columns are those of ``columns``.
    values
        The n customers' values, shape (n, k).
    columns
        What each of the k columns means, in the order of the contributions.
    medians
        The typical value of each column among the training rows, by name.
    count
        The most reasons per customer.
    money
        How amounts are written; two digits and no currency by default.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns or the rows.
    """
    _require_shape(contributions, (len(values), len(columns)))
    groups = _numbered([_figure(column) for column in columns])
    speakers = _speakers(contributions, groups, count)
    is_told = speakers != _NOBODY
    rows, _ = np.nonzero(is_told)
    who = speakers[is_told]
    typical = [medians[column.name] for column in columns]
    words = _words(who, values[rows, who], columns, typical, money or Money())
    ends = np.cumsum(is_told.sum(axis=1, dtype=np.int32), dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(np.append(np.int32(0), ends)), words)


def told_figures(contributions: FloatArray, columns: Sequence[Column], count: int = 3) -> IntArray:
    """Which figures are each customer's `reasons`, the strongest first; shape (n, count).

    A figure is what columns say that differ in the window only, numbered in the order of its first
    column; -1 where a customer has fewer reasons.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns.
    """
    _require_shape(contributions, (len(contributions), len(columns)))
    groups = _numbered([_figure(column) for column in columns])
    speakers = _speakers(contributions, groups, count)
    return np.where(speakers == _NOBODY, _NOBODY, np.array([*groups, _NOBODY])[speakers])


def by_figure(
    contributions: FloatArray, columns: Sequence[Column]
) -> tuple[FloatArray, tuple[Cause | None, ...]]:
    """What each figure that has one cause, or none, moved each score; and those causes.

    Parameters
    ----------
    contributions
        Shape (n, k), log-odds, from a fitted model; its columns are those of ``columns``.
    columns
        The k columns.

    Returns
    -------
    tuple
        Log-odds, shape (n, figures), and the cause of each figure.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns.
    """
    _require_shape(contributions, (len(contributions), len(columns)))
    figures = [(_figure(column), column.cause) for column in columns]
    causes = tuple(cause for _, cause in dict.fromkeys(figures))
    return _summed(contributions.T, _numbered(figures)).T, causes


def leading(contributions: FloatArray, columns: Sequence[Column]) -> Leading:
    """The cause that raised each score most, and its share of all that raised it.

    What raised a score are the sums above zero over columns that have one cause, or none, and
    differ in the window only; each counts for its cause.

    Parameters
    ----------
    contributions
        Shape (n, k), log-odds, from a fitted model; its columns are those of ``columns``.
    columns
        The k columns.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns.
    """
    _require_shape(contributions, (len(contributions), len(columns)))
    figures = [(_figure(column), column.cause) for column in columns]
    groups, of_cause = _numbered(figures), [_position(cause) for _, cause in dict.fromkeys(figures)]
    cause = np.full(len(contributions), _NOBODY, dtype=np.int64)
    share = np.full(len(contributions), np.nan)
    for begin in range(0, len(contributions), _AT_ONCE):
        block = slice(begin, begin + _AT_ONCE)
        raised = np.maximum(_summed(contributions[block].T, groups), 0.0)
        given = _summed(raised, of_cause, len(CAUSES) + 1)
        largest = given[:-1].max(axis=0)
        has_cause = largest > 0
        cause[block] = np.where(has_cause, given[:-1].argmax(axis=0), _NOBODY)
        np.divide(largest, sum(given), where=has_cause, out=share[block])
    return Leading(cause, share)


def _require_shape(contributions: FloatArray, shape: tuple[int, int]) -> None:
    if contributions.shape != shape:
        message = f"contributions need the shape {shape}, not {contributions.shape}"
        raise ValueError(message)


def _position(cause: Cause | None) -> int:
    """Index into `CAUSES`; of no cause the one behind the last."""
    return len(CAUSES) if cause is None else CAUSES.index(cause)


def _summed(parts: FloatArray, groups: Sequence[int], count: int = 0) -> FloatArray:
    """Sum of the parts of each group, shape (groups, n); ``count`` asks for more groups than occur.

    Added up part by part: a library's sum may order additions by the number of rows, and then the
    last bit of a row would depend on who else is in its batch.

    Parameters
    ----------
    parts
        Shape (parts, n).
    groups
        Of each part.
    count
        The least number of sums.
    """
    sums = np.zeros((max([count, *(group + 1 for group in groups)]), parts.shape[1]))
    for group, part in zip(groups, np.ascontiguousarray(parts), strict=True):
        sums[group] += part
    return sums


def _figure(column: Column) -> str:
    """What the column's name says but for the window."""
    return _WINDOW.sub("", column.name)


def _numbered(keys: Sequence[Hashable]) -> list[int]:
    """A number for each key, the same for equal ones, from 0 in the order of their first."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _speakers(contributions: FloatArray, groups: Sequence[int], count: int) -> IntArray:
    """Speakers of the groups that raised each score, strongest first, shape (n, count); -1: none.

    Of groups that raised it equally the first comes first, and so of the columns of a group.
    """
    members = _members(groups)
    speakers = np.full((len(contributions), count), _NOBODY, dtype=np.int64)
    for begin in range(0, len(contributions), _AT_ONCE):
        moved = contributions[begin : begin + _AT_ONCE]
        rows = np.arange(len(moved))
        sums = _summed(moved.T, groups)
        for rank in range(min(count, len(members))):
            strongest = sums.argmax(axis=0)
            candidates = members[strongest]
            raised = np.where(candidates == _NOBODY, -np.inf, moved[rows[:, None], candidates])
            chosen = candidates[rows, raised.argmax(axis=1)]
            is_reason = sums[strongest, rows] > 0
            speakers[begin : begin + len(moved), rank] = np.where(is_reason, chosen, _NOBODY)
            sums[strongest, rows] = -np.inf
    return speakers


def _members(groups: Sequence[int]) -> IntArray:
    """Columns of each group, shape (groups, most columns of one), filled up with -1."""
    counts = np.bincount(groups) if groups else np.zeros(0, dtype=np.int64)
    members = np.full((len(counts), counts.max(initial=0)), _NOBODY, dtype=np.int64)
    filled = [0] * len(counts)
    for column, group in enumerate(groups):
        members[group, filled[group]] = column
        filled[group] += 1
    return members


def _words(
    who: IntArray,
    values: FloatArray,
    columns: Sequence[Column],
    typical: Sequence[float],
    money: Money,
) -> pa.StringArray:
    """Each column's words for its value; what is said alike is put into words once."""
    order = np.argsort(who, kind="stable")
    ends = np.cumsum(np.bincount(who, minlength=len(columns)))
    index = np.empty(len(who), dtype=np.int32)
    texts: list[str] = []
    for column, usual, (begin, end) in zip(
        columns, typical, pairwise([0, *ends.tolist()]), strict=True
    ):
        places = order[begin:end]
        alike, position = np.unique(said_alike(column, values[places], money), return_inverse=True)
        index[places] = position + len(texts)
        texts += [phrase(column, value, usual, money) for value in alike.tolist()]
    said = pa.DictionaryArray.from_arrays(pa.array(index), pa.array(texts, pa.string()))
    return said.cast(pa.string())

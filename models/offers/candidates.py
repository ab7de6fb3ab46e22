"""What may be offered to each customer before policies: one row per customer, item and kind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import RegularsError
from models.offers.policies import KINDS
from models.offers.shelf import FloatArray, WholeArray

COLUMNS: Final = (
    "customer",
    "item",
    "kind",
    "probability",
    "units",
    "cycle_days",
    "days_since",
)
"""Columns that candidates need; all others are evidence, and stay with what is offered."""


class CandidatesUnclear(RegularsError):
    """Candidates that do not say what is offered to whom, or how likely it is bought."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Columns of candidates, customer by customer.

    Attributes
    ----------
    order
        Shape (rows,): rows of the table by customer, in their order; None: they are so already.
    starts
        Shape (customers + 1,): where the rows of each customer begin.
    items
        Shape (rows,): positions of the items.
    kinds
        Shape (rows,), int8: positions in `KINDS`.
    probability, units, cycle_days, days_since
        Shape (rows,).
    """

    order: WholeArray | None
    starts: WholeArray
    items: WholeArray
    kinds: npt.NDArray[np.int8]
    probability: FloatArray
    units: FloatArray
    cycle_days: FloatArray
    days_since: FloatArray


def candidates_of(frame: pd.DataFrame, items: int) -> Candidates:
    """The columns of a table of candidates, grouped by customer.

    Parameters
    ----------
    frame
        `COLUMNS`: customer and item (positions), kind (one of `KINDS`), probability (0..1 that the
        item is bought), units (expected if it is; NaN: unknown), cycle_days (of the customer and
        the item; NaN: unknown) and days_since (the customer last bought it; NaN: never).
    items
        Number of all items.

    Raises
    ------
    CandidatesUnclear
        When a column is missing, or holds what cannot be.
    """
    for column in COLUMNS:
        if column not in frame:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"candidates need a column {column!r}, but the table has: {found}"
            raise CandidatesUnclear(message)
    customers = _positions(frame, "customer", None)
    what = _positions(frame, "item", items)
    kinds = _kinds(frame["kind"])
    numbers = {
        "probability": _numbers(frame, "probability", most=1.0, may_be_unknown=False),
        **{name: _numbers(frame, name) for name in ("units", "cycle_days", "days_since")},
    }
    order = None
    if (customers[1:] < customers[:-1]).any():
        order = np.argsort(customers, kind="stable").astype(np.int64)
        customers, what, kinds = customers[order], what[order], kinds[order]
        numbers = {name: values[order] for name, values in numbers.items()}
    changes = np.flatnonzero(customers[1:] != customers[:-1]) + 1
    ends = [len(customers)] if len(customers) else []
    starts = np.concatenate([[0], changes, ends]).astype(np.int64)
    return Candidates(order, starts, what, kinds, **numbers)


def _positions(frame: pd.DataFrame, column: str, count: int | None) -> WholeArray:
    values = frame[column]
    if not pd.api.types.is_integer_dtype(values.dtype) or values.isna().any():
        message = (
            f"candidates name {column}s by position, but {column!r} holds {values.dtype}, or "
            "nothing in some rows; give whole numbers"
        )
        raise CandidatesUnclear(message)
    found = np.ascontiguousarray(values, dtype=np.int64)
    if len(found) and (found.min() < 0 or (count is not None and found.max() >= count)):
        last = "" if count is None else f" to {count - 1:,}"
        message = (
            f"positions of {column}s are 0{last or ' or more'}, but {column!r} holds "
            f"{found.min():,} to {found.max():,}; give positions in the table of {column}s"
        )
        raise CandidatesUnclear(message)
    return found


def _kinds(values: pd.Series) -> npt.NDArray[np.int8]:
    codes, named = pd.factorize(values)
    known = np.array([KINDS.index(one) if one in KINDS else -1 for one in named] + [-1], np.int8)
    found = known[codes]  # a missing kind has the code -1, which is the last place
    if (found < 0).any():
        message = (
            f"kinds of candidates are {', '.join(KINDS)}, but one is "
            f"{values.iloc[int(np.argmax(found < 0))]!r}; write one of these"
        )
        raise CandidatesUnclear(message)
    return found


def _numbers(
    frame: pd.DataFrame, column: str, most: float = np.inf, *, may_be_unknown: bool = True
) -> FloatArray:
    given = frame[column]
    found = pd.to_numeric(given, errors="coerce")
    is_text = found.isna() & given.notna()
    if is_text.any():
        message = (
            f"{column!r} of a candidate is a number, but {int(is_text.sum()):,} of {len(given):,} "
            f"rows are not (the first holds {given.iloc[int(np.argmax(is_text))]!r}); write numbers"
        )
        raise CandidatesUnclear(message)
    values = np.ascontiguousarray(found.to_numpy(dtype=np.float64, na_value=np.nan))
    is_wrong = (values < 0) | (values > most) | np.isinf(values)
    if not may_be_unknown:
        is_wrong |= np.isnan(values)
    if is_wrong.any():
        bounds = "0 or more" if np.isinf(most) else f"from 0 to {most:g}"
        unknown = ", or missing where it is unknown" if may_be_unknown else ""
        message = (
            f"{column!r} of a candidate is {bounds}{unknown}, but {int(is_wrong.sum()):,} of "
            f"{len(values):,} rows are not (the first holds {values[int(np.argmax(is_wrong))]:g}); "
            "mend or leave out these rows"
        )
        raise CandidatesUnclear(message)
    return values

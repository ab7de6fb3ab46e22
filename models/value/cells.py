"""Customers who bought alike, counted: what the likelihoods are summed over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from models.spec import BoolArray, FiguresUnfit, FloatArray, IntArray

COUNTED: Final = ("repeats", "last_at", "age")
"""Columns of a summary that cells are counted by: *x*, *t_x* and *T*."""

_DENSE: Final = 1 << 24
"""Numbers up to which a table is quicker than a hash."""

OfRepeats = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Cells:
    """Customers by repeats, time of the last purchase, age, and covariates.

    Attributes
    ----------
    repeats, last_at, age
        Shape (n,): *x*, *t_x*, *T* of each cell; 0 <= last_at <= age.
    customers
        Shape (n,): how many customers are in it.
    of
        Shape (m,): cell of each customer, in the order they were given.
    covariates
        Shape (n, c): what the parameters may depend on.
    names
        Names of the covariates.
    """

    repeats: FloatArray
    last_at: FloatArray
    age: FloatArray
    customers: FloatArray
    of: IntArray
    covariates: FloatArray
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of cells."""
        return len(self.repeats)

    @property
    def total(self) -> float:
        """Number of customers."""
        return float(self.customers.sum())

    @cached_property
    def levels(self) -> tuple[FloatArray, IntArray]:
        """Different numbers of repeats, and which of them each cell has, shape (n,)."""
        code, found = pd.factorize(self.repeats, sort=True)
        return np.asarray(found, dtype=np.float64), code.astype(np.int64)

    def by_level(self, parameters: FloatArray, function: OfRepeats) -> FloatArray:
        """A costly function of repeats and parameters, shape (some, n).

        Where all cells have the same parameters, it is called once for each number of repeats.
        """
        if parameters.shape[1] > 1:
            return function(self.repeats, parameters)
        levels, of = self.levels
        return function(levels, parameters)[:, of]

    @property
    def is_one_time(self) -> BoolArray:
        """Shape (n,): whether these customers never bought again."""
        found: BoolArray = self.repeats == 0
        return found


def counted(summary: pd.DataFrame, covariates: Sequence[str] = ()) -> Cells:
    """Cells of customers, by their figures ascending; the order of rows changes nothing.

    Parameters
    ----------
    summary
        One row per customer, as `models.value.summary.summarised` or `opportunities` make it:
        repeats, last_at, age, and the covariates.
    covariates
        Columns of finite numbers. Flags and few levels keep cells few; a number of many values
        makes a cell of nearly every customer.

    Raises
    ------
    FiguresUnfit
        When a column is missing, or figures are not finite, or contradict each other.
    """
    names = (*COUNTED, *covariates)
    missing = [name for name in names if name not in summary]
    if missing:
        raise FiguresUnfit(
            f"a summary needs the columns {', '.join(names)}, but lacks {', '.join(missing)}; make "
            "it with models.value.summary.summarised, and join the covariates to it"
        )
    columns = [_numbers(summary[name]) for name in names]
    _check(columns, names)
    key = together(columns)
    customers = np.bincount(key).astype(np.float64)
    first = np.empty(len(customers), dtype=np.int64)
    first[key] = np.arange(len(key))
    repeats, last_at, age, *more = (column[first] for column in columns)
    held = np.column_stack(more) if more else np.empty((len(first), 0))
    return Cells(repeats, last_at, age, customers, key, held, tuple(covariates))


def roughly(cells: Cells, parts: int) -> Cells:
    """The same customers in fewer cells, with times to the middle of so many parts of the longest.

    Parameters
    ----------
    parts
        Of the highest age.
    """
    unit = float(cells.age.max(initial=0)) / parts or 1.0
    steps = [np.ceil(each / unit) for each in (cells.last_at, cells.age)]
    of = together([cells.repeats, *steps, *cells.covariates.T])
    last_at, age = (np.where(each > 0, (each - 0.5) * unit, 0.0) for each in steps)
    first = np.empty(int(of.max(initial=-1)) + 1, dtype=np.int64)
    first[of] = np.arange(len(of))
    return replace(
        cells,
        repeats=cells.repeats[first],
        last_at=last_at[first],
        age=age[first],
        customers=np.bincount(of, cells.customers).astype(np.float64),
        of=of[cells.of],
        covariates=cells.covariates[first],
    )


def together(columns: Sequence[FloatArray]) -> IntArray:
    """Number of each row among the different rows, from 0 on, ascending; shape (n,)."""
    key, count = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        code, values = _levels(column)
        if count * values > max(_DENSE, 4 * len(key)):
            key, count = _numbered(key, count)
        key = key * values + code
        count *= values
    return _numbered(key, count)[0]


def _levels(column: FloatArray) -> tuple[IntArray, int]:
    """Number of each value among the different ones, ascending, and how many these are."""
    whole = column.astype(np.int64)
    if len(whole) and whole.min() >= 0 and whole.max() < len(whole) and (whole == column).all():
        return _numbered(whole, int(whole.max()) + 1)
    code, values = pd.factorize(column, sort=True)
    return code.astype(np.int64), len(values)


def _numbered(key: IntArray, count: int) -> tuple[IntArray, int]:
    """The keys, below a count, numbered without gaps, and how many there are."""
    if count > max(_DENSE, 4 * len(key)):
        code, found = pd.factorize(key, sort=True)
        return code.astype(np.int64), len(found)
    is_there = np.zeros(count, dtype=bool)
    is_there[key] = True
    found = np.flatnonzero(is_there)
    number = np.empty(count, dtype=np.int64)  # written where something is, and read there alone
    number[found] = np.arange(len(found))
    return number[key], len(found)


def _numbers(column: pd.Series) -> FloatArray:
    """The column as numbers, NaN where it is empty."""
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise FiguresUnfit(
            f"{column.name} needs a number for each customer, but holds {column.dtype}; make a "
            "column of zeros and ones of each of its values"
        ) from None


def _check(columns: Sequence[FloatArray], names: Sequence[str]) -> None:
    for column, name in zip(columns, names, strict=True):
        wrong = int((~np.isfinite(column)).sum())
        if wrong:
            raise FiguresUnfit(
                f"{name} needs a finite number for each customer, but {wrong:,} of {len(column):,} "
                "are missing or infinite; fill them, or leave these customers out"
            )
    repeats, last_at, age = columns[:3]
    reasons = {
        "repeats are whole numbers from 0 on": (repeats < 0) | (repeats != np.floor(repeats)),
        "last_at lies between 0 and age": (last_at < 0) | (last_at > age),
        "last_at is 0 without a repeat and above 0 with one": (repeats > 0) != (last_at > 0),
    }
    for rule, broken in reasons.items():
        if broken.any():
            where = int(np.flatnonzero(broken)[0])
            raise FiguresUnfit(
                f"{rule}, but not so for {int(broken.sum()):,} of {len(repeats):,} customers, the "
                f"first with repeats={repeats[where]:g}, last_at={last_at[where]:g}, "
                f"age={age[where]:g}; count one purchase per customer and day"
            )

"""Cells by the different values that they take, so that costly functions are called for these."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import FloatArray, IntArray
from models.value.cells import Cells


@dataclass(frozen=True, eq=False)
class Grid:
    """Customers by repeats, by time of the last purchase and by age; who bought again by cell.

    Attributes
    ----------
    repeats, last_at, age
        Different values, ascending: shapes (p,), (q,), (t,).
    with_repeats
        Shape (p,): customers with so many repeats.
    of_age, repeats_of_age
        Shape (t,): customers of an age, and the sum of their repeats.
    customers
        Shape (m,): of each cell with a repeat.
    repeats_at, last_at_at, age_at
        Shape (m,): where the cell's values stand.
    """

    repeats: FloatArray
    last_at: FloatArray
    age: FloatArray
    with_repeats: FloatArray
    of_age: FloatArray
    repeats_of_age: FloatArray
    customers: FloatArray
    repeats_at: IntArray
    last_at_at: IntArray
    age_at: IntArray


def gridded(cells: Cells) -> Grid:
    """The grid of some cells."""
    repeats_at, repeats = _levels(cells.repeats)
    last_at_at, last_at = _levels(cells.last_at)
    age_at, age = _levels(cells.age)
    weight, again = cells.customers, np.flatnonzero(cells.repeats > 0)
    return Grid(
        repeats,
        last_at,
        age,
        np.bincount(repeats_at, weight).astype(np.float64),
        np.bincount(age_at, weight).astype(np.float64),
        np.bincount(age_at, weight * cells.repeats).astype(np.float64),
        weight[again],
        repeats_at[again],
        last_at_at[again],
        age_at[again],
    )


def _levels(values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Where each value stands among the different ones, and these, ascending."""
    code, found = pd.factorize(values, sort=True)
    return code.astype(np.int64), np.asarray(found, dtype=np.float64)

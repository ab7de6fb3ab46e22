"""Where customers lie: from the columns of a table to points, by tables and arrays alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.segments.exact import product
from models.segments.preparing import Preparation
from models.spec import FloatArray

_ROWS: Final = 16_384


def parts(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Rows of a table by and by, at least once: all at once would be copied several times."""
    for first in range(0, max(len(table), 1), _ROWS):
        yield table.iloc[first : first + _ROWS]


@dataclass(frozen=True, eq=False)
class Reduction:
    """A linear map of numbers.

    Attributes
    ----------
    mean
        Shape (d,): taken off first.
    weights
        Shape (d, q): what each number adds to each component, or to the score of each factor.
    loadings
        Shape (d, q): correlation-like figures to read: of the number with the component or factor.
    kept_share
        Share of the variance (0..1) that components keep, or that factors have in common.
    """

    mean: FloatArray
    weights: FloatArray
    loadings: FloatArray
    kept_share: float

    def apply(self, scaled: FloatArray) -> FloatArray:
        """Scores, shape (n, q)."""
        return product(scaled - self.mean, self.weights)


@dataclass(frozen=True, eq=False)
class Space:
    """Where customers lie: their prepared columns, numbers reduced."""

    preparation: Preparation
    reduction: Reduction

    def points(self, table: pd.DataFrame) -> FloatArray:
        """Points of customers, shape (n, d): components of numbers, then flags and categories.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            When the table lacks a column, or one holds text or infinite values.
        """
        return np.vstack([self._points(part) for part in parts(table)])

    def _points(self, table: pd.DataFrame) -> FloatArray:
        components = self.reduction.apply(self.preparation.scaled(table))
        return np.column_stack([components, self.preparation.marked(table)])

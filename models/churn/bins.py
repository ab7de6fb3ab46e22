"""Columns of numbers as few ordered bins, and the questions that tell these apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.shapley.kernels import ZERO
from models.spec import FloatArray, IntArray

_BELOW_ALL: Final = -float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False)
class Coded:
    """Training rows as codes: 0 for a missing value, then one for each bin from below.

    Attributes
    ----------
    telling
        Positions of the columns whose codes differ, shape (t,).
    thresholds
        Of each telling column, ascending: a value's code is one more than those below it.
    codes
        Shape (n, t).
    """

    telling: IntArray
    thresholds: Sequence[FloatArray]
    codes: FloatArray

    def splits(self, place: int, code: int) -> tuple[int, float]:
        """Column and threshold that tell codes up to this one from higher ones."""
        threshold = float(self.thresholds[place][code - 1]) if code else _BELOW_ALL
        return int(self.telling[place]), threshold


def coded(values: FloatArray, bins: int) -> Coded:
    """Codes of values of shape (n, k), at most so many bins in a column, about equally full."""
    known = np.where(np.abs(values) <= ZERO, 0.0, values)  # as LightGBM reads them
    thresholds = [_between_bins(column[~np.isnan(column)], bins) for column in known.T]
    codes = np.column_stack(
        [
            np.where(np.isnan(column), 0, 1 + np.searchsorted(edges, column, side="left"))
            for column, edges in zip(known.T, thresholds, strict=True)
        ]
    ).astype(np.float64)
    telling = np.flatnonzero(codes.min(axis=0) < codes.max(axis=0))
    return Coded(telling, [thresholds[column] for column in telling], codes[:, telling])


def _between_bins(known: FloatArray, bins: int) -> FloatArray:
    """Thresholds halfway between neighbouring values, one behind each quantile."""
    distinct = np.unique(known)
    if len(distinct) <= 1:
        return np.empty(0)
    last = np.arange(len(distinct) - 1)
    if len(distinct) > bins:
        wanted = np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf")
        last = np.unique(np.searchsorted(distinct, wanted))
        last = last[last < len(distinct) - 1]
    return distinct[last] / 2 + distinct[last + 1] / 2

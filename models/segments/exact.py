"""Products and distances whose last digit depends on neither threads nor the rows beside a row."""

from typing import Final

import numpy as np

from models.spec import FloatArray

_ROWS: Final = 16_384


def product(points: FloatArray, weights: FloatArray) -> FloatArray:
    """``points @ weights``, shapes (n, d) and (d, q), summed column by column in their order."""
    found = np.zeros((len(points), weights.shape[1]))
    for first in range(0, len(points), _ROWS):
        rows = slice(first, first + _ROWS)
        for column, weight in zip(points[rows].T, weights, strict=True):
            found[rows] += np.multiply.outer(column, weight)
    return found


def squared_distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    """Squared distance of each point to each centre, shapes (n, d) and (k, d) to (n, k)."""
    found = np.zeros((len(points), len(centres)))
    for first in range(0, len(points), _ROWS):
        rows = slice(first, first + _ROWS)
        for column, centre in zip(points[rows].T, centres.T, strict=True):
            found[rows] += np.subtract.outer(column, centre) ** 2
    return found

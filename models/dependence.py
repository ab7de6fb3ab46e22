"""Partial dependence: the mean chance of leaving when one column alone is varied."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.spec import Fitted, FloatArray, numbers

MOST_POINTS: Final = 12
"""Values of a column at which it is looked at; one with no more values is looked at at each."""

OUTER: Final = 0.01
"""Share of the customers at either end of a column whose values are beyond the outermost points."""

SPREAD: Final = (0.1, 0.9)
"""Quantiles over customers between which the band lies."""

_CELLS_AT_ONCE: Final = 3_000_000


@dataclass(frozen=True, eq=False)
class Dependence:
    """How the mean chance follows one column.

    Attributes
    ----------
    column
        Its name.
    points
        Shape (g,), ascending: values that the column has, or quantiles of them.
    chance
        Shape (g,): mean chance (0..1) when every customer has that value.
    low, high
        Shape (g,): the quantiles `SPREAD` of the single customers' chances there.
    unknown
        Mean and quantiles when every customer's value is missing; None where nobody's is.
    """

    column: str
    points: FloatArray
    chance: FloatArray
    low: FloatArray
    high: FloatArray
    unknown: Estimate | None


def dependence(
    fitted: Fitted, features: pd.DataFrame, column: str, most_points: int = MOST_POINTS
) -> Dependence:
    r"""The partial dependence of a model on a column, over the rows of a table.

    .. math:: PD(v) = \frac1n \sum_i f(x_{i1}, \dots, x_{ij} = v, \dots, x_{ik})

    Source: Friedman 2001, "Greedy function approximation: a gradient boosting machine", section
    8.2; of chances, not of log-odds. The band is of the curves that it is the mean of (Goldstein
    et al. 2015, "Peeking inside the black box", individual conditional expectation): how much
    customers differ, not how sure the mean is. The other columns are held, also where nobody has
    such values together.

    Parameters
    ----------
    fitted
        Of any kind; calibrated, where chances are to be read as such.
    features
        Shape (n, k): customers who are averaged over.
    column
        One of the model's columns.
    most_points
        Values at which it is looked at, at most.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers
        See `models.spec.numbers`.
    """
    rows = numbers(features, fitted.columns)
    place = fitted.columns.index(column)
    known = rows[~np.isnan(rows[:, place]), place]
    has_unknown = len(known) < len(rows)
    points = _points(known, most_points)
    asked = np.append(points, np.nan) if has_unknown else points
    chances = _chances(fitted, rows, place, asked)
    means = chances.mean(axis=1)
    low, high = np.quantile(chances, SPREAD, axis=1)
    g = len(points)
    unknown = Estimate(float(means[g]), float(low[g]), float(high[g])) if has_unknown else None
    return Dependence(column, points, means[:g], low[:g], high[:g], unknown)


def _points(known: FloatArray, most: int) -> FloatArray:
    """Every value where they are few, else values that customers have, evenly spread over them."""
    distinct: FloatArray = np.unique(known)
    if len(distinct) <= most:
        return distinct
    shares = np.linspace(OUTER, 1 - OUTER, most)
    return np.unique(np.quantile(known, shares, method="inverted_cdf"))


def _chances(fitted: Fitted, rows: FloatArray, place: int, values: FloatArray) -> FloatArray:
    """Chance of each row with each value in a column, shape (values, n)."""
    at_once = max(1, _CELLS_AT_ONCE // max(1, rows.size))
    found = []
    for begin in range(0, len(values), at_once):
        some = values[begin : begin + at_once]
        asked = np.tile(rows, (len(some), 1))
        asked[:, place] = np.repeat(some, len(rows))
        table = pd.DataFrame(asked, columns=list(fitted.columns), copy=False)
        found.append(fitted.predict(table).reshape(len(some), len(rows)))
    return np.concatenate(found)

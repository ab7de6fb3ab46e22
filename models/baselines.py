"""What one obvious column knows: the figures a model has to beat."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.calibration import fit_platt, log_odds, sigmoid
from models.spec import BoolArray, FloatArray, numbers, require_both_classes

RECENCY_COLUMN: Final = "days_since_order"
_FREQUENCY: Final = re.compile(r"orders_count(?:_(\d+)d)?")


@dataclass(frozen=True)
class Baseline:
    """A logistic curve over one column, or a constant when there is no column.

    Attributes
    ----------
    name
        ``recency``, ``frequency`` or ``base_rate``.
    column
        The column it reads; None for the base rate.
    slope, intercept
        Log-odds are ``slope * log(1 + value) + intercept``.
    null_value
        What a missing value counts as.
    """

    name: str
    column: str | None
    slope: float
    intercept: float
    null_value: float = 0.0

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability of churn, shape (n,).

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        if self.column is None:
            return sigmoid(np.full(len(features), self.intercept))
        value = np.nan_to_num(numbers(features, [self.column])[:, 0], nan=self.null_value)
        return sigmoid(self.slope * _size(value) + self.intercept)


def fit_baselines(features: pd.DataFrame, churned: BoolArray) -> tuple[Baseline, ...]:
    """Recency and frequency, or the base rate for a table that has neither column.

    A longer time since the last order, or fewer orders over the longest window, means more danger;
    a logistic fit with one slope on training rows makes a probability of it, so that log loss and
    Brier score are defined. Someone who never ordered counts as the longest recency seen.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "a baseline")
    columns = {"recency": _recency_column(features), "frequency": _frequency_column(features)}
    made = tuple(
        _on_column(name, column, features, churned)
        for name, column in columns.items()
        if column is not None
    )
    return made or (_base_rate(churned),)


def _recency_column(features: pd.DataFrame) -> str | None:
    return RECENCY_COLUMN if RECENCY_COLUMN in features.columns else None


def _frequency_column(features: pd.DataFrame) -> str | None:
    """The order count over the longest window; a name without a window counts all history."""
    found = [(match, name) for name in features.columns if (match := _FREQUENCY.fullmatch(name))]
    if not found:
        return None
    return str(max(found, key=lambda pair: float(pair[0][1] or "inf"))[1])


def _on_column(name: str, column: str, features: pd.DataFrame, churned: BoolArray) -> Baseline:
    value = numbers(features, [column])[:, 0]
    known = value[~np.isnan(value)]
    null_value = float(known.max()) if name == "recency" and len(known) > 0 else 0.0
    sign = 1.0 if name == "recency" else -1.0
    line = fit_platt(churned, sign * _size(np.nan_to_num(value, nan=null_value)))
    if line.fallback is not None:  # the column says nothing here
        return Baseline(name, column, 0.0, _base_rate(churned).intercept, null_value)
    return Baseline(name, column, sign * line.slope, line.intercept, null_value)


def _base_rate(churned: BoolArray) -> Baseline:
    return Baseline("base_rate", None, 0.0, float(log_odds(np.array([churned.mean()]))[0]))


def _size(value: FloatArray) -> FloatArray:
    """Logarithm of one more than the value; keeps the order of any two values from 0 up."""
    size: FloatArray = np.log1p(np.maximum(value, 0.0))
    return size

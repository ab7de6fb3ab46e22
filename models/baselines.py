"""What is obvious, and what everybody builds first: the figures a model has to beat."""

import re
from dataclasses import dataclass
from typing import Final

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.calibration import calibrate, fit_platt, log_odds, sigmoid
from models.churn import gbm
from models.spec import (
    BoolArray,
    ChurnGbm,
    Fitted,
    FloatArray,
    numbers,
    require_both_classes,
)

RECENCY_COLUMN: Final = "days_since_order"
OVERDUE_COLUMN: Final = "overdue_ratio_shrunk"
WINDOWED_RFM: Final = "windowed_rfm"
RFM_TREES: Final = ChurnGbm(
    trees=150, leaves=7, learning_rate=0.04, rows_per_leaf=50, column_share=1.0, l2=0.01
)
"""Settings of the trees on windowed recency, frequency and spend."""

_FREQUENCY: Final = re.compile(r"orders_count(?:_(\d+)d)?")
_RFM: Final = re.compile(
    r"days_since_order|tenure_days|orders_count(_\d+d)?|spend_\d+d|order_value_mean_\d+d"
)


@dataclass(frozen=True)
class Baseline:
    """A logistic curve over one column, or a constant when there is no column.

    Attributes
    ----------
    name
        ``recency``, ``frequency``, ``overdue`` or ``base_rate``.
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


@dataclass(frozen=True)
class WindowedRfm:
    """Boosted trees on recency, tenure, and orders and spend in every window: nothing else.

    Attributes
    ----------
    fitted
        Calibrated model; its columns are those of `_RFM`.
    name
        ``windowed_rfm``.
    """

    fitted: Fitted
    name: str = WINDOWED_RFM

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability of churn, shape (n,).

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        return self.fitted.predict(features)

    @property
    def text(self) -> str:
        """The trees as LightGBM writes them; see `restored_rfm`."""
        return str(self.fitted.library_object.model_to_string())


def fit_windowed_rfm(
    train: tuple[pd.DataFrame, BoolArray], later: tuple[pd.DataFrame, BoolArray], seed: int
) -> WindowedRfm | None:
    """The trees fitted to training rows and calibrated on later ones; None without spend.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed among the training rows.
    """
    features, churned = train
    columns = [name for name in features.columns if _RFM.fullmatch(name)]
    if not any(name.startswith("spend_") for name in columns):
        return None
    params = gbm.first_params(RFM_TREES)
    fitted = gbm.fit(RFM_TREES, params, features[columns], churned, seed)
    return WindowedRfm(calibrate(fitted, later[0][columns], later[1])[0])


def restored_rfm(text: str) -> WindowedRfm:
    """The trees that `WindowedRfm.text` wrote."""
    booster = lgb.Booster(model_str=text)
    return WindowedRfm(gbm.restore(booster, booster.feature_name()))


def fit_baselines(features: pd.DataFrame, churned: BoolArray) -> tuple[Baseline, ...]:
    """Recency, frequency and overdue ratio, or the base rate for a table that has no such column.

    A longer time since the last order, fewer orders over the longest window, or a longer time since
    the last order in multiples of the gap to be expected, means more danger; a logistic fit with
    one slope on training rows makes a probability of it, so that log loss and Brier score are
    defined. Someone who never ordered counts as the longest seen.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "a baseline")
    columns = {
        "recency": _if_there(RECENCY_COLUMN, features),
        "frequency": _frequency_column(features),
        "overdue": _if_there(OVERDUE_COLUMN, features),
    }
    made = tuple(
        _on_column(name, column, features, churned)
        for name, column in columns.items()
        if column is not None
    )
    return made or (_base_rate(churned),)


def _if_there(column: str, features: pd.DataFrame) -> str | None:
    return column if column in features.columns else None


def _frequency_column(features: pd.DataFrame) -> str | None:
    """The order count over the longest window; a name without a window counts all history."""
    found = [(match, name) for name in features.columns if (match := _FREQUENCY.fullmatch(name))]
    if not found:
        return None
    return str(max(found, key=lambda pair: float(pair[0][1] or "inf"))[1])


def _on_column(name: str, column: str, features: pd.DataFrame, churned: BoolArray) -> Baseline:
    value = numbers(features, [column])[:, 0]
    known = value[~np.isnan(value)]
    sign = -1.0 if name == "frequency" else 1.0
    null_value = float(known.max()) if sign > 0 and len(known) > 0 else 0.0
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

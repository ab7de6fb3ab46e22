"""The two kinds of library object that are registered, trained in milliseconds on odd columns."""

from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from features.contract import Column
from pipelines.artifacts import LibraryObject

NAMES = ("days_since_order", "spend 28d", 'share, of "花" [x]', "is_new;", "花費_56d")
COLUMNS = tuple(
    Column(name, "days", 28, "never ordered", f"meaning of {name}", "max(x)") for name in NAMES
)


@dataclass(frozen=True)
class Small:
    """A library object, rows to predict, and the columns that describe them."""

    library_object: LibraryObject
    rows: pd.DataFrame
    columns: tuple[Column, ...] = COLUMNS


def _rows_and_labels() -> tuple[pd.DataFrame, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    numbers = np.random.default_rng(7)
    values = numbers.normal(size=(300, len(NAMES)))
    churned = (values[:, 0] - values[:, 2] + numbers.normal(size=300) > 0).astype(np.int64)
    values[::7, 1] = np.nan
    return pd.DataFrame(values, columns=list(NAMES)), churned


def small_booster() -> Small:
    """A Booster whose own names are plain: it refuses some that a table may have."""
    rows, churned = _rows_and_labels()
    plain = [f"column_{i}" for i in range(len(NAMES))]
    data = lightgbm.Dataset(rows.to_numpy(), churned, feature_name=plain)
    settings = {"objective": "binary", "num_leaves": 5, "verbose": -1, "num_threads": 1, "seed": 1}
    return Small(lightgbm.train(settings, data, num_boost_round=10), rows)


def small_pipeline() -> Small:
    """A Pipeline with every kind of step that a churn model uses."""
    rows, churned = _rows_and_labels()
    steps = [
        ("impute", SimpleImputer(strategy="median", add_indicator=True)),
        ("spread", QuantileTransformer(n_quantiles=50, output_distribution="normal")),
        ("scale", StandardScaler()),
        ("fit", LogisticRegression()),
    ]
    return Small(Pipeline(steps).fit(rows, churned), rows)

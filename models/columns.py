"""Fewer columns for a model that still takes them all: which matter most, and only those."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from models.catalogue import CHURN_KINDS, ChurnSpec
from models.spec import BoolArray, numbers

_RANKED_BY = 1000
"""Rows whose contributions rank the columns: exact ones are slow."""


def ranked(
    spec: ChurnSpec, features: pd.DataFrame, churned: BoolArray, seed: int
) -> tuple[str, ...]:
    """Columns by falling importance to the hand-set model, fitted to these rows alone.

    A column's importance is the mean absolute contribution to the log-odds, over rows spread
    evenly; of equally important columns the first in the table comes first.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    kind = CHURN_KINDS[spec.kind]
    fitted = kind.fit(spec, kind.first_params(spec), features, churned, seed)
    rows = np.unique(np.linspace(0, len(features) - 1, _RANKED_BY).astype(np.int64))
    moved = np.abs(fitted.contributions(features.iloc[rows])).mean(axis=0)
    return tuple(fitted.columns[int(place)] for place in np.argsort(-moved, kind="stable"))


def only(features: pd.DataFrame, kept: Collection[str]) -> pd.DataFrame:
    """The table with every other column the same for everybody; all as they are if none is named.

    No kind of model says anything by a column that was the same for everybody in training, so that
    a model fitted to this takes all columns and heeds the kept ones.
    """
    if not kept:
        return features
    columns = [str(name) for name in features.columns]
    values = numbers(features, columns).copy()
    values[:, [name not in kept for name in columns]] = 0.0
    return pd.DataFrame(values, index=features.index, columns=columns)

"""Columns made fit for smooth models: rank, size and missing flag, scaled; scikit-learn's parts.

All parts are of types that skops trusts by default, or reads back to the bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.impute import KNNImputer, MissingIndicator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, StandardScaler

from models.spec import (
    BoolArray,
    ColumnsMissing,
    FloatArray,
    IntArray,
    numbers,
    require_both_classes,
)


@dataclass(frozen=True, eq=False)
class PipelineFitted:
    """A Pipeline and the names of its columns.

    Attributes
    ----------
    columns
        Their names.
    library_object
        Steps that shape the columns, then a step ``model``.
    """

    columns: tuple[str, ...]
    library_object: Pipeline

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability of churn, shape (n,), columns taken by name.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        frame = self._frame(features)
        if frame.empty:  # scikit-learn refuses an empty table
            return np.empty(0, dtype=np.float64)
        return np.asarray(self.library_object.predict_proba(frame)[:, 1], dtype=np.float64)

    def by_column(
        self, features: pd.DataFrame, moved: Callable[[FloatArray], FloatArray]
    ) -> FloatArray:
        """What rank, size and missing flag of each column move together, shape (n, k).

        Parameters
        ----------
        features
            The customers' values, by name.
        moved
            From shaped columns, shape (n, s), to what each of them moves, of the same shape.
        """
        frame = self._frame(features)
        if frame.empty:
            return np.empty((0, len(self.columns)), dtype=np.float64)
        shaped = np.asarray(self.library_object[:-1].transform(frame), dtype=np.float64)
        owners = _owners(self.library_object["shape"], len(self.columns))
        belongs = owners[:, None] == np.arange(len(self.columns))
        return np.asarray(moved(shaped) @ belongs.astype(np.float64), dtype=np.float64)

    def _frame(self, features: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(numbers(features, self.columns), columns=list(self.columns))


@dataclass(frozen=True, eq=False)
class Shaped:
    """Training rows, shaped once.

    Attributes
    ----------
    columns
        Names of the columns before.
    steps
        What shaped them, by name.
    rows
        Shape (n, s): ranks of all columns, sizes of all, missing flags of those that have gaps;
        each with mean 0 and standard deviation 1, and 0 where a value is missing.
    """

    columns: tuple[str, ...]
    steps: tuple[tuple[str, BaseEstimator], ...]
    rows: FloatArray

    def pipeline(self, model: BaseEstimator) -> Pipeline:
        """The steps, and a model that was fitted to the rows."""
        return Pipeline([*self.steps, ("model", model)])


def shaped(features: pd.DataFrame, churned: BoolArray, quantiles: int, seed: int) -> Shaped:
    """Training rows as smooth models take them.

    Parameters
    ----------
    features, churned
        The rows, and whether each customer left.
    quantiles
        Landmarks that a column's ranks are read from; no more than there are rows.
    seed
        Of scikit-learn's parts.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    values = numbers(features, columns)
    nobody_has = np.isnan(values).all(axis=0)  # a constant then, which moves nothing
    frame = pd.DataFrame(np.where(nobody_has, 0.0, values), columns=list(columns))
    shape = _shape(min(quantiles, len(frame)), seed)
    scale = StandardScaler()
    scaled = scale.fit_transform(shape.fit_transform(frame))
    fill = _average_customer(scaled.shape[1])
    return Shaped(
        columns, (("shape", shape), ("scale", scale), ("fill", fill)), fill.transform(scaled)
    )


def checked(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded
    columns: Sequence[str],
    kind: str,
    model: type[BaseEstimator],
) -> Pipeline:
    """The object, when it is a Pipeline of these columns in this order that ends in such a model.

    Raises
    ------
    ColumnsMissing
        When it is not.
    """
    if (
        isinstance(library_object, Pipeline)
        and isinstance(library_object[-1], model)
        and [str(name) for name in getattr(library_object, "feature_names_in_", ())]
        == list(columns)
    ):
        return library_object
    found = type(library_object).__name__
    message = (
        f"a {kind} model needs a scikit-learn Pipeline that ends in {model.__name__}, over "
        f"{list(columns)}, but found a {found} over other columns or of another kind; register "
        f"the model and its columns together"
    )
    raise ColumnsMissing(message)


def _shape(quantiles: int, seed: int) -> FeatureUnion:
    """Rank, size and missing flag of every column.

    Ranks bend freely and are bounded, ``asinh`` (a logarithm that knows zero and negative
    numbers) keeps apart the customers at the top that ranks press together.
    """
    rank = QuantileTransformer(n_quantiles=quantiles, subsample=None, random_state=seed)
    size = FunctionTransformer(np.arcsinh)
    return FeatureUnion(
        [("rank", rank), ("size", size), ("missing", MissingIndicator(error_on_new=False))]
    )


def _average_customer(width: int) -> KNNImputer:
    """An imputer that fills scaled columns with their mean, which is zero.

    It knows one neighbour, the average customer. A SimpleImputer would say the same in plainer
    words, but keeps a ``numpy.dtype``, which skops does not trust.
    """
    return KNNImputer(n_neighbors=1).fit(np.zeros((1, width)))


def _owners(shape: FeatureUnion, width: int) -> IntArray:
    """Index of the original column behind every shaped one."""
    flagged = dict(shape.transformer_list)["missing"].features_
    return np.concatenate([np.arange(width), np.arange(width), flagged]).astype(np.int64)

"""Logistic regression for churn, made of scikit-learn parts that skops trusts by default."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from optuna.trial import BaseTrial
from sklearn.impute import KNNImputer, MissingIndicator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, StandardScaler

from models.spec import (
    BoolArray,
    ChurnLogit,
    ColumnsMissing,
    FloatArray,
    IntArray,
    Params,
    numbers,
    require_both_classes,
)


@dataclass(frozen=True, eq=False)
class LogitFitted:
    """A Pipeline and the names of its columns."""

    columns: tuple[str, ...]
    library_object: Pipeline

    @property
    def base(self) -> float:
        """Log-odds of a customer who is average in every scaled column."""
        return float(self.library_object["model"].intercept_[0])

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

    def contributions(
        self,
        features: pd.DataFrame,
        of_rows: int | None = None,  # noqa: ARG002 - one way serves few rows and many
    ) -> FloatArray:
        """Log-odds per row and column, shape (n, k): coefficient times distance from the mean.

        With independent columns these are the Shapley values of a linear model (Lundberg and Lee
        2017, "A unified approach to interpreting model predictions", corollary 1); a column's
        rank, size and missing flag are summed.
        """
        frame = self._frame(features)
        if frame.empty:
            return np.empty((0, len(self.columns)), dtype=np.float64)
        scaled = self.library_object[:-1].transform(frame)
        moved = scaled * self.library_object["model"].coef_[0]
        owners = _owners(self.library_object["shape"], len(self.columns))
        belongs = owners[:, None] == np.arange(len(self.columns))
        return np.asarray(moved @ belongs.astype(np.float64), dtype=np.float64)

    def calibrated(self, slope: float, intercept: float) -> "LogitFitted":
        """A new Pipeline with log-odds ``slope * z + intercept``: scaled coefficients."""
        pipeline = deepcopy(self.library_object)
        model = pipeline["model"]
        model.coef_ = model.coef_ * slope
        model.intercept_ = model.intercept_ * slope + intercept
        return LogitFitted(self.columns, pipeline)

    def _frame(self, features: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(numbers(features, self.columns), columns=list(self.columns))


def fitter(
    spec: ChurnLogit, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], LogitFitted]:
    """A function from hyperparameters to a fitted model; columns are shaped once, here.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    values = numbers(features, columns)
    nobody_has = np.isnan(values).all(axis=0)  # a constant then, whose coefficient will be zero
    frame = pd.DataFrame(np.where(nobody_has, 0.0, values), columns=list(columns))
    shape = _shape(min(spec.quantiles, len(frame)), seed)
    scale = StandardScaler()
    scaled = scale.fit_transform(shape.fit_transform(frame))
    fill = _average_customer(scaled.shape[1])
    rows = fill.transform(scaled)

    def fit_params(params: Params) -> LogitFitted:
        model = LogisticRegression(
            C=params["inverse_penalty"], solver="newton-cholesky", max_iter=200, random_state=seed
        ).fit(rows, churned)
        steps = [("shape", shape), ("scale", scale), ("fill", fill), ("model", model)]
        return LogitFitted(columns, Pipeline(steps))

    return fit_params


def fit(
    spec: ChurnLogit, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> LogitFitted:
    """A logistic regression fitted to all rows; equal arguments give equal coefficients.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnLogit) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {"inverse_penalty": spec.inverse_penalty}


def search_space(trial: BaseTrial) -> Params:
    """Hyperparameters suggested by a trial: the strength of the L2 penalty."""
    return {"inverse_penalty": trial.suggest_float("inverse_penalty", 1e-4, 3.0, log=True)}


def restore(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked here
    columns: Sequence[str],
) -> LogitFitted:
    """A fitted model around a Pipeline that was registered with these columns.

    Raises
    ------
    ColumnsMissing
        When the object is no Pipeline of these columns in this order.
    """
    if not isinstance(library_object, Pipeline) or _fitted_on(library_object) != list(columns):
        found = type(library_object).__name__
        message = (
            f"a churn_logit model needs a scikit-learn Pipeline over {list(columns)}, but found "
            f"a {found} over other columns; register the model and its columns together"
        )
        raise ColumnsMissing(message)
    return LogitFitted(tuple(columns), library_object)


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


def _fitted_on(pipeline: Pipeline) -> list[str]:
    """Names of the columns that a Pipeline was fitted on; empty when it does not know them."""
    return [str(name) for name in getattr(pipeline, "feature_names_in_", ())]

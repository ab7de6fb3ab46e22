"""Logistic regression for churn, made of scikit-learn parts that skops trusts by default."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import pandas as pd
from sklearn.linear_model import LogisticRegression

from models.churn.shaping import PipelineFitted, checked, shaped
from models.spec import BoolArray, ChurnLogit, FloatArray, Params, Suggests


class LogitFitted(PipelineFitted):
    """A Pipeline that ends in a logistic regression."""

    @property
    def base(self) -> float:
        """Log-odds of a customer who is average in every scaled column."""
        return float(self.library_object["model"].intercept_[0])

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
        coefficients = self.library_object["model"].coef_[0]
        return self.by_column(features, lambda rows: rows * coefficients)

    def calibrated(self, slope: float, intercept: float) -> "LogitFitted":
        """A new Pipeline with log-odds ``slope * z + intercept``: scaled coefficients."""
        pipeline = deepcopy(self.library_object)
        model = pipeline["model"]
        model.coef_ = model.coef_ * slope
        model.intercept_ = model.intercept_ * slope + intercept
        return LogitFitted(self.columns, pipeline)


def fitter(
    spec: ChurnLogit, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], LogitFitted]:
    """A function from hyperparameters to a fitted model; columns are shaped once, here.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    ground = shaped(features, churned, spec.quantiles, seed)

    def fit_params(params: Params) -> LogitFitted:
        model = LogisticRegression(
            C=params["inverse_penalty"], solver="newton-cholesky", max_iter=200, random_state=seed
        ).fit(ground.rows, churned)
        return LogitFitted(ground.columns, ground.pipeline(model))

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


def search_space(
    spec: ChurnLogit,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
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
    pipeline = checked(library_object, columns, "churn_logit", LogisticRegression)
    return LogitFitted(tuple(columns), pipeline)

"""A small neural network for churn: scikit-learn's, on the columns that the logistic one has."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from models.calibration import level, log_odds
from models.churn.shaping import PipelineFitted, checked, shaped
from models.spec import BoolArray, ChurnMlp, FloatArray, Params, Suggests

_SEARCHED: Final = ("units", "steps", "l2")

_BATCH: Final = 200
"""Rows of one step."""

_OF_PREDICTION: Final = (
    "classes_",
    "coefs_",
    "intercepts_",
    "n_features_in_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "_label_binarizer",
)
"""What a fitted network needs; its random state and its optimizer are nothing that skops trusts."""

_SAME: Final = 1e-9
"""A unit's input that moved less has the slope of its activation, not a quotient of noise."""


class MlpFitted(PipelineFitted):
    """A Pipeline that ends in a network with one hidden layer of rectified units."""

    @property
    def base(self) -> float:
        """Log-odds of a customer who is average in every scaled column."""
        network = self.library_object["model"]
        hidden = np.maximum(network.intercepts_[0], 0.0)
        return float(hidden @ network.coefs_[1][:, 0] + network.intercepts_[1][0])

    def contributions(
        self,
        features: pd.DataFrame,
        of_rows: int | None = None,  # noqa: ARG002 - one way serves few rows and many
    ) -> FloatArray:
        """Log-odds per row and column, shape (n, k), by DeepLIFT against the average customer.

        Shrikumar, Greenside and Kundaje 2017, "Learning important features through propagating
        activation differences": by the Rescale rule a unit passes on the change of its output in
        proportion to the changes of its inputs. A row's sum and `base` are its log-odds; a column's
        rank, size and missing flag are summed.
        """
        return self.by_column(features, self._moved)

    def calibrated(self, slope: float, intercept: float) -> "MlpFitted":
        """A new Pipeline with log-odds ``slope * z + intercept``: another last layer."""
        pipeline = deepcopy(self.library_object)
        network = pipeline["model"]
        network.coefs_[-1] = network.coefs_[-1] * slope
        network.intercepts_[-1] = network.intercepts_[-1] * slope + intercept
        return MlpFitted(self.columns, pipeline)

    def _moved(self, rows: FloatArray) -> FloatArray:
        """What each scaled column moves; the average customer is zero in all of them."""
        network = self.library_object["model"]
        entering, leaving = network.coefs_[0], network.coefs_[1][:, 0]
        at_average = network.intercepts_[0]
        change = rows @ entering
        moved = np.maximum(at_average + change, 0.0) - np.maximum(at_average, 0.0)
        is_same = np.abs(change) < _SAME
        slope = np.where(is_same, at_average > 0, moved / np.where(is_same, 1.0, change))
        return np.asarray(((slope * leaving) @ entering.T) * rows, dtype=np.float64)


def fitter(
    spec: ChurnMlp, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], MlpFitted]:
    """A function from hyperparameters to a fitted model; columns are shaped once, here.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    ground = shaped(features, churned, spec.quantiles, seed)

    batch = min(_BATCH, len(churned))

    def fit_params(params: Params) -> MlpFitted:
        network = MLPClassifier(
            hidden_layer_sizes=(int(params["units"]),),
            alpha=params["l2"],
            batch_size=batch,
            random_state=seed,
        )
        rounds = max(1, round(params["steps"] * batch / len(churned)))
        with threadpool_limits(limits=1, user_api="blas"):  # more only wait for each other
            for _ in range(rounds):
                network.partial_fit(ground.rows, churned, classes=[False, True])
        return MlpFitted(ground.columns, ground.pipeline(_settled(network, ground.rows, churned)))

    return fit_params


def fit(
    spec: ChurnMlp, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> MlpFitted:
    """A network fitted to all rows; equal arguments give equal weights.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnMlp) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {name: getattr(spec, name) for name in _SEARCHED}


def search_space(
    spec: ChurnMlp,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
    """Hyperparameters suggested by a trial: few units, few steps, a strong penalty."""
    return {
        "units": trial.suggest_int("units", 4, 64, log=True),
        "steps": trial.suggest_int("steps", 200, 3000, log=True),
        "l2": trial.suggest_float("l2", 0.1, 30.0, log=True),
    }


def restore(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked here
    columns: Sequence[str],
) -> MlpFitted:
    """A fitted model around a Pipeline that was registered with these columns.

    Raises
    ------
    ColumnsMissing
        When the object is no Pipeline of these columns in this order.
    """
    return MlpFitted(tuple(columns), checked(library_object, columns, "churn_mlp", MLPClassifier))


def _settled(network: MLPClassifier, rows: FloatArray, churned: BoolArray) -> MLPClassifier:
    """The network without what only its training needs, its mean probability that of the rows."""
    settled = MLPClassifier(**network.get_params())
    kept = vars(network)
    vars(settled).update({name: kept[name] for name in _OF_PREDICTION})
    is_mute = (rows == rows[0]).all(axis=0)  # such an input never was anything but 0
    settled.coefs_[0] = np.where(is_mute[:, None], 0.0, settled.coefs_[0])
    odds = log_odds(network.predict_proba(rows)[:, 1])
    settled.intercepts_[-1] = settled.intercepts_[-1] + level(odds, float(churned.mean()))
    return settled

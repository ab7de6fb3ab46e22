"""Boosted trees for churn: LightGBM, deterministic, calibrated inside the Booster itself."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from models.churn.booster import BoosterFitted, binned, restore
from models.spec import BoolArray, ChurnGbm, Params, Suggests

__all__ = ["first_params", "fit", "fitter", "restore", "search_space"]

_SEARCHED: Final = ("trees", "leaves", "learning_rate", "rows_per_leaf", "column_share", "l2")


def fitter(
    spec: ChurnGbm, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], BoosterFitted]:
    """A function from hyperparameters to a fitted model; rows are binned once, here.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    ground = binned(features, churned, seed, threads=spec.threads)

    def fit_params(params: Params) -> BoosterFitted:
        settings = {
            "num_leaves": int(params["leaves"]),
            "learning_rate": params["learning_rate"],
            "min_data_in_leaf": int(params["rows_per_leaf"]),
            "feature_fraction": params["column_share"],
            "lambda_l2": params["l2"],
        }
        booster = ground.grow(settings, int(params["trees"]))
        return BoosterFitted(ground.columns, booster, spec.threads)

    return fit_params


def fit(
    spec: ChurnGbm, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> BoosterFitted:
    """Boosted trees fitted to all rows; equal arguments give an equal model, at any threads.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnGbm) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {name: getattr(spec, name) for name in _SEARCHED}


def search_space(
    spec: ChurnGbm,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
    """Hyperparameters suggested by a trial: small trees, which suit some ten thousand rows."""
    return {
        "trees": trial.suggest_int("trees", 40, 400),
        "leaves": trial.suggest_int("leaves", 4, 31, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.15, log=True),
        "rows_per_leaf": trial.suggest_int("rows_per_leaf", 20, 200, log=True),
        "column_share": trial.suggest_float("column_share", 0.2, 1.0),
        "l2": trial.suggest_float("l2", 0.01, 100.0, log=True),
    }

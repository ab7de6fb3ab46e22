"""One decision tree for churn, small enough to be read, with a rate of its own in every leaf."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from models.calibration import log_odds
from models.churn.booster import BoosterFitted, binned, leaves_of, restore, with_outputs
from models.spec import BoolArray, ChurnTree, FloatArray, IntArray, Params, Suggests, numbers

__all__ = ["first_params", "fit", "fitter", "restore", "search_space"]


def fitter(
    spec: ChurnTree,  # noqa: ARG001 - nothing of it is fixed; every kind is asked alike
    features: pd.DataFrame,
    churned: BoolArray,
    seed: int,
) -> Callable[[Params], BoosterFitted]:
    """A function from hyperparameters to a fitted model; rows are binned once, here.

    The first tree that LightGBM grows starts from the overall rate, so its gain is the decrease in
    Gini's impurity, as in CART (Breiman, Friedman, Olshen and Stone 1984); the leaf that gains
    most is split next, and at each split missing values go to the side where they gain more.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    ground = binned(features, churned, seed)
    values = numbers(features, ground.columns)

    def fit_params(params: Params) -> BoosterFitted:
        settings = {
            "num_leaves": int(params["leaves"]),
            "min_data_in_leaf": int(params["rows_per_leaf"]),
        }
        booster = ground.grow(settings, 1)
        leaf = leaves_of(booster, values)[:, 0]
        outputs = _leaf_odds(leaf, churned, params["prior_rows"])
        return BoosterFitted(ground.columns, with_outputs(booster, [outputs]), threads=1)

    return fit_params


def fit(
    spec: ChurnTree, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> BoosterFitted:
    """A tree fitted to all rows; equal arguments give an equal tree.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnTree) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {name: getattr(spec, name) for name in ("leaves", "rows_per_leaf", "prior_rows")}


def search_space(
    spec: ChurnTree,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
    """Hyperparameters suggested by a trial: never more leaves than a page holds."""
    return {
        "leaves": trial.suggest_int("leaves", 2, 32, log=True),
        "rows_per_leaf": trial.suggest_int("rows_per_leaf", 20, 1000, log=True),
        "prior_rows": trial.suggest_float("prior_rows", 0.5, 200.0, log=True),
    }


def _leaf_odds(leaf: IntArray, churned: BoolArray, prior_rows: float) -> FloatArray:
    r"""Log-odds of the shrunk rate of churn in each leaf, shape (leaves,).

    .. math:: \hat p_l = \frac{n_{1l} + m \bar y}{n_l + m}

    with the overall rate counting as m rows more: the m-estimate (Cestnik 1990, "Estimating
    probabilities: a crucial task in machine learning"), with which small leaves rank and calibrate
    better (Provost and Domingos 2003, "Tree induction for probability-based ranking").
    """
    everyone = np.bincount(leaf)
    left = np.bincount(leaf, churned)
    return log_odds((left + prior_rows * churned.mean()) / (everyone + prior_rows))

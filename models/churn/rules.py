"""A short sum of if-then rules for churn: RuleFit, whose result is again a Booster."""

from collections.abc import Callable
from threading import Lock
from typing import Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from models.calibration import level
from models.churn.booster import BoosterFitted, binned, leaves_of, restore, with_outputs
from models.spec import BoolArray, ChurnRules, FloatArray, IntArray, Params, Suggests, numbers

__all__ = ["first_params", "fit", "fitter", "restore", "search_space"]

_SEARCHED: Final = ("trees", "leaves", "rows_per_leaf", "inverse_penalty")

_GROWING: Final = {"learning_rate": 0.1, "feature_fraction": 0.5}
"""Each tree corrects the ones before only a little and sees half of the columns: other rules."""

_RANDOM: Final = Lock()
"""liblinear has one random generator for the whole process, which each fit seeds anew."""


def fitter(
    spec: ChurnRules,  # noqa: ARG001 - nothing of it is fixed; every kind is asked alike
    features: pd.DataFrame,
    churned: BoolArray,
    seed: int,
) -> Callable[[Params], BoosterFitted]:
    """A function from hyperparameters to a fitted model; rows are binned once, here.

    Every leaf of a small forest is a rule; a logistic regression with an L1 penalty chooses among
    them and weighs them (Friedman and Popescu 2008, "Predictive learning via rule ensembles").
    Where we differ: rules are the leaves and not the nodes above them too, and there are no linear
    terms, so that the result is a forest of the same splits with other leaves.

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
        grown = ground.grow(_GROWING | settings, int(params["trees"]))
        leaf = leaves_of(grown, values)
        weights, intercept = _weighed(leaf, churned, params["inverse_penalty"], seed)
        return BoosterFitted(ground.columns, _of_rules(grown, weights, intercept), threads=1)

    return fit_params


def fit(
    spec: ChurnRules, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> BoosterFitted:
    """Rules fitted to all rows; equal arguments give equal rules.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnRules) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {name: getattr(spec, name) for name in _SEARCHED}


def search_space(
    spec: ChurnRules,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
    """Hyperparameters suggested by a trial: rules of at most three conditions."""
    return {
        "trees": trial.suggest_int("trees", 10, 100, log=True),
        "leaves": trial.suggest_int("leaves", 2, 4),
        "rows_per_leaf": trial.suggest_int("rows_per_leaf", 20, 500, log=True),
        "inverse_penalty": trial.suggest_float("inverse_penalty", 0.003, 0.3, log=True),
    }


def _weighed(
    leaf: IntArray, churned: BoolArray, inverse_penalty: float, seed: int
) -> tuple[FloatArray, float]:
    """Log-odds of each tree's leaves, shape (trees, leaves), most of them zero; the intercept.

    The intercept is set anew, because liblinear penalises its own.
    """
    is_in = leaf[:, :, None] == np.arange(leaf.max() + 1)
    shape = is_in.shape[1:]
    rules = is_in.reshape(len(leaf), -1)
    kept = _different(rules)
    weights = np.zeros(rules.shape[1])
    if len(kept) > 0:
        chosen = csr_array(rules[:, kept].astype(np.float64))
        model = LogisticRegression(
            C=inverse_penalty,
            l1_ratio=1.0,
            solver="liblinear",
            intercept_scaling=10.0,
            random_state=seed,
            tol=1e-3,
            max_iter=1000,
        )
        with _RANDOM:
            weights[kept] = model.fit(chosen, churned).coef_[0]
    return weights.reshape(shape), level(rules @ weights, float(churned.mean()))


def _different(rules: BoolArray) -> npt.NDArray[np.intp]:
    """Positions of rules that tell rows apart, of equal ones the first."""
    _, first = np.unique(np.packbits(rules, axis=0), axis=1, return_index=True)
    met = np.count_nonzero(rules[:, first], axis=0)
    return np.sort(first[(met > 0) & (met < len(rules))])


def _of_rules(grown: lgb.Booster, weights: FloatArray, intercept: float) -> lgb.Booster:
    """The forest with the weights as leaves and the intercept in those of the first tree."""
    sizes = [tree["num_leaves"] for tree in grown.dump_model()["tree_info"]]
    outputs = [row[:size] for row, size in zip(weights, sizes, strict=True)]
    outputs[0] = outputs[0] + intercept
    return with_outputs(grown, outputs)

"""Boosted trees for churn: LightGBM, deterministic, calibrated inside the Booster itself."""

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import pandas as pd
from optuna.trial import BaseTrial

from models.shapley.explainer import Explainer, explainer
from models.shapley.forest import NotSupported
from models.spec import (
    BoolArray,
    ChurnGbm,
    ColumnsMissing,
    FloatArray,
    Params,
    numbers,
    require_both_classes,
)

FAST_FROM: Final = 5_000
"""Rows whose contributions take LightGBM longer than making tables of the trees takes."""

FAST_ONCE_MADE: Final = 10
"""Rows whose contributions take LightGBM longer than looking them up in tables that are there."""

_SEARCHED: Final = ("trees", "leaves", "learning_rate", "rows_per_leaf", "column_share", "l2")


@dataclass(frozen=True, eq=False)
class GbmFitted:
    """A Booster and the exact names of its columns.

    Attributes
    ----------
    columns
        Their names.
    library_object
        The Booster.
    threads
        Threads of a prediction; 0: as many as there are cores. LightGBM has one such number for the
        whole process, and a fit dies when another thread changes it: what is fitted side by side
        predicts with the number of its fit.
    """

    columns: tuple[str, ...]
    library_object: lgb.Booster
    threads: int = 0

    @property
    def base(self) -> float:
        """Log-odds before any contribution: the mean over training rows, tree by tree."""
        nobody = np.full((1, len(self.columns)), np.nan)
        return float(self._predict(nobody, pred_contrib=True)[0, -1])

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability of churn, shape (n,), columns taken by name.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        return self._predict(numbers(features, self.columns))

    def contributions(self, features: pd.DataFrame, of_rows: int | None = None) -> FloatArray:
        """Log-odds per row and column, shape (n, k), by exact path-dependent TreeSHAP.

        A row's sum and `base` are its log-odds (Lundberg, Erion and Lee 2018, "Consistent
        individualized feature attribution for tree ensembles", algorithm 2). From `FAST_FROM` rows
        on by tables (`models.shapley`), which are made once and then serve from `FAST_ONCE_MADE`
        rows on; else by LightGBM itself, as are models that the tables cannot tell.

        Parameters
        ----------
        features
            The rows.
        of_rows
            Rows of all batches together, of which these are one: they alone then decide the way,
            so that no row depends on where batches are cut.
        """
        values = numbers(features, self.columns)
        tables = self._tables if self._is_fast(len(values), of_rows) else None
        if tables is None:
            return self._predict(values, pred_contrib=True)[:, :-1]
        return tables.contributions(values, self.threads or os.cpu_count() or 1)[:, :-1]

    def _is_fast(self, rows: int, of_rows: int | None) -> bool:
        """Whether tables are quicker than LightGBM, the time to make them included."""
        if of_rows is not None:
            return of_rows >= FAST_FROM
        return rows >= (FAST_ONCE_MADE if "_tables" in self.__dict__ else FAST_FROM)

    @cached_property
    def _tables(self) -> Explainer | None:
        try:
            return explainer(self.library_object.model_to_string())
        except NotSupported:
            return None

    def calibrated(self, slope: float, intercept: float) -> "GbmFitted":
        """A new Booster with log-odds ``slope * z + intercept``.

        Log-odds are a sum over trees, so every leaf is multiplied by the slope and the leaves of
        the first tree take the intercept. Probabilities and contributions follow.
        """
        booster = _copy(self.library_object)
        for tree in booster.dump_model()["tree_info"]:
            index = tree["tree_index"]
            shift = intercept if index == 0 else 0.0
            for leaf in range(tree["num_leaves"]):
                value = booster.get_leaf_output(index, leaf)
                booster.set_leaf_output(index, leaf, slope * value + shift)
        return GbmFitted(self.columns, _copy(booster), self.threads)

    def _predict(self, values: FloatArray, *, pred_contrib: bool = False) -> FloatArray:
        if len(values) == 0:  # LightGBM refuses an empty table
            shape = (0, len(self.columns) + 1) if pred_contrib else 0
            return np.empty(shape, dtype=np.float64)
        predicted = self.library_object.predict(
            values, pred_contrib=pred_contrib, num_threads=self.threads
        )
        return np.asarray(predicted, dtype=np.float64)


def fitter(
    spec: ChurnGbm, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], GbmFitted]:
    """A function from hyperparameters to a fitted model; rows are binned once, here.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    fixed = _fixed_params(spec, seed)
    rows = lgb.Dataset(
        numbers(features, columns),
        label=churned.astype(np.float64),
        feature_name=booster_names(columns),
        params=fixed,
    ).construct()

    def fit_params(params: Params) -> GbmFitted:
        booster = lgb.train(
            fixed | _boosting_params(params), rows, num_boost_round=int(params["trees"])
        )
        return GbmFitted(columns, _copy(booster), spec.threads)

    return fit_params


def fit(
    spec: ChurnGbm, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> GbmFitted:
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


def search_space(trial: BaseTrial) -> Params:
    """Hyperparameters suggested by a trial: small trees, which suit some ten thousand rows."""
    return {
        "trees": trial.suggest_int("trees", 40, 400),
        "leaves": trial.suggest_int("leaves", 4, 31, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.15, log=True),
        "rows_per_leaf": trial.suggest_int("rows_per_leaf", 20, 200, log=True),
        "column_share": trial.suggest_float("column_share", 0.2, 1.0),
        "l2": trial.suggest_float("l2", 0.01, 100.0, log=True),
    }


def restore(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked here
    columns: Sequence[str],
) -> GbmFitted:
    """A fitted model around a Booster that was registered with these columns.

    Raises
    ------
    ColumnsMissing
        When the object is no Booster of these columns in this order.
    """
    names = booster_names(columns)
    if not isinstance(library_object, lgb.Booster) or library_object.feature_name() != names:
        found = type(library_object).__name__
        message = (
            f"a churn_gbm model needs a LightGBM Booster over {list(columns)}, but found a "
            f"{found} over other columns; register the model and its columns together"
        )
        raise ColumnsMissing(message)
    return GbmFitted(tuple(columns), library_object)


def booster_names(columns: Sequence[str]) -> list[str]:
    """Names that LightGBM accepts: plain ones stay, others get a stable suffix of their hash.

    LightGBM refuses the special characters of JSON, replaces blanks, and writes names into
    blank-separated lines of its model file.
    """
    return [name if re.fullmatch(r"\w+", name, re.ASCII) else _plain(name) for name in columns]


def _plain(name: str) -> str:
    readable = re.sub(r"\W+", "_", name, flags=re.ASCII)[:40]
    return f"{readable}_{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def _fixed_params(spec: ChurnGbm, seed: int) -> dict[str, Any]:  # Any: LightGBM's own dict
    return {
        "objective": "binary",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": spec.threads,
        "feature_pre_filter": False,  # rows_per_leaf differs between trials on the same rows
        "verbosity": -1,
    }


def _boosting_params(params: Params) -> dict[str, float]:
    return {
        "num_leaves": int(params["leaves"]),
        "learning_rate": params["learning_rate"],
        "min_data_in_leaf": int(params["rows_per_leaf"]),
        "feature_fraction": params["column_share"],
        "lambda_l2": params["l2"],
    }


def _copy(booster: lgb.Booster) -> lgb.Booster:
    """A Booster read back from its text: what a registry will load, without training rows."""
    return lgb.Booster(model_str=booster.model_to_string())

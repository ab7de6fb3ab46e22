"""A LightGBM Booster as a model of churn: what every kind that ends as one shares."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import pandas as pd

from models.shapley.explainer import Explainer, explainer
from models.shapley.forest import NotSupported
from models.spec import (
    BoolArray,
    ColumnsMissing,
    FloatArray,
    IntArray,
    numbers,
    require_both_classes,
)

FAST_FROM: Final = 5_000
"""Rows whose contributions take LightGBM longer than making tables of the trees takes."""

FAST_ONCE_MADE: Final = 10
"""Rows whose contributions take LightGBM longer than looking them up in tables that are there."""


@dataclass(frozen=True, eq=False)
class BoosterFitted:
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

    def calibrated(self, slope: float, intercept: float) -> "BoosterFitted":
        """A new Booster with log-odds ``slope * z + intercept``.

        Log-odds are a sum over trees, so every leaf is multiplied by the slope and the leaves of
        the first tree take the intercept. Probabilities and contributions follow.
        """
        outputs = [slope * values for values in leaf_outputs(self.library_object)]
        outputs[0] = outputs[0] + intercept
        return BoosterFitted(self.columns, with_outputs(self.library_object, outputs), self.threads)

    def _predict(self, values: FloatArray, *, pred_contrib: bool = False) -> FloatArray:
        if len(values) == 0:  # LightGBM refuses an empty table
            shape = (0, len(self.columns) + 1) if pred_contrib else 0
            return np.empty(shape, dtype=np.float64)
        predicted = self.library_object.predict(
            values, pred_contrib=pred_contrib, num_threads=self.threads
        )
        return np.asarray(predicted, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Binned:
    """Training rows in LightGBM's bins, from which any number of forests can be grown.

    Attributes
    ----------
    columns
        Their names.
    rows
        The binned rows.
    fixed
        LightGBM's parameters that no search changes.
    """

    columns: tuple[str, ...]
    rows: lgb.Dataset
    fixed: Mapping[str, Any]  # Any: LightGBM's own dict

    def grow(self, settings: Mapping[str, float], trees: int) -> lgb.Booster:
        """A Booster of at most so many trees, grown by LightGBM with the settings."""
        return _copy(lgb.train({**self.fixed, **settings}, self.rows, num_boost_round=trees))


def binned(features: pd.DataFrame, churned: BoolArray, seed: int, *, threads: int = 1) -> Binned:
    """The rows of a table in bins; equal arguments grow equal trees, at any threads.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    ColumnsNotNumbers
        See `models.spec.numbers`.
    """
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    fixed = {
        "objective": "binary",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "feature_pre_filter": False,  # rows_per_leaf differs between trials on the same rows
        "verbosity": -1,
    }
    rows = lgb.Dataset(
        numbers(features, columns),
        label=churned.astype(np.float64),
        feature_name=booster_names(columns),
        params=fixed,
    )
    return Binned(columns, rows.construct(), fixed)


def restore(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked here
    columns: Sequence[str],
) -> BoosterFitted:
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
            f"a churn model of trees needs a LightGBM Booster over {list(columns)}, but found a "
            f"{found} over other columns; register the model and its columns together"
        )
        raise ColumnsMissing(message)
    return BoosterFitted(tuple(columns), library_object)


def booster_names(columns: Sequence[str]) -> list[str]:
    """Names that LightGBM accepts: plain ones stay, others get a stable suffix of their hash.

    LightGBM refuses the special characters of JSON, replaces blanks, and writes names into
    blank-separated lines of its model file.
    """
    return [name if re.fullmatch(r"\w+", name, re.ASCII) else _plain(name) for name in columns]


def _plain(name: str) -> str:
    readable = re.sub(r"\W+", "_", name, flags=re.ASCII)[:40]
    return f"{readable}_{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def leaves_of(booster: lgb.Booster, values: FloatArray) -> IntArray:
    """Number of the leaf that each row falls into, shape (n, trees)."""
    leaves = np.asarray(booster.predict(values, pred_leaf=True, num_threads=1), dtype=np.int64)
    return leaves.reshape(len(values), -1)


def leaf_outputs(booster: lgb.Booster) -> list[FloatArray]:
    """Log-odds that each leaf adds, one array per tree."""
    return [
        np.array([booster.get_leaf_output(index, leaf) for leaf in range(tree["num_leaves"])])
        for index, tree in enumerate(booster.dump_model()["tree_info"])
    ]


def with_outputs(booster: lgb.Booster, outputs: Sequence[FloatArray]) -> lgb.Booster:
    """A new Booster of the same splits whose leaves add other log-odds, one array per tree."""
    changed = _copy(booster)
    for tree, values in enumerate(outputs):
        for leaf, value in enumerate(values):
            changed.set_leaf_output(tree, leaf, float(value))
    return _copy(changed)


def _copy(booster: lgb.Booster) -> lgb.Booster:
    """A Booster read back from its text: what a registry will load, without training rows."""
    return lgb.Booster(model_str=booster.model_to_string())

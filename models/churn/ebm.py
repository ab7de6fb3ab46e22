"""An explainable boosting machine for churn: one curve per column, written down as a Booster.

It needs the extra ``regulars[ebm]`` to be trained, and nothing but LightGBM afterwards.
"""

import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.calibration import log_odds
from models.churn.bins import Coded, coded
from models.churn.booster import BoosterFitted, restore
from models.churn.booster_text import Leaf, Node, Split, booster_of
from models.spec import (
    BoolArray,
    ChurnEbm,
    FloatArray,
    Params,
    Suggests,
    numbers,
    require_both_classes,
)

if TYPE_CHECKING:
    from interpret.glassbox import ExplainableBoostingClassifier

__all__ = ["EbmMissing", "first_params", "fit", "fitter", "restore", "search_space"]

_SEARCHED: Final = ("rounds", "learning_rate", "rows_per_leaf", "pairs")

_BAGS: Final = 4
"""Machines on other parts of the rows, whose curves are averaged."""

_PAIR_BINS: Final = 16
"""Bins of a column in a pair: both make fewer leaves than contributions by tables can tell."""


class EbmMissing(RegularsError):
    """The package that trains explainable boosting machines is not installed."""


def fitter(
    spec: ChurnEbm, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], BoosterFitted]:
    """A function from hyperparameters to a fitted model; rows are binned once, here.

    The machine (Lou, Caruana and Gehrke 2012, "Intelligible models for classification and
    regression"; with pairs, Lou et al. 2013, "Accurate intelligible models with pairwise
    interactions") is a constant for each bin of each column, and for each pair of bins of a few
    pairs, summed: exactly what trees about one or two columns say. Reasons are the curves' values,
    as far as a column is alone; a pair's value is shared out by TreeSHAP.

    Raises
    ------
    EbmMissing
        When the package is not installed.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    _require_installed()
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    ground = coded(numbers(features, columns), spec.bins)

    def fit_params(params: Params) -> BoosterFitted:
        rate = log_odds(np.array([churned.mean()]))
        trees: list[Node] = [Leaf(float(rate[0]), len(churned))]
        if len(ground.telling) > 0:
            trees = trees_of(machine(ground, churned, params, seed), ground)
        return BoosterFitted(columns, booster_of(trees, columns), threads=1)

    return fit_params


def fit(
    spec: ChurnEbm, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> BoosterFitted:
    """A machine fitted to all rows; equal arguments give equal curves.

    Raises
    ------
    EbmMissing
        When the package is not installed.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnEbm) -> Params:
    """The hand-set hyperparameters, which a search tries first."""
    return {name: getattr(spec, name) for name in _SEARCHED}


def search_space(
    spec: ChurnEbm,  # noqa: ARG001 - every kind is asked alike
    trial: Suggests,
) -> Params:
    """Hyperparameters suggested by a trial: smooth curves, and few pairs."""
    return {
        "rounds": trial.suggest_int("rounds", 10, 300, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "rows_per_leaf": trial.suggest_int("rows_per_leaf", 2, 100, log=True),
        "pairs": trial.suggest_int("pairs", 0, 20),
    }


def machine(
    ground: Coded, churned: BoolArray, params: Params, seed: int
) -> "ExplainableBoostingClassifier":
    """An explainable boosting machine of the codes; equal arguments give an equal one."""
    from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415 - an extra

    width = len(ground.telling)
    return ExplainableBoostingClassifier(
        feature_types=["continuous"] * width,
        max_bins=int(ground.codes.max()) + 2,
        max_interaction_bins=_PAIR_BINS,
        interactions=min(int(params["pairs"]), width * (width - 1) // 2),
        outer_bags=_BAGS,
        max_rounds=int(params["rounds"]),
        learning_rate=params["learning_rate"],
        min_samples_leaf=int(params["rows_per_leaf"]),
        n_jobs=1,
        random_state=seed,
    ).fit(ground.codes, churned)


def trees_of(fitted: "ExplainableBoostingClassifier", ground: Coded) -> list[Node]:
    """The machine's intercept as a tree without a split, and a tree for each of its terms."""
    trees: list[Node] = [Leaf(float(fitted.intercept_[0]), len(ground.codes))]
    for places, scores, rows in zip(
        fitted.term_features_, fitted.term_scores_, fitted.bin_weights_, strict=True
    ):
        levels = [fitted.bins_[place] for place in places]
        edges = [each[min(len(places), len(each)) - 1] for each in levels]
        inside = tuple(slice(1, -1) for _ in places)  # codes are neither missing nor unknown
        trees.append(
            _tree(ground, list(zip(places, edges, strict=True)), scores[inside], rows[inside])
        )
    return trees


def _tree(
    ground: Coded, asked: Sequence[tuple[int, FloatArray]], scores: FloatArray, rows: FloatArray
) -> Node:
    """A tree that asks about one column after the other, halving its bins.

    ``scores`` and ``rows`` have an axis for each column that is left to ask about.
    """
    if not asked:
        return Leaf(float(scores), max(1, round(float(rows))))  # no leaf is without a row
    (place, edges), *rest = asked
    if len(scores) == 1:
        return _tree(ground, rest, scores[0], rows[0])
    middle = len(scores) // 2
    column, threshold = ground.splits(place, int(np.ceil(edges[middle - 1])) - 1)
    below = _tree(ground, [(place, edges[: middle - 1]), *rest], scores[:middle], rows[:middle])
    above = _tree(ground, [(place, edges[middle:]), *rest], scores[middle:], rows[middle:])
    return Split(column, threshold, below, above)


def _require_installed() -> None:
    if importlib.util.find_spec("interpret") is None:
        raise EbmMissing(
            "the model churn_ebm needs the package interpret-core to be trained, which is not "
            "installed; install the extra regulars[ebm]"
        )

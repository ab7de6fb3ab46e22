"""A stacked blend for churn: a weighted sum of models of other kinds, written as one Booster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from models.calibration import level, log_odds, sigmoid
from models.churn import ebm, gbm, logit, rules, tree
from models.churn.bins import Coded, coded
from models.churn.booster import BoosterFitted, leaf_outputs, restore, with_outputs
from models.churn.booster_text import Leaf, Node, Split, booster_of, summed
from models.churn.logit import LogitFitted
from models.spec import (
    BoolArray,
    ChurnKind,
    Fitted,
    FloatArray,
    Params,
    Suggests,
    numbers,
    require_both_classes,
)
from models.spec_blend import ChurnBlend

__all__ = [
    "first_params",
    "fit",
    "fitter",
    "member_params",
    "restore",
    "search_space",
    "stacked",
    "with_weights",
]

# Any: each kind takes its own settings, and `kind` is what pairs the two.
_MEMBERS: Final[Mapping[str, ChurnKind[Any]]] = {
    "churn_logit": logit,
    "churn_gbm": gbm,
    "churn_tree": tree,
    "churn_rules": rules,
    "churn_ebm": ebm,
}

_WEIGHT: Final = "weight"


def fitter(
    spec: ChurnBlend, features: pd.DataFrame, churned: BoolArray, seed: int
) -> Callable[[Params], BoosterFitted]:
    """A function from hyperparameters to a fitted model; members prepare their rows once, here.

    Log-odds are a sum over members of a weight, 0 or more, times the member's log-odds (Wolpert
    1992, "Stacked generalization"; Breiman 1996, "Stacked regressions"; Van der Laan, Polley and
    Hubbard 2007, "Super learner"), and a constant with which the mean probability is the rate.
    The weights are hyperparameters, which `stacked` finds on rows that the members had not seen.

    A member of trees gives its trees, with weighted leaves. A logistic regression is a sum of
    curves of one column each, so it is written down as a tree for each column, whose leaves are
    the mean of its curve over the training rows in a bin.

    Raises
    ------
    EbmMissing
        When a member needs the package and it is not installed.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "training")
    columns = tuple(str(name) for name in features.columns)
    fitters = {
        member.kind: _MEMBERS[member.kind].fitter(member, features, churned, seed)
        for member in spec.members
    }

    def fit_params(params: Params) -> BoosterFitted:
        weighed = {
            kind: (fit_member(member_params(params, kind)), params[f"{kind}.{_WEIGHT}"])
            for kind, fit_member in fitters.items()
        }
        boosters = [
            _weighted(fitted, weight, features, spec.bins)
            for fitted, weight in weighed.values()
            if weight > 0
        ]
        odds = np.zeros(len(churned))
        for booster in boosters:
            odds += log_odds(BoosterFitted(columns, booster, threads=1).predict(features))
        constant = Leaf(level(odds, float(churned.mean())), len(churned))
        whole = summed([booster_of([constant], columns), *boosters], columns)
        return BoosterFitted(columns, whole, threads=1)

    return fit_params


def fit(
    spec: ChurnBlend, params: Params, features: pd.DataFrame, churned: BoolArray, seed: int
) -> BoosterFitted:
    """A blend fitted to all rows; equal arguments give an equal model.

    Raises
    ------
    EbmMissing
        When a member needs the package and it is not installed.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    return fitter(spec, features, churned, seed)(params)


def first_params(spec: ChurnBlend) -> Params:
    """The hand-set hyperparameters of the members, with equal weights that sum to 1."""
    firsts: dict[str, Params] = {
        member.kind: _MEMBERS[member.kind].first_params(member) for member in spec.members
    }
    return with_weights(firsts, dict.fromkeys(firsts, 1 / len(firsts)))


def search_space(spec: ChurnBlend, trial: Suggests) -> Params:
    """Hyperparameters of all members and their weights, suggested by a trial.

    Searching members one by one and finding the weights by `stacked` is far quicker.
    """
    members: dict[str, Params] = {
        member.kind: _MEMBERS[member.kind].search_space(member, _OfMember(trial, member.kind))
        for member in spec.members
    }
    weights = {kind: trial.suggest_float(f"{kind}.{_WEIGHT}", 0.0, 1.0) for kind in members}
    return with_weights(members, weights)


def with_weights(members: Mapping[str, Params], weights: Mapping[str, float]) -> Params:
    """Hyperparameters of a blend, of those of its members and their weights by kind."""
    named = {
        f"{kind}.{name}": value
        for kind, params in members.items()
        for name, value in params.items()
    }
    return named | {f"{kind}.{_WEIGHT}": weight for kind, weight in weights.items()}


def member_params(params: Params, kind: str) -> Params:
    """Hyperparameters of one member, without its weight."""
    prefix = f"{kind}."
    named = {
        name.removeprefix(prefix): value
        for name, value in params.items()
        if name.startswith(prefix)
    }
    return {name: value for name, value in named.items() if name != _WEIGHT}


def stacked(odds: Sequence[FloatArray], churned: Sequence[BoolArray]) -> FloatArray:
    r"""Weights of the members with the least log loss on rows they had not seen, shape (m,).

    .. math:: \min_{w \ge 0,\, a} \frac1F \sum_f \frac1{n_f} \sum_{i \in f}
              \ln\left(1 + e^{z_i}\right) - y_i z_i, \qquad z_i = a_f + \sum_k w_k z_{ik}

    Source: Van der Laan, Polley and Hubbard 2007, "Super learner", with the log loss; weights of 0
    or more as in Breiman 1996, "Stacked regressions". Where we differ: they need not sum to 1, and
    each fold has a constant of its own, since the level is set anew with each fit.

    Parameters
    ----------
    odds
        Log-odds by fold, each of shape (rows, m).
    churned
        What happened, by fold.
    """
    members = odds[0].shape[1]
    size = np.maximum(np.concatenate(odds).std(axis=0), 1e-12)
    scaled = [fold / size for fold in odds]

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        total, slope = 0.0, np.zeros_like(values)
        for number, (fold, left) in enumerate(zip(scaled, churned, strict=True)):
            z = values[members + number] + fold @ values[:members]
            total += float((np.logaddexp(0.0, z) - left * z).mean())
            miss = sigmoid(z) - left
            slope[:members] += fold.T @ miss / len(left)
            slope[members + number] = miss.mean()
        return total / len(scaled), slope / len(scaled)

    start = np.r_[np.full(members, 1 / members), np.zeros(len(scaled))]
    bounds = [(0.0, None)] * members + [(None, None)] * len(scaled)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weights: FloatArray = found.x[:members] / size
    return weights


@dataclass(frozen=True)
class _OfMember:
    """A trial asked for one member's hyperparameters, under names that say whose they are."""

    trial: Suggests
    kind: str

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return self.trial.suggest_int(f"{self.kind}.{name}", low, high, log=log)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return self.trial.suggest_float(f"{self.kind}.{name}", low, high, log=log)


def _weighted(fitted: Fitted, weight: float, features: pd.DataFrame, bins: int) -> lgb.Booster:
    """The member as a Booster with weighted log-odds."""
    if isinstance(fitted, LogitFitted):
        return booster_of(_curves(fitted, weight, features, bins), fitted.columns)
    booster: lgb.Booster = fitted.library_object
    return with_outputs(booster, [weight * values for values in leaf_outputs(booster)])


def _curves(fitted: LogitFitted, weight: float, features: pd.DataFrame, bins: int) -> list[Node]:
    """The constant as a tree without a split, and a tree for the curve of each telling column."""
    ground = coded(numbers(features, fitted.columns), bins)
    moved = weight * fitted.contributions(features)
    nobody = pd.DataFrame([dict.fromkeys(fitted.columns, np.nan)])
    missing = weight * fitted.contributions(nobody)[0]
    trees: list[Node] = [Leaf(weight * fitted.base, len(features))]
    for place, column in enumerate(ground.telling):
        codes = ground.codes[:, place].astype(np.int64)
        rows = np.bincount(codes)
        sums = np.bincount(codes, moved[:, column])
        values = np.divide(sums, rows, out=np.full(len(rows), missing[column]), where=rows > 0)
        trees.append(_halved(ground, place, (0, len(rows)), values, rows))
    return trees


def _halved(
    ground: Coded,
    place: int,
    codes: tuple[int, int],
    values: FloatArray,
    rows: npt.NDArray[np.int64],
) -> Node:
    """A tree that halves the codes from the first up to before the second."""
    first, end = codes
    if end - first == 1:
        return Leaf(float(values[first]), max(1, int(rows[first])))  # no leaf is without a row
    middle = (first + end) // 2
    column, threshold = ground.splits(place, middle - 1)
    below = _halved(ground, place, (first, middle), values, rows)
    return Split(column, threshold, below, _halved(ground, place, (middle, end), values, rows))

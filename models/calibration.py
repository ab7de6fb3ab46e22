"""Platt's sigmoid: turns a model's log-odds into probabilities that come true."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from models.spec import BoolArray, Fitted, FloatArray

_EPSILON: Final = 1e-12
_MOST_STEPS: Final = 100
_CONVERGED: Final = 1e-10
_FLAT: Final = 1e-12
_WIDEST: Final = 50.0  # log-odds of less than one in 1e21


@dataclass(frozen=True)
class Platt:
    """A line on log-odds, and why it is the identity when it could not be fitted.

    Attributes
    ----------
    slope, intercept
        Calibrated log-odds are ``slope * z + intercept``.
    fallback
        ``one_class``: the slice holds one outcome only. ``no_signal``: the scores are constant
        there, or run against the outcome, so that a line would blur or reverse the ranking.
        None when the line was fitted.
    """

    slope: float = 1.0
    intercept: float = 0.0
    fallback: Literal["one_class", "no_signal"] | None = None


def log_odds(probability: FloatArray) -> FloatArray:
    """Natural log-odds of probabilities, which are kept 1e-12 off 0 and 1."""
    kept = np.clip(probability, _EPSILON, 1 - _EPSILON)
    odds: FloatArray = np.log(kept) - np.log1p(-kept)
    return odds


def sigmoid(odds: FloatArray) -> FloatArray:
    """Probability, 0..1, of natural log-odds; no overflow at either end."""
    small = np.exp(-np.abs(odds))
    probability: FloatArray = np.where(odds >= 0, 1.0, small) / (1.0 + small)
    return probability


def fit_platt(churned: BoolArray, odds: FloatArray) -> Platt:
    r"""Slope and intercept of greatest likelihood on the log-odds of a slice.

    .. math:: \max_{a, b} \sum_i t_i \ln \sigma(a z_i + b) + (1 - t_i) \ln(1 - \sigma(a z_i + b))

    with targets :math:`t = (n_1 + 1) / (n_1 + 2)` for those who left and :math:`1 / (n_0 + 2)` for
    those who stayed, which keep a perfectly separated slice finite. Source: Platt 1999,
    "Probabilistic outputs for support vector machines", solved by Newton's method with halved
    steps as in Lin, Lin and Weng 2007. The identity, with its reason, when there is no line to fit.
    """
    left = int(np.count_nonzero(churned))
    stayed = len(churned) - left
    if left == 0 or stayed == 0:
        return Platt(fallback="one_class")
    centre, spread = float(odds.mean()), float(odds.std())
    if spread < _FLAT:
        return Platt(fallback="no_signal")
    targets = np.where(churned, (left + 1) / (left + 2), 1 / (stayed + 2))
    level, slope = _newton(np.column_stack([np.ones_like(odds), (odds - centre) / spread]), targets)
    if slope <= 0:
        return Platt(fallback="no_signal")
    return Platt(slope / spread, level - slope * centre / spread)


def level(odds: FloatArray, rate: float) -> float:
    """What to add to all log-odds so that the mean probability is the rate (0..1, neither end).

    It is the intercept of greatest likelihood where slopes are held.
    """
    widest = float(np.abs(odds).max()) + _WIDEST
    return float(brentq(lambda added: sigmoid(odds + added).mean() - rate, -widest, widest))


def calibrate(fitted: Fitted, features: pd.DataFrame, churned: BoolArray) -> tuple[Fitted, Platt]:
    """The model with its log-odds calibrated on a slice it was not fitted on, and the line."""
    line = fit_platt(churned, log_odds(fitted.predict(features)))
    return fitted.calibrated(line.slope, line.intercept), line


def _newton(design: FloatArray, targets: FloatArray) -> tuple[float, float]:
    """Two coefficients of greatest likelihood; the likelihood is concave, so steps only shrink."""
    share = targets.mean()
    coefficients = np.array([np.log(share / (1 - share)), 0.0])
    loss = _loss(design, targets, coefficients)
    for _ in range(_MOST_STEPS):
        p = sigmoid(design @ coefficients)
        gradient = design.T @ (p - targets)
        curvature = (design * (p * (1 - p) + _EPSILON)[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        while (moved := _loss(design, targets, coefficients - step)) > loss + _CONVERGED:
            step = step / 2
        coefficients, loss = coefficients - step, moved
        if np.abs(step).max() < _CONVERGED:
            break
    return float(coefficients[0]), float(coefficients[1])


def _loss(design: FloatArray, targets: FloatArray, coefficients: FloatArray) -> float:
    z = design @ coefficients
    return float((np.logaddexp(0.0, z) - targets * z).sum())

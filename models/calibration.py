"""Do probabilities come true? Platt's sigmoid makes them, and a check refuses those that do not."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from features.errors import RegularsError
from models.metrics import Z_95, Estimate
from models.spec import (
    BoolArray,
    Fitted,
    FloatArray,
    require_both_classes,
    require_figures,
    require_shares,
)

_EPSILON: Final = 1e-12
_MOST_STEPS: Final = 100
_CONVERGED: Final = 1e-10
_FLAT: Final = 1e-12
_WIDEST: Final = 50.0  # log-odds of less than one in 1e21


class ScoresUncalibrated(RegularsError):
    """Probabilities are clearly not those with which customers left."""


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


@dataclass(frozen=True)
class Reliability:
    """How far probabilities come true; 1 and 1 is perfect.

    Attributes
    ----------
    ratio
        Customers who left, in multiples of the sum of the probabilities: calibration in the large.
    slope
        Slope of the outcome's log-odds on those of the probability: below 1 the probabilities are
        too extreme, above 1 too timid, 0 without meaning, negative reversed. NaN when all
        probabilities are equal.
    """

    ratio: Estimate
    slope: Estimate


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
    targets = _targets(churned)
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


def reliability(
    churned: BoolArray, probability: FloatArray, groups: npt.NDArray[np.generic] | None = None
) -> Reliability:
    r"""Whether probabilities come true, on average and in their spread, with 95 % intervals.

    .. math:: ratio = \frac{\sum_i y_i}{\sum_i p_i}, \qquad
              \text{logit } P(y_i = 1) = a + slope \cdot \text{logit } p_i

    Source: Cox 1958, "Two further applications of a model for binary regression"; Van Calster et
    al. 2019, "Calibration: the Achilles heel of predictive analytics". The line is fitted to
    Platt's targets, which keep it finite where the probabilities separate the outcomes.

    Parameters
    ----------
    churned, probability
        Shape (n,): what happened, and the probability (0..1) that was given to it.
    groups
        Shape (n,): the customer of each row, where customers repeat.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    OneClassOnly
        When nobody left or nobody stayed.

    Notes
    -----
    The intervals are normal ones, and wide on purpose: of the variance that the probabilities
    promise and the one that was found (by customer: White 1982, "Maximum likelihood estimation of
    misspecified models"), the greater counts.
    """
    purpose = "probabilities under test"
    require_figures(purpose, {"churned": churned, "probability": probability})
    require_shares(purpose, "probability", probability)
    require_both_classes(churned, "a test of calibration")
    codes = np.arange(len(churned)) if groups is None else np.unique(groups, return_inverse=True)[1]
    return Reliability(
        _ratio(churned, probability, codes), _slope(churned, log_odds(probability), codes)
    )


def require_calibrated(
    churned: BoolArray,
    probability: FloatArray,
    purpose: str,
    *,
    groups: npt.NDArray[np.generic] | None = None,
    margin: float = 1.25,
) -> Reliability:
    """The `reliability` of the probabilities, unless they clearly do not come true.

    They are refused when the 95 % interval of the ratio or of the slope lies wholly outside
    1/margin..margin: only a fault that is both large and beyond chance counts. With few customers
    nothing is beyond chance, so that passing is no proof; and faults that leave both the average
    and the slope alone are not seen.

    Parameters
    ----------
    churned, probability
        Shape (n,): what happened, and the probability (0..1) that was given to it.
    purpose
        What needs them, plural: such as ``expected profits``.
    groups
        Shape (n,): the customer of each row, where customers repeat.
    margin
        Greatest factor, above 1, by which the ratio or the slope may be off.

    Raises
    ------
    ScoresUncalibrated
        Naming the purpose, what was found, and its interval.
    FiguresUnfit
        When the shapes differ, nobody is there, or a probability is not within 0..1.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    found = reliability(churned, probability, groups)
    faults = [
        f"{name} is {figure.value:.2f} (95 % interval {figure.low:.2f} to {figure.high:.2f})"
        for name, figure in (
            ("the ratio of customers who left to the sum of the probabilities", found.ratio),
            ("the slope on their log-odds", found.slope),
        )
        if figure.low > margin or figure.high < 1 / margin
    ]
    if faults:
        message = (
            f"{purpose} need probabilities that come true, with a ratio and a slope within "
            f"{1 / margin:.2f} to {margin:.2f}, but over {len(churned)} rows "
            f"{' and '.join(faults)}; calibrate the scores on customers that the model was not "
            f"fitted on, or use figures that need the ranking alone, such as the expected maximum "
            f"profit"
        )
        raise ScoresUncalibrated(message)
    return found


def _ratio(churned: BoolArray, probability: FloatArray, codes: npt.NDArray[np.intp]) -> Estimate:
    left, promised = float(np.count_nonzero(churned)), float(probability.sum())
    ratio = left / promised if promised > 0 else np.inf
    if np.isinf(ratio):
        return Estimate(np.inf, np.inf, np.inf)
    found = np.bincount(codes, churned - probability)
    variance = max((found**2).sum(), (probability * (1 - probability)).sum())
    return _interval(ratio, float(np.sqrt(variance)) / promised)


def _slope(churned: BoolArray, odds: FloatArray, codes: npt.NDArray[np.intp]) -> Estimate:
    centre, spread = float(odds.mean()), float(odds.std())
    if spread < _FLAT:
        return Estimate(np.nan, np.nan, np.nan)
    design = np.column_stack([np.ones_like(odds), (odds - centre) / spread])
    targets = _targets(churned)
    fitted = _newton(design, targets)
    p = sigmoid(design @ np.array(fitted))
    promised = np.linalg.inv((design * (p * (1 - p) + _EPSILON)[:, None]).T @ design)
    pulls = np.column_stack([np.bincount(codes, column * (targets - p)) for column in design.T])
    found = promised @ (pulls.T @ pulls) @ promised
    error = float(np.sqrt(max(promised[1, 1], found[1, 1])))
    return _interval(fitted[1] / spread, error / spread)


def _interval(value: float, error: float) -> Estimate:
    return Estimate(value, value - Z_95 * error, value + Z_95 * error)


def _targets(churned: BoolArray) -> FloatArray:
    left = int(np.count_nonzero(churned))
    stayed = len(churned) - left
    return np.where(churned, (left + 1) / (left + 2), 1 / (stayed + 2))


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

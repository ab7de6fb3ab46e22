"""Maps from log-odds to probabilities, fitted to a slice of customers: three rivals and none."""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.calibration import fit_platt, sigmoid
from models.spec import BoolArray, FloatArray

Calibrator = Callable[[FloatArray], FloatArray]
"""From log-odds, shape (n,), to probabilities, shape (n,)."""


def uncalibrated(churned: BoolArray, odds: FloatArray) -> Calibrator:  # noqa: ARG001 - one of four
    """The model's own probabilities."""
    return sigmoid


def platt(churned: BoolArray, odds: FloatArray) -> Calibrator:
    """The sigmoid of a line on log-odds, as trainings fit it: `models.calibration.fit_platt`."""
    line = fit_platt(churned, odds)
    return lambda given: sigmoid(line.slope * given + line.intercept)


def isotonic(churned: BoolArray, odds: FloatArray) -> Calibrator:
    """The rising steps of least squares, off 0 and 1 by Laplace's rule of succession.

    Source: Zadrozny and Elkan 2002, "Transforming classifier scores into accurate multiclass
    probability estimates"; by scikit-learn.
    """
    least = 1 / (len(churned) + 2)
    steps = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
    steps.fit(odds, churned.astype(np.float64))
    return lambda given: np.asarray(steps.predict(given), dtype=np.float64)


def beta(churned: BoolArray, odds: FloatArray) -> Calibrator:
    r"""The curve that two beta distributions of the scores make.

    .. math:: \text{logit } q = a \ln p - b \ln(1 - p) + c, \qquad a, b \ge 0

    Source: Kull, Silva Filho and Flach 2017, "Beta calibration"; as there, a slope that comes out
    negative is held at 0 and the rest fitted again. By scikit-learn, without a penalty.
    """
    kept = [0, 1]
    while kept:
        model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000)
        model.fit(_logarithms(odds)[:, kept], churned)
        slopes, level = model.coef_[0], float(model.intercept_[0])
        if (slopes >= 0).all():
            return lambda given: sigmoid(_logarithms(given)[:, kept] @ slopes + level)
        del kept[int(np.argmin(slopes))]
    return lambda given: np.full(len(given), churned.mean())


def _logarithms(odds: FloatArray) -> FloatArray:
    """Of p and of 1 / (1 - p), shape (n, 2), from log-odds."""
    return np.column_stack([-np.logaddexp(0, -odds), np.logaddexp(0, odds)])


CALIBRATORS: Mapping[str, Callable[[BoolArray, FloatArray], Calibrator]] = {
    "none": uncalibrated,
    "sigmoid": platt,
    "isotonic": isotonic,
    "beta": beta,
}
"""By name."""

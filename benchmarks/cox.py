"""Proportional hazards (Cox 1972, "Regression models and life-tables"): a peer of our curves.

Written out here, as no library of a permissive licence fits at the time of writing: lifelines asks
for pandas below 3, and PHReg of statsmodels has no ridge, without which two hundred columns that
are alike do not converge. Coefficients are those of greatest penalised partial likelihood with
Efron's ties; the level of each week is that of greatest likelihood in the same model for grouped
times, since a baseline for continuous times is far off where many leave in one week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from models.lifetimes import Lifetimes
from models.spec import BoolArray, FloatArray

PENALTIES: Final = (0.003, 0.03, 0.3)
"""Ridge penalties a row; the one with the best partial likelihood on a fifth of the customers."""

FLAT: Final = 0.05
"""Columns that vary by less than this after shaping are left out."""

_NOBODY: Final = -25.0  # log of a hazard of one in 10 billion
_STEPS, _CLOSE = 50, 1e-9


@dataclass(frozen=True, eq=False)
class Partial:
    """The partial log-likelihood at some coefficients, its slope and curvature, for all rows."""

    value: float
    slope: FloatArray
    curvature: FloatArray


@dataclass(frozen=True, eq=False)
class Cox:
    """A fitted regression.

    Attributes
    ----------
    shape
        Makes normal scores of the columns.
    kept
        Which of them vary.
    coefficients
        Of those, shape (k,).
    levels
        What each week adds to the log of the hazard, shape (weeks,).
    """

    shape: Pipeline
    kept: BoolArray
    coefficients: FloatArray
    levels: FloatArray

    def survival(self, features: pd.DataFrame) -> FloatArray:
        """Chance to be there still after each week, shape (n, weeks)."""
        risk = self.shape.transform(features)[:, self.kept] @ self.coefficients
        return np.exp(-np.cumsum(np.exp(risk[:, None] + self.levels), axis=1, dtype=np.float64))


def fit_cox(
    features: pd.DataFrame, lifetimes: Lifetimes, persons: Sequence[int], weeks: int
) -> Cox:
    """Ridge regression on the normal scores of every column.

    Parameters
    ----------
    features, lifetimes
        Customers at their as_of; those watched for no week are left out.
    persons
        Number of the customer of each row, by which a fifth is held out.
    weeks
        Weeks of the curves.
    """
    watched = lifetimes.weeks > 0
    shape = make_pipeline(
        QuantileTransformer(n_quantiles=200, subsample=None, output_distribution="normal"),
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
    )
    shaped = shape.fit_transform(features[watched])
    kept = np.asarray(shaped.std(axis=0) > FLAT)
    rows, seen = np.asarray(shaped[:, kept]), lifetimes.where(watched)
    held = np.asarray(persons)[watched] % 5 == 0
    score = {
        penalty: partial_likelihood(
            coefficients(rows[~held], seen.where(~held), penalty), rows[held], seen.where(held)
        ).value
        for penalty in PENALTIES
    }
    found = coefficients(rows, seen, max(score, key=lambda penalty: score[penalty]))
    return Cox(shape, kept, found, _levels(rows @ found, seen, weeks))


def coefficients(rows: FloatArray, lifetimes: Lifetimes, penalty: float) -> FloatArray:
    r"""Coefficients of greatest penalised partial likelihood, shape (k,), by Newton's method.

    .. math:: \max_\beta \; \ln L(\beta) - \frac{n \lambda}{2} \lVert \beta \rVert^2

    Parameters
    ----------
    rows
        Shape (n, k).
    lifetimes
        Of the same rows, all watched from the first week on.
    penalty
        :math:`\lambda`, from 0 on.
    """
    ridge = penalty * len(rows)
    beta = np.zeros(rows.shape[1])
    here = partial_likelihood(beta, rows, lifetimes)
    for _ in range(_STEPS):
        curvature = here.curvature + ridge * np.eye(len(beta))
        step = np.linalg.solve(curvature, here.slope - ridge * beta)
        height = here.value - ridge / 2 * beta @ beta
        while True:
            moved = beta + step
            here = partial_likelihood(moved, rows, lifetimes)
            if here.value - ridge / 2 * moved @ moved >= height - _CLOSE:
                break
            step = step / 2
        beta = moved
        if np.abs(step).max() < _CLOSE:
            break
    return beta


def partial_likelihood(beta: FloatArray, rows: FloatArray, lifetimes: Lifetimes) -> Partial:
    r"""Efron's partial likelihood, its slope and its curvature (minus the second derivative).

    .. math:: \ln L = \sum_w \left( \sum_{i \in D_w} x_i^T \beta - \sum_{l=0}^{d_w - 1} \ln \left(
              \sum_{j \in R_w} e^{x_j^T \beta} - \frac{l}{d_w} \sum_{j \in D_w} e^{x_j^T \beta}
              \right) \right)

    Source: Efron 1977, "The efficiency of Cox's likelihood function for censored data". The sums
    over l share their matrices, so that a week costs the same whatever its ties.
    """
    risk = rows @ beta
    weight = np.exp(risk - risk.max())
    value, slope = 0.0, np.zeros(len(beta))
    curvature = np.zeros((len(beta), len(beta)))
    at_risk, mean, square = 0.0, np.zeros(len(beta)), np.zeros_like(curvature)
    for week in np.unique(lifetimes.weeks)[::-1]:
        here = lifetimes.weeks == week
        parts = rows[here], weight[here]
        at_risk += float(parts[1].sum())
        mean += parts[1] @ parts[0]
        square += (parts[0] * parts[1][:, None]).T @ parts[0]
        ends = here & lifetimes.ended
        count = int(ends.sum())
        if count == 0:
            continue
        left, heavy = rows[ends], weight[ends]
        tied = heavy @ left
        share = np.arange(count) / count
        below = at_risk - share * float(heavy.sum())
        once, twice = 1 / below, 1 / below**2
        value += float(risk[ends].sum() - np.log(below).sum()) - count * float(risk.max())
        slope += left.sum(axis=0) - once.sum() * mean + (share * once).sum() * tied
        curvature += once.sum() * square
        curvature -= (share * once).sum() * ((left * heavy[:, None]).T @ left)
        across = np.outer(mean, tied)
        curvature -= twice.sum() * np.outer(mean, mean)
        curvature += (share * twice).sum() * (across + across.T)
        curvature -= (share**2 * twice).sum() * np.outer(tied, tied)
    return Partial(value, slope, curvature)


def _levels(risk: FloatArray, lifetimes: Lifetimes, weeks: int) -> FloatArray:
    """What to add to everybody's risk in each week; very low where nobody leaves.

    Source: Prentice and Gloeckler 1978, "Regression analysis of grouped survival data with
    application to breast cancer data", with the coefficients held.
    """
    found = np.full(weeks, _NOBODY)
    for week in range(1, weeks + 1):
        leaves = lifetimes.ended & (lifetimes.weeks == week)
        left, stayed = risk[leaves], risk[lifetimes.outlasting(week)]
        if len(left) and len(stayed):
            found[week - 1] = brentq(_tilt, _NOBODY, -_NOBODY, args=(left, stayed))
    return found


def _tilt(level: float, left: FloatArray, stayed: FloatArray) -> float:
    """Slope of the likelihood of one week along its level."""
    of_left, of_stayed = (np.exp(np.clip(each + level, -30, 30)) for each in (left, stayed))
    return float((of_left / np.expm1(np.minimum(of_left, 500))).sum() - of_stayed.sum())

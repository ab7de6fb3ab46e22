"""What goes with being in a group, each column beside the others: logistic regression."""

import warnings
from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit
from scipy.stats import chi2, norm
from sklearn.model_selection import StratifiedKFold
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    PerfectSeparationError,
    PerfectSeparationWarning,
)

from models.dominance import cliffs_delta
from models.metrics import Z_95, Estimate
from models.profile.assumptions import told_apart
from models.profile.effects import OF_DELTA, size_of
from models.profile.findings import SURE, Check, Effect, Finding, Test, without_interval
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import standardised
from models.profile.regression import CURVED, INFLATED, Regression, require_independent, slopes_of
from models.spec import BoolArray, FloatArray

EVENTS: Final = 10
"""Customers of the smaller group per column (Peduzzi et al. 1996)."""

FOLDS: Final = 5

FIRTH: Final = "Firth's likelihood, which takes the bias of few events away"
_STEPS: Final = 200
_SMALL: Final = 1e-8
_LONGEST: Final = 5.0


class Fit(NamedTuple):
    """Coefficients, the constant first, with errors, z, chances, and the log-likelihood.

    ``reached`` is what was made as large as possible: the log-likelihood, or Firth's.
    """

    params: FloatArray
    errors: FloatArray
    tvalues: FloatArray
    pvalues: FloatArray
    likelihood: float
    reached: float


def logistic(
    subject: str,
    is_in: BoolArray,
    columns: tuple[str, ...],
    rows: FloatArray,
    seed: int,
) -> Regression:
    """What goes with being in a group, each column given all others, in log-odds.

    Maximum likelihood; Firth's (1993, "Bias reduction of maximum likelihood estimates"; Heinze and
    Schemper 2002, "A solution to the problem of separation in logistic regression") where columns
    separate the groups, or the smaller one has fewer than `EVENTS` customers per column. Pregibon's
    link test (1980) says whether lines are straight. How much the columns tell is the share of
    pairs, one customer of each group, that they put into the right order, on customers that they
    were not fitted to (the area under the ROC curve), and McFadden's R squared.

    Parameters
    ----------
    subject
        Name of the group.
    is_in
        Shape (n,): who is in it.
    columns, rows
        As of `models.profile.regression.linear`.
    seed
        Of the parts that are held out.

    Raises
    ------
    ColumnsUnfit
        When there are too few customers for so many columns, or columns are made of others, or one
        group has fewer customers than there are parts.
    """
    require_independent(subject, rows)
    smaller = int(min(is_in.sum(), (~is_in).sum()))
    if smaller < FOLDS:
        message = (
            f"a regression of {subject} needs {FOLDS} customers in and outside of it, but the "
            f"smaller group has {smaller}; choose other groups"
        )
        raise ColumnsUnfit(message)
    n, k = rows.shape
    design = np.column_stack([np.ones(n), np.stack([standardised(each) for each in rows.T], 1)])
    fit, few = _fit(design, is_in.astype(np.float64), smaller)
    empty = float(is_in.mean())
    nothing = n * (empty * np.log(empty) + (1 - empty) * np.log(1 - empty))
    least = nothing if few.is_met else firth(design, is_in.astype(np.float64), free=1).reached
    statistic = 2 * (fit.reached - least)
    auc = _held_out(design, is_in, smaller, seed)
    r_squared = 1 - fit.likelihood / nothing
    apart = told_apart(np.atleast_2d(np.corrcoef(rows, rowvar=False)), INFLATED)
    finding = Finding(
        method="logistic regression" + ("" if few.is_met else " by Firth's likelihood"),
        subject=subject,
        customers=n,
        tests=(Test("likelihood ratio", statistic, (float(k),), float(chi2.sf(statistic, k))),),
        checks=(few, _straight(design @ fit.params, is_in, few), apart),
        effects=(
            Effect("pairs in the right order", auc, size_of(2 * auc.value - 1, OF_DELTA)),
            Effect("McFadden's R squared", without_interval(r_squared)),
        ),
    )
    ends = fit.params[:, None] + np.array([-Z_95, Z_95]) * fit.errors[:, None]
    return Regression(finding, slopes_of(columns, fit.params, ends, fit))


def _fit(design: FloatArray, y: FloatArray, smaller: int) -> tuple[Fit, Check]:
    """The fit, and whether it is by plain maximum likelihood."""
    k = design.shape[1] - 1
    by = f"{EVENTS} customers per column in the smaller group, and no separation"
    plain = _plain(design, y) if smaller >= EVENTS * k else None
    per = smaller / max(k, 1)
    check = Check("enough customers", by, per, np.nan, plain is not None, "" if plain else FIRTH)
    return (firth(design, y) if plain is None else plain), check


def _plain(design: FloatArray, y: FloatArray) -> Fit | None:
    """Maximum likelihood; None where columns separate the groups."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = Logit(y, design).fit(disp=0, maxiter=100)
        except (
            PerfectSeparationError,
            PerfectSeparationWarning,
            ConvergenceWarning,
            RuntimeWarning,
            np.linalg.LinAlgError,
        ):
            return None
    return Fit(
        np.asarray(found.params),
        np.asarray(found.bse),
        np.asarray(found.tvalues),
        np.asarray(found.pvalues),
        float(found.llf),
        float(found.llf),
    )


def firth(design: FloatArray, y: FloatArray, free: int | None = None) -> Fit:
    r"""Maximum of the likelihood times the root of the determinant of the information.

    .. math:: U_j = \sum_i (y_i - p_i + h_i (1/2 - p_i)) x_{ij} = 0

    with the diagonal h of the hat matrix. Chances are Wald's.

    Parameters
    ----------
    design
        Shape (n, k + 1), the constant first.
    y
        Shape (n,), 0 or 1.
    free
        Coefficients that are fitted, from the first on; the others are 0. None: all.
    """
    params, own = np.zeros(design.shape[1]), slice(free)
    for _ in range(_STEPS):
        p = expit(design @ params)
        information = (design * (p * (1 - p))[:, None]).T @ design
        hat = p * (1 - p) * np.einsum("ij,jk,ik->i", design, np.linalg.pinv(information), design)
        score = design.T @ (y - p + hat * (0.5 - p))
        step = np.linalg.pinv(information[own, own]) @ score[own]
        step *= min(1.0, _LONGEST / max(float(np.abs(step).max()), _SMALL))
        params[own] += step
        if float(np.abs(step).max()) < _SMALL:
            break
    p = expit(design @ params)
    information = (design * (p * (1 - p))[:, None]).T @ design
    errors = np.sqrt(np.diag(np.linalg.pinv(information)))
    z = params / errors
    clipped = np.clip(p, 1e-300, 1 - 1e-16)
    likelihood = float((y * np.log(clipped) + (1 - y) * np.log1p(-clipped)).sum())
    reached = likelihood + float(np.linalg.slogdet(information)[1]) / 2
    return Fit(params, errors, z, 2 * norm.sf(np.abs(z)), likelihood, reached)


def _straight(index: FloatArray, is_in: BoolArray, few: Check) -> Check:
    """Whether the square of what is fitted says anything beside it."""
    by = "Pregibon's link test"
    if not few.is_met:
        return Check(
            "straight lines", f"{by}: too few", np.nan, np.nan, is_met=False, instead=CURVED
        )
    design = np.column_stack([np.ones(len(index)), index, index**2])
    found = _plain(design, is_in.astype(np.float64))
    if found is None:
        return Check(
            "straight lines", f"{by}: too few", np.nan, np.nan, is_met=False, instead=CURVED
        )
    p = float(found.pvalues[2])
    is_met = p >= SURE
    told = "" if is_met else CURVED
    return Check("straight lines", by, float(found.tvalues[2]), p, is_met, told)


def _held_out(design: FloatArray, is_in: BoolArray, smaller: int, seed: int) -> Estimate:
    """Share of pairs in the right order, of customers that it was not fitted to.

    Chances of all parts are ranked together, each by the fit that has not seen it.
    """
    told = np.zeros(len(is_in))
    y = is_in.astype(np.float64)
    for fit, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(design, is_in):
        found, _ = _fit(design[fit], y[fit], smaller * (FOLDS - 1) // FOLDS)
        told[rest] = expit(design[rest] @ found.params)
    delta = cliffs_delta(told[is_in], told[~is_in])
    return Estimate(*((1 + each) / 2 for each in (delta.value, delta.low, delta.high)))

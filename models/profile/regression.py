"""What goes with a number, each column beside the others: linear regression."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import het_breuschpagan, linear_reset

from models.false_discoveries import false_discovery_rate
from models.metrics import Estimate
from models.profile.assumptions import bell_shaped, told_apart
from models.profile.effects import OF_R_SQUARED, partial_eta_squared, size_of
from models.profile.findings import SURE, Check, Effect, Finding, Test
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import normal_scores, standardised
from models.profile.variance import ROBUST, SCORES
from models.spec import FloatArray

CURVED: Final = "slopes are those of the straight line that comes nearest"
INFLATED: Final = "slopes of columns that say the same share what they say"


@dataclass(frozen=True, eq=False)
class Regression:
    """What goes with a number or with a group.

    Attributes
    ----------
    finding
        Test of all columns together, assumptions, and how much they tell.
    slopes
        One row per column: column, value, low, high (95 %), statistic, p, adjusted (Benjamini and
        Hochberg, over the columns). Linear: standard deviations of the number (of its normal
        scores) for one of the column; logistic: log-odds for one.
    """

    finding: Finding
    slopes: pd.DataFrame


def linear(
    subject: str, values: FloatArray, columns: tuple[str, ...], rows: FloatArray
) -> Regression:
    """What goes with a number, each column given all others, by least squares.

    Where residuals are not bell-shaped, the number becomes its normal scores; where they do not
    spread alike (Breusch and Pagan 1979, in Koenker's form), errors are HC3. Ramsey's RESET (1969,
    with squares and cubes of what is fitted) says whether lines are straight. R squared has the
    interval of its noncentral F, as if columns were fixed.

    Parameters
    ----------
    subject
        Name of the number's column.
    values
        Shape (n,): all known.
    columns
        Names of the others.
    rows
        Shape (n, k): the others, without missing values.

    Raises
    ------
    ColumnsUnfit
        When there are too few customers for so many columns, columns are made of others, or all
        values are alike.
    """
    if len(values) == 0 or np.ptp(values) <= 1e-12 * float(np.abs(values).max()):
        message = (
            f"a regression of {subject} needs values that differ, but those of {len(values):,} "
            "customers are alike; choose another number"
        )
        raise ColumnsUnfit(message)
    require_independent(subject, rows)
    n, k = rows.shape
    design = np.column_stack([np.ones(n), np.stack([standardised(each) for each in rows.T], 1)])
    plain = OLS(standardised(values), design).fit()
    shape = bell_shaped([np.asarray(plain.resid)], SCORES)
    told = values if shape.is_met else normal_scores(values)
    fitted = OLS(standardised(told), design).fit()
    checks = (_straight(fitted), shape, _even(fitted, design), _apart(rows))
    is_robust = not checks[2].is_met
    used = fitted.get_robustcov_results("HC3", use_t=True) if is_robust else fitted
    whole = used.f_test(np.eye(k + 1)[1:])
    f, p = float(np.squeeze(whole.fvalue)), float(np.squeeze(whole.pvalue))
    within = float(n - k - 1)
    r_squared = partial_eta_squared(float(fitted.fvalue), float(k), within)
    return Regression(
        Finding(
            method=" ".join(["linear regression", *_bent(checks)]),
            subject=subject,
            customers=n,
            tests=(Test("F of all columns", f, (float(k), within), p),),
            checks=checks,
            effects=(
                Effect("R squared", r_squared, size_of(r_squared.value, OF_R_SQUARED)),
                Effect(
                    "adjusted R squared",  # of the same share of everybody
                    Estimate(float(fitted.rsquared_adj), r_squared.low, r_squared.high),
                ),
            ),
        ),
        slopes_of(columns, np.asarray(used.params), np.asarray(used.conf_int()), used),
    )


def require_independent(subject: str, rows: FloatArray) -> None:
    """Nothing, where columns can be told apart.

    Raises
    ------
    ColumnsUnfit
        Saying how many customers and independent columns there are.
    """
    n, k = rows.shape
    rank = int(np.linalg.matrix_rank(rows - rows.mean(axis=0)))
    if n <= k + 2 or rank < k:
        message = (
            f"a regression of {subject} needs more than {k + 2} customers and columns not made of "
            f"each other, but found {n:,} customers and {rank} of {k} independent columns; leave "
            "some out"
        )
        raise ColumnsUnfit(message)


def slopes_of(
    columns: tuple[str, ...], values: FloatArray, ends: FloatArray, fitted: object
) -> pd.DataFrame:
    """Rows of slopes of a fit of the library's, without the constant, which comes first."""
    p = np.asarray(fitted.pvalues, dtype=np.float64)[1:]  # type: ignore[attr-defined]
    return pd.DataFrame(
        {
            "column": list(columns),
            "value": values[1:],
            "low": ends[1:, 0],
            "high": ends[1:, 1],
            "statistic": np.asarray(fitted.tvalues, dtype=np.float64)[1:],  # type: ignore[attr-defined]
            "p": p,
            "adjusted": false_discovery_rate(p, len(p), "benjamini_hochberg"),
        }
    )


def _bent(checks: tuple[Check, ...]) -> list[str]:
    told = {SCORES: "of normal scores", ROBUST: "with HC3 errors"}
    return [told[check.instead] for check in checks if check.instead in told]


def _straight(fitted: OLS) -> Check:
    found = linear_reset(fitted, power=3, test_type="fitted", use_f=True)
    p = float(np.squeeze(found.pvalue))
    is_met = p >= SURE
    by = "Ramsey's RESET"
    return Check(
        "straight lines", by, float(np.squeeze(found.fvalue)), p, is_met, "" if is_met else CURVED
    )


def _even(fitted: OLS, design: FloatArray) -> Check:
    statistic, p, _, _ = het_breuschpagan(fitted.resid, design, robust=True)
    is_met = bool(p >= SURE)
    by = "Breusch and Pagan's test"
    return Check("equal spread", by, float(statistic), float(p), is_met, "" if is_met else ROBUST)


def _apart(rows: FloatArray) -> Check:
    return told_apart(np.atleast_2d(np.corrcoef(rows, rowvar=False)), INFLATED)

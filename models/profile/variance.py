"""Analyses of variance with several terms: F of each, plain or with robust errors."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from models.profile.effects import OF_ETA, partial_eta_squared, size_of
from models.profile.findings import Check, Effect, Finding, Test, without_interval
from models.spec import FloatArray

ROBUST: Final = "heteroscedasticity-consistent errors (HC3)"
SCORES: Final = "normal scores are compared instead of values"
SLOPES: Final = "groups are compared at a low, a middle and a high value"

_ADDED: Final = {
    SCORES: "of normal scores",
    SLOPES: "with own slopes",
    ROBUST: "with HC3 errors",
}


@dataclass(frozen=True)
class Term:
    """F of a term, its degrees of freedom and those of what is left, and the chance.

    ``plain`` is the F of the sums of squares, which differs from the one with robust errors.
    """

    f: float
    between: float
    within: float
    p: float
    plain: float


def terms(
    formula: str, data: pd.DataFrame, kind: Literal[2, 3], *, is_robust: bool
) -> dict[str, Term]:
    """F of every term of a linear model, by name.

    Parameters
    ----------
    formula, data
        Of the model.
    kind
        Type of the sums of squares.
    is_robust
        Whether errors are HC3 (Long and Ervin 2000, "Using heteroscedasticity consistent standard
        errors in the linear regression model").
    """
    robust: dict[str, Any] = {"robust": "hc3"} if is_robust else {}
    fitted = ols(formula, data).fit()
    plain = anova_lm(fitted, typ=kind)
    table = anova_lm(fitted, typ=kind, **robust) if is_robust else plain
    columns = (*(table[name] for name in ("F", "df", "PR(>F)")), plain["F"])
    within = float(table["df"].iloc[-1])
    return {
        str(name): Term(float(f), float(between), within, float(p), float(squares))
        for name, f, between, p, squares in zip(table.index, *columns, strict=True)
        if name != "Residual"
    }


def residuals(formula: str, data: pd.DataFrame) -> FloatArray:
    """What a linear model leaves, shape (n,)."""
    return np.asarray(ols(formula, data).fit().resid, dtype=np.float64)


def method(plain: str, checks: tuple[Check, ...]) -> str:
    """Name of what was done: plain, or with what failed checks made of it."""
    bent = [_ADDED[check.instead] for check in checks if check.instead in _ADDED]
    return " ".join([plain, *bent])


def finding(subject: str, name: str, term: Term, checks: tuple[Check, ...], n: int) -> Finding:
    """A term's test with partial eta squared, whose interval is not known of robust errors.

    Parameters
    ----------
    subject, name
        What was compared, and how.
    term, checks
        What came out, and what was looked at.
    n
        Customers.
    """
    effect = partial_eta_squared(term.plain, term.between, term.within)
    if term.plain != term.f:
        effect = without_interval(effect.value)
    return Finding(
        method=name,
        subject=subject,
        customers=n,
        tests=(Test("F", term.f, (term.between, term.within), term.p),),
        checks=checks,
        effects=(Effect("partial eta squared", effect, size_of(effect.value, OF_ETA)),),
    )

"""Groups compared as if they were alike in another number: analysis of covariance."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.formula.api import ols

from models.profile.assumptions import bell_shaped, equal_spread
from models.profile.findings import SURE, Check, Finding
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.prepared import back, normal_scores
from models.profile.variance import ROBUST, SCORES, SLOPES, Term, finding, method, residuals, terms
from models.spec import FloatArray

OVERLAP: Final = "adjusted means reach beyond what was seen of some group"
LEAST: Final = 3
"""Customers of a group: a line through two tells nothing."""

_QUARTILES: Final = (0.25, 0.5, 0.75)
_PARALLEL, _OWN = "y ~ C(a, Sum) + x", "y ~ C(a, Sum) * x"
_GROUPS, _SLOPES = "C(a, Sum)", "C(a, Sum):x"


@dataclass(frozen=True, eq=False)
class Adjusted:
    """How groups differ in a number at the same value of another.

    Attributes
    ----------
    finding
        The difference of groups at equal values of the covariate (where slopes differ: at its
        mean), with its checks.
    slopes
        Whether the covariate does the same in every group.
    covariate
        What the covariate does, whatever the group.
    means
        One row per group, and where slopes differ per quartile: group, at (the covariate), plain
        (mean of the group as it is), value, low, high (adjusted mean with 95 % interval). Of normal
        scores they are read back in the unit of the values, and ``plain`` is the median.
    """

    finding: Finding
    slopes: Finding
    covariate: Finding
    means: pd.DataFrame


def adjusted(
    subject: str, values: FloatArray, other: tuple[str, FloatArray], groups: Groups
) -> Adjusted:
    """How groups differ in a number at the same value of another number.

    Parallel lines where slopes are alike; otherwise a line per group, compared at the covariate's
    mean, with adjusted means at its quartiles (Huitema 2011, "The analysis of covariance and
    alternatives", chapter 11). Where residuals are not bell-shaped, both numbers become normal
    scores (Quade 1967, "Rank analysis of covariance"); where groups do not spread alike about
    their lines, HC3 errors.

    Parameters
    ----------
    subject
        Name of the number's column.
    values
        Shape (n,); NaN: not known, and not looked at.
    other
        Name and values, shape (n,), of the covariate.
    groups
        Of the customers.

    Raises
    ------
    ColumnsUnfit
        When fewer than two groups have three known values of both, the covariate is the same for
        all of a group, or the number for everybody.
    """
    covariate, beside = other
    kept = groups.kept(np.isfinite(values) & np.isfinite(beside), LEAST)
    own = groups.where(kept, LEAST)
    within = [np.ptp(part) for part in own.split(beside[kept])]
    if len(own) < 2 or min(np.ptp(values[kept]), *within) == 0:  # noqa: PLR2004
        message = (
            f"{subject} at equal {covariate} needs two groups of {LEAST} customers with both "
            f"known, and different within each, but found {sum(each > 0 for each in within)}; "
            "choose other columns"
        )
        raise ColumnsUnfit(message)
    names = np.array(own.names, dtype=object)[own.code]
    data = pd.DataFrame({"y": values[kept], "x": beside[kept], "a": names})
    shape = bell_shaped([residuals(_OWN, data)], SCORES)
    used = data if shape.is_met else data.assign(y=_scored(data["y"]), x=_scored(data["x"]))
    used = used.assign(x=used["x"] - used["x"].mean())
    spread = equal_spread(own.split(residuals(_OWN, used)), ROBUST)
    is_robust = not spread.is_met
    of_slopes = terms(_OWN, used, 2, is_robust=is_robust)[_SLOPES]
    parallel = _alike(of_slopes)
    told = (
        terms(_PARALLEL, used, 2, is_robust=is_robust)
        if parallel.is_met
        else terms(_OWN, used, 3, is_robust=is_robust)  # groups are compared where x is 0
    )
    checks = (_overlap(own, beside[kept]), parallel, shape, spread)
    name = method("analysis of covariance", checks)
    about = (f"{subject} at equal {covariate}", f"{subject}: slopes of {covariate}", covariate)
    rows = (told[_GROUPS], of_slopes, told["x"])
    found = [
        finding(what, name, row, checks, len(data)) for what, row in zip(about, rows, strict=True)
    ]
    return Adjusted(found[0], found[1], found[2], _means(data, used, own, checks))


def _scored(values: pd.Series) -> FloatArray:
    return normal_scores(values.to_numpy())


def _alike(term: Term) -> Check:
    is_met = term.p >= SURE
    by = "F test of the product of group and covariate"
    return Check("equal slopes", by, term.f, term.p, is_met, "" if is_met else SLOPES)


def _overlap(groups: Groups, beside: FloatArray) -> Check:
    """Whether the mean of the covariate lies well within what was seen of every group."""
    mean = float(beside.mean())
    inside = [float((part < mean).mean()) for part in groups.split(beside)]
    worst = min(min(each, 1 - each) for each in inside)
    is_met = worst >= SURE
    by = "a twentieth of each group on either side of the mean"
    return Check("groups overlap", by, worst, np.nan, is_met, "" if is_met else OVERLAP)


def _means(
    data: pd.DataFrame, used: pd.DataFrame, groups: Groups, checks: tuple[Check, ...]
) -> pd.DataFrame:
    _, parallel, shape, spread = checks
    fitted = ols(_PARALLEL if parallel.is_met else _OWN, used).fit(
        **({} if spread.is_met else {"cov_type": "HC3"})
    )
    places = [0.0] if parallel.is_met else [float(used["x"].quantile(q)) for q in _QUARTILES]
    asked = pd.DataFrame([(name, x) for x in places for name in groups.names], columns=["a", "x"])
    told = fitted.get_prediction(asked).summary_frame(alpha=0.05)
    found = told[["mean", "mean_ci_lower", "mean_ci_upper"]].to_numpy()
    plain = data.groupby("a")["y"].agg("mean" if shape.is_met else "median")
    at = asked["x"].to_numpy() + float(data["x"].mean())
    if not shape.is_met:
        found = back(found, data["y"].to_numpy())
        centre = float(_scored(data["x"]).mean())
        at = np.quantile(data["x"], norm.cdf(asked["x"].to_numpy() + centre))
    return pd.DataFrame(
        {
            "group": asked["a"],
            "at": at,
            "plain": plain.loc[asked["a"]].to_numpy(),
            "value": found[:, 0],
            "low": found[:, 1],
            "high": found[:, 2],
        }
    )

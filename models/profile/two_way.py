"""Two classifications at once: what each does to a number, and whether they work together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.profile.assumptions import bell_shaped, equal_spread
from models.profile.findings import Check, Finding
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.prepared import normal_scores
from models.profile.variance import ROBUST, SCORES, finding, method, residuals, terms
from models.spec import FloatArray, IntArray

CELL_LEAST: Final = 2
"""Customers of every combination, before it is asked whether the two work together."""

_ADDED, _CROSSED = "y ~ C(a, Sum) + C(b, Sum)", "y ~ C(a, Sum) * C(b, Sum)"
_TERMS: Final = ("C(a, Sum)", "C(b, Sum)", "C(a, Sum):C(b, Sum)")


@dataclass(frozen=True, eq=False)
class TwoWay:
    """What two classifications do to a number.

    Attributes
    ----------
    first, second
        What the first does at each of the second's levels, and the other way round.
    together
        Whether the one does more at some levels of the other; None where combinations lack
        customers.
    cells
        One row per combination with customers: group, level, customers, mean, median.
    """

    first: Finding
    second: Finding
    together: Finding | None
    cells: pd.DataFrame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that there are."""
        return tuple(each for each in (self.first, self.second, self.together) if each is not None)


def two_way(
    subject: str,
    values: FloatArray,
    groups: Groups,
    factor: Groups,
) -> TwoWay:
    """Effects of groups and of a second classification on a number, each beside the other.

    Analysis of variance with sums of squares of type II (Langsrud 2003, "ANOVA for unbalanced data:
    use type II instead of type III sums of squares"). Where residuals are not bell-shaped, of the
    values' normal scores (Mansouri and Chang 1995, "A comparative study of some rank tests for
    interaction"); where combinations do not spread alike, with HC3 errors (Long and Ervin 2000).

    Parameters
    ----------
    subject
        Name of the number's column.
    values
        Shape (n,); NaN: not known, and not looked at.
    groups, factor
        Of the same customers.

    Raises
    ------
    ColumnsUnfit
        When fewer than two groups, or two levels of the factor, have known values; the values are
        all alike; or levels are those of groups, so that nobody can tell which of both it is.
    """
    data, names = _data(subject, values, groups, factor)
    cells = [part["y"].to_numpy() for _, part in data.groupby(["a", "b"])]
    is_full = len(cells) == _combinations(data) and min(map(len, cells)) >= CELL_LEAST
    formula = _CROSSED if is_full else _ADDED
    shape = bell_shaped([residuals(formula, data)], SCORES)
    scored = data if shape.is_met else data.assign(y=normal_scores(data["y"].to_numpy()))
    parts = [part["y"].to_numpy() for _, part in scored.groupby(["a", "b"])]
    spread = equal_spread([each for each in parts if len(each) >= CELL_LEAST], ROBUST)
    least = min(map(len, cells)) if len(cells) == _combinations(data) else 0
    checks = (_full(is_full, least), shape, spread)
    told = terms(formula, scored, 2, is_robust=not spread.is_met)
    about = (*names, f"{names[0]} with {names[1]}")
    name = method("two-way analysis of variance", checks)
    found = [
        finding(f"{subject}: {what}", name, told[term], checks, len(data))
        for what, term in zip(about, _TERMS, strict=True)
        if term in told
    ]
    together = found[2] if len(found) == len(_TERMS) else None
    return TwoWay(found[0], found[1], together, _cells(data))


def _combinations(data: pd.DataFrame) -> int:
    return int(data["a"].nunique() * data["b"].nunique())


def _data(
    subject: str, values: FloatArray, groups: Groups, factor: Groups
) -> tuple[pd.DataFrame, tuple[str, str]]:
    known = np.isfinite(values)
    data = pd.DataFrame(
        {
            "y": values[known],
            "a": _named(groups, groups.code[known]),
            "b": _named(factor, factor.code[known]),
        }
    )
    counts = (data["a"].nunique(), data["b"].nunique())
    if min(counts) < 2 or np.ptp(data["y"]) == 0:  # noqa: PLR2004
        message = (
            f"{subject} by {groups.name} and {factor.name} needs two groups, two levels and values "
            f"that differ, but of {len(data):,} known values found {counts[0]} and {counts[1]}; "
            "choose another column"
        )
        raise ColumnsUnfit(message)
    _require_crossed(subject, data, groups, factor)
    return data, (groups.name, factor.name)


def _require_crossed(subject: str, data: pd.DataFrame, groups: Groups, factor: Groups) -> None:
    """Nothing, where both can be told apart: the table of combinations does not fall into parts."""
    cells = data[["a", "b"]].drop_duplicates()
    design = pd.get_dummies(cells).to_numpy(dtype=np.float64)
    if np.linalg.matrix_rank(design) < design.shape[1] - 1:
        message = (
            f"{subject} by {groups.name} and {factor.name} needs levels of {factor.name} that "
            "occur in several groups, but some groups and levels never meet others; choose another "
            "factor"
        )
        raise ColumnsUnfit(message)


def _named(groups: Groups, code: IntArray) -> npt.NDArray[np.object_]:
    return np.array(groups.names, dtype=object)[code]


def _full(is_full: bool, least: int) -> Check:  # noqa: FBT001
    instead = "" if is_full else "nothing is said of whether the two work together"
    by = f"{CELL_LEAST} customers or more in each"
    return Check("customers in every combination", by, float(least), np.nan, is_full, instead)


def _cells(data: pd.DataFrame) -> pd.DataFrame:
    found = data.groupby(["a", "b"])["y"].agg(["size", "mean", "median"]).reset_index()
    return found.set_axis(["group", "level", "customers", "mean", "median"], axis=1)

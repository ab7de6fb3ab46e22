"""Categories of groups compared: chi-squared, exact or by permutations where counts are small."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import MonteCarloMethod, chi2_contingency, fisher_exact

from models.metrics import Estimate
from models.profile.effects import cramers_v
from models.profile.findings import Check, Finding, Test
from models.profile.groups import ColumnsUnfit, Groups
from models.proportions import difference, wilson
from models.spec import FloatArray, IntArray

ENOUGH: Final = 5.0
SOME: Final = 1.0
MOST_BELOW: Final = 0.2
"""Expected customers of a cell: at least `SOME`, and below `ENOUGH` in at most a fifth of the cells
(Cochran 1954, "Some methods for strengthening the common chi-squared tests")."""

PERMUTATIONS: Final = 9_999
"""Tables of the same margins that a chance is counted in."""

_FOURFOLD: Final = (2, 2)


@dataclass(frozen=True, eq=False)
class Categories:
    """How a classification differs between groups.

    Attributes
    ----------
    finding
        Tests, the assumption, and Cramér's V.
    groups, levels
        Names of the rows and columns of the next.
    counts
        Customers, shape (groups, levels).
    expected
        What there would be if groups did not differ.
    residuals
        Adjusted residuals: of a standard normal distribution each, if groups did not differ
        (Haberman 1973, "The analysis of residuals in cross-classified tables").
    strongest
        The cell of the largest residual; of two groups that of the second.
    """

    finding: Finding
    groups: tuple[str, ...]
    levels: tuple[str, ...]
    counts: IntArray
    expected: FloatArray
    residuals: FloatArray
    strongest: tuple[int, int]

    @property
    def shares(self) -> FloatArray:
        """Of each group, the share (0..1) of each level, shape (groups, levels)."""
        found: FloatArray = self.counts / self.counts.sum(axis=1, keepdims=True)
        return found

    def compared(self, cell: tuple[int, int]) -> tuple[Estimate, Estimate, Estimate]:
        """Share of a cell's level in its group, in all other groups, and their difference."""
        group, level = cell
        others = np.delete(self.counts, group, axis=0)
        own = wilson(float(self.counts[group, level]), float(self.counts[group].sum()))
        rest = wilson(float(others[:, level].sum()), float(others.sum()))
        return own, rest, difference(own, rest)


def categories(
    subject: str,
    values: npt.NDArray[np.object_] | pd.Series,
    groups: Groups,
    seed: int,
    order: tuple[str, ...] = (),
) -> Categories:
    """How a classification differs between groups, by a test that the counts allow.

    Where the expected counts are large enough, Pearson's chi-squared (without Yates' correction);
    otherwise Fisher's exact test of a fourfold table, or the chance of as large a statistic in
    tables of the same margins, drawn at random (Patefield 1981).

    Parameters
    ----------
    subject
        Name of the column.
    values
        Shape (n,): each customer's level; null: not known, and not looked at.
    groups
        Of the customers.
    seed
        Of the permutations; equal seeds give equal chances.
    order
        Levels that come first.

    Raises
    ------
    ColumnsUnfit
        When fewer than two groups or levels are known.
    """
    told = pd.Series(values, dtype=object)
    known = told.notna().to_numpy(dtype=np.bool_)
    own = groups.where(known)
    text = told[known].astype(str).to_numpy(dtype=object)
    found = sorted(set(text.tolist()))
    levels = (*(each for each in order if each in found), *(x for x in found if x not in order))
    if len(own) < 2 or len(levels) < 2:  # noqa: PLR2004
        message = (
            f"{subject} needs two groups and two different values, but of {known.sum():,} known "
            f"values found {len(own)} and {len(levels)}; leave the column out"
        )
        raise ColumnsUnfit(message)
    places = {name: place for place, name in enumerate(levels)}
    level = np.array([places[each] for each in text], dtype=np.int64)
    flat = np.bincount(own.code * len(levels) + level, minlength=len(own) * len(levels))
    return of_counts(subject, flat.reshape(len(own), -1), (own.names, levels), seed)


def of_counts(
    subject: str,
    counts: IntArray,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    seed: int,
) -> Categories:
    """The same of a table of counts whose rows are groups and whose columns are levels.

    Parameters
    ----------
    subject
        Name of the column.
    counts
        Shape (groups, levels); no row and no column is empty.
    names
        Of groups and levels.
    seed
        Of the permutations.
    """
    pearson = chi2_contingency(counts, correction=False)
    statistic, expected = float(pearson.statistic), np.asarray(pearson.expected_freq)
    check = _large_enough(expected, counts.shape)
    asked = Test("Pearson's chi-squared", statistic, (float(pearson.dof),), float(pearson.pvalue))
    first = asked if check.is_met else _by_counting(counts, statistic, seed)
    finding = Finding(
        method=first.name,
        subject=subject,
        customers=int(counts.sum()),
        tests=(asked,) if first is asked else (first, asked),
        checks=(check,),
        effects=cramers_v(statistic, (counts.shape[0], counts.shape[1]), int(counts.sum())),
    )
    residuals = _adjusted(counts, expected)
    strongest = _strongest(residuals)
    return Categories(finding, *names, counts, expected, residuals, strongest)


def _strongest(residuals: FloatArray) -> tuple[int, int]:
    if len(residuals) == 2:  # noqa: PLR2004  what one has more of, the other has less of
        return 1, int(np.argmax(residuals[1]))
    group, level = np.unravel_index(int(np.argmax(residuals)), residuals.shape)
    return int(group), int(level)


def _large_enough(expected: FloatArray, shape: tuple[int, ...]) -> Check:
    below = float((expected < ENOUGH).mean())
    is_met = bool(expected.min() >= SOME and below <= MOST_BELOW)
    instead = "Fisher's exact test" if shape == _FOURFOLD else "chances counted in random tables"
    return Check(
        "large enough counts",
        f"expected counts of {SOME:g} or more, in 80 % of the cells of {ENOUGH:g} or more",
        float(expected.min()),
        float(np.nan),
        is_met,
        "" if is_met else instead,
    )


def _by_counting(counts: IntArray, statistic: float, seed: int) -> Test:
    if counts.shape == _FOURFOLD:
        odds, p = fisher_exact(counts)
        return Test("Fisher's exact test", float(odds), (), float(p))
    method = MonteCarloMethod(n_resamples=PERMUTATIONS, rng=np.random.default_rng(seed))
    p = float(chi2_contingency(counts, correction=False, method=method).pvalue)
    return Test("chi-squared by permutations", statistic, (), p)


def _adjusted(counts: IntArray, expected: FloatArray) -> FloatArray:
    """Residuals over their standard deviation."""
    whole = counts.sum()
    rows = 1 - counts.sum(axis=1, keepdims=True) / whole
    columns = 1 - counts.sum(axis=0, keepdims=True) / whole
    found: FloatArray = (counts - expected) / np.sqrt(expected * rows * columns)
    return found

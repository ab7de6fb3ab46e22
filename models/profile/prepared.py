"""Columns made ready for methods that look at many at once: chosen, filled, scored, told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from models.profile.groups import ColumnsUnfit
from models.spec import BoolArray, FloatArray

KNOWN_LEAST: Final = 0.8
"""Share of customers for whom a column must be known."""

SAME_MOST: Final = 0.9
"""Absolute correlation from which on two columns say the same."""

DIFFERENT_LEAST: Final = 0.05
"""Share of customers who must not have the most frequent value."""

COLUMNS_LEAST: Final = 2


@dataclass(frozen=True, eq=False)
class Prepared:
    """Columns side by side, without gaps, each with mean 0 and standard deviation 1.

    Attributes
    ----------
    columns
        Names.
    rows
        Shape (n, k).
    left_out
        Column to why it is not among them.
    filled
        Column to the share (0..1) of customers whose value was not known and is the median.
    """

    columns: tuple[str, ...]
    rows: FloatArray
    left_out: dict[str, str]
    filled: dict[str, float]

    @property
    def correlations(self) -> FloatArray:
        """Shape (k, k)."""
        found: FloatArray = np.atleast_2d(np.corrcoef(self.rows, rowvar=False))
        return found

    def only(self, columns: Sequence[str]) -> "Prepared":
        """The same customers with fewer columns."""
        places = [self.columns.index(name) for name in columns]
        return Prepared(tuple(columns), self.rows[:, places], self.left_out, self.filled)

    def where(self, mask: BoolArray) -> "Prepared":
        """Fewer customers, whose columns have mean 0 and standard deviation 1 only about."""
        return Prepared(self.columns, self.rows[mask], self.left_out, self.filled)


def prepared(
    table: pd.DataFrame, candidates: Sequence[str], most: int, *, scores: bool = True
) -> Prepared:
    """Columns that tell of different things, ready for methods that assume bell shapes.

    Candidates are taken in their order. Left out is what is known for less than `KNOWN_LEAST` of
    the customers, what is the same for all but `DIFFERENT_LEAST` of them, and what is correlated
    by `SAME_MOST` with an earlier one. Gaps are filled with the median.

    Parameters
    ----------
    table
        One row per customer.
    candidates
        Columns of it, all numbers, the most wanted first.
    most
        Columns that are kept, at most.
    scores
        Whether values become normal scores, so that neither shapes nor outliers matter; otherwise
        they are only standardised.

    Raises
    ------
    ColumnsUnfit
        When fewer than two columns are left.
    """
    kept: list[str] = []
    made: list[FloatArray] = []
    left_out: dict[str, str] = {}
    filled: dict[str, float] = {}
    for name in candidates:
        values = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if (reason := _unfit(values)) is not None:
            left_out[name] = reason
            continue
        is_known = np.isfinite(values)
        whole = np.where(is_known, values, np.median(values[is_known]))
        told = standardised(normal_scores(whole) if scores else whole)
        same = [other for other, each in zip(kept, made, strict=True) if _same(told, each)]
        if same or len(kept) >= most:
            left_out[name] = f"says the same as {same[0]}" if same else f"{most} come before it"
            continue
        kept.append(name)
        made.append(told)
        filled[name] = float(1 - is_known.mean())
    if len(kept) < COLUMNS_LEAST:
        message = (
            f"methods on many columns need at least {COLUMNS_LEAST} that tell of different things, "
            f"but of {len(candidates)} found {len(kept)}; name more columns"
        )
        raise ColumnsUnfit(message)
    return Prepared(tuple(kept), np.column_stack(made), left_out, filled)


def _unfit(values: FloatArray) -> str | None:
    """Why a column cannot be used."""
    known = values[np.isfinite(values)]
    if len(known) < KNOWN_LEAST * len(values):
        return f"known for {len(known) / max(len(values), 1):.0%} of the customers only"
    frequent = np.unique(known, return_counts=True)[1].max(initial=0)
    if frequent > (1 - DIFFERENT_LEAST) * len(known):
        return "the same for nearly everybody"
    return None


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(abs(float((one * other).mean())) >= SAME_MOST)


def standardised(values: FloatArray) -> FloatArray:
    """Values less their mean, over their standard deviation (that of the customers themselves)."""
    found: FloatArray = (values - values.mean()) / values.std()
    return found


def normal_scores(values: FloatArray) -> FloatArray:
    r"""Quantiles of the normal distribution in the place of values, by rank; ties share theirs.

    .. math:: \Phi^{-1}\left(\frac{r_i - 3/8}{n + 1/4}\right)

    Source: Blom 1958, "Statistical estimates and transformed beta-variables".
    """
    found: FloatArray = norm.ppf((rankdata(values) - 0.375) / (len(values) + 0.25))
    return found


def back(scores: FloatArray, values: FloatArray) -> FloatArray:
    """Values that normal scores stand for, read off the quantiles of all values."""
    found: FloatArray = np.quantile(values, norm.cdf(scores))
    return found

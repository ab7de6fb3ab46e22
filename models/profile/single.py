"""Every column compared between groups, corrected for their number, the strongest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from models.false_discoveries import Adjustment, false_discovery_rate
from models.profile.categories import Categories, categories
from models.profile.findings import Effect, Finding
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.numbers import Numbers, numbers
from models.profile.prepared import SAME_MOST, standardised
from models.profile.sentences import of_categories, of_numbers
from models.profile.words import KNOWN, Words, is_sure
from models.spec import FloatArray

LARGE: Final[Mapping[str, float]] = {
    "Cliff's delta": 0.474,
    "eta squared": 0.14,
    "epsilon squared of ranks": 0.14,
    "Cramér's V, corrected": 0.5,
}
"""Value from which on each measure is large, so that columns of different kinds can be ranked."""

_OF_VARIANCE: Final = ("eta squared", "epsilon squared of ranks")
UNKNOWN_LEAST: Final = 0.05
"""Share of customers for whom a column must be unknown (and known) before that itself is looked at,
since a missing value says something, too: never bought, never written to."""


@dataclass(frozen=True, eq=False)
class Customers:
    """What is known of the customers, and which group each is in.

    Attributes
    ----------
    groups
        Of the customers.
    numbers
        One row per customer: columns of doubles, NaN where not known.
    categories
        Name to each customer's level, shape (n,); null: not known.
    levels
        Order in which people expect the levels of a category; others follow.
    """

    groups: Groups
    numbers: pd.DataFrame
    categories: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Told:
    """A finding with its chance corrected for the other questions, and its sentence.

    Attributes
    ----------
    finding
        Of one method.
    adjusted
        Corrected chance.
    sentence
        What it says.
    """

    finding: Finding
    adjusted: float
    sentence: str

    @property
    def is_sure(self) -> bool:
        """Whether chance hardly brings it."""
        return is_sure(self.adjusted)


@dataclass(frozen=True, eq=False)
class Single:
    """Every column compared by itself.

    Attributes
    ----------
    told
        The surest and strongest first.
    numbers, categories
        The comparisons by subject.
    refused
        Column to why it cannot be compared.
    same
        Column to a stronger one that says the same.
    """

    told: tuple[Told, ...]
    numbers: Mapping[str, Numbers]
    categories: Mapping[str, Categories]
    refused: Mapping[str, str]
    same: Mapping[str, str]


def single(customers: Customers, words: Words, adjustment: Adjustment, seed: int) -> Single:
    """Every column compared between groups, corrected for their number.

    Columns that are unknown for some customers are also asked for whom they are known.

    Parameters
    ----------
    customers
        What is known of them.
    words
        Names.
    adjustment
        How chances are corrected.
    seed
        Of permutations.
    """
    of_numbers_, refused = _numbers(customers, seed)
    of_categories_, others = _categories(customers, words, seed)
    found = [each.finding for each in of_numbers_.values()]
    found += [each.finding for each in of_categories_.values()]
    chances = np.array([each.p for each in found])
    rates = false_discovery_rate(chances, len(chances), adjustment)
    told = []
    for finding, rate in zip(found, rates, strict=True):
        name, p = finding.subject, float(rate)
        text = (
            of_numbers(of_numbers_[name], p, words)
            if name in of_numbers_
            else of_categories(of_categories_[name], p, words)
        )
        told.append(Told(finding, p, text))
    told.sort(key=lambda each: (not each.is_sure, -strength(each.finding.effect)))
    return Single(
        tuple(told),
        of_numbers_,
        of_categories_,
        refused | others,
        _same(customers.numbers, [each.finding.subject for each in told]),
    )


def strength(effect: Effect) -> float:
    """An effect in parts of what its measure calls large; of shares of variance their roots."""
    share = abs(effect.estimate.value) / LARGE[effect.name]
    return float(np.sqrt(share)) if effect.name in _OF_VARIANCE else share


def _numbers(customers: Customers, seed: int) -> tuple[dict[str, Numbers], dict[str, str]]:
    found: dict[str, Numbers] = {}
    refused: dict[str, str] = {}
    for name in map(str, customers.numbers.columns):
        values = customers.numbers[name].to_numpy(dtype=np.float64, na_value=np.nan)
        try:
            found[name] = numbers(name, values, customers.groups, seed)
        except ColumnsUnfit as error:
            refused[name] = str(error)
    return found, refused


def _categories(
    customers: Customers, words: Words, seed: int
) -> tuple[dict[str, Categories], dict[str, str]]:
    asked, seen = dict(customers.categories), set()
    for name in map(str, customers.numbers.columns):
        is_known = customers.numbers[name].notna().to_numpy()
        is_new = is_known.tobytes() not in seen  # windows of one thing are unknown together
        seen.add(is_known.tobytes())
        if is_new and UNKNOWN_LEAST <= is_known.mean() <= 1 - UNKNOWN_LEAST:
            column = words.columns.get(name)
            null = column.null_means if column is not None else "not known"
            asked[name + KNOWN] = np.where(is_known, "known", null).astype(object)
    found: dict[str, Categories] = {}
    refused: dict[str, str] = {}
    for name, values in asked.items():
        order = customers.levels.get(name, ())
        try:
            found[name] = categories(name, values, customers.groups, seed, order)
        except ColumnsUnfit as error:
            refused[name] = str(error)
    return found, refused


def _same(table: pd.DataFrame, names: list[str]) -> dict[str, str]:
    """Number to the first before it whose ranks are correlated with its own by `SAME_MOST`."""
    kept: dict[str, FloatArray] = {}
    found: dict[str, str] = {}
    for name in names:
        if name not in table:
            continue
        values = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        filled = np.where(np.isfinite(values), values, np.nanmedian(values))
        if np.ptp(filled) == 0:
            continue
        ranks = standardised(rankdata(filled))
        same = next(
            (other for other, each in kept.items() if abs((each * ranks).mean()) >= SAME_MOST),
            None,
        )
        if same is None:
            kept[name] = ranks
        else:
            found[name] = same
    return found

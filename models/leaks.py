"""Columns that know the outcome too well, and a proof that this check would see one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import BoolArray, FloatArray, IntArray, numbers, require_both_classes

_BINS: Final = 32
_PARTS: Final = 5
_FEWEST: Final = 10  # of each outcome, before the known values of a column are ranked alone
_NOISE_SHARE: Final = 0.01
_PLANTED: Final = "planted copy of the label: "

How = Literal["rank", "missing", "bins"]


class LeakCheckBroken(RegularsError):
    """A planted copy of the label went unnoticed, so a clean result would mean nothing."""


@dataclass(frozen=True)
class Leak:
    """A column that tells the outcome by itself.

    Attributes
    ----------
    column
        Its name.
    auc
        How well it tells, 0.5..1.
    how
        By the order of its values (``rank``), by being null (``missing``), or by their
        neighbourhood (``bins``).
    """

    column: str
    auc: float
    how: How


def leaking_columns(
    features: pd.DataFrame, churned: BoolArray, bound: float = 0.98
) -> tuple[Leak, ...]:
    """Columns whose ROC AUC, alone and in any of three ways, reaches the bound.

    The ways: the rank of known values in either direction; whether the value is missing; and the
    churn rate of 32 quantile bins, learnt on four fifths of the rows and tried on the fifth, which
    sees copies that do not rise or fall with the label (Kaufman et al. 2012, "Leakage in data
    mining", on the exploratory search for single giveaway features).

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "the leak check")
    columns = [str(name) for name in features.columns]
    values = numbers(features, columns)
    strongest = (_strongest(name, values[:, index], churned) for index, name in enumerate(columns))
    return tuple(leak for leak in strongest if leak.auc >= bound)


def plant_copies(features: pd.DataFrame, churned: BoolArray, seed: int) -> pd.DataFrame:
    """The table with copies of the label added: plain, negated, shifted, noisy, and as nulls.

    A table large enough to learn bins from also gets a copy that is folded: those who left are
    at both ends and those who stayed in the middle.
    """
    random = np.random.default_rng(seed)
    left = churned.astype(np.float64)
    copies: dict[str, FloatArray] = {
        "plain": left,
        "negated": -left,
        "shifted and scaled": 1000.0 - 37.5 * left,
        "with 1 % noise": _with_noise(churned, random),
        "as missing values": np.where(churned, np.nan, random.normal(size=len(left))),
    }
    if min(np.count_nonzero(churned), np.count_nonzero(~churned)) >= _BINS * _PARTS:
        copies["folded"] = left * random.choice([-1.0, 1.0], size=len(left))
    planted = {_PLANTED + how: copy for how, copy in copies.items()}
    return pd.concat([features, pd.DataFrame(planted, index=features.index)], axis=1)


def check_the_check(
    features: pd.DataFrame, churned: BoolArray, seed: int, bound: float = 0.98
) -> tuple[Leak, ...]:
    """The leaks of the table itself, once every planted copy of the label has been noticed.

    Raises
    ------
    LeakCheckBroken
        When a planted copy went unnoticed.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    require_both_classes(churned, "the leak check")
    planted = plant_copies(features, churned, seed)
    found = {leak.column: leak for leak in leaking_columns(planted, churned, bound)}
    unnoticed = [name for name in planted.columns if name.startswith(_PLANTED)]
    unnoticed = [name for name in unnoticed if name not in found]
    if unnoticed:
        message = (
            f"the leak check needs to notice every copy of the label, but with a bound of {bound} "
            f"on {len(churned)} rows it missed {unnoticed}; lower the bound or use more rows"
        )
        raise LeakCheckBroken(message)
    return tuple(leak for name, leak in found.items() if not name.startswith(_PLANTED))


def _strongest(name: str, values: FloatArray, churned: BoolArray) -> Leak:
    known = ~np.isnan(values)
    ways: Mapping[How, float] = {
        "rank": _rank_auc(values, churned, known),
        "missing": _direction_free_auc((~known).astype(np.float64), churned),
        "bins": _auc(_bin_rates(_bins(values), churned), churned),
    }
    how = max(ways, key=lambda way: ways[way])
    return Leak(name, ways[how], how)


def _rank_auc(values: FloatArray, churned: BoolArray, known: BoolArray) -> float:
    """AUC of known values in the better direction; 0.5 when too few are known to tell."""
    left = int(np.count_nonzero(churned[known]))
    fewest = min(left, int(np.count_nonzero(known)) - left)
    if fewest < (1 if known.all() else _FEWEST):
        return 0.5
    return _direction_free_auc(values[known], churned[known])


def _direction_free_auc(values: FloatArray, churned: BoolArray) -> float:
    auc = _auc(values, churned)
    return max(auc, 1 - auc)


def _auc(values: FloatArray, churned: BoolArray) -> float:
    """The Mann-Whitney form of ROC AUC: pairs in which the leaver's value is higher, ties half."""
    left, stayed = np.sort(values[churned]), np.sort(values[~churned])
    above = np.searchsorted(stayed, left, side="left").sum()
    at_least = np.searchsorted(stayed, left, side="right").sum()
    return float(above + at_least) / (2 * len(left) * len(stayed))


def _bins(values: FloatArray) -> IntArray:
    """Quantile bin of each value; missing values are a bin of their own."""
    known = ~np.isnan(values)
    if not known.any():
        return np.zeros(len(values), dtype=np.int64)
    ordered = np.sort(values[known])  # several times as fast to find quantiles in
    edges = np.unique(np.quantile(ordered, np.linspace(0, 1, _BINS + 1)))
    bins = np.searchsorted(edges, values, side="right")
    return np.where(known, bins, len(edges) + 1).astype(np.int64)


def _bin_rates(bins: IntArray, churned: BoolArray) -> FloatArray:
    """Churn rate of each row's bin among the rows of the other parts, smoothed to the mean."""
    part = np.arange(len(bins)) % _PARTS
    width = int(bins.max()) + 1
    cells = part * width + bins
    shape = (_PARTS, width)
    everyone = np.bincount(cells, minlength=_PARTS * width).reshape(shape)
    left = np.bincount(cells, churned, minlength=_PARTS * width).reshape(shape)
    others, left_of_others = everyone.sum(axis=0) - everyone, left.sum(axis=0) - left
    rates: FloatArray = (left_of_others + churned.mean()) / (others + 1)
    return rates[part, bins]


def _with_noise(churned: BoolArray, random: np.random.Generator) -> FloatArray:
    """The label with one of a hundred turned round, in each outcome alike."""
    noisy = churned.astype(np.float64)
    for outcome in (False, True):
        rows = np.flatnonzero(churned == outcome)
        turned = random.choice(rows, size=int(len(rows) * _NOISE_SHARE), replace=False)
        noisy[turned] = 1 - noisy[turned]
    return noisy

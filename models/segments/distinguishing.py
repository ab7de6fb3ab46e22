"""In which columns a segment differs from all other customers, how much, and how surely."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm, rankdata

from models.dominance import cliffs_delta
from models.false_discoveries import false_discovery_rate
from models.segments.clusters import NONE
from models.segments.preparing import texts
from models.spec import BoolArray, FloatArray, IntArray, numbers

NEGLIGIBLE: Final = 0.147
"""Cliff's delta below which a difference is called negligible (Romano, Kromrey, Coraggio and
Skowronek 2006, "Appropriate statistics for ordinal level data"); taken over for Cramér's V."""

SURE: Final = 0.05
"""Share of false ones among the differences that are called distinguishing, at most."""

ROWS: Final = 20_000
"""Customers on a side from whom an interval is made, at most."""

_NAN: Final = float("nan")
_PAIR: Final = 2


def effects(
    table: pd.DataFrame,
    segment: IntArray,
    columns: Sequence[str],
    categories: Sequence[str] = (),
    used: Sequence[str] = (),
) -> pd.DataFrame:
    """Differences of each segment from all other customers: grain (segment, column).

    Columns: ``segment``; ``column``; ``effect`` (0..1, the size by which columns are ranked);
    ``delta``, Cliff's delta (-1..1: the chance that one of the segment has more less the chance of
    having less; of flags the difference of shares); ``difference``, of the means in pooled standard
    deviations; ``cramers_v`` (0..1, categories and flags); ``inside``, ``outside``: the medians
    of numbers, the shares of flags and of ``level``, the category's level that is most more
    frequent in the segment; ``known_inside``, ``known_outside``: shares with a value; ``p``;
    ``q``, false discovery rate over all rows under any dependence (Benjamini and Yekutieli 2001);
    ``is_used``: segments were made of this column; ``is_distinguishing``: an effect from
    `NEGLIGIBLE` on with q up to `SURE`; ``delta_low``, ``delta_high`` (95 %, Cliff 1996): of
    distinguishing numbers and flags. Beyond `ROWS` customers on a side the interval is as wide as
    that of so many: too wide rather than too narrow.

    Chances are of the Mann-Whitney test with ties (numbers, flags) and of the chi-squared test
    (categories). Of columns that segments were made of they are only descriptive: any split makes
    the columns it splits by differ (Gao, Bien and Witten 2022, "Selective inference for
    hierarchical clustering"). Sources: Cliff 1993, "Dominance statistics"; Cohen 1988,
    "Statistical power analysis"; Cramér 1946, "Mathematical methods of statistics".

    Parameters
    ----------
    table
        One row per customer.
    segment
        Shape (n,): number of the segment of each customer; `NONE` of those of no segment, who
        count among the others.
    columns
        Numbers and flags that are compared.
    categories
        Columns of text that are compared.
    used
        Columns that segments were made of.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers
        When the table lacks a column or one holds what it must not.
    """
    groups = [int(each) for each in np.unique(segment) if each != NONE]
    values = numbers(table, list(columns))
    rows: list[dict[str, object]] = []
    for place, name in enumerate(columns):
        rows += _of_number(name, values[:, place], segment, groups)
    for name in categories:
        rows += _of_category(name, texts(table, name), segment, groups)
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    found = found.sort_values("segment", kind="stable", ignore_index=True)
    chance = found["p"].to_numpy(dtype=np.float64)
    rate = np.ones(len(chance))
    tested = ~np.isnan(chance)
    rate[tested] = false_discovery_rate(chance[tested], len(chance), "benjamini_yekutieli")
    found["q"] = rate
    found["is_used"] = found["column"].isin(list(used))
    found["is_distinguishing"] = (found["effect"] >= NEGLIGIBLE) & (found["q"] <= SURE)
    by_name = {name: values[:, at] for at, name in enumerate(columns)}
    ends = [
        _ends(by_name[str(row["column"])], segment == row["segment"], float(row["delta"]))
        if row["is_distinguishing"] and str(row["column"]) in by_name
        else (_NAN, _NAN)
        for row in found.to_dict("records")
    ]
    found[["delta_low", "delta_high"]] = np.array(ends, dtype=np.float64).reshape(-1, 2)
    return found


def _ends(values: FloatArray, inside: BoolArray, delta: float) -> tuple[float, float]:
    """The interval of Cliff's delta; of large groups as wide as that of `ROWS` of each."""
    known = ~np.isnan(values)
    ours, theirs = (_some(values[known & side]) for side in (inside, ~inside))
    if min(len(ours), len(theirs)) < _PAIR:
        return _NAN, _NAN
    about = cliffs_delta(ours, theirs)
    return (
        max(-1.0, delta + about.low - about.value),
        min(1.0, delta + about.high - about.value),
    )


def _some(values: FloatArray) -> FloatArray:
    """Values, evenly spread over their rows where they are many."""
    if len(values) <= ROWS:
        return values
    return values[np.linspace(0, len(values) - 1, ROWS).astype(np.int64)]


_COLUMNS: Final = (
    *("segment", "column", "effect", "delta", "difference", "cramers_v"),
    *("level", "inside", "outside", "known_inside", "known_outside", "p"),
)


def _of_number(
    name: str, values: FloatArray, segment: IntArray, groups: Sequence[int]
) -> list[dict[str, object]]:
    known = ~np.isnan(values)
    told, of = values[known], segment[known]
    ranks = rankdata(told)
    ties = np.unique(told, return_counts=True)[1].astype(np.float64)
    is_flag = bool(np.isin(told, (0.0, 1.0)).all())
    found: list[dict[str, object]] = []
    for number in groups:
        inside, all_inside = of == number, segment == number
        row: dict[str, object] = {"segment": number, "column": name, "effect": 0.0, "p": _NAN}
        row |= _known_shares(known, all_inside)
        if inside.any() and not inside.all():
            delta, chance = _dominance(ranks, inside, ties)
            centre = np.mean if is_flag else np.median
            row |= {
                "delta": delta,
                "effect": abs(delta),
                "difference": _standardised(told[inside], told[~inside]),
                "cramers_v": _association(_cells(told > 0, inside))[0] if is_flag else _NAN,
                "inside": float(centre(told[inside])),
                "outside": float(centre(told[~inside])),
                "p": chance,
            }
        found.append(row)
    return found


def _dominance(ranks: FloatArray, inside: BoolArray, ties: FloatArray) -> tuple[float, float]:
    """Cliff's delta, and the chance of one at least as far from 0 (Mann-Whitney, large samples)."""
    whole, ours = float(len(ranks)), float(np.count_nonzero(inside))
    pairs = ours * (whole - ours)
    above = float(ranks[inside].sum()) - ours * (ours + 1) / 2
    tied = float((ties**3 - ties).sum()) / (whole * (whole - 1))
    variance = pairs / 12 * (whole + 1 - tied)
    delta = 2 * above / pairs - 1
    if variance <= 0:
        return delta, 1.0
    return delta, float(2 * norm.sf(abs(above - pairs / 2) / np.sqrt(variance)))


def _standardised(ours: FloatArray, theirs: FloatArray) -> float:
    """Difference of means over the root of the mean variance; 0 where nothing varies."""
    spread = float(np.sqrt((ours.var() + theirs.var()) / 2))
    return float(ours.mean() - theirs.mean()) / spread if spread > 0 else 0.0


def _of_category(
    name: str, told: Sequence[str], segment: IntArray, groups: Sequence[int]
) -> list[dict[str, object]]:
    codes, levels = pd.factorize(np.array(told, dtype=object), sort=True)
    found: list[dict[str, object]] = []
    for number in groups:
        inside = segment == number
        row: dict[str, object] = {"segment": number, "column": name, "effect": 0.0, "p": _NAN}
        if not inside.all():
            cells = _cells(codes, inside)
            value, chance = _association(cells)
            ours, theirs = cells[:, 1] / cells[:, 1].sum(), cells[:, 0] / cells[:, 0].sum()
            place = int(np.argmax(ours - theirs))
            row |= {
                "effect": value,
                "cramers_v": value,
                "level": str(levels[place]),
                "inside": float(ours[place]),
                "outside": float(theirs[place]),
                "p": chance,
            }
        found.append(row | {"known_inside": 1.0, "known_outside": 1.0})
    return found


def _cells(codes: IntArray | BoolArray, inside: BoolArray) -> FloatArray:
    """Customers of each code outside and inside, shape (codes, 2)."""
    whole = codes.astype(np.int64)
    count = int(whole.max(initial=-1)) + 1
    return np.bincount(2 * whole + inside, minlength=2 * count).reshape(-1, 2).astype(np.float64)


def _association(cells: FloatArray) -> tuple[float, float]:
    """Cramér's V of two columns of counts, and the chance of the chi-squared test."""
    there = cells[cells.sum(axis=1) > 0]
    expected = np.outer(there.sum(axis=1), there.sum(axis=0)) / there.sum()
    if len(there) <= 1 or (there.sum(axis=0) == 0).any():
        return 0.0, 1.0
    squares = float(((there - expected) ** 2 / expected).sum())
    return float(np.sqrt(squares / there.sum())), float(chi2.sf(squares, len(there) - 1))


def _known_shares(known: BoolArray, inside: BoolArray) -> dict[str, object]:
    return {
        "known_inside": float(known[inside].mean()) if inside.any() else _NAN,
        "known_outside": float(known[~inside].mean()) if not inside.all() else _NAN,
    }

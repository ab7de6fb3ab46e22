"""From columns of customers to points: heavy tails drawn in, one spread long, nothing missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.segments.settings import SegmentsSpec
from models.spec import BoolArray, ColumnsMissing, FloatArray, numbers

NULL_LEVEL: Final = "(none)"
"""Level of customers whose category is null."""

_SKEWED: Final = 1.0
_UNITS: Final = (0.5, 0.25, 0.05)
_WINSORISED: Final = (0.01, 0.99)
_NARROWEST: Final = 2.0
_LUMP: Final = 0.1
_FINEST: Final = 1e-9
_FAR: Final = 3.0
_QN: Final = 2.2219
_QUARTER: Final = 0.25
_LANDMARKS: Final = 500
_LEVELS_MOST: Final = 50


class NothingToGroup(RegularsError):
    """No column tells customers apart, there are too few of them, or a category has no levels."""


@dataclass(frozen=True, eq=False)
class Preparation:
    """How columns become points: plain tables.

    Attributes
    ----------
    numbers
        Grain number: ``column``; ``unit``, of the inverse hyperbolic sine that draws heavy tails
        in, 0 for none; ``centre`` and ``spread`` after that; ``reach``: spreads from the centre
        beyond which a number counts as being there.
    flags
        Grain flag: ``column``; ``fill`` (0 or 1) for a missing one; ``is_missing``: the flag says
        whether that column, a number or a flag, is missing.
    levels
        Grain (category, level): ``column``, ``level``, ``is_mode``.
    weight
        Squared distance that a difference in a flag or a category makes.
    left_out
        Column to why it is not used.
    """

    numbers: pd.DataFrame
    flags: pd.DataFrame
    levels: pd.DataFrame
    weight: float
    left_out: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that are read, each once."""
        named = [*self.numbers["column"], *self.flags["column"], *self.levels["column"]]
        return tuple(dict.fromkeys(map(str, named)))

    @property
    def blocks(self) -> tuple[int, ...]:
        """Number of coordinates of each flag and each category, behind those of numbers."""
        sizes = self.levels.groupby("column", sort=False).size()
        return (*[1] * len(self.flags), *map(int, sizes))

    def scaled(self, table: pd.DataFrame) -> FloatArray:
        """Numbers in spreads from their median, shape (n, numbers); a missing one is at the median.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        values = numbers(table, list(self.numbers["column"]))
        rules = self.numbers[["unit", "centre", "spread", "reach"]].to_numpy(dtype=np.float64)
        found = np.zeros(values.shape)
        for place, (unit, centre, spread, reach) in enumerate(rules):
            far = spread * reach
            off = np.clip(_drawn_in(values[:, place], unit) - centre, -far, far)
            found[:, place] = np.nan_to_num(off / spread, nan=0.0)
        return found

    def marked(self, table: pd.DataFrame) -> FloatArray:
        r"""Flags and categories as coordinates, shape (n, sum of blocks).

        A flag is 0 or :math:`\sqrt\gamma`; a category is :math:`\sqrt{\gamma / 2}` at its level
        and 0 elsewhere, so that the squared distance of two customers is γ times the number of
        those in which they differ: the dissimilarity of k-prototypes (Huang 1998, "Extensions to
        the k-means algorithm for clustering large data sets with categorical values"), kept
        exactly, with any algorithm that takes points. What differs from Huang is the centre, which
        holds the share of each level and not the mode alone; the sum of squares around it is the
        mean of his dissimilarity over pairs within the segment.
        A level that training did not have counts as the mode.
        """
        parts = [*self._flags(table), *self._levels(table)]
        return np.column_stack(parts) if parts else np.zeros((len(table), 0))

    def _flags(self, table: pd.DataFrame) -> list[FloatArray]:
        values = numbers(table, list(self.flags["column"]))
        found: list[FloatArray] = []
        for place, (fill, asks) in enumerate(
            zip(self.flags["fill"], self.flags["is_missing"], strict=True)
        ):
            told, missing = values[:, place], np.isnan(values[:, place])
            is_so = missing if asks else np.where(missing, fill, told) > 0
            found.append(is_so * np.sqrt(self.weight))
        return found

    def _levels(self, table: pd.DataFrame) -> list[FloatArray]:
        found: list[FloatArray] = []
        for name, rows in self.levels.groupby("column", sort=False):
            known = pd.Index(rows["level"])
            code = known.get_indexer(pd.Index(texts(table, str(name))))
            code = np.where(code < 0, int(np.argmax(rows["is_mode"].to_numpy())), code)
            found.append(np.eye(len(known))[code] * np.sqrt(self.weight / 2))
        return found


def prepare(table: pd.DataFrame, spec: SegmentsSpec) -> Preparation:
    """How the columns of a table become points, learnt from its customers.

    Numbers whose skewness (tails cut at 1 %) is beyond 1 go through asinh(x / u) if that brings it
    nearer to 0: linear around 0, a logarithm far out, for both signs. u is the median, the lower
    quarter or the 5 % quantile of the sizes that are not 0, whichever brings it nearest.
    All are then centred at the median and divided by their spread: Qn, the first quarter of the
    differences between customers, 1 for a standard normal column (Rousseeuw and Croux 1993,
    "Alternatives to the median absolute deviation"), taken on 500 quantiles. Unlike the standard
    deviation and the interquartile range, it hardly grows when groups lie apart, so that columns
    that tell groups count for more. It is at least half of the standard deviation between the 1 %
    and the 99 % quantile, and all of it where more than a tenth of the customers have the same
    value, such as 0, since differences would tell of that; three of these from the median numbers
    are clipped. Columns of 0 and 1 are flags. Where a number or a
    flag is often missing, that is a flag as well; columns missing for the same customers share it.

    Parameters
    ----------
    table
        One row per customer.
    spec
        Columns, categories and their weight.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers
        See `models.spec.numbers`.
    NothingToGroup
        When no column differs between customers, or a category has too many levels.
    """
    named = list(spec.columns) or _numeric(table, spec.categories)
    values = numbers(table, named)
    left_out: dict[str, str] = {}
    number_rows: list[tuple[str, float, float, float, float]] = []
    flag_rows: list[tuple[str, float, bool]] = []
    for place, name in enumerate(named):
        column = values[:, place]
        known = column[~np.isnan(column)]
        if len(known) == 0 or (known == known[0]).all():
            left_out[name] = "the same for everybody it is known of"
        elif np.isin(known, (0.0, 1.0)).all():
            flag_rows.append((name, float(known.mean() > _HALF), False))
        else:
            number_rows.append((name, *_rule(known)))
    flag_rows += [(name, 0.0, True) for name in _often_missing(values, named, spec)]
    levels = [row for name in spec.categories for row in _levels_of(table, name, left_out)]
    if not (number_rows or flag_rows or levels):
        message = (
            f"segments need a column that differs between customers, but the {len(named)} columns "
            f"and {len(spec.categories)} categories of {len(table)} customers do not; name others "
            f"in segments.columns"
        )
        raise NothingToGroup(message)
    return Preparation(
        pd.DataFrame(number_rows, columns=["column", "unit", "centre", "spread", "reach"]),
        pd.DataFrame(flag_rows, columns=["column", "fill", "is_missing"]),
        pd.DataFrame(levels, columns=["column", "level", "is_mode"]),
        spec.category_weight,
        left_out,
    )


_HALF: Final = 0.5


def texts(table: pd.DataFrame, name: str) -> list[str]:
    """A category of each customer as text; null is `NULL_LEVEL`.

    Raises
    ------
    ColumnsMissing
        When the table has no such column.
    """
    if name not in table.columns:
        message = (
            f"segments need the category {name!r}, but the table lacks it; build the behaviour "
            f"table with the config that the model was trained with"
        )
        raise ColumnsMissing(message)
    column = table[name]
    missing = column.isna().to_numpy(dtype=np.bool_)
    return [
        NULL_LEVEL if gone else _text(value) for value, gone in zip(column, missing, strict=True)
    ]


def _text(value: object) -> str:
    """A level as text; codes that a null among them has made floats stay whole."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _numeric(table: pd.DataFrame, categories: Sequence[str]) -> list[str]:
    return [
        str(name)
        for name, kind in table.dtypes.items()
        if pd.api.types.is_numeric_dtype(kind) and name not in categories
    ]


def _rule(known: FloatArray) -> tuple[float, float, float, float]:
    """Unit, centre, spread and reach of a number."""
    sizes = np.abs(known[known != 0])
    unit, drawn = 0.0, known
    least = abs(_skewness(known))
    for share in _UNITS if least > _SKEWED else ():
        tried = float(np.quantile(sizes, share, method="inverted_cdf"))
        tried = max(tried, float(sizes.max()) * _FINEST)
        told = _drawn_in(known, tried)
        if abs(_skewness(told)) < least:
            unit, drawn, least = tried, told, abs(_skewness(told))
    centre = float(np.median(drawn / 2) * 2)
    low, high = np.quantile(drawn, _WINSORISED)
    around = float(np.clip(drawn, low, high).std()) or float(drawn.std())
    lump = float(np.unique(known, return_counts=True)[1].max()) / len(known)
    apart = around if lump > _LUMP else max(_differences(drawn), around / _NARROWEST)
    spread = max(apart, float(np.finfo(np.float64).tiny))
    return unit, centre, spread, _FAR * max(around / spread, 1.0)


def _differences(drawn: FloatArray) -> float:
    """First quarter of the differences of pairs, as a multiple of a normal distribution's."""
    places = (np.arange(_LANDMARKS) + _HALF) / _LANDMARKS
    some = np.quantile(drawn, places, method="inverted_cdf")
    one, other = np.triu_indices(_LANDMARKS, 1)
    return float(np.quantile(np.abs(some[one] - some[other]), _QUARTER)) * _QN


def _drawn_in(values: FloatArray, unit: float) -> FloatArray:
    if unit == 0:
        return values
    with np.errstate(over="ignore"):  # infinitely far is as far as it is clipped
        found: FloatArray = np.arcsinh(values / unit)
    return found


def _skewness(values: FloatArray) -> float:
    """Third standardised moment between the 1 % and the 99 % quantile; 0 where nothing differs."""
    inner = np.clip(values, *np.quantile(values, _WINSORISED))
    size = float(np.abs(inner).max())
    scaled = inner / size if size > 0 else inner
    off = scaled - scaled.mean()
    variance = float((off**2).mean())
    return float((off**3).mean()) / variance**1.5 if variance**1.5 > 0 else 0.0


def _often_missing(values: FloatArray, named: Sequence[str], spec: SegmentsSpec) -> list[str]:
    """First column of each different pattern of missing values that is frequent, but not always."""
    missing: BoolArray = np.isnan(values)
    shares = missing.mean(axis=0) if len(values) else np.zeros(len(named))
    first: dict[bytes, str] = {}
    for place, name in enumerate(named):
        if spec.missing_flag_least <= shares[place] < 1:
            first.setdefault(np.packbits(missing[:, place]).tobytes(), name)
    return list(first.values())


def _levels_of(
    table: pd.DataFrame, name: str, left_out: dict[str, str]
) -> list[tuple[str, str, bool]]:
    counts = pd.Series(texts(table, name), dtype=object).value_counts()
    if len(counts) > _LEVELS_MOST:
        message = (
            f"a category of segments needs at most {_LEVELS_MOST} levels, but {name!r} has "
            f"{len(counts)}; group them into fewer, or leave the column out"
        )
        raise NothingToGroup(message)
    if len(counts) <= 1:
        left_out[name] = "the same for everybody it is known of"
        return []
    ordered = sorted(counts.index, key=lambda level: (-int(counts[level]), str(level)))
    return [(name, str(level), level == ordered[0]) for level in sorted(ordered)]

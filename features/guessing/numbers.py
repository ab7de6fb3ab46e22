"""How a file writes numbers, and what the numbers of each column are like."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.guessing.sample import Sample
from features.sql import literal

_SIGNS = r"NT\$|US\$|HK\$|[$€£¥￥]|(?i:USD|EUR|GBP|TWD|NTD|CHF|CNY|RMB)|元|円"
_PLAIN = r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"
_COMMA = r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+"
_GROUPS = r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"
_POINT = r"[+-]?\d+\.(\d{1,2}|\d{4,})"
"""A point that cannot stand for thousands."""

_NUMERIC = 0.95
"""Share of a column's values that must be numbers, so that it counts as one of numbers."""


@dataclass(frozen=True)
class Style:
    """How one column writes numbers.

    Attributes
    ----------
    found
        Type of the column in the engine; text must be cast.
    is_decorated
        Whether currency signs or blanks stand in the values.
    is_grouped
        Whether commas separate thousands.
    decimal
        Decimal separator of the file.
    """

    found: str
    is_decorated: bool
    is_grouped: bool
    decimal: str

    @property
    def is_text(self) -> bool:
        """Whether the engine sees text."""
        return self.found == "VARCHAR"

    def bare(self, sql: str) -> str:
        """SQL of the value as staging can read it, with the file's decimal separator."""
        if self.is_decorated:
            sql = f"regexp_replace({sql}, '[^0-9.,+-]', '', 'g')"
        if self.is_grouped and self.decimal == ".":
            sql = f"replace({sql}, ',', '')"
        return sql

    def number(self, sql: str) -> str:
        """SQL of the value as a double, NULL where it is none."""
        if self.found.startswith("DECIMAL"):
            return f"CAST({sql} AS DOUBLE)"  # products of decimals outgrow their type
        if not self.is_text:
            return sql
        bare = self.bare(sql)
        if self.decimal == ",":
            bare = f"replace(replace({bare}, '.', ''), ',', '.')"
        return f"try_cast({bare} AS DOUBLE)"

    def in_head(self, key: str) -> str:
        """SQL of the value as a double in the table ``head``, where every column is text."""
        if self.is_text:
            return self.number(key)
        return f"try_cast({key} AS DOUBLE)"


@dataclass(frozen=True)
class Numbers:
    """What the numbers of a column are like; shares (0..1) are of its filled values."""

    style: Style
    numeric: float
    whole: float
    negative: float
    zero: float
    typical: float
    largest: float

    @property
    def is_numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.numeric >= _NUMERIC


@dataclass(frozen=True)
class _Counts:
    filled: int
    plain: int
    comma: int
    grouped: int
    either: int
    pointed: int
    decorated: int

    @property
    def is_numeric(self) -> bool:
        numbers = self.plain + self.comma + self.grouped + self.either
        return self.filled > 0 and numbers >= _NUMERIC * self.filled


def numbers_of(sample: Sample) -> tuple[str, tuple[Numbers, ...]]:
    """The file's decimal separator, and what the numbers of each of its columns are like.

    The separator is a point unless the numbers prove a comma.
    """
    counts = [_count(sample, f"c{index}") for index in range(len(sample.names))]
    decimal = "."
    if sample.encoding is not None:
        decimal = _separator([one for one in counts if one.is_numeric], sample.delimiter)
    styles = [
        Style(
            found=found,
            is_decorated=one.is_numeric and one.decorated > 0,
            is_grouped=one.is_numeric and one.grouped + one.either > 0,
            decimal=decimal,
        )
        for found, one in zip(sample.types, counts, strict=True)
    ]
    return decimal, tuple(_numbers(sample, index, style) for index, style in enumerate(styles))


def _separator(counts: Sequence[_Counts], delimiter: str | None) -> str:
    commas = sum(one.comma for one in counts)
    points = sum(one.grouped + one.pointed for one in counts)
    undecided = sum(one.either for one in counts)
    is_european = delimiter == ";" and undecided > 0
    return "," if commas > points or (commas == points == 0 and is_european) else "."


def _count(sample: Sample, key: str) -> _Counts:
    sign = f"^({_SIGNS})|({_SIGNS})$|[\\s']"
    bare = f"regexp_replace({key}, {literal(sign)}, '', 'g')"
    comma, groups = _matches(_COMMA), _matches(_GROUPS)
    row = sample.con.execute(f"""
        SELECT count(bare), count(*) FILTER ({_matches(_PLAIN)}),
            count(*) FILTER ({comma} AND NOT {groups}), count(*) FILTER ({groups} AND NOT {comma}),
            count(*) FILTER ({comma} AND {groups}), count(*) FILTER ({_matches(_POINT)}),
            count(*) FILTER (bare <> value)
        FROM (SELECT {key} AS value, {bare} AS bare FROM head)""").fetchall()[0]
    return _Counts(*row)


def _matches(pattern: str) -> str:
    return f"regexp_full_match(bare, {literal(pattern)})"


def _numbers(sample: Sample, index: int, style: Style) -> Numbers:
    value = style.in_head(f"c{index}")
    row = sample.con.execute(f"""
        SELECT count(v) / count(*), avg(CAST(v = floor(v) AS INT)), avg(CAST(v < 0 AS INT)),
            avg(CAST(v = 0 AS INT)), median(abs(v)), max(abs(v))
        FROM (SELECT CASE WHEN isfinite({value}) THEN {value} END AS v
              FROM head WHERE c{index} IS NOT NULL)""").fetchall()[0]
    return Numbers(style, *(float(value or 0.0) for value in row))

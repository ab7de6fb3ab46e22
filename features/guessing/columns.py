"""Every column of the sample with all that was seen of it."""

from dataclasses import dataclass

from features.guessing.evidence import Names
from features.guessing.instants import Instants, instants_of, is_time_of_day, read_sql
from features.guessing.names import likeness
from features.guessing.numbers import Numbers, numbers_of
from features.guessing.sample import Sample
from features.schemas import ColumnRef, Expression

_MICROS_PER_DAY = 86_400_000_000


@dataclass(frozen=True)
class Look:
    """One column: its name, its values, and how they repeat from row to row.

    Attributes
    ----------
    name, written, key
        In the file, in an expression, in the table ``head``.
    names
        How much the name looks like each role.
    filled
        Share of rows with a value, 0..1.
    distinct
        Distinct values.
    runs
        Stretches of rows with the same value.
    """

    name: str
    written: str
    key: str
    names: Names
    filled: float
    distinct: int
    runs: int
    numbers: Numbers
    instants: Instants | None
    is_clock: bool

    @property
    def can_identify(self) -> bool:
        """Whether the values may be identifiers: text, or whole numbers that are no dates."""
        is_measured = self.numbers.is_numeric and self.numbers.whole < 1
        is_date = self.instants is not None and not self.is_epoch
        return self.distinct > 0 and not is_measured and not is_date and not self.is_clock

    @property
    def value(self) -> str:
        """SQL of the number in the table ``head``."""
        return self.numbers.style.in_head(self.key)

    @property
    def number(self) -> str:
        """SQL of the number in an expression over the file."""
        return self.numbers.style.number(self.written)

    @property
    def origin(self) -> ColumnRef:
        """What a config writes for the number: the name where staging can read it as it is."""
        bare = self.numbers.style.bare(self.written)
        is_readable = not self.numbers.style.is_text or bare == self.written
        return self.name if is_readable else Expression(expression=bare)

    @property
    def is_epoch(self) -> bool:
        """Whether the instants are bare numbers, which identifiers resemble by chance."""
        formats = self.instants.formats if self.instants else ()
        return bool(formats) and formats[0].startswith("epoch_")


@dataclass(frozen=True)
class Repetition:
    """How the values of a column recur over rows and days of the head.

    Attributes
    ----------
    lines
        Rows per value.
    repeated
        Share of rows whose value stands in several, 0..1.
    one_day
        Share of those rows whose value stands on one day only, 0..1.
    together
        Share of values that stand in one stretch of rows, 0..1.
    """

    lines: float
    repeated: float
    one_day: float
    together: float


@dataclass(frozen=True)
class Table:
    """The sample and its columns.

    Attributes
    ----------
    sample
        The file.
    decimal
        Its decimal separator.
    looks
        One for each column of the file, in its order.
    """

    sample: Sample
    decimal: str
    looks: tuple[Look, ...]

    def date_rows(self, instant: Look) -> None:
        """Make the table ``dated``: the head with the day of each row, as one column gives it."""
        instants = instant.instants
        at = read_sql(instants.written(instant.key), instants.formats) if instants else "0"
        self.sample.con.execute(f"""
            CREATE OR REPLACE TEMP TABLE dated AS
            SELECT *, ({at}) // {_MICROS_PER_DAY} AS day FROM head""")

    def repetition(self, look: Look) -> Repetition:
        """How the column's values recur over the rows and days of ``dated``."""
        lines, repeated, one_day = self.sample.con.execute(f"""
            WITH value AS (
                SELECT count(*) AS lines, coalesce(min(day) = max(day), true) AS is_one_day
                FROM dated WHERE {look.key} IS NOT NULL GROUP BY {look.key})
            SELECT avg(lines), sum(lines) FILTER (lines > 1) / sum(lines),
                sum(lines) FILTER (lines > 1 AND is_one_day) / sum(lines) FILTER (lines > 1)
            FROM value""").fetchall()[0]
        together = look.distinct / look.runs if look.runs else 0.0
        return Repetition(lines or 0.0, repeated or 0.0, one_day or 0.0, together)

    def settled(self, look: Look, order: Look) -> float | None:
        """Share of rows, in orders of several rows, whose order has one value only; 0..1.

        None when no order has several rows.
        """
        row = self.sample.con.execute(f"""
            WITH orders AS (
                SELECT count(*) AS lines, count(DISTINCT coalesce({look.key}, '')) AS vals
                FROM head WHERE {order.key} IS NOT NULL GROUP BY {order.key})
            SELECT sum(lines) FILTER (lines > 1 AND vals = 1) / sum(lines) FILTER (lines > 1),
                count(*) FILTER (lines > 1)
            FROM orders""").fetchall()[0]
        return float(row[0] or 0.0) if row[1] else None


def table_of(sample: Sample) -> Table:
    """The sample with all its columns looked at."""
    decimal, numbers = numbers_of(sample)
    looks = tuple(_look(sample, index, one) for index, one in enumerate(numbers))
    return Table(sample, decimal, looks)


def _look(sample: Sample, index: int, numbers: Numbers) -> Look:
    key, name = f"c{index}", sample.names[index]
    filled, distinct, runs = sample.con.execute(f"""
        SELECT count({key}) / count(*), count(DISTINCT {key}),
            count(*) FILTER ({key} IS NOT NULL AND {key} IS DISTINCT FROM before)
        FROM (SELECT {key}, lag({key}) OVER (ORDER BY n) AS before FROM head)""").fetchall()[0]
    return Look(
        name=name,
        written=sample.quoted(name),
        key=key,
        names=likeness(name),
        filled=filled,
        distinct=distinct,
        runs=runs,
        numbers=numbers,
        instants=instants_of(sample, index),
        is_clock=is_time_of_day(sample, index),
    )

"""The whole file read as a draft maps it: what would break the contract, and who bought when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from features.casts import SQL_TYPE, Reading, cast_sql
from features.clock import DAY
from features.delimited import REJECTED
from features.guessing.sample import Sample
from features.mapping import fields_of, origin_sql
from features.rules import Plausible, broken_rule, raw_name
from features.schemas import OrdersSource
from features.sources import SourceUnreadable, first_line
from features.sql import identifier, listing, literal

_BEGINNING = datetime(1990, 1, 1, tzinfo=ZoneInfo("UTC"))
_STRAY_DAYS = 60
"""Days beyond all but one in a thousand rows, after which an instant is taken for a mistake."""

LINES = "line_broken"
"""What lines that are no rows are counted as; they are not among the rows."""

_CUSTOMERS = 50_000
"""Customers whose gaps are measured, about."""


@dataclass(frozen=True)
class Terms:
    """How the business counts: its time zone and the digits of its currency."""

    time_zone: str
    digits: int


@dataclass(frozen=True)
class Facts:
    """Counts over all rows.

    Attributes
    ----------
    rows
        Rows of the file.
    anonymous
        Rows without a customer.
    returned
        Rows with a negative quantity.
    negative
        Rows with a negative amount, and no negative quantity.
    fractional
        Rows whose amount is no whole number.
    """

    rows: int
    anonymous: int
    returned: int
    negative: int
    fractional: int


@dataclass(frozen=True)
class Pace:
    """When and how often customers buy.

    Attributes
    ----------
    first_on, last_on
        Days of the first and the last purchase, strays aside.
    customers
        Who bought at all.
    gaps
        Purchases that followed an earlier one of the same customer, of those measured.
    usual_gap, long_gap
        Days between two purchases of a customer: the median, and what 90 % do not exceed.
    """

    first_on: date
    last_on: date
    customers: int
    gaps: int
    usual_gap: int
    long_gap: int


def read_lines(sample: Sample, source: OrdersSource, terms: Terms) -> Facts:
    """Counts over all rows; makes the table ``lines`` (customer, day, product, three flags).

    Raises
    ------
    SourceUnreadable
        When the file cannot be read to its end.
    """
    zone = literal(terms.time_zone)
    typed = _typed(sample, source, terms)
    _run(
        sample,
        f"""
        CREATE OR REPLACE TEMP TABLE lines AS
        SELECT nullif(trim(customer), '') AS customer, product,
            CAST(make_timestamptz(ordered_at) AT TIME ZONE {zone} AS DATE) AS day,
            coalesce(quantity < 0, false) AS is_return, coalesce(amount < 0, false) AS is_negative,
            coalesce(amount % {10**terms.digits} <> 0, false) AS is_fractional
        FROM ({typed})""",
    )
    row = sample.con.execute("""
        SELECT count(*), count(*) - count(customer), count(*) FILTER (is_return),
            count(*) FILTER (is_negative AND NOT is_return), count(*) FILTER (is_fractional)
        FROM lines""").fetchall()[0]
    return Facts(*row)


def pace_of(sample: Sample) -> Pace | None:
    """When and how often customers buy, from the table ``lines``; None when nobody does."""
    con = sample.con
    con.execute("""
        CREATE OR REPLACE TEMP TABLE bought AS SELECT DISTINCT customer, day FROM lines
        WHERE customer IS NOT NULL AND day IS NOT NULL AND NOT is_return AND NOT is_negative""")
    first, last, customers = con.execute(f"""
        SELECT min(day) FILTER (day >= low - {_STRAY_DAYS}),
            max(day) FILTER (day <= high + {_STRAY_DAYS}), count(DISTINCT customer)
        FROM bought, (SELECT quantile_disc(day, 0.001) AS low, quantile_disc(day, 0.999) AS high
                      FROM bought WHERE day >= DATE '{_BEGINNING.date()}')
        WHERE day >= DATE '{_BEGINNING.date()}'""").fetchall()[0]
    if first is None:
        return None
    every = 1 + customers // _CUSTOMERS
    gaps, usual, long = con.execute(f"""
        SELECT count(gap), coalesce(quantile_disc(gap, 0.5), 0),
            coalesce(quantile_disc(gap, 0.9), 0)
        FROM (SELECT day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap FROM bought
              WHERE hash(customer) % {every} = 0
              AND day BETWEEN DATE '{first}' AND DATE '{last}')""").fetchall()[0]
    return Pace(first, last, customers, gaps, usual, long)


def broken_rows(
    sample: Sample, source: OrdersSource, terms: Terms, last_on: date
) -> Mapping[str, int]:
    """Rows that would be quarantined, by the rule they break; then lines that are no rows."""
    beyond = last_on + (_STRAY_DAYS + 1) * DAY
    latest = datetime(beyond.year, beyond.month, beyond.day, tzinfo=ZoneInfo("UTC"))
    rule = broken_rule(source, fields_of("orders", source), Plausible(_BEGINNING, latest))
    rows = _run(
        sample,
        f"""
        SELECT broken_rule, count(*) AS broken
        FROM (SELECT {rule} AS broken_rule FROM ({_typed(sample, source, terms)}))
        WHERE broken_rule IS NOT NULL GROUP BY broken_rule ORDER BY broken DESC, broken_rule""",
    )
    return {**dict(rows), **_broken_lines(sample)}


def _broken_lines(sample: Sample) -> Mapping[str, int]:
    """Lines of a text file that are no rows at all, as all scans so far have met them."""
    known = f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{REJECTED}'"
    if sample.encoding is None or not _run(sample, known)[0][0]:
        return {}
    lines = _run(sample, f"SELECT count(DISTINCT line) FROM {REJECTED}")[0][0]
    return {LINES: lines} if lines else {}


def _typed(sample: Sample, source: OrdersSource, terms: Terms) -> str:
    """Query of every row with each canonical column, and its raw value, as staging has them."""
    fields = fields_of("orders", source)
    reading = Reading(
        source.time_zone or terms.time_zone,
        source.instant_format,
        source.decimal_separator,
        terms.digits,
    )
    raw = listing(f"{origin_sql(field.origin)} AS {raw_name(field)}" for field in fields)
    rows = f"SELECT {raw} FROM {sample.relation}"
    types = [str(row[1]) for row in _run(sample, f"DESCRIBE {rows}")]
    casts = listing(
        f"CAST({cast_sql(raw_name(field), found, field.type, reading)} AS {SQL_TYPE[field.type]}) "
        f"AS {identifier(field.name)}"
        for field, found in zip(fields, types, strict=True)
    )
    return f"SELECT *, {casts} FROM ({rows})"


def _run(sample: Sample, query: str) -> list[tuple[Any, ...]]:  # whatever was selected
    try:
        return sample.con.execute(query).fetchall()
    except duckdb.Error as error:
        message = f"the file cannot be read to its end: {first_line(error)}"
        raise SourceUnreadable(message) from error

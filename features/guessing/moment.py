"""How the instant of the order is written in a config: a column, or a date joined to a time."""

from dataclasses import dataclass, replace

from features.guessing.columns import Look, Table
from features.guessing.evidence import Guess, percent
from features.guessing.identity import Found
from features.guessing.instants import SURE, Instants, read_sql
from features.schemas import Expression
from features.sql import literal

_UNDECIDED = 0.5
"""Confidence, at most, when day and month could be the other way round."""

_CLOCKS = (("",), (" %H:%M:%S",), (" %H:%M",), (" %H:%M:%S", " %H:%M"))


@dataclass(frozen=True)
class Moment:
    """The guess of ``ordered_at``, and of how its values are written.

    Attributes
    ----------
    guess
        Column or expression.
    formats
        For ``instant_format``; empty where the engine reads the values by itself.
    format_guess
        How sure the formats are; None where there are none.
    has_offset
        Whether the values say their offset from UTC.
    looks
        Columns that it is made of.
    """

    guess: Guess
    formats: tuple[str, ...]
    format_guess: Guess | None
    has_offset: bool
    looks: tuple[Look, ...]


def moment_of(table: Table, found: Found) -> Moment:
    """The instant as the config writes it; a time of day in a column of its own is joined."""
    look, guess = found.look, found.guess
    instants = look.instants or Instants((), 0.0, "")
    clock = None if instants.has_time else _clock(table, look)
    joined = _joined(table, look, instants, clock) if clock else None
    written = instants.written(look.written)
    looks: tuple[Look, ...] = (look,)
    if clock and joined is not None:
        instants, looks = replace(instants, formats=joined), (look, clock)
        reason = f"{guess.reason}; the time of day from {clock.name}"
        written = _concatenated(written, clock.written)
        guess = replace(guess, origin=Expression(expression=written), reason=reason)
    elif written != look.written:
        guess = replace(guess, origin=Expression(expression=written))
    return Moment(guess, instants.formats, _format_guess(instants), instants.has_offset, looks)


def _format_guess(instants: Instants) -> Guess | None:
    if not instants.formats:
        return None
    written = " or ".join(instants.formats)
    if instants.is_ambiguous:
        reason = "day and month could also be the other way round: no day is above 12"
        return Guess("instant_format", written, _UNDECIDED, reason)
    confidence = 0.99 * instants.share
    return Guess(
        "instant_format", written, confidence, f"reads {percent(instants.share)} of values"
    )


def _clock(table: Table, date: Look) -> Look | None:
    """The column with the time of day, when there is one by its values."""
    clocks = [look for look in table.looks if look.is_clock and look is not date]
    fitting = [look for look in clocks if {"time_of_day", "ordered_at"} & set(look.names)]
    return next(iter(fitting or clocks), None)


def _concatenated(date: str, clock: str) -> str:
    return f"concat_ws(' ', {date}, {clock})"


def _joined(table: Table, date: Look, instants: Instants, clock: Look) -> tuple[str, ...] | None:
    """Formats that read date and time together; None when nothing does."""
    value = _concatenated(instants.written(date.key), clock.key)
    for times in _CLOCKS:
        formats = tuple(day + time for day in instants.formats for time in times)
        if bool(formats) == (times == ("",)):
            continue
        row = table.sample.con.execute(f"""
            SELECT avg(CAST(({read_sql(value, formats)}) IS NOT NULL AS INT)) FROM head
            WHERE {date.key} IS NOT NULL AND {clock.key} IS NOT NULL""").fetchall()[0]
        if (row[0] or 0.0) >= SURE:
            return formats
    return None


def sentinels(table: Table, customer: Look) -> tuple[str, ...]:
    """Values of the customer column that stand for nobody, such as 0 or guest."""
    listed, usual = ", ".join(literal(one) for one in _NOBODY), table.sample.rows * customer.filled
    rows = table.sample.con.execute(f"""
        SELECT {customer.key} FROM head WHERE lower({customer.key}) IN ({listed})
        GROUP BY {customer.key} HAVING count(*) * {customer.distinct} > {usual} * {_OFTENER}
        ORDER BY {customer.key}""").fetchall()
    return tuple(str(row[0]) for row in rows)


_OFTENER = 3
"""So many times the rows of the average customer, at least."""

_NOBODY = (
    *("0", "-1", "00000000", "99999999", "-", "n/a", "na", "null", "none", "nan", "unknown"),
    *(
        "guest",
        "anonymous",
        "cash",
        "散客",
        "非會員",
        "非会员",
        "匿名",
        "gast",
        "invité",
        "invitado",
    ),
)
"""What tills write where there is no customer."""

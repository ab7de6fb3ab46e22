"""Casts from whatever a file holds to the canonical types; a value that does not fit is NULL."""

from collections.abc import Callable
from dataclasses import dataclass

from features.schemas import EPOCHS, Type
from features.sql import listing, literal

LARGEST_AMOUNT = 10**15
"""Minor units; beyond it a double no longer holds every integer times a few."""

SQL_TYPE: dict[Type, str] = {
    "text": "VARCHAR",
    "instant": "BIGINT",
    "day": "DATE",
    "money": "BIGINT",
    "quantity": "DECIMAL(18,3)",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
}
_INTEGERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
_ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
_LARGEST_WHOLE = {"DOUBLE": 2**53, "FLOAT": 2**24}
"""Below it each type of floats holds every whole number exactly."""

_CENTS = 2
_TRUE = "'1', 'true', 'yes', 'y', 't'"
_FALSE = "'0', 'false', 'no', 'n', 'f'"
_GROUPED = "[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)(,[0-9]*)?"
"""Numbers with a decimal comma; points stand between groups of three digits only."""

_WHITE = " \t\r\n\v\f\u00a0\u3000"
_ZONE = "[A-SU-Za-su-z+-]"
"""In what follows a date: an offset, or the name of a zone. A T only stands before the time."""


@dataclass(frozen=True)
class Reading:
    """How a source writes its values."""

    time_zone: str
    instant_format: tuple[str, ...]
    decimal_separator: str
    digits: int


def cast_sql(raw: str, found: str, wanted: Type, reading: Reading) -> str:
    """Expression that gives the canonical value, or NULL where the raw value does not fit.

    Parameters
    ----------
    raw
        SQL of the raw value.
    found
        The engine's type of it.
    wanted
        Canonical type.
    reading
        The source's way of writing.
    """
    casts: dict[Type, Callable[[], str]] = {
        "text": lambda: text_sql(raw, found),
        "instant": lambda: _instant(raw, found, reading),
        "day": lambda: _day(raw, found, reading),
        "flag": lambda: _flag(text_sql(raw, found)),
        "money": lambda: _money(raw, found, reading),
        "quantity": lambda: f"try_cast({_number(raw, found, reading)} AS DECIMAL(18,3))",
        "number": lambda: _finite(f"try_cast({_number(raw, found, reading)} AS DOUBLE)"),
    }
    return casts[wanted]()


def is_number(found: str) -> bool:
    """Whether the engine's type is one of numbers."""
    return found in _INTEGERS or found in _LARGEST_WHOLE or found.startswith("DECIMAL")


def text_sql(raw: str, found: str) -> str:
    """SQL of an identifier exactly as it stands; whole numbers have no ``.0``, blank is NULL.

    Parameters
    ----------
    raw
        SQL of the raw value.
    found
        The engine's type of it. Floats that are not whole, or too large to be sure, give NULL.
    """
    if found in _LARGEST_WHOLE:
        whole = f"{raw} = floor({raw}) AND abs({raw}) < {_LARGEST_WHOLE[found]}"
        return (
            f"CASE WHEN isfinite({raw}) AND {whole} THEN CAST(CAST({raw} AS BIGINT) AS VARCHAR) END"
        )
    if found.startswith("DECIMAL") and not found.endswith(",0)"):
        whole = f"CAST(CAST({raw} AS DECIMAL(38,0)) AS VARCHAR)"
        return f"CASE WHEN {raw} = floor({raw}) THEN {whole} ELSE CAST({raw} AS VARCHAR) END"
    text = f"TRY(decode({raw}))" if found == "BLOB" else f"CAST({raw} AS VARCHAR)"
    return f"CASE WHEN NOT {is_blank(text)} THEN {text} END"


def is_blank(text: str) -> str:
    """SQL condition: a text looks empty, be it of full-width blanks as in CJK text."""
    return f"(trim({text}, {literal(_WHITE)}) = '')"


def _instant(raw: str, found: str, reading: Reading) -> str:
    """Microseconds since 1970 in UTC.

    An hour that a clock change skips counts as the hour after it; of an hour that it repeats,
    the second is meant.
    """
    if found in _ZONED:
        return f"TRY(epoch_us(CAST({raw} AS TIMESTAMPTZ)))"
    if found.startswith("TIMESTAMP") or found == "DATE":
        return _local(f"CAST({raw} AS TIMESTAMP)", reading)
    unit = next((EPOCHS[f] for f in reading.instant_format if f in EPOCHS), None)
    if unit is not None:
        whole = f"try_cast({raw} AS BIGINT)"
        if unit < 0:
            return f"{whole} // {-unit}"
        return f"try_cast(CAST({whole} AS HUGEINT) * {unit} AS BIGINT)"
    text = f"trim({text_sql(raw, found)})"
    if reading.instant_format:
        return f"coalesce({listing(_formatted(text, f, reading) for f in reading.instant_format)})"
    close_offset = f"regexp_replace({text}, ' ([+-][0-9])', '\\1')"
    return (
        f"CASE WHEN regexp_matches(substr({text}, 11), {literal(_ZONE)}) "
        f"THEN TRY(epoch_us(try_cast({close_offset} AS TIMESTAMPTZ))) "
        f"ELSE {_local(f'try_cast({text} AS TIMESTAMP)', reading)} END"
    )


def _local(timestamp: str, reading: Reading) -> str:
    return f"TRY(epoch_us(timezone({literal(reading.time_zone)}, {timestamp})))"


def _formatted(text: str, written: str, reading: Reading) -> str:
    """Microseconds of a text in one format, which may hold an offset or a zone of its own."""
    parsed = f"try_strptime({text}, {literal(written)})"
    if "%z" in written or "%Z" in written:
        return f"TRY(epoch_us({parsed}))"
    return _local(parsed, reading)


def _day(raw: str, found: str, reading: Reading) -> str:
    zone = literal(reading.time_zone)
    if found in _ZONED:
        return f"TRY(CAST(timezone({zone}, CAST({raw} AS TIMESTAMPTZ)) AS DATE))"
    if found == "DATE" or found.startswith("TIMESTAMP"):
        return f"CAST({raw} AS DATE)"
    if not EPOCHS.keys().isdisjoint(reading.instant_format):
        instant = f"make_timestamptz({_instant(raw, found, reading)})"
        return f"TRY(CAST(timezone({zone}, {instant}) AS DATE))"
    text = f"trim({text_sql(raw, found)})"
    tries = [f"CAST(try_strptime({text}, {literal(f)}) AS DATE)" for f in reading.instant_format]
    return f"coalesce({listing([*tries, f'try_cast({text} AS DATE)'])})"


def _flag(text: str) -> str:
    text = f"lower(trim({text}))"
    return f"CASE WHEN {text} IN ({_TRUE}) THEN true WHEN {text} IN ({_FALSE}) THEN false END"


def _finite(number: str) -> str:
    """The number; NULL for NaN and infinities; 0 for -0."""
    return f"CASE WHEN isfinite({number}) THEN {number} + 0.0 END"


def _number(raw: str, found: str, reading: Reading) -> str:
    """The raw number, or its text with a decimal point."""
    if is_number(found):
        return raw
    text = f"trim({text_sql(raw, found)})"
    if reading.decimal_separator == "," and found == "VARCHAR":
        plain = f"replace(replace({text}, '.', ''), ',', '.')"
        return f"CASE WHEN regexp_full_match({text}, {literal(_GROUPED)}) THEN {plain} END"
    return text


def _money(raw: str, found: str, reading: Reading) -> str:
    """Minor units, half of one away from zero: texts and decimals exactly, floats as they are."""
    factor = 10**reading.digits
    most = LARGEST_AMOUNT // factor
    if found in _LARGEST_WHOLE:
        number = f"CAST({raw} AS DOUBLE)"
        fits = f"isfinite({number}) AND abs({number}) < {most}"
        return f"CASE WHEN {fits} THEN CAST(round({number} * {factor}) AS BIGINT) END"
    width = 18 if reading.digits <= _CENTS else 30  # so that the product below has room
    exact = f"try_cast({_number(raw, found, reading)} AS DECIMAL({width},{reading.digits}))"
    fits = f"{exact} > -{most} AND {exact} < {most}"
    return f"CASE WHEN {fits} THEN CAST({exact} * {factor} AS BIGINT) END"

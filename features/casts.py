"""Casts from whatever a file holds to the canonical types; a value that does not fit is NULL."""

from collections.abc import Callable
from dataclasses import dataclass

from features.errors import RegularsError
from features.schemas import Type
from features.sql import literal

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": -1_000}
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
_INTEGERS = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER")
_TRUE = "'1', 'true', 'yes', 'y', 't'"
_FALSE = "'0', 'false', 'no', 'n', 'f'"


class InstantNeedsUnit(RegularsError):
    """An instant is a bare number and the config does not say of what."""


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

    Raises
    ------
    InstantNeedsUnit
        When an instant is a number without a unit.
    """
    number = _number(raw, found, reading)
    casts: dict[Type, Callable[[], str]] = {
        "text": lambda: _text(raw, found),
        "instant": lambda: _instant(raw, found, reading),
        "day": lambda: _day(raw, found, reading),
        "flag": lambda: _flag(raw),
        "money": lambda: _money(raw, found, number, reading.digits),
        "quantity": lambda: f"try_cast({number} AS DECIMAL(18,3))",
        "number": lambda: f"CASE WHEN isfinite({number}) THEN {number} + 0.0 END",
    }
    return casts[wanted]()


def _text(raw: str, found: str) -> str:
    """Identifiers are kept exactly; whole doubles (a column with gaps) lose their ``.0``."""
    if found in ("DOUBLE", "FLOAT"):
        whole = f"isfinite({raw}) AND {raw} = floor({raw}) AND abs({raw}) < 9007199254740992"
        return f"CASE WHEN {whole} THEN CAST(CAST({raw} AS BIGINT) AS VARCHAR) END"
    return f"nullif(CAST({raw} AS VARCHAR), '')"


def _instant(raw: str, found: str, reading: Reading) -> str:
    zone = literal(reading.time_zone)
    finite = "CASE WHEN isfinite({0}) THEN epoch_us({0}) END"
    if found == "TIMESTAMP WITH TIME ZONE":
        return finite.format(raw)
    if found.startswith("TIMESTAMP") or found == "DATE":
        return finite.format(f"timezone({zone}, CAST({raw} AS TIMESTAMP))")
    unit = next((EPOCHS[f] for f in reading.instant_format if f in EPOCHS), None)
    if unit is not None:
        whole = f"try_cast({raw} AS BIGINT)"
        if unit < 0:
            return f"{whole} // {-unit}"
        return f"try_cast(CAST({whole} AS HUGEINT) * {unit} AS BIGINT)"
    if found in _INTEGERS or found in ("DOUBLE", "FLOAT"):
        message = (
            f"an instant needs a date or a text, but {raw} holds numbers ({found}); say what they "
            f"count with instant_format: epoch_s, epoch_ms, epoch_us or epoch_ns"
        )
        raise InstantNeedsUnit(message)
    text = f"trim(CAST({raw} AS VARCHAR))"
    if reading.instant_format:
        tries = ", ".join(f"try_strptime({text}, {literal(f)})" for f in reading.instant_format)
        return f"epoch_us(timezone({zone}, coalesce({tries}, NULL)))"
    mark = "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
    offset = f"regexp_matches({text}, {literal(mark)}) AND length({text}) > 10"
    return (
        f"CASE WHEN {offset} THEN epoch_us(try_cast({text} AS TIMESTAMPTZ)) "
        f"ELSE epoch_us(timezone({zone}, try_cast({text} AS TIMESTAMP))) END"
    )


def _day(raw: str, found: str, reading: Reading) -> str:
    if found == "DATE" or found.startswith("TIMESTAMP"):
        return f"CAST({raw} AS DATE)"
    text = f"trim(CAST({raw} AS VARCHAR))"
    tries = [f"CAST(try_strptime({text}, {literal(f)}) AS DATE)" for f in reading.instant_format]
    return f"coalesce({', '.join([*tries, f'try_cast({text} AS DATE)'])}, NULL)"


def _flag(raw: str) -> str:
    text = f"lower(trim(CAST({raw} AS VARCHAR)))"
    return f"CASE WHEN {text} IN ({_TRUE}) THEN true WHEN {text} IN ({_FALSE}) THEN false END"


def _number(raw: str, found: str, reading: Reading) -> str:
    if found == "VARCHAR" and reading.decimal_separator == ",":
        raw = f"replace(replace({raw}, '.', ''), ',', '.')"
    return f"try_cast({raw} AS DOUBLE)"


def _money(raw: str, found: str, number: str, digits: int) -> str:
    """Minor units: decimals exactly, doubles to the nearest unit (half away from zero)."""
    factor = 10**digits
    if found.startswith("DECIMAL") or found in _INTEGERS:
        number = raw
    fits = f"isfinite(CAST({number} AS DOUBLE)) AND abs({number}) < {LARGEST_AMOUNT // factor}"
    return f"CASE WHEN {fits} THEN try_cast(round({number} * {factor}) AS BIGINT) END"

"""raw_* to stg_*: rename, cast, deduplicate, quarantine; no business meaning."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.casts import SQL_TYPE, Reading, cast_sql
from features.errors import RegularsError
from features.mapping import KEYS, Field, fields_of, origin_sql
from features.quarantine import aside, create_quarantine, keep_contradicting, keep_rejects
from features.rules import Plausible, broken_rule, raw_name
from features.schemas import Expression, Source
from features.sources import DataFile, Relation, SourceUnreadable, first_line, opened
from features.sql import identifier, listing, literal
from features.suggest import nearest

INSTANTS = {
    "orders": "ordered_at",
    "contacts": "contacted_at",
    "campaigns": "sent_at",
    "responses": "responded_at",
}
"""The instant of each source that has one; the others are dimensions and labels."""


class ColumnMissing(RegularsError):
    """A mapped column is not in the file."""


@dataclass(frozen=True)
class Loaded:
    """Counts of one file's rows; ``read = kept + quarantined + duplicated + left_out``."""

    read: int
    kept: int
    quarantined: int
    duplicated: int
    left_out: int
    first_at: int | None
    last_at: int | None


@dataclass(frozen=True)
class Stage:
    """What staging needs to know besides a source's settings.

    Attributes
    ----------
    folder
        Where relative paths start: beside the config file.
    spill
        Folder for copies that are brought to UTF-8.
    time_zone
        The business's.
    digits
        Digits of the currency's minor unit.
    plausible
        Instants outside are quarantined.
    """

    folder: Path
    spill: Path
    time_zone: str
    digits: int
    plausible: Plausible


@dataclass(frozen=True)
class Unit:
    """What is loaded at a time: one file of one source."""

    name: str
    source: Source
    file: DataFile


def create_staging(con: duckdb.DuckDBPyConnection, name: str, source: Source) -> None:
    """Create ``stg_NAME`` and ``quarantine_NAME`` where they are not there yet."""
    columns = listing(f"{identifier(f.name)} {SQL_TYPE[f.type]}" for f in fields_of(name, source))
    con.execute(f"CREATE TABLE IF NOT EXISTS stg_{name} ({columns}, load_id INTEGER)")
    create_quarantine(con, name)


def stage_file(con: duckdb.DuckDBPyConnection, unit: Unit, load_id: int, stage: Stage) -> Loaded:
    """Append one file's rows to ``stg_NAME`` and what breaks the contract to ``quarantine_NAME``.

    Returns
    -------
    Loaded
        Counts of rows and the range of instants (microseconds, UTC) of the rows kept.

    Raises
    ------
    ColumnMissing
        When a mapped column is not in the file.
    SourceUnreadable
        When the engine cannot read the file or an expression.
    """
    name, source, file = unit.name, unit.source, unit.file
    reading = Reading(
        source.time_zone or stage.time_zone,
        source.instant_format,
        source.decimal_separator,
        stage.digits,
    )
    with opened(con, source, file, stage.folder, stage.spill) as relation:
        types = _types(con, relation, fields_of(name, source), file)
        _check(con, relation, types, unit, (reading, stage.plausible))
        rejected = keep_rejects(con, name, load_id) if relation.is_text else 0
    return _append(con, name, tuple(types), load_id, rejected)


def _types(
    con: duckdb.DuckDBPyConnection, relation: Relation, fields: tuple[Field, ...], file: DataFile
) -> dict[Field, str]:
    """The engine's type of every mapped value, refusing what the file does not have."""
    described = con.execute(f"DESCRIBE SELECT * FROM {relation.sql}").fetchall()
    columns = [str(row[0]) for row in described]
    return {field: _type(con, relation, field, columns, file) for field in fields}


def _type(
    con: duckdb.DuckDBPyConnection,
    relation: Relation,
    field: Field,
    columns: list[str],
    file: DataFile,
) -> str:
    if isinstance(field.origin, str) and field.origin not in columns:
        close = nearest(field.origin, columns)
        hint = f"; did you mean {close!r}?" if close else ""
        message = (
            f"{field.path} needs the column {field.origin!r}, but {file.name} has {columns}{hint}"
        )
        raise ColumnMissing(message)
    sql = f"DESCRIBE SELECT {origin_sql(field.origin)} AS value FROM {relation.sql}"
    try:
        return str(con.execute(sql).fetchall()[0][1])
    except duckdb.Error as error:
        written = field.origin.expression if isinstance(field.origin, Expression) else ""
        message = (
            f"{field.path} needs an expression over the columns {columns} of {file.name}, "
            f"but {written!r} is not one: {first_line(error)}"
        )
        raise SourceUnreadable(message) from error


def _check(
    con: duckdb.DuckDBPyConnection,
    relation: Relation,
    types: dict[Field, str],
    unit: Unit,
    terms: tuple[Reading, Plausible],
) -> None:
    """Cast every row once and write it, with the rule it breaks, to the table ``checked``."""
    reading, plausible = terms
    raw = listing(f"{origin_sql(field.origin)} AS {raw_name(field)}" for field in types)
    casts = listing(
        f"CAST({cast_sql(raw_name(field), found, field.type, reading)} AS {SQL_TYPE[field.type]}) "
        f"AS {identifier(field.name)}"
        for field, found in types.items()
    )
    members = listing(f"{literal(field.name)}: {raw_name(field)}" for field in types)
    where = unit.source.where
    wanted = f"coalesce(({where}), false)" if where else "true"
    rule = broken_rule(unit.source, tuple(types), plausible)
    try:
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE checked AS
            WITH raw AS (SELECT {raw}, {wanted} AS is_wanted FROM {relation.sql}),
            typed AS (SELECT *, {casts} FROM raw),
            ruled AS (SELECT *, CASE WHEN is_wanted THEN {rule} END AS broken_rule FROM typed)
            SELECT {_names(tuple(types))}, is_wanted, broken_rule,
                CASE WHEN broken_rule IS NOT NULL THEN to_json({{{members}}}) END AS raw_row
            FROM ruled""")
    except duckdb.Error as error:
        message = f"{unit.file.name} cannot be read to its end: {first_line(error)}"
        raise SourceUnreadable(message) from error


def _append(
    con: duckdb.DuckDBPyConnection,
    name: str,
    fields: tuple[Field, ...],
    load_id: int,
    rejected: int,
) -> Loaded:
    """Add the rows that no earlier load brought; dimensions keep every load's version."""
    quarantined = rejected + aside(con, name, load_id)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE distinct_rows AS SELECT DISTINCT {_names(fields)}
        FROM checked WHERE is_wanted AND broken_rule IS NULL""")
    if name in KEYS:
        quarantined += keep_contradicting(con, name, load_id, tuple(f.name for f in fields))
    same = " AND ".join(
        f"s.{identifier(f.name)} {'=' if index == 0 else 'IS NOT DISTINCT FROM'} "
        f"d.{identifier(f.name)}"
        for index, f in enumerate(fields)
    )
    known = f"SELECT 1 FROM stg_{name} AS s WHERE {same}"
    fresh = "" if name in KEYS else f"WHERE NOT EXISTS ({known})"
    kept = con.execute(
        f"INSERT INTO stg_{name} SELECT {_names(fields)}, {load_id} FROM distinct_rows AS d {fresh}"
    ).fetchall()[0][0]
    instant = INSTANTS.get(name, "NULL")
    read, left_out = con.execute(
        "SELECT count(*), count(*) FILTER (NOT is_wanted) FROM checked"
    ).fetchall()[0]
    first_at, last_at = con.execute(
        f"SELECT min({instant}), max({instant}) FROM distinct_rows"
    ).fetchall()[0]
    read += rejected
    duplicated = read - kept - quarantined - left_out
    return Loaded(read, kept, quarantined, duplicated, left_out, first_at, last_at)


def _names(fields: tuple[Field, ...]) -> str:
    return listing(identifier(field.name) for field in fields)

"""raw_* to stg_*: rename, cast, deduplicate, quarantine; no business meaning."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.casts import SQL_TYPE, Reading, cast_sql
from features.delimited import open_quote
from features.mapped import Unit, mapped_types
from features.mapping import KEYS, Field, fields_of, origin_sql
from features.quarantine import (
    aside,
    create_quarantine,
    forget_rejects,
    has_quote_errors,
    keep_contradicting,
    keep_rejects,
)
from features.rules import Plausible, broken_rule, raw_name
from features.schemas import Expression, Source
from features.sources import Relation, SourceUnreadable, first_line, opened
from features.sql import identifier, listing, literal
from features.textfile import FileUnreadable

INSTANTS = {
    "orders": "ordered_at",
    "contacts": "contacted_at",
    "visits": "visited_at",
    "campaigns": "sent_at",
    "responses": "responded_at",
}
"""The instant of each source that has one; the others are dimensions and labels."""


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

    def reading(self, source: Source) -> Reading:
        """How a source writes its values."""
        return Reading(
            source.time_zone or self.time_zone,
            source.instant_format,
            source.decimal_separator,
            self.digits,
        )


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
    SourceUnreadable, FileUnreadable, EncodingWrong
        When the engine cannot read the file or an expression.
    """
    with opened(con, unit.source, unit.file, stage.folder, stage.spill) as relation:
        types = mapped_types(con, relation, unit)
        _check(con, relation, types, unit, stage)
        rejected = _rejected(con, relation, unit, load_id)
    return _append(con, unit.name, tuple(types), load_id, rejected)


def _check(
    con: duckdb.DuckDBPyConnection,
    relation: Relation,
    types: dict[Field, str],
    unit: Unit,
    stage: Stage,
) -> None:
    """Cast every row once and write it, with the rule it breaks, to the table ``checked``."""
    reading, names = stage.reading(unit.source), _names(tuple(types))
    raw = listing(f"{origin_sql(field.origin)} AS {raw_name(field)}" for field in types)
    casts = listing(
        f"CAST({cast_sql(raw_name(field), found, field.type, reading)} AS {SQL_TYPE[field.type]}) "
        f"AS {identifier(field.name)}"
        for field, found in types.items()
    )
    members = listing(f"{literal(field.name)}: {raw_name(field)}" for field in types)
    where = unit.source.where
    wanted = f"coalesce(({where}\n), false)" if where else "true"
    rule = broken_rule(unit.source, tuple(types), stage.plausible)
    try:
        forget_rejects(con)
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE checked AS
            WITH raw AS (SELECT {raw}, {wanted} AS is_wanted FROM {relation.sql}),
            typed AS (SELECT *, {casts} FROM raw),
            ruled AS (SELECT *, CASE WHEN is_wanted THEN {rule} END AS broken_rule FROM typed)
            SELECT {names}, is_wanted, broken_rule,
                CASE WHEN broken_rule IS NOT NULL THEN to_json({{{members}}}) END AS raw_row
            FROM ruled""")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        cure = "; where an expression may fail, try_cast(…) or try(…) gives null instead"
        message = f"{unit.file.name} cannot be read to its end: {first_line(error)}"
        raise SourceUnreadable(message + cure * _is_computed(types, unit.source)) from error


def _is_computed(types: dict[Field, str], source: Source) -> bool:
    expressions = any(isinstance(field.origin, Expression) for field in types)
    return expressions or source.where is not None


def _rejected(con: duckdb.DuckDBPyConnection, relation: Relation, unit: Unit, load_id: int) -> int:
    """Lines of a text that are no rows, written aside; their count.

    Raises
    ------
    FileUnreadable
        When a quote is left open, so that nobody knows how many rows are in it.
    """
    if relation.text is None:
        return 0
    if has_quote_errors(con) and (line := open_quote(relation.text)):
        message = (
            f"{unit.file.name} needs its quotes in pairs, but the one that opens in line {line} "
            f"is not closed, so the rows after it cannot be told apart; mend that line"
        )
        raise FileUnreadable(message)
    return keep_rejects(con, unit.name, load_id)


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

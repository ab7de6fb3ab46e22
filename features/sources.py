"""Readers: from a source's settings to relations that the engine can scan, one per file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.casts import text_sql
from features.delimited import Delimited, delimited
from features.errors import RegularsError
from features.locations import DataFile, partition, resolved
from features.schemas import Lookup, Source
from features.sql import file_name, identifier, listing, literal


class SourceUnreadable(RegularsError):
    """The engine could not read what a source names."""


@dataclass(frozen=True)
class Relation:
    """Something to select from.

    Attributes
    ----------
    sql
        What stands after FROM.
    text
        The CSV file behind it, of which unreadable lines are kept aside; None for other kinds.
    """

    sql: str
    text: Delimited | None


@contextmanager
def opened(
    con: duckdb.DuckDBPyConnection, source: Source, file: DataFile, folder: Path, spill: Path
) -> Iterator[Relation]:
    """Relation over one file, with its lookup joined; text is brought to UTF-8 first.

    Raises
    ------
    SourceUnreadable
        When the engine cannot read the file; the text names the file and no row of it.
    FileUnreadable, EncodingWrong
        When a CSV file is not what the settings say.
    """
    with _table(con, source, file, spill) as relation:
        if source.lookup is None:
            yield relation
            return
        path = resolved(source.lookup.path, folder, "lookup.path")
        with _looked_up(con, source, path, spill) as table:
            joined = _joined(con, (relation.sql, file.name), source.lookup, (table, str(path)))
            yield Relation(joined, relation.text)


@contextmanager
def _table(
    con: duckdb.DuckDBPyConnection, source: Source, file: DataFile, spill: Path
) -> Iterator[Relation]:
    if file.path is None:
        yield Relation(file.table or "", text=None)
    elif file.path.suffix.lower() == ".parquet":
        yield Relation(_partitioned(con, _parquet(con, file.path), file.path), text=None)
    else:
        with delimited(file.path, source, spill) as text:
            sql = text.sql(keeps_rejects=True)
            yield Relation(_partitioned(con, sql, file.path), text)


def _parquet(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    sql = f"read_parquet({file_name(path)}, hive_partitioning = false)"
    try:
        con.execute(f"SELECT count(*) FROM (SELECT * FROM {sql} LIMIT 1)").fetchall()
    except duckdb.Error as error:
        message = f"{path} needs to be a complete Parquet file, but it is not; copy it again"
        raise SourceUnreadable(message) from error
    return sql


def _partitioned(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> str:
    """The relation with the columns that its folders give; a column of the file comes first."""
    columns = {name.lower() for name in column_types(con, sql, str(path))}
    given = [
        f"CAST({'NULL' if value is None else literal(value)} AS VARCHAR) AS {identifier(column)}"
        for column, value in partition(path).items()
        if column.lower() not in columns
    ]
    return f"(SELECT *, {listing(given)} FROM {sql})" if given else sql


def column_types(con: duckdb.DuckDBPyConnection, sql: str, name: str) -> dict[str, str]:
    """The engine's type of every column of a relation.

    Raises
    ------
    SourceUnreadable
        Naming the file or table.
    """
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
    except duckdb.Error as error:
        message = f"{name} cannot be read: {first_line(error)}"
        raise SourceUnreadable(message) from error
    return {str(row[0]): str(row[1]) for row in described}


@contextmanager
def _looked_up(
    con: duckdb.DuckDBPyConnection, source: Source, path: Path, spill: Path
) -> Iterator[str]:
    if path.suffix.lower() == ".parquet":
        yield _parquet(con, path)
    else:
        with delimited(path, source.model_copy(update={"delimiter": None}), spill) as text:
            yield text.sql(keeps_rejects=False)


def _joined(
    con: duckdb.DuckDBPyConnection, rows: tuple[str, str], lookup: Lookup, table: tuple[str, str]
) -> str:
    """SQL of the rows with the lookup's columns, refusing a key that is not unique.

    Keys are compared as texts, so that 007 is not 7. ``rows`` and ``table`` are SQL and name.
    """
    key = identifier(lookup.key)
    columns = [column_types(con, *rows), column_types(con, *table)]
    for (_, name), types in zip((rows, table), columns, strict=True):
        if lookup.key not in types:
            message = f"a lookup needs the column {lookup.key!r} in both files, but {name} has none"
            raise SourceUnreadable(message)
    left, right = (
        text_sql(f"{side}.{key}", types[lookup.key])
        for side, types in zip(("file_rows", "looked_up"), columns, strict=True)
    )
    _require_unique(con, table, lookup, f"count(looked_up.{key}) - count(DISTINCT {right})")
    known = {name.lower() for name in columns[0]}
    added = (f"looked_up.{identifier(name)}" for name in columns[1] if name.lower() not in known)
    return (
        f"(SELECT {listing(['file_rows.*', *added])} FROM {rows[0]} AS file_rows "
        f"LEFT JOIN {table[0]} AS looked_up ON {left} = {right})"
    )


def _require_unique(
    con: duckdb.DuckDBPyConnection, table: tuple[str, str], lookup: Lookup, repeated: str
) -> None:
    try:
        again = con.execute(f"SELECT {repeated} FROM {table[0]} AS looked_up").fetchall()[0][0]
    except duckdb.Error as error:
        message = f"{table[1]} cannot be read to its end: {first_line(error)}"
        raise SourceUnreadable(message) from error
    if again:
        message = (
            f"a lookup needs one row for each {lookup.key!r}, but {table[1]} has {again:,} more; "
            f"remove those that repeat a key"
        )
        raise SourceUnreadable(message)


_OF_NAMES_AND_FILES = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
)


def first_line(error: duckdb.Error) -> str:
    """First line of an engine's message where it speaks of names and files; never of values."""
    line = str(error).strip().partition("\n")[0].rstrip(".")
    if isinstance(error, _OF_NAMES_AND_FILES) or "CSV Error on Line:" in line:
        return line
    return "a value does not fit (values are not shown here)"

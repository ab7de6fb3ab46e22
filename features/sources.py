"""Readers: from a source's settings to relations that the engine can scan, one per file."""

import csv
import glob
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile

import duckdb

from features.errors import RegularsError
from features.schemas import DatabaseTable, Lookup, Source
from features.sql import identifier, listing, literal
from features.textfile import (
    FileUnreadable,
    content_hash,
    decoded,
    find_delimiter,
    is_plain,
    require_file,
    require_known,
)

PACKAGE = "package://"
SUFFIXES = (".csv", ".txt", ".tsv", ".parquet")
ATTACHED = "source_database"


class SourceUnreadable(RegularsError):
    """The engine could not read what a source names."""


@dataclass(frozen=True)
class DataFile:
    """One unit of loading: a file (or a table) and what its content is recognised by."""

    name: str
    path: Path | None
    content_hash: str


@dataclass(frozen=True)
class Relation:
    """Something to select from, and whether unreadable lines of it are kept aside."""

    sql: str
    is_text: bool


def find_files(name: str, source: Source, folder: Path) -> tuple[DataFile, ...]:
    """Files of a source in order of their names.

    Parameters
    ----------
    name
        Name of the source, for messages.
    source
        Its settings; relative paths start at ``folder``.
    folder
        Where the config file lies.

    Raises
    ------
    FileUnreadable
        When a path names nothing, or something empty.
    """
    setting = f"sources.{name}.path"
    paths = (source.path,) if isinstance(source.path, str) else source.path or ()
    extra = (_one(source.lookup.path, folder, setting),) if source.lookup else ()
    files: list[DataFile] = []
    for written in paths:
        for path in _expand(written, folder, setting):
            require_file(path, setting)
            files.append(DataFile(str(path), path, content_hash((path, *extra))))
    return tuple(files)


def _expand(written: str, folder: Path, setting: str) -> list[Path]:
    start = _resolve(written, folder, setting)
    if start.is_dir():
        inside = (path for path in start.rglob("*") if path.suffix.lower() in SUFFIXES)
        found = sorted(path for path in inside if path.is_file())
        return found or [start]
    if glob.has_magic(str(start)) and not start.exists():
        pattern = str(start.relative_to(start.anchor))
        matching = sorted(Path(start.anchor).glob(pattern))
        if not matching:
            message = f"{setting} needs files, but nothing matches {start}"
            raise FileUnreadable(message)
        return matching
    return [start]


def _one(written: str, folder: Path, setting: str) -> Path:
    path = _resolve(written, folder, setting)
    require_file(path, setting)
    return path


def _resolve(written: str, folder: Path, setting: str) -> Path:
    """Absolute path of what a config names, package data included."""
    if not written.startswith(PACKAGE):
        return (folder / written).absolute()
    package, _, inner = written.removeprefix(PACKAGE).partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        message = f"{setting} needs the package {package!r}, which is not installed: add it"
        raise FileUnreadable(message)
    return Path(spec.submodule_search_locations[0]) / inner


@contextmanager
def opened(
    con: duckdb.DuckDBPyConnection, source: Source, file: DataFile, folder: Path, spill: Path
) -> Iterator[Relation]:
    """Relation over one file, with its lookup joined; text is brought to UTF-8 first.

    Raises
    ------
    SourceUnreadable
        When the engine cannot read the file; the text names the file and no row of it.
    """
    with _table(con, source, file, spill) as relation:
        if source.lookup is None:
            yield relation
            return
        path = _resolve(source.lookup.path, folder, "lookup")
        joined = _joined(con, relation, source.lookup, path)
        yield Relation(joined, relation.is_text)


@contextmanager
def _table(
    con: duckdb.DuckDBPyConnection, source: Source, file: DataFile, spill: Path
) -> Iterator[Relation]:
    if file.path is None:
        yield Relation(f"{ATTACHED}.{_table_of(source)}", is_text=False)
    elif file.path.suffix.lower() == ".parquet":
        sql = f"read_parquet({literal(file.name)}, hive_partitioning = true)"
        _require_readable(con, sql, file.name)
        yield Relation(sql, is_text=False)
    else:
        with _utf8(file.path, source, spill) as readable:
            yield Relation(_csv_sql(file.path, readable, source), is_text=True)


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, table: DatabaseTable) -> Iterator[DataFile]:
    """A database attached read-only for the time of loading.

    Raises
    ------
    SourceUnreadable
        When the engine cannot attach it or the table is not there.
    """
    try:
        con.execute(f"ATTACH {literal(table.address)} AS {ATTACHED} (TYPE {table.type}, READ_ONLY)")
        name = dotted_name(table.table)
        digest = con.execute(
            f"SELECT count(*), sum(CAST(hash(t) AS HUGEINT)) FROM {ATTACHED}.{name} AS t"
        ).fetchone()
    except duckdb.Error as error:
        message = (
            f"a source needs the table {table.table} of the {table.type} database "
            f"{table.address}, but it cannot be read: {first_line(error)}"
        )
        raise SourceUnreadable(message) from error
    try:
        yield DataFile(f"{table.address}#{table.table}", None, f"rows-{digest}")
    finally:
        con.execute(f"DETACH {ATTACHED}")


def dotted_name(dotted: str) -> str:
    """Quoted form of a dotted table name."""
    return ".".join(identifier(part) for part in dotted.split("."))


def _table_of(source: Source) -> str:
    return dotted_name(source.database.table if source.database else "")


def _joined(con: duckdb.DuckDBPyConnection, relation: Relation, lookup: Lookup, path: Path) -> str:
    """SQL of the relation with the lookup's columns, refusing a key that is not unique."""
    reader = "read_parquet" if path.suffix.lower() == ".parquet" else "read_csv"
    table, key = f"{reader}({literal(str(path))})", identifier(lookup.key)
    _require_readable(con, table, str(path))
    try:
        twice = con.execute(
            f"SELECT count(*) - count(DISTINCT {key}) FROM {table} WHERE {key} IS NOT NULL"
        ).fetchone()
        con.execute(f"SELECT {key} FROM {relation.sql} LIMIT 0")
    except duckdb.Error as error:
        message = f"a lookup needs the column {lookup.key!r} in both files: {first_line(error)}"
        raise SourceUnreadable(message) from error
    if twice and twice[0]:
        message = f"a lookup needs one row per {lookup.key!r}, but {path} repeats {twice[0]}"
        raise SourceUnreadable(message)
    return f"(SELECT * FROM {relation.sql} AS rows LEFT JOIN {table} AS looked_up USING ({key}))"


def _require_readable(con: duckdb.DuckDBPyConnection, sql: str, name: str) -> None:
    try:
        con.execute(f"SELECT count(*) FROM (SELECT * FROM {sql} LIMIT 1)").fetchall()
    except duckdb.Error as error:
        message = f"{name} cannot be read: {first_line(error)}; is it complete and of this kind?"
        raise SourceUnreadable(message) from error


@contextmanager
def _utf8(path: Path, source: Source, spill: Path) -> Iterator[Path]:
    """The file itself when it is UTF-8, else a copy in UTF-8 for as long as it is read."""
    require_known(source.encoding, "sources")
    if is_plain(source.encoding):
        for _ in decoded(path, source.encoding):
            pass
        yield path
        return
    with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=spill, suffix=".csv") as copy:
        for text in decoded(path, source.encoding):
            copy.write(text)
        copy.flush()
        yield Path(copy.name)


def header_of(path: Path, encoding: str, delimiter: str | None) -> tuple[str, list[str]]:
    """Delimiter and column names of a CSV file.

    Raises
    ------
    FileUnreadable
        When there is no header line or a column stands twice in it.
    """
    lines = "".join(islice(decoded(path, encoding), 1)).splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    mark = delimiter or find_delimiter(first)
    names = next(csv.reader(iter(lines), delimiter=mark), [])
    if not names:
        message = f"{path} needs a header line with column names, but has none"
        raise FileUnreadable(message)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{path} needs distinct column names, but its header repeats {twice}"
        raise FileUnreadable(message)
    return mark, names


def _csv_sql(path: Path, readable: Path, source: Source) -> str:
    mark, names = header_of(path, source.encoding, source.delimiter)
    columns = listing(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(str(readable))}, header = true, auto_detect = false, "
        f"delim = {literal(mark)}, quote = '\"', escape = '\"', null_padding = false, "
        f"store_rejects = true, hive_partitioning = true, columns = {{{columns}}})"
    )


def first_line(error: duckdb.Error) -> str:
    """First line of an engine's message where it speaks of names and files; never of values."""
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return "a value does not fit (values are not shown here)"
    return str(error).strip().splitlines()[0].rstrip(".")

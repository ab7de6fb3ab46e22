"""Opens the engine: one file, bounded memory, one transaction for everything that changes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from features.errors import RegularsError
from features.settings import Engine
from features.sources import first_line
from features.sql import literal

Connection = duckdb.DuckDBPyConnection
"""What the engine is asked through; only features name its library."""


class WarehouseUnavailable(RegularsError):
    """The warehouse file is in use, damaged, or not there yet."""


class EngineExhausted(RegularsError):
    """The engine needs more memory or disk than it was given."""


@contextmanager
def warehouse(path: Path, engine: Engine, spill: Path, *, read_only: bool) -> Iterator[Connection]:
    """Connection to the warehouse file, closed at the end.

    Parameters
    ----------
    path
        The one file.
    engine
        Memory limit and threads.
    spill
        Folder for what does not fit in memory; must exist.
    read_only
        True for every job but build.

    Raises
    ------
    WarehouseUnavailable
        When the file is missing, in use by another process, or not a warehouse.
    EngineExhausted
        When a step needs more memory or disk than there is.
    """
    if read_only and not path.exists():
        message = f"this step needs the warehouse {path}, which is not there; run: regulars build"
        raise WarehouseUnavailable(message)
    con = _connect(path, read_only=read_only)
    try:
        con.execute(f"SET memory_limit = {literal(engine.memory_limit)}")
        con.execute(f"SET threads = {engine.threads}")
        con.execute(f"SET temp_directory = {literal(str(spill))}")
        con.execute("SET preserve_insertion_order = false")
        con.execute("SET enable_progress_bar = false")
        con.execute("SET TimeZone = 'UTC'")
        yield con
    except duckdb.OutOfMemoryException as error:
        message = (
            f"this step needs more than engine.memory_limit={engine.memory_limit} or than {spill} "
            f"can hold: {first_line(error)}; raise the limit or make room there"
        )
        raise EngineExhausted(message) from error
    except duckdb.Error as error:
        if not _is_of_the_file(error):
            raise
        message = (
            f"the warehouse {path} cannot be read or written: {_cause(error)}; make room on its "
            f"disk, or move the file away and run: regulars build"
        )
        raise WarehouseUnavailable(message) from error
    finally:
        con.close()


def _is_of_the_file(error: duckdb.Error) -> bool:
    """Whether the disk or the file is to blame, rather than a statement of ours."""
    of_the_file = (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException)
    return isinstance(error, of_the_file) or _is_damage(error)


def _cause(error: duckdb.Error) -> str:
    if "No space left" in str(error):
        return "no space is left on its disk"
    return "it is damaged" if _is_damage(error) else first_line(error)


def _is_damage(error: duckdb.Error) -> bool:
    return str(error).startswith("Corrupt database file")


def _connect(path: Path, *, read_only: bool) -> Connection:
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        message = (
            f"the warehouse {path} cannot be opened: {_cause(error)}; wait for the job that uses "
            f"it, or move the file away and run: regulars build"
        )
        raise WarehouseUnavailable(message) from error


def tables_of(con: Connection) -> set[str]:
    """Names of all tables that the connection sees."""
    return {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


@contextmanager
def temporary(con: Connection, *names: str) -> Iterator[None]:
    """Tables of the connection alone, which are gone afterwards."""
    try:
        yield
    finally:
        for name in names:
            con.execute(f"DROP TABLE IF EXISTS temp.{name}")


@contextmanager
def in_order(con: Connection) -> Iterator[None]:
    """Rows of one table come in the order in which it holds them."""
    con.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        con.execute("SET preserve_insertion_order = false")


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """All changes at once at the end, or none when anything fails or the process dies."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # a damaged file refuses this too; closing it undoes as much
            con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")

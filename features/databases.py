"""Tables of other databases, attached read-only for as long as the connection lives."""

import hashlib
from pathlib import Path

import duckdb

from features.locations import DataFile
from features.schemas import DatabaseTable
from features.sources import SourceUnreadable, first_line
from features.sql import identifier, literal

_OF_ONE_FILE = ("duckdb", "sqlite")


def attached(
    con: duckdb.DuckDBPyConnection, name: str, database: DatabaseTable, folder: Path
) -> DataFile:
    """The table as a unit of loading, recognised by its rows whatever their order.

    The database stays attached: an open transaction that has read from it cannot let it go.

    Parameters
    ----------
    con
        Connection of the build.
    name
        Name of the source, for messages.
    database
        Its settings; the path of a file starts at ``folder``.
    folder
        Where the config file lies.

    Raises
    ------
    SourceUnreadable
        When the database or the table is not there; the address of a server is not shown.
    """
    address = database.address.get_secret_value()
    is_file = database.type in _OF_ONE_FILE
    if is_file:
        address = str((folder / address).absolute())
    place = address if is_file else f"a {database.type} server"
    alias = f"source_{hashlib.sha256(f'{database.type} {address}'.encode()).hexdigest()[:12]}"
    table = f"{alias}.{'.'.join(identifier(part) for part in database.table.split('.'))}"
    try:
        con.execute(
            f"ATTACH IF NOT EXISTS {literal(address)} AS {alias} (TYPE {database.type}, READ_ONLY)"
        )
        rows, digest = con.execute(
            f"SELECT count(*), sum(CAST(hash(t) AS HUGEINT)) FROM {table} AS t"
        ).fetchall()[0]
    except duckdb.Error as error:
        cause = first_line(error) if is_file else "what it answered may hold a password"
        message = (
            f"sources.{name}.database needs the table {database.table} in {place}, but it cannot "
            f"be read ({cause})"
        )
        raise SourceUnreadable(message) from error
    return DataFile(f"{place}#{database.table}", None, f"rows-{rows}-{digest}", table)

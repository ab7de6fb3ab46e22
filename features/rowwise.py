"""SQL over rows in memory, row by row and in their order."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from features.warehouse import Connection


@contextmanager
def rowwise() -> Iterator[Connection]:
    """An engine for `select`: in memory, with one thread, so that rows stay in order."""
    with duckdb.connect(config={"threads": 1}) as engine:
        yield engine


def select(engine: Connection, wanted: str, rows: pa.Table) -> pa.Table:
    """What the SQL expressions give for each row; threads may ask side by side.

    Parameters
    ----------
    engine
        Of `rowwise`, or a connection that is set to preserve the order of rows.
    wanted
        Expressions over the columns of a row, each with its name, at least one.
    rows
        The rows.
    """
    with engine.cursor() as own:
        own.register("rows", rows)
        return own.sql(f"SELECT {wanted} FROM rows").to_arrow_table()

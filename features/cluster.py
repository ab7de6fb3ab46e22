"""The behaviour table by a Spark cluster: the star goes out as Parquet, the rows come back."""

import glob
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from features.settings import Cluster
from features.spark import answer
from features.spelling import Spark
from features.sql import literal
from features.statements import Task, statement
from features.warehouse import Connection, tables_of

_STAR = (
    *("fact_sales", "fact_contacts", "fact_campaigns", "fact_visits"),
    *("dim_customer", "dim_product"),
)


def compute(con: Connection, task: Task, cluster: Cluster, rows: int) -> Iterator[pa.RecordBatch]:
    """Rows of the behaviour table in batches, sorted by as_of and customer.

    Parameters
    ----------
    con
        Connection to a warehouse with a star; what it spills to holds the passing copies.
    task
        What is asked for.
    cluster
        The master and its memory.
    rows
        Rows of a batch, at most.

    Raises
    ------
    SparkMissing, SparkFailed
        See `features.spark.answer`.
    """
    spill = con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    views, query = statement(task, Spark())
    with TemporaryDirectory(prefix="spark-", dir=spill) as name:
        folder = Path(name)
        tables = {table: _copied(con, table, folder) for table in _known(con)}
        answer(cluster, tables, views, query, folder / "answer")
        parts = literal(f"{glob.escape(name)}/answer/*.parquet")
        for as_of in task.as_ofs:
            of_day = f"SELECT * FROM read_parquet({parts}) WHERE as_of = DATE '{as_of}'"
            yield from con.sql(f"{of_day} ORDER BY customer").to_arrow_reader(rows)


def _known(con: Connection) -> list[str]:
    tables = tables_of(con)
    return [table for table in _STAR if table in tables]


def _copied(con: Connection, table: str, folder: Path) -> Path:
    path = folder / f"{table}.parquet"
    con.execute(f"COPY {table} TO {literal(str(path))} (FORMAT parquet)")
    return path

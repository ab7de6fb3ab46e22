"""What happened after each as_of; refuses to say it before it is known."""

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from features.clock import Window, label_window, require_observed
from features.daily import PURCHASE
from features.errors import RegularsError
from features.settings import ChurnDefinition
from features.sql import listing


class LabelsMissing(RegularsError):
    """The labels table does not speak of an as_of."""


def build_labels(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    definition: ChurnDefinition,
    last_on: date,
) -> pa.Table:
    """Whether each customer churned, one row per as_of and customer, sorted by both.

    Parameters
    ----------
    con
        Connection to the warehouse.
    as_ofs
        Distinct days.
    definition
        silent: no purchase in ``[as_of + gap, as_of + gap + horizon)``; labelled: the labels table.
    last_on
        Last day of data; that day counts as observed.

    Returns
    -------
    pyarrow.Table
        customer (string), as_of (date32), churned (bool).

    Raises
    ------
    HorizonNotObserved
        When a window reaches beyond ``last_on``.
    LabelsMissing
        When the labels table has no row for an as_of.
    """
    if definition.kind == "labelled":
        return _labelled(con, as_ofs)
    windows = {}
    for as_of in as_ofs:
        window = label_window(as_of, definition.gap_days, definition.horizon_days)
        require_observed(as_of, window, last_on)
        windows[as_of] = window
    days = listing(f"(DATE '{as_of}')" for as_of in as_ofs)
    return con.sql(f"""
        WITH everyone AS (SELECT DISTINCT customer, customer_key FROM dim_customer),
            days AS (SELECT * FROM (VALUES {days}) AS d (as_of)),
            returns AS ({returns_query(windows)})
        SELECT customer, as_of, returned_on IS NULL AS churned
        FROM everyone CROSS JOIN days LEFT JOIN returns USING (as_of, customer_key)
        ORDER BY as_of, customer""").to_arrow_table()


def returns_query(windows: Mapping[date, Window]) -> str:
    """SELECT of as_of, customer_key and returned_on, the first purchase in the as_of's window.

    Who has no row bought nothing in it.

    Parameters
    ----------
    windows
        As_of to the days that are looked at; at least one.
    """
    return " UNION ALL ".join(
        f"""SELECT DATE '{as_of}' AS as_of, customer_key, min(ordered_on) AS returned_on
        FROM fact_sales WHERE {PURCHASE}
            AND ordered_on >= DATE '{window.start}' AND ordered_on < DATE '{window.end}'
        GROUP BY customer_key"""
        for as_of, window in windows.items()
    )


def labelled_days(con: duckdb.DuckDBPyConnection) -> list[date]:
    """Days that the labels table speaks of, ascending."""
    rows = con.execute("SELECT DISTINCT as_of FROM stg_labels ORDER BY as_of").fetchall()
    return [row[0] for row in rows]


def _labelled(con: duckdb.DuckDBPyConnection, as_ofs: Sequence[date]) -> pa.Table:
    known = labelled_days(con)
    missing = [as_of for as_of in as_ofs if as_of not in known]
    if missing:
        spoken = f"{', '.join(map(str, known))} only" if known else "no day"
        message = (
            f"labels for as_of={', '.join(map(str, missing))} need rows in the labels table, but "
            f"it speaks of {spoken}"
        )
        raise LabelsMissing(message)
    days = listing(f"DATE '{as_of}'" for as_of in as_ofs)
    return con.sql(f"""
        SELECT customer, as_of, churned FROM stg_labels WHERE as_of IN ({days})
        QUALIFY row_number() OVER (PARTITION BY customer, as_of ORDER BY load_id DESC) = 1
        ORDER BY as_of, customer""").to_arrow_table()

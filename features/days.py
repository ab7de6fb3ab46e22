"""Customers' days in the embedded way: lines are added up run by run, as the fact holds them.

The fact lies in order of the customer, so the lines of an order and of a day are neighbours, and
nothing needs to be grouped. What a line and an order count for is the SQL of `features.daily`,
computed by the engine row by row.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.contract import Orders
from features.daily import gap_log
from features.kernels import NEVER, Days, Whole, gaps_of, sums_of_runs
from features.keys import find
from features.lines import Lines, Products, Recipe, Sorted, in_runs, products
from features.rowwise import rowwise, select
from features.sql import listing
from features.warehouse import Connection

_OF_GAPS = ("active_days", "gaps", "gap_days", "gap_logs")
_NONE = 1 << 30
"""Above every hour, and every number of a channel."""

Last = tuple[Whole, Whole]
"""Keys of customers, ascending, and the last day with an order of each, before the lines."""


@dataclass(frozen=True)
class Adding:
    """How lines are added up to days.

    Attributes
    ----------
    chosen
        The measures.
    known
        What they look up.
    engine
        Computes them: of `features.rowwise.rowwise`.
    logs
        `features.daily.gap_log` of each number of days, 0 for none.
    earlier
        Days before those of the lines; None: there are none.
    """

    chosen: Recipe
    known: Products | None
    engine: Connection
    logs: Days
    earlier: Last | None

    def days(self, table: pa.Table) -> pa.Table:
        """One row per customer and day with a line, in their order.

        Parameters
        ----------
        table
            Of `features.lines.lines`.

        Returns
        -------
        pyarrow.Table
            The columns of `features.daily.customer_day` that are wanted.
        """
        found = in_runs(table)
        if not len(found.runs):
            return no_days(self.chosen)
        columns, first = found.columns, found.runs[found.days]
        of_line = {name: columns[f"of_{name}"].to_numpy() for name in self.chosen.told}
        if self.known is not None:
            rows = {**columns, **self.known.of(columns)}
            of_line |= self._evaluated(rows, self.chosen.looked_up)
        rows = {
            name: pa.array(sums_of_runs(of_line[name], found.runs)) for name in self.chosen.of_both
        }
        of_order = self._evaluated({**rows, **_least(found)}, self.chosen.of_order)
        sums = {name: sums_of_runs(of_line[name], first) for name in self.chosen.of_line}
        sums |= {name: sums_of_runs(value, found.days) for name, value in of_order.items()}
        who, when = (columns[name].to_numpy()[first] for name in ("customer_key", "day"))
        gaps = self._gaps(who, when, sums["orders"])
        return pa.table({"customer_key": who, "day": when} | sums | gaps)

    def _evaluated(self, rows: Lines, measures: Mapping[str, str]) -> dict[str, Whole]:
        """Measures of each row."""
        wanted = listing(f"CAST({sql} AS BIGINT) AS {name}" for name, sql in measures.items())
        table = select(self.engine, wanted, pa.table(dict(rows)))
        return {name: table[name].to_numpy() for name in table.column_names}

    def _gaps(self, customer: Whole, day: Days, orders: Whole) -> dict[str, Days]:
        """Days since the customer's last day with an order, on each day with one."""
        last = np.full(len(day), NEVER, dtype=np.int64)
        if self.earlier is not None:
            keys, last_day = self.earlier
            place, is_known = find(keys, customer)
            last[is_known] = last_day[place[is_known]]
        gap = gaps_of(customer, day, orders, last)
        days = np.maximum(gap, 0)
        told = ((orders > 0), (gap > 0), days, self.logs[days])
        return {name: of.astype(np.int32) for name, of in zip(_OF_GAPS, told, strict=True)}


@contextmanager
def adding(
    con: Connection, orders: Orders, chosen: Recipe, earlier: Last | None = None
) -> Iterator[Adding]:
    """All that is needed to add up lines.

    Parameters
    ----------
    con
        See `features.lines.products`.
    orders
        What the sources tell.
    chosen
        The measures.
    earlier
        Days before those of the lines; None: there are none.
    """
    known = products(con, orders, chosen)
    span = "SELECT coalesce(date_diff('day', min(ordered_on), max(ordered_on)), 0) FROM fact_sales"
    longest = con.execute(span).fetchall()[0][0]
    logs = f"SELECT {gap_log('days')} FROM range(1, {longest + 1}) AS r (days) ORDER BY days"
    with rowwise() as engine:
        of_days = [row[0] for row in engine.execute(logs).fetchall()]
        yield Adding(chosen, known, engine, np.array([0, *of_days], dtype=np.int32), earlier)


def _least(found: Sorted) -> Lines:
    """Earliest hour, and channel that is first by name, of each order's lines that were bought."""
    least, columns = {}, found.columns
    is_return = columns["is_return"].to_numpy(zero_copy_only=False)
    if "hour" in columns:
        hour = np.where(is_return, _NONE, columns["hour"].to_numpy().astype(np.int64))
        earliest = np.minimum.reduceat(hour, found.runs)
        least["hour"] = pa.array(earliest, mask=earliest == _NONE)
    if "channel" in columns:
        encoded = columns["channel"].dictionary_encode()
        names = pc.sort_indices(encoded.dictionary)
        rank = np.append(np.argsort(names), _NONE)[encoded.indices.fill_null(-1).to_numpy()]
        first = np.minimum.reduceat(np.where(is_return, _NONE, rank), found.runs)
        chosen = pc.take(names, pa.array(first, mask=first == _NONE))
        least["channel"] = pc.take(encoded.dictionary, chosen)
    return least


def no_days(chosen: Recipe) -> pa.Table:
    """A table of days without a row."""
    wide = pa.schema([(name, pa.int64()) for name in (*chosen.of_line, *chosen.of_order)])
    keys, gaps = (
        pa.schema([(name, pa.int32()) for name in names])
        for names in (("customer_key", "day"), _OF_GAPS)
    )
    return pa.schema([*keys, *wide, *gaps]).empty_table()

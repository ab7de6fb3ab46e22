"""Slices of work: the customers and days that are computed at a time, so memory stays bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

BUDGET_LINES = 3_000_000
"""Lines of one slice, at most; about half a gigabyte of the engine's memory."""

ROW_COSTS_LINES = 30
"""A row of the behaviour table weighs as much as so many lines."""

BLOCK_KEYS = 256
"""Customers that are never parted."""


@dataclass(frozen=True)
class Keys:
    """Customers from the first to the last key, both included; keys ascend with the customer."""

    first: int
    last: int

    @property
    def condition(self) -> str:
        """SQL condition on ``customer_key``."""
        return f"customer_key BETWEEN {self.first} AND {self.last}"


@dataclass(frozen=True)
class Slice:
    """Days that are computed together, and the customers in turns."""

    as_ofs: tuple[date, ...]
    turns: tuple[Keys, ...]


def slices(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    *,
    has_orders: bool,
    budget: int | None = None,
) -> tuple[Slice, ...]:
    """Slices in order of as_of whose turns are in order of the customer.

    All days and customers at once where they fit into the budget, else day by day and so many
    customers at a time. The values do not depend on it.

    Parameters
    ----------
    con
        Connection to the warehouse.
    as_ofs
        Days; each is taken once.
    has_orders
        Whether there is a ``fact_sales``.
    budget
        Lines at a time; None: `BUDGET_LINES`.
    """
    budget = budget or BUDGET_LINES
    days = tuple(sorted(set(as_ofs)))
    lines = _lines_by_block(con) if has_orders else {}
    customers = con.execute("SELECT coalesce(max(customer_key), 0) FROM dim_customer").fetchall()
    last: int = customers[0][0]
    if not days:
        return ()
    if sum(lines.values()) + ROW_COSTS_LINES * last * len(days) <= budget:
        return (Slice(days, (Keys(1, last),)),)
    turns = _turns(lines, last, budget)
    return tuple(Slice((day,), turns) for day in days)


def _lines_by_block(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    rows = con.execute(f"""
        SELECT customer_key // {BLOCK_KEYS} AS block, count(*) FROM fact_sales
        WHERE customer_key IS NOT NULL GROUP BY block""").fetchall()
    return dict(rows)


def _turns(lines: dict[int, int], last: int, budget: int) -> tuple[Keys, ...]:
    """Runs of whole blocks within the budget; a block that exceeds it alone has its own turn."""
    turns: list[Keys] = []
    first, spent = 1, 0
    for block in range(last // BLOCK_KEYS + 1):
        cost = lines.get(block, 0) + ROW_COSTS_LINES * BLOCK_KEYS
        start = max(1, block * BLOCK_KEYS)
        if spent and spent + cost > budget:
            turns.append(Keys(first, start - 1))
            first, spent = start, 0
        spent += cost
    return (*turns, Keys(first, last))

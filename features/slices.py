"""Turns: the customers that are computed at a time, so that memory stays bounded."""

from dataclasses import dataclass

import duckdb

from features.warehouse import tables_of

ROW_COSTS_LINES = 10
"""A customer weighs as much as so many rows of a source."""

BLOCK_KEYS = 256
"""Customers that are never parted."""

MOST_KEYS = 1 << 20
"""Customers of one turn, at most."""

_FACTS = ("fact_sales", "fact_contacts", "fact_campaigns", "fact_visits")


@dataclass(frozen=True)
class Keys:
    """Customers from the first to the last key, both included; keys ascend with the customer."""

    first: int
    last: int

    @property
    def condition(self) -> str:
        """SQL condition on ``customer_key``."""
        return f"customer_key BETWEEN {self.first} AND {self.last}"


def turns(con: duckdb.DuckDBPyConnection, budget: int) -> tuple[Keys, ...]:
    """Turns in order of the customer; the values that are computed do not depend on them.

    Parameters
    ----------
    con
        Connection to the warehouse.
    budget
        Rows of all facts at a time, at most, unless a block of customers has more.
    """
    last: int = con.execute("SELECT coalesce(max(customer_key), 0) FROM dim_customer").fetchall()[
        0
    ][0]
    rows = _rows_by_block(con)
    most = max(MOST_KEYS // BLOCK_KEYS, 1)
    found: list[Keys] = []
    first, spent, blocks = 1, 0, 0
    for block in range(last // BLOCK_KEYS + 1):
        cost = rows.get(block, 0) + ROW_COSTS_LINES * BLOCK_KEYS
        start = max(1, block * BLOCK_KEYS)
        if (spent and spent + cost > budget) or blocks == most:
            found.append(Keys(first, start - 1))
            first, spent, blocks = start, 0, 0
        spent, blocks = spent + cost, blocks + 1
    return (*found, Keys(first, last))


def _rows_by_block(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Rows of all facts by block of customers; a block that exceeds the budget has its own turn."""
    tables = tables_of(con)
    union = " UNION ALL ".join(
        f"SELECT customer_key // {BLOCK_KEYS} AS block, count(*) AS n FROM {fact} "
        f"WHERE customer_key IS NOT NULL GROUP BY block"
        for fact in _FACTS
        if fact in tables
    )
    if not union:
        return {}
    rows = con.execute(f"SELECT block, CAST(sum(n) AS BIGINT) FROM ({union}) GROUP BY block")
    return dict(rows.fetchall())

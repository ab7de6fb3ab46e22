"""Whether two ways gave the same table."""
# ruff: noqa: S608  identifiers are quoted

from collections.abc import Sequence
from pathlib import Path

import duckdb

from features.sql import identifier, literal

CLOSE = 1e-9
"""Relative; whole numbers must be equal."""

TINY = 1e-12
"""Absolute: what is 0 but for rounding."""

_AT_A_TIME = 40


def differences(ours: Path, theirs: Path) -> dict[str, int]:
    """Number of customers by column whose values differ; empty where the tables are equal.

    Columns of ours that hold whole numbers throughout must be equal, others close. ``customer``
    counts those who are in one file only; a column of one file only counts as -1.
    """
    with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as con:
        con.execute(f"CREATE VIEW ours AS FROM {literal(str(ours))}")
        con.execute(f"CREATE VIEW theirs AS FROM {literal(str(theirs))}")
        mine, other = _columns(con, "ours"), _columns(con, "theirs")
        if mine != other:
            return dict.fromkeys(sorted(mine ^ other), -1)
        found = {"customer": _alone(con)}
        names = sorted(mine - {"customer", "as_of"})
        for first in range(0, len(names), _AT_A_TIME):
            found |= _differing(con, names[first : first + _AT_A_TIME])
    return {name: count for name, count in found.items() if count}


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall()}


def _alone(con: duckdb.DuckDBPyConnection) -> int:
    """Rows whose customer and as_of the other file does not have just once."""
    once = "SELECT customer, as_of, count(*) AS n FROM {} GROUP BY ALL"
    query = f"""
        SELECT count(*) FROM ({once.format("ours")}) AS a
        FULL JOIN ({once.format("theirs")}) AS b USING (customer, as_of)
        WHERE a.n IS DISTINCT FROM 1 OR b.n IS DISTINCT FROM 1"""
    return int(con.execute(query).fetchall()[0][0])


def _differing(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, int]:
    counts = ", ".join(_count(identifier(name)) for name in names)
    query = f"SELECT {counts} FROM ours AS a JOIN theirs AS b USING (customer, as_of)"
    return dict(zip(names, con.execute(query).fetchall()[0], strict=True))


def _count(column: str) -> str:
    """SQL of how many values of a column differ."""
    ours, theirs = f"a.{column}", f"b.{column}"
    apart = f"abs({ours} - {theirs})"
    near = f"isfinite({apart}) AND {apart} <= {CLOSE} * abs({ours}) + {TINY}"
    is_apart = f"{ours} IS DISTINCT FROM {theirs}"
    return f"""CASE WHEN coalesce(bool_and({ours} = trunc({ours})), true)
        THEN count(*) FILTER (WHERE {is_apart})
        ELSE count(*) FILTER (WHERE {is_apart} AND NOT coalesce({near}, false)) END"""

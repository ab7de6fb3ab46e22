"""Engines held against each other: the behaviour table, and the portable statement of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isclose

import pyarrow as pa

from features.behaviour import build, features_for, shape_of
from features.schemas import Sources
from features.settings import Behaviour
from features.spelling import DuckDB, Spelling
from features.statements import Query, Task, statement
from features.warehouse import Connection


@dataclass(frozen=True)
class Way:
    """A way to answer a statement over the star.

    Attributes
    ----------
    spelling
        Of the engine.
    answer
        From a warehouse with a star, views in order, and a query over them, to its rows.
    """

    spelling: Spelling
    answer: Callable[[Connection, Sequence[Query], str], pa.Table]


def by_tables(con: Connection, views: Sequence[Query], query: str) -> pa.Table:
    """The embedded engine's answer, each view a temporary table of a connection of its own."""
    with con.cursor() as own:
        for name, select in views:
            own.execute(f"CREATE TEMP TABLE {name} AS {select}")
        return own.sql(query).to_arrow_table()


IN_TABLES = Way(DuckDB(), by_tables)


def require_one_table(
    con: Connection,
    sources: Sources,
    rule: Behaviour,
    as_ofs: Sequence[date],
    way: Way = IN_TABLES,
) -> None:
    """The way's rows are those of the behaviour table, its values equal to nine digits."""
    shape = shape_of(sources, rule)
    task = Task(
        shape,
        features_for(shape),
        rule.cohort,
        tuple(sorted(as_ofs)),
        has_orders=sources.orders is not None,
    )
    views, query = statement(task, way.spelling)
    portable = way.answer(con, views, query)
    table = build(con, as_ofs, sources, rule)
    assert portable.schema.names == table.schema.names
    for name in ("as_of", "customer"):
        assert portable[name].to_pylist() == table[name].to_pylist()
    assert differing(table, portable) == {}


def differing(table: pa.Table, other: pa.Table) -> dict[str, list[tuple[object, object]]]:
    """Column to the pairs of values that are not the same."""
    found = {}
    for name in table.schema.names[2:]:
        pairs = list(zip(table[name].to_pylist(), other[name].to_pylist(), strict=True))
        unequal = [pair for pair in pairs if not is_same(*pair)]
        if unequal:
            found[name] = unequal
    return found


def is_same(one: float | None, other: float | None) -> bool:
    """Whether both are missing, or both there and equal but for the last digits."""
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)

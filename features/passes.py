"""One pass over the customers: turns side by side in threads, what they make in order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from itertools import chain

import pyarrow as pa

from features.ahead import ahead
from features.compose import columns, facts, others
from features.kept import daily
from features.rowwise import rowwise
from features.settings import Engine
from features.slices import Keys, turns
from features.statements import Task
from features.warehouse import Connection, in_order

ROWS_AT_ONCE = 100_000
"""Rows whose columns the engine computes in one go, of as many as_ofs and turns as that takes."""

LINES_PER_ROW = 10
"""Fewer rows at once where a turn has fewer lines than so many for each: memory follows turns."""


def one_pass(con: Connection, task: Task, engine: Engine) -> Iterator[pa.Table]:
    """Tables of one as_of and one turn each: turns in order of the customer, days within them.

    As many turns as the engine has threads are in the works at a time.

    Parameters
    ----------
    con
        Connection to a warehouse with a star.
    task
        What is asked for.
    engine
        Its threads, and the rows of a turn.
    """
    parts, orders = turns(con, engine.turn_rows), task.shape.orders
    atoms = task.by_relation.get("purchases", ())
    looked_at = [sql for atom in atoms for sql in (atom.sql, atom.than)]
    none = nullcontext[Callable[[Connection], object]](lambda _: None)
    days = none if orders is None else daily(con, orders, parts, looked_at)
    with (
        days as show,
        in_order(con),
        rowwise() as plain,
        ThreadPoolExecutor(engine.threads) as pool,
    ):
        known = others(con, task)

        def made(keys: Keys) -> list[pa.Table]:
            with con.cursor() as own:
                show(own)
                return facts(own, task, keys, known)

        found = ahead(pool, engine.threads, (partial(made, keys) for keys in parts))
        rows = min(ROWS_AT_ONCE, engine.turn_rows // LINES_PER_ROW)
        groups = _gathered(chain.from_iterable(found), rows)
        for tables in ahead(
            pool, engine.threads, (partial(columns, plain, task, group) for group in groups)
        ):
            yield from tables


def _gathered(tables: Iterable[pa.Table], rows: int) -> Iterator[list[pa.Table]]:
    """Tables in groups of so many rows and a little more."""
    group: list[pa.Table] = []
    for table in tables:
        group.append(table)
        if sum(map(len, group)) >= rows:
            yield group
            group = []
    if group:
        yield group

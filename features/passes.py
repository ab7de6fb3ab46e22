"""One pass over the customers: turns side by side in threads, what they make in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain

import pyarrow as pa

from features.ahead import ahead
from features.compose import columns, facts, others
from features.kept import daily, daily_by_turn
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

    As many turns as the engine has threads are in the works at a time, and a group of tables while
    the one before it is in use.

    Parameters
    ----------
    con
        Connection to a warehouse with a star.
    task
        What is asked for.
    engine
        Its threads, and the rows of a turn.
    """
    parts = turns(con, engine.turn_rows)
    with (
        _daily(con, task, parts) as days,
        in_order(con),
        rowwise() as plain,
        ThreadPoolExecutor(engine.threads) as pool,
    ):
        known = others(con, task)

        def made(keys: Keys) -> list[pa.Table]:
            with con.cursor() as own:
                return facts(own, task, keys, known, days(own, keys))

        found = ahead(pool, engine.threads, (partial(made, keys) for keys in parts))
        rows = min(ROWS_AT_ONCE, engine.turn_rows // LINES_PER_ROW)
        groups = _gathered(chain.from_iterable(found), rows)
        for tables in ahead(pool, 1, (partial(columns, plain, task, group) for group in groups)):
            yield from tables


@contextmanager
def _daily(
    con: Connection, task: Task, parts: Sequence[Keys]
) -> Iterator[Callable[[Connection, Keys], pa.Table | None]]:
    """What gives the customer days of a turn, or lets its connection see them."""
    orders = task.shape.orders
    atoms = task.by_relation.get("purchases", ())
    wanted = [sql for atom in atoms for sql in (atom.sql, atom.than)]
    if orders is None or not atoms:
        yield lambda *_: None
    elif task.given("everyone"):
        with daily(con, orders, parts, wanted) as show:

            def shown(own: Connection, _: Keys) -> None:
                show(own)

            yield shown
    else:
        with daily_by_turn(con, orders, wanted) as made:
            yield made


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

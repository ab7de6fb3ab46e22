"""One pass over the customers: turns side by side in threads, what they make in order."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from features.compose import Others, compose, others
from features.kept import require_daily
from features.settings import Engine
from features.slices import Keys, turns
from features.statements import Task
from features.warehouse import Connection


def one_pass(con: Connection, task: Task, engine: Engine) -> Iterator[pa.Table]:
    """Tables of one as_of and one turn each: turns in order of the customer, days within them.

    As many turns as the engine has threads are in the works at a time. Where the customer-day
    table had to be made for this connection alone, which no other can see, it is one.

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
    is_shared = task.shape.orders is None or not require_daily(con, task.shape.orders, parts)
    known = others(con, task)
    con.execute("SET preserve_insertion_order = true")  # rows are kept in order of the customer
    try:
        if is_shared and engine.threads > 1 and len(parts) > 1:
            yield from _side_by_side(con, task, parts, known, engine.threads)
        else:
            for keys in parts:
                yield from compose(con, task, keys, known)
    finally:
        con.execute("SET preserve_insertion_order = false")


def _side_by_side(
    con: Connection, task: Task, parts: tuple[Keys, ...], known: Others, threads: int
) -> Iterator[pa.Table]:
    def made(keys: Keys) -> list[pa.Table]:
        with con.cursor() as own:
            return list(compose(own, task, keys, known))

    waiting: deque[Future[list[pa.Table]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for keys in parts:
            waiting.append(pool.submit(made, keys))
            if len(waiting) >= threads:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

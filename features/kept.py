"""The customer-day table in the warehouse: made once, extended by the days that new files bring.

Late rows are days too: everything from the first day of the new files on is made again. A file of
products, another definition, or an order file that was taken away makes all of it again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from secrets import token_hex
from typing import TypeVar

import pyarrow as pa

from features.ahead import ahead
from features.contract import Orders
from features.daily import category_day, definition
from features.days import Adding, adding, no_days
from features.lines import lines, recipe
from features.slices import Keys
from features.spelling import DuckDB
from features.sql import identifier
from features.warehouse import Connection, in_order, tables_of

Made = TypeVar("Made")

_SPELLING = DuckDB()
_DAY_OF_INSTANT = 86_400_000_000
_TABLES = ("customer_day", "category_day", "kept_names", "kept_loads")

Loads = frozenset[tuple[str, str]]
"""Source and content of every file of orders and products."""


def refresh(con: Connection, orders: Orders | None, turns: Sequence[Keys]) -> int | None:
    """Bring the table up to date with the star; the first day that was made again.

    Parameters
    ----------
    con
        Writable connection to a warehouse with a star.
    orders
        What the sources tell; None: there are no purchases, and no table is kept.
    turns
        Customers in turns, each small enough for memory.

    Returns
    -------
    int or None
        Day number; None where nothing had changed, or there is nothing to keep.
    """
    if orders is None:
        _drop(con)
        return None
    today, kept = _loads(con), _kept(con, orders)
    if kept is not None:
        _move_keys(con)
    if kept == today:
        return None
    first = _first_day(con, kept, today)
    if first is None:
        _drop(con)
        first = _make(con, orders, turns)
    else:
        _extend(con, orders, turns, first)
    _remember(con, orders, today)
    return first


@contextmanager
def daily(
    con: Connection, orders: Orders, turns: Sequence[Keys], wanted: Iterable[str] | None = None
) -> Iterator[Callable[[Connection], object]]:
    """What lets a further connection to this warehouse see customer days that are up to date.

    The connection that is given sees them at once. Where the kept ones are missing or stale they
    are made aside, in the engine's memory, from where they are spilled like all else; in the end
    they are gone.

    Parameters
    ----------
    con
        Connection to a warehouse with a star; it may be one that only reads.
    orders, turns
        See `refresh`.
    wanted
        SQL over the columns, where not all of them are needed; None: they are.
    """
    if _is_fresh(con, orders):
        yield lambda _: None
        return
    aside = identifier(f"aside_{token_hex(8)}")
    show = f"CREATE TEMP VIEW customer_day AS FROM {aside}.days"
    con.execute(f"ATTACH ':memory:' AS {aside} (READ_WRITE)")
    try:
        with _adding_aside(con, orders, wanted) as made:
            _fill_aside(con, turns, made, f"{aside}.days")
        con.execute(show)
        yield lambda other: other.execute(show)
    finally:
        con.execute("DROP VIEW IF EXISTS temp.customer_day")
        con.execute(f"DETACH {aside}")


@contextmanager
def daily_by_turn(
    con: Connection, orders: Orders, wanted: Iterable[str] | None = None
) -> Iterator[Callable[[Connection, Keys], pa.Table | None]]:
    """What gives the up-to-date days of some customers that a further connection does not see.

    None: it sees them, they are kept. Where they are missing or stale they are made on the spot,
    each time that they are asked for: quicker than `daily` where nobody looks at those of all.

    Parameters
    ----------
    con, orders, wanted
        See `daily`; the further connection must be set to preserve the order of rows.
    """
    if _is_fresh(con, orders):
        yield lambda *_: None
        return
    with _adding_aside(con, orders, wanted) as made:
        yield lambda other, keys: made.days(lines(other, keys, made.chosen))


@contextmanager
def _adding_aside(
    con: Connection, orders: Orders, wanted: Iterable[str] | None
) -> Iterator[Adding]:
    """How lines are added up to days that are not kept."""
    chosen = recipe(orders, wanted)
    try:
        if orders.category is not None and chosen.needs("usual"):
            query = category_day(orders.category, _SPELLING)
            con.execute(f"CREATE TEMP TABLE category_day AS {query}")
        with adding(con, orders, chosen) as made:
            yield made
    finally:
        con.execute("DROP TABLE IF EXISTS temp.category_day")


def _is_fresh(con: Connection, orders: Orders) -> bool:
    """Whether the days that are kept are those of today's star."""
    return _kept(con, orders) == _loads(con) and not _moved(con)


def _definition(con: Connection, orders: Orders) -> str:
    """Digest of all that decides what a row says: of the star, and of what is made of it."""
    recipes = con.execute("SELECT recipe FROM star_sources").fetchall()
    parts = [*(str(row[0]) for row in recipes), definition(orders, _SPELLING)]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _loads(con: Connection) -> Loads:
    rows = con.execute(
        "SELECT source, content_hash || mapping FROM loads WHERE source IN ('orders', 'products')"
    ).fetchall()
    return frozenset((str(source), str(content)) for source, content in rows)


def _kept(con: Connection, orders: Orders) -> Loads | None:
    """Files whose rows the table holds; None where there is none of this definition."""
    if not tables_of(con).issuperset({"customer_day", "kept_loads"}):
        return None
    rows = con.execute("SELECT definition, source, content FROM kept_loads").fetchall()
    if {row[0] for row in rows} != {_definition(con, orders)}:
        return None
    return frozenset((str(source), str(content)) for _, source, content in rows)


def _first_day(con: Connection, kept: Loads | None, today: Loads) -> int | None:
    """First day that new order files speak of; None where all must be made again."""
    if kept is None or not kept < today or {source for source, _ in today - kept} != {"orders"}:
        return None
    contents = [content for _, content in today - kept]
    marks = ", ".join("?" * len(contents))
    first_at = con.execute(
        f"SELECT min(first_at) FROM loads WHERE content_hash || mapping IN ({marks})", contents
    ).fetchall()[0][0]
    # A day earlier than in UTC, so that it is early enough in every time zone.
    return None if first_at is None else int(first_at) // _DAY_OF_INSTANT - 1


def _make(con: Connection, orders: Orders, turns: Sequence[Keys]) -> int:
    """All of it, some customers at a time and in their order; its first day."""
    if orders.category is not None:
        query = category_day(orders.category, _SPELLING)
        con.execute(f"CREATE OR REPLACE TABLE category_day AS {query}")
    con.execute("DROP TABLE IF EXISTS customer_day")
    with adding(con, orders, recipe(orders)) as made:
        _fill(con, turns, made, "customer_day")
    first = con.execute("SELECT min(day) FROM customer_day").fetchall()[0][0]
    return int(first or 0)


def _extend(con: Connection, orders: Orders, turns: Sequence[Keys], first: int) -> None:
    """The days from the first on, made again."""
    fresh = f"{_SPELLING.day_number('ordered_on')} >= {first}"
    con.execute(f"DELETE FROM customer_day WHERE day >= {first}")
    if orders.category is not None:
        con.execute(f"DELETE FROM category_day WHERE day >= {first}")
        query = category_day(orders.category, _SPELLING, fresh)
        con.execute(f"INSERT INTO category_day {query}")
    known = con.sql("""
        SELECT customer_key, max(day) AS last_day FROM customer_day WHERE orders > 0
        GROUP BY customer_key ORDER BY customer_key""").to_arrow_table()
    earlier = known["customer_key"].to_numpy(), known["last_day"].to_numpy()
    with adding(con, orders, recipe(orders), earlier) as made:
        _fill(con, turns, made, "customer_day", fresh)


def _fill(
    con: Connection, turns: Sequence[Keys], made: Adding, table: str, condition: str = "true"
) -> None:
    """Append days to a table in the connection's transaction; it is made where it is missing."""
    _put(con, no_days(made.chosen), f"CREATE TABLE IF NOT EXISTS {table} AS")
    for days in _days(con, turns, made, condition, lambda days: days):
        _put(con, days, f"INSERT INTO {table} BY NAME")


def _fill_aside(con: Connection, turns: Sequence[Keys], made: Adding, table: str) -> None:
    """The same for a table that is of no transaction: each thread appends what it has made."""
    _put(con, no_days(made.chosen), f"CREATE TABLE {table} AS")

    def append(days: pa.Table) -> None:
        with con.cursor() as own:
            _put(own, days, f"INSERT INTO {table} BY NAME")

    for _ in _days(con, turns, made, "true", append):
        pass


def _put(con: Connection, days: pa.Table, into: str) -> None:
    con.register("days_of_turn", days)
    con.execute(f"{into} FROM days_of_turn")
    con.unregister("days_of_turn")


def _days(
    con: Connection,
    turns: Sequence[Keys],
    made: Adding,
    condition: str,
    then: Callable[[pa.Table], Made],
) -> Iterator[Made]:
    """Days of one turn after the other, in order of the turns, and what is made of them.

    Lines of the next turn are read while threads add up those of the last.
    """

    def added(found: pa.Table) -> Made:
        return then(made.days(found))

    (threads,) = con.execute("SELECT current_setting('threads')").fetchall()[0]
    with in_order(con), ThreadPoolExecutor(threads) as pool:
        found = (partial(added, lines(con, keys, made.chosen, condition)) for keys in turns)
        yield from ahead(pool, threads, found)


_MOVED = """
    SELECT k.customer_key AS old_key, d.customer_key AS new_key FROM kept_names AS k
    JOIN (SELECT DISTINCT customer, customer_key FROM dim_customer) AS d USING (customer)
    WHERE k.customer_key <> d.customer_key"""


def _moved(con: Connection) -> bool:
    return bool(con.execute(f"SELECT count(*) FROM ({_MOVED})").fetchall()[0][0])


def _move_keys(con: Connection) -> None:
    """Give each customer today's key: new customers have moved those of the others."""
    if not _moved(con):
        return
    con.execute(f"""
        UPDATE customer_day SET customer_key = moved.new_key FROM ({_MOVED}) AS moved
        WHERE customer_day.customer_key = moved.old_key""")
    _remember_names(con)


def _remember(con: Connection, orders: Orders, today: Loads) -> None:
    _remember_names(con)
    con.execute(
        "CREATE OR REPLACE TABLE kept_loads (definition VARCHAR, source VARCHAR, content VARCHAR)"
    )
    made_by = _definition(con, orders)
    con.executemany(
        "INSERT INTO kept_loads VALUES (?, ?, ?)",
        [[made_by, source, content] for source, content in sorted(today)],
    )


def _remember_names(con: Connection) -> None:
    con.execute("""
        CREATE OR REPLACE TABLE kept_names AS
        SELECT DISTINCT customer, customer_key FROM dim_customer""")


def _drop(con: Connection) -> None:
    for table in _TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}")

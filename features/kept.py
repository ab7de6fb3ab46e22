"""The customer-day table in the warehouse: made once, extended by the days that new files bring.

Late rows are days too: everything from the first day of the new files on is made again. A file of
products, another definition, or an order file that was taken away makes all of it again.
"""

import hashlib
from collections.abc import Sequence

from features.contract import Orders
from features.daily import CATEGORY_PRICE, category_day, customer_day, definition
from features.slices import Keys
from features.spelling import DuckDB
from features.warehouse import Connection, tables_of

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
    for table in (*_TABLES, "category_price"):  # what this connection made for itself goes
        con.execute(f"DROP TABLE IF EXISTS temp.{table}")
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


def require_daily(con: Connection, orders: Orders, turns: Sequence[Keys]) -> bool:
    """Whether the tables had to be made for this connection alone.

    They are where the kept ones are missing or out of date.

    Parameters
    ----------
    con
        Connection to a warehouse with a star; it may be one that only reads.
    orders, turns
        See `refresh`.
    """
    if _kept(con, orders) == _loads(con) and not _moved(con):
        return False
    _make(con, orders, turns, temporary="TEMP ")
    return True


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


def _make(con: Connection, orders: Orders, turns: Sequence[Keys], temporary: str = "") -> int:
    """All of it, some customers at a time and in their order; its first day."""
    _price(con, orders, "true", f"CREATE OR REPLACE {temporary}TABLE category_day AS")
    none = customer_day(orders, _SPELLING, "false")
    con.execute(f"CREATE OR REPLACE {temporary}TABLE customer_day AS {none}")
    for keys in turns:
        rows = customer_day(orders, _SPELLING, keys.condition)
        con.execute(f"INSERT INTO customer_day {rows} ORDER BY customer_key, day")
    first = con.execute("SELECT min(day) FROM customer_day").fetchall()[0][0]
    return int(first or 0)


def _price(con: Connection, orders: Orders, condition: str, into: str) -> None:
    """Category days, and the price that follows from them."""
    if orders.category is None:
        return
    con.execute(f"{into} {category_day(orders.category, _SPELLING, condition)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE category_price AS {CATEGORY_PRICE}")


def _extend(con: Connection, orders: Orders, turns: Sequence[Keys], first: int) -> None:
    """The days from the first on, made again."""
    fresh = f"{_SPELLING.day_number('ordered_on')} >= {first}"
    con.execute(f"DELETE FROM customer_day WHERE day >= {first}")
    if orders.category is not None:
        con.execute(f"DELETE FROM category_day WHERE day >= {first}")
    _price(con, orders, fresh, "INSERT INTO category_day")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE last_days AS
        SELECT customer_key, max(day) AS last_day FROM customer_day WHERE orders > 0
        GROUP BY customer_key""")
    for keys in turns:
        rows = customer_day(orders, _SPELLING, f"{fresh} AND {keys.condition}", "last_days")
        con.execute(f"INSERT INTO customer_day {rows} ORDER BY customer_key, day")


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

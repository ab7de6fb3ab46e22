"""Spending: what each customer bought and gave back on each day, in money.

For whatever values customers: recency and frequency, lifetime value, profit, retention. The same
lines count as in behaviour tables (`features.daily.customer_day`).
"""

from typing import Final

import pyarrow as pa

from features.behaviour import shape_of
from features.bought import nothing_found, within
from features.clock import Window
from features.contract import Orders
from features.daily import customer_day
from features.errors import RegularsError
from features.schemas import Sources
from features.settings import Behaviour
from features.slices import turns
from features.spelling import DuckDB
from features.warehouse import Connection

SCHEMA: Final = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("orders", pa.int64()),
        pa.field("amount", pa.int64()),
        pa.field("returned", pa.int64()),
        pa.field("margin", pa.int64()),
    ]
)

_LINES_AT_ONCE: Final = 1_000_000
"""Whose days are added up at a time, so that memory stays bounded; it changes no result."""


class SpendingUnclear(RegularsError):
    """Spending was asked for that the sources do not tell."""


class NoSpending(RegularsError):
    """No customer that is known bought anything in a window."""


def build_spending(con: Connection, window: Window, sources: Sources) -> pa.Table:
    """One row per customer and day of ``[window.start, window.end)`` with something bought or back.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    window
        The days; its end is the as_of.
    sources
        Of the config.

    Returns
    -------
    pyarrow.Table
        `SCHEMA`, sorted by customer and day: customer; day (in the business's zone); orders with
        something bought (0: things were given back alone); amount (paid for what was bought, minor
        units); returned (given back, minor units, 0 or more); margin (amount less unit costs, minor
        units; null where the cost of anything paid for is not known). Fees and postage are not
        products and do not count; neither do lines of nobody that is known.

    Raises
    ------
    SpendingUnclear
        When there are no orders.
    NoSpending
        When nobody bought anything.
    """
    require_orders(sources)
    found = shape_of(sources, Behaviour()).orders
    has_costs = found is not None and found.has_costs
    table = pa.concat_tables(
        con.sql(_query(turn.condition, window, has_costs=has_costs)).to_arrow_table()
        for turn in turns(con, _LINES_AT_ONCE)
    ).cast(SCHEMA)
    if not table.num_rows:
        needed = ("spendings of the days", "something that a known customer bought")
        raise NoSpending(nothing_found(con, needed, window))
    return table


def require_orders(sources: Sources) -> None:
    """Nothing, when there are orders that spending can be made of.

    Raises
    ------
    SpendingUnclear
        When there are none.
    """
    if sources.orders is None:
        message = (
            "spending is made of orders, but the config has no sources.orders; add them, or use "
            "the tasks that do without"
        )
        raise SpendingUnclear(message)


def _query(condition: str, window: Window, *, has_costs: bool) -> str:
    orders = Orders(has_costs=has_costs)
    days = customer_day(orders, DuckDB(), f"{condition} AND {within(window)}")
    margin = "CASE WHEN costed_spend = spend THEN spend - cost END" if has_costs else "NULL"
    return f"""
        SELECT customer, DATE '1970-01-01' + CAST(day AS INTEGER) AS day, orders, spend AS amount,
            returned_amount AS returned, CAST({margin} AS BIGINT) AS margin
        FROM ({days}) JOIN (
            SELECT DISTINCT customer_key, customer FROM dim_customer WHERE {condition}
        ) AS c USING (customer_key)
        ORDER BY customer_key, day"""

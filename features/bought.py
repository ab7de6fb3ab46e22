"""Lines of a window: which of them count as bought, and why the others do not."""

from collections.abc import Mapping
from typing import Final

from features.clock import Window, days_after
from features.sql import literal
from features.warehouse import Connection

NOT_BOUGHT: Final = {
    "returned": "is_return",
    "no_products": "NOT is_product",
    "of_quantity_0": "quantity <= 0",
}
"""Reason to condition over a line: returns, fees, coupons by themselves."""

ANONYMOUS: Final = {"anonymous": "customer_key IS NULL"}
"""Reason to condition over a line, where only customers that are known count."""


def within(window: Window) -> str:
    """SQL condition over a line: it is of a day of ``[window.start, window.end)``."""
    return f"ordered_on >= DATE '{window.start}' AND ordered_on < DATE '{window.end}'"


def counted(window: Window, left_out: Mapping[str, str] = NOT_BOUGHT) -> str:
    """SQL condition over a line: it is of the window, and nothing leaves it out."""
    return " AND ".join([within(window), *(f"NOT ({test})" for test in left_out.values())])


def without_item(labelled: str) -> dict[str, str]:
    """Reason to condition over a line: of no product, or of one that is no item.

    Parameters
    ----------
    labelled
        Relation whose product_key are those of items.
    """
    known = f"(SELECT product_key FROM {labelled})"
    return {"without_item": f"NOT coalesce(product_key IN {known}, false)"}


def lines_by_reason(con: Connection, window: Window, left_out: Mapping[str, str]) -> dict[str, int]:
    """Lines of the window by the first reason that leaves them out; else ``counted``.

    Parameters
    ----------
    con
        Connection to a warehouse.
    window
        The days.
    left_out
        Reason to SQL condition over a line, in the order in which they are asked.
    """
    cases = " ".join(f"WHEN {test} THEN {literal(name)}" for name, test in left_out.items())
    found = con.execute(
        f"SELECT CASE {cases} ELSE 'counted' END AS reason, count(*) FROM fact_sales "
        f"WHERE {within(window)} GROUP BY reason"
    ).fetchall()
    return dict.fromkeys((*left_out, "counted"), 0) | dict(found)


def nothing_found(con: Connection, needed: tuple[str, str], window: Window) -> str:
    """Message for a window without what is needed, with the days of which there are orders.

    Parameters
    ----------
    con
        Connection to a warehouse.
    needed
        Who needs something of the days (``baskets of the days``), and what (``something that was
        bought``).
    window
        The days.
    """
    ((first, last),) = con.execute(
        "SELECT min(ordered_on), max(ordered_on) FROM fact_sales"
    ).fetchall()
    who, what = needed
    return (
        f"{who} from {window.start} to {days_after(window.end, -1)} need {what} in them, but there "
        f"is nothing; the warehouse has orders from {first} to {last}"
    )

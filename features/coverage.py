"""Whom the warehouse knows on a day, whether a behaviour table has a row for them or not."""

from dataclasses import dataclass
from datetime import date

from features.daily import PURCHASE
from features.schemas import Sources
from features.warehouse import Connection


@dataclass(frozen=True)
class Coverage:
    """Counts of what was known before a day.

    Attributes
    ----------
    bought
        Customers with a purchase.
    bought_once
        Those of them with a single order.
    never_bought
        Customers whom the customers table described, and who had not bought.
    lines, anonymous_lines
        Lines of purchases and returns, and those of them that nobody's name stands on.
    """

    bought: int = 0
    bought_once: int = 0
    never_bought: int = 0
    lines: int = 0
    anonymous_lines: int = 0


def coverage(con: Connection, sources: Sources, as_of: date) -> Coverage:
    """Who is known of before a day.

    Parameters
    ----------
    con
        Connection to a warehouse with a star.
    sources
        Of the config.
    as_of
        The day; what happened on it or later is not seen.
    """
    orders = (
        f'SELECT customer_key, count(DISTINCT (ordered_on, "order")) AS orders FROM fact_sales '
        f"WHERE {PURCHASE} AND ordered_on < $as_of GROUP BY customer_key"
        if sources.orders
        else "SELECT NULL::INTEGER AS customer_key, 0 AS orders WHERE false"
    )
    given = {"as_of": as_of}
    bought, once, never = con.execute(
        f"""
        WITH buyers AS ({orders}),
            described AS (SELECT DISTINCT customer_key FROM dim_customer
                          WHERE is_described AND valid_from_on < $as_of)
        SELECT (SELECT count(*) FROM buyers), (SELECT count(*) FROM buyers WHERE orders = 1),
            (SELECT count(*) FROM described ANTI JOIN buyers USING (customer_key))""",
        given,
    ).fetchall()[0]
    if not sources.orders:
        return Coverage(never_bought=never)
    lines, anonymous = con.execute(
        "SELECT count(*), count(*) FILTER (customer_key IS NULL) FROM fact_sales "
        "WHERE ordered_on < $as_of",
        given,
    ).fetchall()[0]
    return Coverage(bought, once, never, lines, anonymous)

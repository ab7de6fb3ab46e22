"""Gaps between days with a purchase, those that are still open among them."""

from datetime import date

import pyarrow as pa

from features.clock import days_after
from features.daily import PURCHASE
from features.segments import Segments
from features.sql import identifier
from features.warehouse import Connection


def gaps(con: Connection, as_of: date, last_on: date, segments: Segments) -> pa.Table:
    """How many gaps of each length there are, counted by what they have in common.

    A gap opens on a day on which a customer bought something and ends on the next such day;
    several orders on one day are one day. The newest of each customer is open: it lasted until the
    end of what is known, and will last for longer.

    Parameters
    ----------
    con
        Connection to a warehouse with a star that has orders.
    as_of
        Purchases before it are seen.
    last_on
        Last day of data; a later as_of does not make gaps any longer.
    segments
        What the customer was on the day on which the gap opened.

    Returns
    -------
    pyarrow.Table
        Grain: segment (string), is_first (bool: it opened with the customer's first order, and
        that was one order alone), days (int64, at least 1; of open ones the days without a purchase
        so far, which may be 0), is_open (bool). With gaps (int64). Sorted by these columns.
    """
    end = min(last_on, days_after(as_of, -1))
    held = ""
    if segments.attribute is not None:
        held = f"""LEFT JOIN (
            SELECT customer_key, valid_from_on, valid_to_on, {identifier(segments.attribute)}
            FROM dim_customer) AS held
        ON held.customer_key = gap.customer_key AND valid_from_on <= ordered_on
            AND (valid_to_on IS NULL OR valid_to_on > ordered_on)"""
    return con.sql(f"""
        WITH gap AS (
            SELECT customer_key, ordered_on, lead(ordered_on) OVER so_far AS returned_on,
                sum(orders) OVER so_far AS orders_so_far
            FROM ({purchase_days(as_of)})
            WINDOW so_far AS (PARTITION BY customer_key ORDER BY ordered_on))
        SELECT {segments.sql} AS segment, orders_so_far = 1 AS is_first,
            CAST(coalesce(returned_on, DATE '{end}') - ordered_on AS BIGINT) AS days,
            returned_on IS NULL AS is_open, count(*) AS gaps
        FROM gap {held} GROUP BY ALL ORDER BY ALL""").to_arrow_table()


def purchase_days(before: date) -> str:
    """SELECT of customer_key, ordered_on and orders: a row per customer and day with a purchase.

    Parameters
    ----------
    before
        Days from this one on are not seen.
    """
    return f"""SELECT customer_key, ordered_on, count(*) AS orders FROM (
            SELECT DISTINCT customer_key, ordered_on, "order" FROM fact_sales
            WHERE {PURCHASE} AND ordered_on < DATE '{before}')
        GROUP BY customer_key, ordered_on"""

"""Relations that a feature may see: rows strictly before each as_of, and nothing else.

``past_day``, ``past_product`` and ``past_category`` have one row per as_of, customer and thing,
with ``age_days`` (at least 1) and ``within_{w}d`` (0 or 1) for every window; ``past_profile`` has
one per as_of and customer. Families aggregate these and never see a fact table, so none can look
ahead. Two things have no history and hold at any as_of: a product's category, and attributes
without a date (see `features.star`).
"""

from collections.abc import Sequence
from datetime import date

import duckdb

from features.contract import Shape
from features.slices import Keys
from features.sql import identifier, listing

PURCHASE = "customer_key IS NOT NULL AND is_product AND NOT is_return"
"""Lines that count as bought; one with quantity 0 (a coupon) does, a fee or a return does not."""


def prepare(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    shape: Shape,
    category: str | None,
    keys: Keys,
) -> None:
    """Make the relations ``past_day``, ``past_product``, ``past_category`` and ``past_profile``.

    Parameters
    ----------
    con
        Connection to the warehouse; the relations are temporary.
    as_ofs
        Distinct days; nothing on or after the latest of them is read.
    shape
        Windows, and which relations there are.
    category
        Column of ``dim_product`` that counts as category.
    keys
        Customers that are looked at; the others are not read.
    """
    days = listing(f"(DATE '{as_of}')" for as_of in as_ofs)
    con.execute(f"CREATE OR REPLACE TEMP TABLE asked AS FROM (VALUES {days}) AS a (as_of)")
    _past_profile(con, shape, keys)
    if not shape.has_orders:
        return
    seen = f"ordered_on < DATE '{max(as_ofs)}' AND {keys.condition}"
    _customer_day(con, seen)
    _past(con, "day", "customer_day", shape, "true")
    _last_seen(con, "product", "(SELECT *, product_key AS product FROM fact_sales)", seen)
    _past(con, "product", "customer_product", shape, _IS_LAST)
    if category is not None:
        level = f"(SELECT product_key, {identifier(category)} AS category FROM dim_product)"
        named = f"fact_sales JOIN {level} USING (product_key)"
        _last_seen(con, "category", named, seen)
        _past_category(con, shape)


_IS_LAST = "(next_on IS NULL OR next_on >= as_of)"
"""The last purchase of a thing before as_of: true whatever happens on as_of or later."""


def _customer_day(con: duckdb.DuckDBPyConnection, seen: str) -> None:
    """One row per customer and day with any line; the gap looks back only."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE customer_day AS
        WITH days AS (
            SELECT customer_key, ordered_on,
                count(DISTINCT "order") FILTER (NOT is_return) AS orders,
                count(*) FILTER (NOT is_return) AS lines,
                coalesce(sum(amount) FILTER (NOT is_return), 0) AS spend,
                coalesce(sum(discount) FILTER (NOT is_return), 0) AS discount,
                count(*) FILTER (NOT is_return AND discount > 0) AS discounted_lines,
                count(*) FILTER (is_return) AS returned_lines
            FROM fact_sales
            WHERE is_product AND {seen}
            GROUP BY customer_key, ordered_on)
        SELECT customer_key, ordered_on, orders > 0 AS is_purchase,
            CAST(orders AS DOUBLE) AS orders, CAST(orders > 0 AS INTEGER)::DOUBLE AS active_days,
            CAST(lines AS DOUBLE) AS lines, CAST(spend AS DOUBLE) AS spend,
            CAST(discount AS DOUBLE) AS discount,
            CAST(discounted_lines AS DOUBLE) AS discounted_lines,
            CAST(returned_lines AS DOUBLE) AS returned_lines,
            CAST(CASE WHEN orders > 0 THEN date_diff('day',
                max(CASE WHEN orders > 0 THEN ordered_on END) OVER earlier, ordered_on) END
                AS DOUBLE) AS gap_days
        FROM days
        WINDOW earlier AS (PARTITION BY customer_key ORDER BY ordered_on
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)""")


def _last_seen(con: duckdb.DuckDBPyConnection, thing: str, sales: str, seen: str) -> None:
    """One row per customer, thing and day of purchase, with the days bought before and after."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE customer_{thing} AS
        SELECT customer_key, {thing}, ordered_on, lines,
            lead(ordered_on) OVER bought AS next_on, lag(ordered_on) OVER bought AS previous_on
        FROM (
            SELECT customer_key, {thing}, ordered_on, CAST(count(*) AS DOUBLE) AS lines
            FROM {sales} WHERE {PURCHASE} AND {thing} IS NOT NULL AND {seen}
            GROUP BY ALL)
        WINDOW bought AS (PARTITION BY customer_key, {thing} ORDER BY ordered_on)""")


def _past(
    con: duckdb.DuckDBPyConnection, grain: str, table: str, shape: Shape, condition: str
) -> None:
    age = "date_diff('day', ordered_on, as_of)"
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW past_{grain} AS
        SELECT *, {_windows(shape)}
        FROM (SELECT *, CAST({age} AS DOUBLE) AS age_days FROM {table} JOIN asked
              ON ordered_on < as_of) WHERE {condition}""")


def _past_category(con: duckdb.DuckDBPyConnection, shape: Shape) -> None:
    """One row per as_of, customer and category: lines in the longest window, age of the last."""
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW past_category AS
        SELECT *, {_windows(shape)} FROM (
            SELECT as_of, customer_key, category,
                CAST(min(date_diff('day', ordered_on, as_of)) AS DOUBLE) AS age_days,
                sum(lines) AS lines
            FROM customer_category JOIN asked
                ON ordered_on < as_of AND ordered_on >= as_of - {shape.longest}
            GROUP BY as_of, customer_key, category)""")


def _past_profile(con: duckdb.DuckDBPyConnection, shape: Shape, keys: Keys) -> None:
    """One row per as_of and customer: the attributes that held on the day before as_of.

    What is valid from as_of on is not seen; attributes without a date hold since ever.
    """
    names = listing(["", *(identifier(attribute.name) for attribute in shape.profile)])
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW past_profile AS
        SELECT as_of, customer_key {names}
        FROM dim_customer JOIN asked
            ON valid_from_on < as_of AND (valid_to_on IS NULL OR valid_to_on >= as_of)
        WHERE {keys.condition}""")


def _windows(shape: Shape) -> str:
    return listing(
        f"CAST(age_days <= {days} AS INTEGER)::DOUBLE AS within_{days}d"
        for days in shape.windows_days
    )

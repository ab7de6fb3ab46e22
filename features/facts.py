"""stg_* to fact_*: what happened, with the customer's key and the local day of each instant."""

import duckdb

from features.schemas import ContactsSource, OrdersSource, Sources
from features.sql import listing, literal


def build_facts(con: duckdb.DuckDBPyConnection, sources: Sources, time_zone: str) -> None:
    """Rebuild the fact of every source that has one; each begins in order of ``customer_key``.

    Parameters
    ----------
    con
        Connection to a warehouse whose dimensions and temporary ``customer_keys`` are there.
    sources
        Of the config.
    time_zone
        The business's, in which its days and hours begin.
    """
    if sources.orders is not None:
        _fact_sales(con, sources.orders, time_zone)
    if sources.contacts is not None:
        _fact_contacts(con, sources.contacts, time_zone)
    if sources.visits is not None:
        _fact_visits(con, time_zone)
    if sources.campaigns is not None:
        _fact_campaigns(con, time_zone, has_responses=sources.responses is not None)


def _fact_sales(con: duckdb.DuckDBPyConnection, orders: OrdersSource, time_zone: str) -> None:
    """One row per order and item, in order of customer and instant.

    ``customer_key`` is NULL for anonymous lines, which no feature sees. Amount, discount and its
    part that a coupon gave are minor units; returns have ``is_return`` and a negative amount.
    """
    is_product = "true"
    if orders.non_products is not None:
        pattern = literal(orders.non_products)
        is_product = f"NOT coalesce(regexp_full_match(product, {pattern}), false)"
    local = _local("ordered_at", time_zone)
    con.execute(f"""
        CREATE OR REPLACE TABLE fact_sales AS
        SELECT customer_key, CAST({local} AS DATE) AS ordered_on, ordered_at,
            CAST(hour({local}) AS TINYINT) AS hour,
            "order", product_key, store_key, channel, coalesce(quantity, 1) AS quantity, amount,
            coalesce(discount, 0) AS discount, coalesce(coupon, 0) AS coupon,
            coalesce(quantity < 0, false) AS is_return, {is_product} AS is_product
        FROM stg_orders LEFT JOIN customer_keys USING (customer)
        LEFT JOIN (SELECT product, product_key FROM dim_product) USING (product)
        LEFT JOIN dim_store USING (store)
        ORDER BY customer_key, ordered_at, "order", product_key, amount, quantity, discount,
            store_key, channel, coupon""")


def _fact_contacts(
    con: duckdb.DuckDBPyConnection, contacts: ContactsSource, time_zone: str
) -> None:
    """One row per contact; ``is_resolved`` is NULL where the outcome is not known."""
    resolved = listing(f"lower({literal(outcome)})" for outcome in contacts.resolved_outcomes)
    con.execute(f"""
        CREATE OR REPLACE TABLE fact_contacts AS
        SELECT customer_key, CAST({_local("contacted_at", time_zone)} AS DATE) AS contacted_on,
            s.* EXCLUDE (customer, load_id), lower(outcome) IN ({resolved}) AS is_resolved
        FROM stg_contacts AS s JOIN customer_keys USING (customer)
        ORDER BY ALL""")


def _fact_visits(con: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """One row per page view or visit; without a number of pages it is one."""
    con.execute(f"""
        CREATE OR REPLACE TABLE fact_visits AS
        SELECT customer_key, CAST({_local("visited_at", time_zone)} AS DATE) AS visited_on,
            visited_at, session, CAST(coalesce(pages, 1) AS BIGINT) AS pages
        FROM stg_visits JOIN customer_keys USING (customer)
        ORDER BY ALL""")


def _fact_campaigns(con: duckdb.DuckDBPyConnection, time_zone: str, *, has_responses: bool) -> None:
    """One row per customer and campaign with the first response to it, which may be days later.

    Who looks at a day sees a response by its ``responded_on``, not by ``sent_on``.
    """
    responded_at = "NULL::BIGINT"
    if has_responses:
        responded_at = """(SELECT min(responded_at) FROM stg_responses AS r
            WHERE r.customer = s.customer AND r.campaign = s.campaign
                AND r.responded_at >= s.sent_at)"""
    con.execute(f"""
        CREATE OR REPLACE TABLE fact_campaigns AS
        SELECT *, CAST({_local("responded_at", time_zone)} AS DATE) AS responded_on FROM (
            SELECT customer_key, CAST({_local("sent_at", time_zone)} AS DATE) AS sent_on,
                s.* EXCLUDE (customer, load_id), {responded_at} AS responded_at
            FROM stg_campaigns AS s JOIN customer_keys USING (customer))
        ORDER BY ALL""")


def _local(instant: str, time_zone: str) -> str:
    """SQL of an instant's local time."""
    return f"(make_timestamptz({instant}) AT TIME ZONE {literal(time_zone)})"

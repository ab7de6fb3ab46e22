"""stg_* to fact_* and dim_*: the star that every feature reads; each rebuild gives equal tables."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from features.errors import RegularsError
from features.facts import build_facts
from features.mapping import fields_of
from features.schemas import Sources
from features.sql import identifier, listing, literal
from features.warehouse import tables_of

BEGINNING = "DATE '1900-01-01'"
"""From when undated attributes hold."""

_WITH_CUSTOMERS = (
    *("orders", "customers", "contacts", "visits", "campaigns", "responses", "labels"),
)
_DAYS = (
    ("orders", "fact_sales", "ordered_on"),
    ("contacts", "fact_contacts", "contacted_on"),
    ("visits", "fact_visits", "visited_on"),
    ("campaigns", "fact_campaigns", "sent_on"),
    ("campaigns", "fact_campaigns", "responded_on"),
    ("labels", "stg_labels", "as_of"),
)
"""Source, table and column of everything that happened on a day."""


class NothingKept(RegularsError):
    """The sources hold no usable row."""


@dataclass(frozen=True)
class History:
    """What the star holds: first and last day, and how many of each."""

    first_on: date | None
    last_on: date | None
    sales_lines: int
    customers: int
    products: int
    customers_without_row: int


def build_star(con: duckdb.DuckDBPyConnection, sources: Sources, time_zone: str) -> None:
    """Rebuild every dimension and fact from the staging tables.

    Raises
    ------
    NothingKept
        When no source holds a customer, or the orders hold no line.
    """
    given = sources.given()
    _require_rows(con, given)
    _dim_customer(con, sources, time_zone)
    if "orders" in given:
        _dim_product(con, sources)
        _dim_store(con)
    build_facts(con, sources, time_zone)
    _dim_date(con, given)
    recipe = star_recipe(sources, time_zone)
    con.execute("CREATE OR REPLACE TABLE star_sources (recipe VARCHAR)")
    con.execute("INSERT INTO star_sources VALUES (?)", [recipe])


def _require_rows(con: duckdb.DuckDBPyConnection, given: Mapping[str, object]) -> None:
    """Refuse orders (or, where there are none, labels) without a single row."""
    name = "orders" if "orders" in given else "labels"
    if not _count(con, f"SELECT count(*) FROM stg_{name}"):
        read, left_out = con.execute(
            "SELECT coalesce(sum(rows_read), 0), coalesce(sum(rows_left_out), 0) FROM loads "
            "WHERE source = ?",
            [name],
        ).fetchall()[0]
        message = (
            f"sources.{name} needs at least one row, but of {read:,} read none was kept "
            f"({left_out:,} left out by where, the others broken); look at its files"
        )
        raise NothingKept(message)


_NOT_IN_A_STAR = {"path", "database", "quarantine_limit"}
"""Settings of a source that say where its rows are, not what they become."""


def star_recipe(sources: Sources, time_zone: str) -> str:
    """SHA-256 (64 hex digits) over all settings that decide what a star says."""
    settings = {
        name: source.model_dump(mode="json", exclude=_NOT_IN_A_STAR)
        for name, source in sources.given().items()
    }
    text = json.dumps([settings, time_zone], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def is_current(con: duckdb.DuckDBPyConnection, sources: Sources, time_zone: str) -> bool:
    """Whether a star is there and was built under these settings."""
    if "star_sources" not in tables_of(con):
        return False
    made_by = con.execute("SELECT * FROM star_sources").fetchall()
    return made_by == [(star_recipe(sources, time_zone),)]


def _dim_customer(con: duckdb.DuckDBPyConnection, sources: Sources, time_zone: str) -> None:
    """One row per customer and day from which its attributes hold; every customer has a row."""
    names = [name for name in _WITH_CUSTOMERS if name in sources.given()]
    everyone = " UNION ".join(
        f"SELECT customer FROM stg_{name} WHERE customer IS NOT NULL" for name in names
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE customer_keys AS
        SELECT customer, CAST(row_number() OVER (ORDER BY customer) AS INTEGER) AS customer_key
        FROM (SELECT DISTINCT customer FROM ({everyone}))""")
    if not _count(con, "SELECT count(*) FROM customer_keys"):
        message = (
            f"the sources need rows with a customer, but none of {names} kept any; look at the "
            f"columns that they map to customer"
        )
        raise NothingKept(message)
    attributes = [] if sources.customers is None else fields_of("customers", sources.customers)[2:]
    columns = listing(["", *(identifier(f.name) for f in attributes)])
    con.execute(f"""
        CREATE OR REPLACE TABLE dim_customer AS
        SELECT k.customer_key, k.customer,
            v.valid_from_on IS NOT NULL AS is_described,
            coalesce(v.valid_from_on, {BEGINNING}) AS valid_from_on,
            lead(v.valid_from_on) OVER (PARTITION BY k.customer_key ORDER BY v.valid_from_on)
                AS valid_to_on {columns}
        FROM customer_keys AS k LEFT JOIN ({_versions(sources, columns, time_zone)}) AS v
        USING (customer)
        ORDER BY k.customer_key, 3""")


def _versions(sources: Sources, columns: str, time_zone: str) -> str:
    """Query for the attributes of each customer and the day from which they hold.

    An undated row holds since ever when it is the customer's first, else from the day on which
    it was loaded. When two loads speak of the same day, the later is right.
    """
    if sources.customers is None:
        return "SELECT NULL::VARCHAR AS customer, NULL::DATE AS valid_from_on WHERE false"
    loaded_on = f"CAST(make_timestamptz(loaded_at) AT TIME ZONE {literal(time_zone)} AS DATE)"
    first = "load_id = min(load_id) OVER (PARTITION BY customer)"
    return f"""
        SELECT customer, valid_from_on {columns} FROM (
            SELECT * EXCLUDE (valid_from_on), coalesce(valid_from_on,
                CASE WHEN {first} THEN {BEGINNING} ELSE {loaded_on} END) AS valid_from_on
            FROM stg_customers JOIN (SELECT load_id, loaded_at FROM loads) USING (load_id))
        QUALIFY row_number() OVER (PARTITION BY customer, valid_from_on ORDER BY load_id DESC) = 1
    """


def _dim_product(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """One row per product; its hierarchy and groups as columns, NULL where nobody said."""
    given = sources.products
    named = [] if given is None else [*given.hierarchy, *given.groups]
    described = listing(["unit_cost", "is_private_label", *(identifier(name) for name in named)])
    known = (
        "SELECT NULL::VARCHAR AS product, NULL::BIGINT AS unit_cost, "
        "NULL::BOOLEAN AS is_private_label WHERE false"
        if sources.products is None
        else f"""
            SELECT product, {described}
            FROM (SELECT *, private_label AS is_private_label FROM stg_products)
            QUALIFY row_number() OVER (PARTITION BY product ORDER BY load_id DESC) = 1"""
    )
    con.execute(f"""
        CREATE OR REPLACE TABLE dim_product AS
        SELECT CAST(row_number() OVER (ORDER BY product) AS INTEGER) AS product_key, product,
            {described}
        FROM (SELECT product FROM stg_orders WHERE product IS NOT NULL
              UNION SELECT product FROM ({known}))
        LEFT JOIN ({known}) USING (product) ORDER BY product_key""")


def _dim_store(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE OR REPLACE TABLE dim_store AS
        SELECT CAST(row_number() OVER (ORDER BY store) AS INTEGER) AS store_key, store
        FROM (SELECT DISTINCT store FROM stg_orders WHERE store IS NOT NULL) ORDER BY store_key""")


def _dim_date(con: duckdb.DuckDBPyConnection, given: Mapping[str, object]) -> None:
    """One row per day from the first to the last that any fact or label knows."""
    union = " UNION ALL ".join(
        f"SELECT {column} AS day FROM {table}" for name, table, column in _DAYS if name in given
    )
    con.execute(f"""
        CREATE OR REPLACE TABLE dim_date AS
        SELECT CAST(day AS DATE) AS day, year(day) AS year, quarter(day) AS quarter,
            month(day) AS month, weekofyear(day) AS iso_week, isodow(day) AS iso_weekday,
            isodow(day) >= 6 AS is_weekend
        FROM (SELECT unnest(generate_series(CAST(min(day) AS TIMESTAMP),
            CAST(max(day) AS TIMESTAMP), INTERVAL 1 DAY)) AS day FROM ({union}))
        ORDER BY day""")


def history(con: duckdb.DuckDBPyConnection, sources: Sources) -> History:
    """Range of days and counts of the star, for reports and for refusing dates outside it."""
    given = sources.given()
    customers = _count(con, "SELECT count(DISTINCT customer_key) FROM dim_customer")
    if "orders" not in given:
        first, last = con.execute("SELECT min(day), max(day) FROM dim_date").fetchall()[0]
        return History(first, last, 0, customers, 0, 0)
    first, last = con.execute("SELECT min(ordered_on), max(ordered_on) FROM fact_sales").fetchall()[
        0
    ]
    missing = 0
    if "customers" in given:
        missing = _count(
            con,
            "SELECT count(DISTINCT customer) FROM stg_orders WHERE customer IS NOT NULL "
            "AND customer NOT IN (SELECT customer FROM stg_customers)",
        )
    sales = _count(con, "SELECT count(*) FROM fact_sales")
    products = _count(con, "SELECT count(*) FROM dim_product")
    return History(first, last, sales, customers, products, missing)


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])

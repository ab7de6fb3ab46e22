"""A made-up shop of any size: a warehouse with a star, and the same rows as Parquet for peers.

Two years of purchases. Customers differ in how much they buy (Lomax, as buying rates often are) and
in when they come and go; half of what one buys comes from some dozen products of their own, the
rest from what is popular. One line in four is discounted, one in twenty-five given back. Everything
follows from hashes of the row's own numbers, so every run makes the same shop.
"""
# ruff: noqa: S608  the SQL holds names and numbers of this file only

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from features.settings import Engine
from features.sql import listing, literal
from features.warehouse import Connection, warehouse

FIRST_ON = date(2024, 1, 1)
DAYS = 730
LINES_PER_CUSTOMER = 50
ORDERS_PER_CUSTOMER = 20
CONTACTS_PER_CUSTOMER = 12.5
PRODUCTS = 20_000
CATEGORIES = 24
KINDS = ("complaint", "visit", "mail", "call")

CUSTOMERS_AT_A_TIME = 40_000
"""Made in one statement: some two million lines, a gigabyte at the most."""

_ENGINE = Engine(memory_limit="2GB")

_MACROS = f"""
    CREATE OR REPLACE TEMP MACRO u(x) AS hash(x) / 18446744073709551616.0;
    CREATE OR REPLACE TEMP MACRO below(x, n) AS CAST(hash(x) % n AS BIGINT);
    CREATE OR REPLACE TEMP MACRO activity(x) AS least(120, 1 / sqrt(u(x) + 1e-9) - 1);
    CREATE OR REPLACE TEMP MACRO born(c) AS
        CASE WHEN u(c * 41 + 2) < 0.45 THEN 0 ELSE floor(650 * u(c * 43 + 3)) END;
    CREATE OR REPLACE TEMP MACRO stays(c) AS
        least({DAYS} - born(c), 60 + floor(900 * u(c * 37 + 1)));
    CREATE OR REPLACE TEMP MACRO price(p) AS 50 + below(p * 31 + 7, 20000)"""
"""Of a key: number in [0, 1), number below n, activity of mean 1, first day, days, price."""

_TABLES = """
    CREATE TABLE fact_sales (customer_key INTEGER, ordered_on DATE, ordered_at BIGINT, hour TINYINT,
        "order" VARCHAR, product_key INTEGER, store_key INTEGER, channel VARCHAR,
        quantity DECIMAL(18, 3), amount BIGINT, discount BIGINT, coupon BIGINT, is_return BOOLEAN,
        is_product BOOLEAN);
    CREATE TABLE fact_contacts (customer_key INTEGER, contacted_on DATE, contacted_at BIGINT,
        kind VARCHAR, topic VARCHAR, channel VARCHAR, outcome VARCHAR, duration_seconds DOUBLE,
        satisfaction DOUBLE, is_resolved BOOLEAN);
    CREATE TABLE dim_customer (customer_key INTEGER, customer VARCHAR, is_described BOOLEAN,
        valid_from_on DATE, valid_to_on DATE);
    CREATE TABLE dim_product (product_key INTEGER, product VARCHAR, unit_cost BIGINT,
        is_private_label BOOLEAN, category VARCHAR);
    CREATE TABLE dim_store (store_key INTEGER, store VARCHAR);
    CREATE TABLE loads (load_id INTEGER, source VARCHAR, file VARCHAR, content_hash VARCHAR,
        mapping VARCHAR, loaded_at BIGINT, rows_read BIGINT, rows_kept BIGINT,
        rows_quarantined BIGINT, rows_duplicated BIGINT, rows_left_out BIGINT, first_at BIGINT,
        last_at BIGINT);
    CREATE TABLE star_sources (recipe VARCHAR)"""
"""The star as `features.star` leaves it, with the types of a config that maps no more than this."""


@dataclass(frozen=True)
class Shop:
    """Where the shop is: the warehouse, and its facts as Parquet in the same order."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        """DuckDB file with a star and nothing else."""
        return self.folder / "warehouse.duckdb"

    @property
    def sales(self) -> Path:
        """``fact_sales``."""
        return self.folder / "fact_sales.parquet"

    @property
    def contacts(self) -> Path:
        """``fact_contacts``."""
        return self.folder / "fact_contacts.parquet"

    @property
    def customers(self) -> Path:
        """``dim_customer``."""
        return self.folder / "dim_customer.parquet"


def require_shop(folder: Path, lines: int) -> Shop:
    """The shop of about so many lines below the folder; made unless it is there already."""
    definition = "".join([_MACROS, _TABLES, _sales(""), _contacts("")])
    digest = hashlib.sha256(definition.encode()).hexdigest()
    shop = Shop(folder / f"lines_{lines}_{digest[:8]}")
    if shop.folder.exists():
        return shop
    staged = Shop(folder / f".lines_{lines}_{os.getpid()}")
    staged.folder.mkdir(parents=True)
    with warehouse(staged.warehouse, _ENGINE, staged.folder, read_only=False) as con:
        con.execute("SET preserve_insertion_order = true")  # facts lie in order of the customer
        fill(con, max(1, lines // LINES_PER_CUSTOMER))
        for path in (staged.sales, staged.contacts, staged.customers):
            con.execute(f"COPY {path.stem} TO {literal(str(path))} (COMPRESSION zstd)")
    staged.folder.rename(shop.folder)
    return shop


def fill(con: Connection, customers: int, at_a_time: int = CUSTOMERS_AT_A_TIME) -> None:
    """Make the star.

    Parameters
    ----------
    con
        Connection to an empty warehouse that preserves the order of insertion.
    customers
        How many there are; each has at least one order.
    at_a_time
        Customers of one statement.
    """
    con.execute(_MACROS)
    con.execute(_TABLES)
    con.execute(f"""
        INSERT INTO dim_customer
        SELECT c, {_named("C", "c", 8)}, false, DATE '1900-01-01', NULL
        FROM range(1, {customers + 1}) AS r (c)""")
    con.execute(f"""
        INSERT INTO dim_product
        SELECT p, {_named("P", "p", 5)}, NULL, NULL, {_named("category ", f"p % {CATEGORIES}", 2)}
        FROM range(1, {PRODUCTS + 1}) AS r (p)""")
    for keys in _ranges(customers, at_a_time):
        con.execute(f"INSERT INTO fact_sales {_sales(keys)}")
        con.execute(f"INSERT INTO fact_contacts {_contacts(keys)}")
    _remember(con)
    con.execute("CHECKPOINT")


def _named(letter: str, number: str, digits: int) -> str:
    return f"'{letter}' || lpad(CAST({number} AS VARCHAR), {digits}, '0')"


def _ranges(customers: int, at_a_time: int) -> Iterator[str]:
    """SQL of the keys of one statement after the other, in their order."""
    for first in range(1, customers + 1, at_a_time):
        yield f"range({first}, {min(first + at_a_time, customers + 1)})"


def _about(mean: float, salt: int) -> str:
    """SQL of a whole number per customer with a long tail and this mean."""
    return f"CAST(floor({mean} * activity(c * {salt}) + u(c * 3)) AS BIGINT)"


_START = f"epoch_us(TIMESTAMP '{FIRST_ON}')"
_DAY = "86400000000"


def _sales(keys: str) -> str:
    """SELECT of the lines of some customers, in order of the fact.

    An order has one to four lines, of different products; ``x`` is its number, ``y`` the line's.
    """
    orders = _about(ORDERS_PER_CUSTOMER - 1, 7)
    return f"""
        WITH orders AS (
            SELECT c, c * 4096 + unnest(range(1 + {orders})) AS x FROM {keys} AS r (c)),
        dated AS (
            SELECT *, CAST(born(c) + floor(u(x * 13 + 5) * stays(c)) AS BIGINT) AS day,
                CAST((8 + 13 * u(x * 17 + 2)) * 3600e6 AS BIGINT) AS instant,
                x * 4 + unnest(range(1 + below(x * 3 + 11, 4))) AS y
            FROM orders),
        chosen AS (
            SELECT *, u(y * 29) < 0.04 AS is_return, 1 + below(y * 19, 4) AS units,
                1 + y % 4 + 4 * CAST(CASE
                    WHEN u(y + 91) < 0.5 THEN below(c * 20 + below(y, 12), {PRODUCTS // 4})
                    ELSE floor({PRODUCTS // 4} * power(u(y * 11), 2.2)) END AS BIGINT)
                    AS product_key
            FROM dated),
        priced AS (
            SELECT *, CASE WHEN is_return THEN -units ELSE units END AS quantity,
                CASE WHEN NOT is_return AND u(y * 5) < 0.25 THEN price(product_key) // 10
                    ELSE 0 END AS reduction
            FROM chosen)
        SELECT CAST(c AS INTEGER) AS customer_key, DATE '{FIRST_ON}' + CAST(day AS INTEGER),
            {_START} + day * {_DAY} + instant AS ordered_at,
            CAST(instant // 3600000000 AS TINYINT),
            {_named("O", "x", 11)} AS "order", CAST(product_key AS INTEGER), NULL, NULL, quantity,
            quantity * (price(product_key) - reduction) AS amount,
            abs(quantity) * reduction AS discount, 0, is_return, true
        FROM priced ORDER BY customer_key, ordered_at, "order", product_key, amount"""


def _contacts(keys: str) -> str:
    """SELECT of the contacts of some customers, in order of the fact."""
    kinds, contacts = f"[{listing(map(literal, KINDS))}]", _about(CONTACTS_PER_CUSTOMER, 53)
    return f"""
        WITH numbered AS (
            SELECT c, c * 4096 + unnest(range({contacts})) AS x FROM {keys} AS r (c)),
        timed AS (
            SELECT *, CAST(floor(u(x * 29 + 5) * {DAYS} * {_DAY}) AS BIGINT) AS after
            FROM numbered)
        SELECT CAST(c AS INTEGER), DATE '{FIRST_ON}' + CAST(after // {_DAY} AS INTEGER),
            {_START} + after, {kinds}[1 + below(x * 31, {len(KINDS)})],
            NULL, NULL, NULL, NULL, NULL, NULL
        FROM timed ORDER BY 1, 2, 3, 4"""


def _remember(con: Connection) -> None:
    """What a build would have written of the files that the rows came from."""
    con.execute("INSERT INTO star_sources VALUES ('made up')")
    for load, source in enumerate(("orders", "products", "contacts"), start=1):
        con.execute(
            f"INSERT INTO loads (load_id, source, file, content_hash, mapping, first_at, last_at) "
            f"VALUES ({load}, '{source}', 'made up', '{source}', '', {_START}, "
            f"{_START} + {DAYS} * {_DAY})"
        )
    last = f"DATE '{FIRST_ON + timedelta(days=DAYS - 1)}'"
    con.execute(f"""
        CREATE TABLE dim_date AS
        SELECT CAST(day AS DATE) AS day, year(day) AS year, quarter(day) AS quarter,
            month(day) AS month, weekofyear(day) AS iso_week, isodow(day) AS iso_weekday,
            isodow(day) >= 6 AS is_weekend
        FROM generate_series(TIMESTAMP '{FIRST_ON}', {last}::TIMESTAMP, INTERVAL 1 DAY) AS d (day)
        ORDER BY day""")

"""The same columns in SQL written by hand for one as_of: the best that we could do without ours.

One pass per grain, each over what it needs: days first, of everybody, because they say who is in
the cohort and what gaps are usual; then the cohort's orders, products, categories, prices and
contacts. Windows are sums of x times a 0 or 1 per window, in doubles (exact below 2^53), which beat
FILTER, CASE and rings; distinct counts come from the least age of each thing; sums of doubles beat
those of integers, which the engine widens to 128 bits.
"""
# ruff: noqa: S608  the SQL holds names and numbers of these files only

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.behaviour.ours import ACTIVE_DAYS, ENGINE
from benchmarks.behaviour.shop import KINDS, Shop
from benchmarks.behaviour.sql_columns import RANKS, SLOTS, WEEKDAYS, WINDOWS, YEAR, expressions
from features.sql import literal
from features.warehouse import warehouse

EDGES = sorted({*WINDOWS, *(2 * days for days in WINDOWS)})
OF_ORDERS = (
    *("orders", "single", "lines", "spend"),
    *("discount", "discounted", "returned_lines", "returned_amount"),
)


def build(shop: Shop, days: Sequence[date], folder: Path) -> None:
    """Every column at each of the days, each computed for itself, a Parquet file each."""
    with warehouse(shop.warehouse, ENGINE, folder, read_only=True) as con:
        for day in days:
            for statement in statements(day):
                con.execute(statement)
            file = literal(str(folder / f"{day}.parquet"))
            con.execute(f"COPY ({query(day)}) TO {file} (COMPRESSION zstd)")


def statements(as_of: date) -> list[str]:
    """Statements that make the temporary tables of one as_of, in order."""
    today = f"DATE '{as_of}'"
    tables = {
        "days": _days(today),
        "people": _PEOPLE,
        "cohort": f"SELECT * FROM people WHERE since <= {ACTIVE_DAYS}",
        "gaps": _GAPS,
        "usual": _usual(today),
        "of_days": _of_days(),
        "orders": _orders(today),
        "of_orders": _of_orders(today),
        "of_products": _of_products(today),
        "codes": _CODES,
        "prices": _prices(today),
        "of_prices": _of_prices(today),
        "of_categories": _of_categories(today),
        "of_contacts": _of_contacts(today),
    }
    return [f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}" for name, rows in tables.items()]


def _comma(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _flags(edges: Sequence[int], age: str = "age") -> str:
    """1 or 0 per window: whether the row's age lies in it."""
    return _comma([f"CAST({age} <= {days} AS DOUBLE) AS f{days}" for days in edges])


def _sums(measures: Sequence[str], edges: Sequence[int]) -> str:
    return _comma(
        [f"sum({name} * f{days}) AS {name}_{days}" for days in edges for name in measures]
    )


def _decayed(measure: str, half_lives: Sequence[int]) -> str:
    return _comma(
        [f"sum({measure} * exp(-ln(2e0) * age / {h}e0)) AS {measure}_half_{h}" for h in half_lives]
    )


def _days(today: str) -> str:
    """Days with an order, by age, of everybody."""
    return f"""
        SELECT customer_key, {today} - ordered_on AS age FROM fact_sales
        WHERE is_product AND NOT is_return AND ordered_on < {today}
        GROUP BY customer_key, ordered_on"""


_PEOPLE = """
    SELECT customer_key, CAST(min(age) AS DOUBLE) AS since, CAST(max(age) AS DOUBLE) AS tenure,
        CAST(count(*) AS DOUBLE) AS active_ever
    FROM days GROUP BY customer_key"""

_GAPS = """
    SELECT *, round(1000 * ln(gap)) AS gap_log FROM (
        SELECT customer_key, CAST(age AS DOUBLE) AS age, row_number() OVER newest_first AS rank,
            CAST(lead(age) OVER newest_first - age AS DOUBLE) AS gap
        FROM days WINDOW newest_first AS (PARTITION BY customer_key ORDER BY age))"""


def _usual(today: str) -> str:
    """What is known of everybody: one row."""
    return f"""
        SELECT sum(gap) / nullif(count(gap), 0) AS usual_gap,
            sum(gap_log) / nullif(count(gap), 0) AS usual_gap_log,
            sum(gap_log * gap_log) / nullif(count(gap), 0) AS usual_gap_log_square,
            (SELECT {today} - min(ordered_on) FROM fact_sales WHERE is_product) AS known_days
        FROM gaps"""


def _of_days() -> str:
    ranks = [f"min(CASE WHEN rank = {rank} THEN age END) AS since_{rank}" for rank in RANKS]
    moments = [f"sum(age * f{days}) AS active_moment_{days}" for days in (91, 182, YEAR)]
    return f"""
        SELECT customer_key, sum(gap * gap) AS gap_squares, max(gap) AS gap_most,
            max(gap * f91) AS gap_most_91, max(gap * f182) AS gap_most_182,
            sum(gap_log) AS gap_logs, sum(gap_log * gap_log) AS gap_log_squares,
            sum(CAST(gap > since AS DOUBLE)) AS longer_gaps, {_comma(ranks + moments)},
            {_sums(["active"], EDGES)}, {_decayed("active", (7, 14, 28, 56, 112, 224))}
        FROM (SELECT *, 1e0 AS active, {_flags(EDGES)} FROM gaps JOIN cohort USING (customer_key))
        GROUP BY customer_key"""


def _orders(today: str) -> str:
    """Orders of the cohort, what was bought and what was given back."""
    return f"""
        SELECT customer_key, {today} - ordered_on AS age,
            min(CASE WHEN NOT is_return THEN hour END) AS hour, sum(bought) AS lines,
            sum(bought * amount) AS spend, sum(bought * discount) AS discount,
            sum(bought * CAST(discount > 0 AS DOUBLE)) AS discounted,
            sum(1 - bought) AS returned_lines, sum((bought - 1) * amount) AS returned_amount
        FROM (
            SELECT customer_key, ordered_on, "order", hour, is_return,
                CAST(NOT is_return AS DOUBLE) AS bought, CAST(amount AS DOUBLE) AS amount,
                CAST(discount AS DOUBLE) AS discount
            FROM fact_sales SEMI JOIN cohort USING (customer_key)
            WHERE is_product AND ordered_on < {today})
        GROUP BY customer_key, ordered_on, "order" """


def _of_orders(today: str) -> str:
    slots = [
        f"sum(f182 * CAST(hour BETWEEN {first} AND {last} AS DOUBLE)) AS {slot}_orders"
        for slot, (first, last) in SLOTS.items()
    ]
    weekdays = [
        f"sum(f182 * orders * CAST(weekday = {index} AS DOUBLE)) AS {weekday}_orders"
        for index, weekday in enumerate(WEEKDAYS)
    ]
    last_year = [
        f"sum({name} * f{YEAR} * CAST(age > {YEAR - days} AS DOUBLE)) AS {name}_last_year_{days}"
        for name in ("orders", "spend")
        for days in (28, 56, 91)
    ]
    last_year.append(
        f"sum(orders * CAST(age BETWEEN {YEAR + 1} AND {YEAR + 91} AS DOUBLE)) "
        "AS orders_last_year_past_91"
    )
    return f"""
        SELECT customer_key, {_sums(OF_ORDERS, WINDOWS)}, {_comma(slots + weekdays + last_year)},
            {_sums(["spend"], [days for days in EDGES if days not in WINDOWS])},
            sum(spend * age * f91) AS spend_moment_91, sum(spend * age * f182) AS spend_moment_182,
            {_decayed("spend", (28, 91))}, sum(orders) AS orders_ever,
            min(CASE WHEN returned_lines > 0 THEN age END) AS returned_since
        FROM (
            SELECT * REPLACE (CAST(age AS DOUBLE) AS age), CAST(lines > 0 AS DOUBLE) AS orders,
                CAST(lines = 1 AS DOUBLE) AS single, {_flags(EDGES)},
                (date_diff('day', DATE '1970-01-05', {today}) - age) % 7 AS weekday
            FROM orders)
        GROUP BY customer_key"""


def _counts(name: str, column: str) -> str:
    """How many things have an age within each window."""
    return _comma([f"sum(CAST({column} <= {d} AS DOUBLE)) AS {name}_{d}" for d in WINDOWS])


def _of_products(today: str) -> str:
    return f"""
        SELECT customer_key, {_counts("products", "newest")}, {_counts("fresh", "oldest")}
        FROM (
            SELECT customer_key, {today} - max(ordered_on) AS newest,
                {today} - min(ordered_on) AS oldest
            FROM fact_sales SEMI JOIN cohort USING (customer_key)
            WHERE is_product AND NOT is_return AND ordered_on < {today}
            GROUP BY customer_key, product_key)
        GROUP BY customer_key"""


_CODES = f"""
    SELECT product_key,
        CAST((dense_rank() OVER (ORDER BY category) - 1) * {YEAR + 1} AS INTEGER) AS code
    FROM dim_product"""
"""Categories so far apart that code plus age is one small number, which joins without hashing."""


def _prices(today: str) -> str:
    """What a unit of each category cost before each day of the last year."""
    return f"""
        WITH by_day AS (
            SELECT code, ordered_on, sum(CAST(amount + discount AS DOUBLE)) AS price,
                sum(quantity) AS units
            FROM fact_sales JOIN codes USING (product_key)
            WHERE is_product AND NOT is_return AND quantity > 0 AND ordered_on < {today}
            GROUP BY code, ordered_on),
        earlier AS (
            SELECT code, ordered_on, sum(price) OVER before AS price,
                CAST(sum(units) OVER before AS DOUBLE) AS units
            FROM by_day WINDOW before AS (PARTITION BY code ORDER BY ordered_on
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT CAST(code + ({today} - ordered_on) AS INTEGER) AS code_and_age,
            price / units AS usual
        FROM earlier WHERE units > 0 AND ordered_on >= {today} - {YEAR}"""


def _of_prices(today: str) -> str:
    return f"""
        SELECT customer_key, {_sums(["full_price", "usual_price"], WINDOWS)}
        FROM (
            SELECT customer_key, CAST(amount + discount AS DOUBLE) AS full_price,
                round(CAST(quantity AS DOUBLE) * usual) AS usual_price,
                {_flags(WINDOWS, f"({today} - ordered_on)")}
            FROM fact_sales SEMI JOIN cohort USING (customer_key) JOIN codes USING (product_key)
            JOIN prices ON code_and_age = code + CAST({today} - ordered_on AS INTEGER)
            WHERE is_product AND NOT is_return AND ordered_on < {today}
                AND ordered_on >= {today} - {YEAR})
        GROUP BY customer_key"""


def _of_categories(today: str) -> str:
    spread = [
        f"sum(n{d}) AS category_lines_{d}, sum(n{d} * n{d}) AS squares_{d}, max(n{d}) AS top_{d}, "
        f"sum(CASE WHEN n{d} > 0 THEN n{d} * ln(n{d}) ELSE 0e0 END) AS logs_{d}"
        for d in (91, YEAR)
    ]
    return f"""
        SELECT customer_key, {_counts("categories", "newest")}, {_comma(spread)}
        FROM (
            SELECT customer_key, {today} - max(ordered_on) AS newest,
                sum(CAST(ordered_on >= {today} - 91 AS DOUBLE)) AS n91,
                CAST(count(*) AS DOUBLE) AS n{YEAR}
            FROM fact_sales SEMI JOIN cohort USING (customer_key) JOIN codes USING (product_key)
            WHERE is_product AND NOT is_return AND ordered_on < {today}
                AND ordered_on >= {today} - {YEAR}
            GROUP BY customer_key, code)
        GROUP BY customer_key"""


def _of_contacts(today: str) -> str:
    is_kind = [f"CAST(kind = '{kind}' AS DOUBLE) AS {kind}" for kind in KINDS]
    since = [f"min(CASE WHEN {kind} > 0 THEN age END) AS {kind}_since" for kind in KINDS]
    return f"""
        SELECT customer_key, min(age) AS contact_since, {_comma(since)}, {_sums(KINDS, WINDOWS)},
            {_sums(["contacts"], EDGES)}
        FROM (
            SELECT *, 1e0 AS contacts, {_flags(EDGES)} FROM (
                SELECT customer_key, {today} - contacted_on AS age, {_comma(is_kind)}
                FROM fact_contacts SEMI JOIN cohort USING (customer_key)
                WHERE contacted_on < {today}))
        GROUP BY customer_key"""


def query(as_of: date) -> str:
    """SELECT of the behaviour table from the temporary tables."""
    columns = _comma(
        [f"CAST({sql} AS DOUBLE) AS {name}" for name, sql in expressions(as_of).items()]
    )
    parts = ("of_orders", "of_days", "of_products", "of_categories", "of_prices", "of_contacts")
    return f"""
        WITH known AS (
            SELECT *, (tenure - since) / nullif(active_ever - 1, 0) AS gap_mean,
                CASE WHEN active_ever > 2 THEN sqrt(greatest(0e0, gap_squares
                    - (tenure - since) * (tenure - since) / (active_ever - 1)))
                    / sqrt(active_ever - 2) END AS gap_spread
            FROM cohort CROSS JOIN usual JOIN dim_customer USING (customer_key)
            {" ".join(f"LEFT JOIN {part} USING (customer_key)" for part in parts)})
        SELECT customer, DATE '{as_of}' AS as_of, {columns} FROM known"""

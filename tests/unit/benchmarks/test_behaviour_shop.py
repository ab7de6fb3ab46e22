"""The made-up shop is a star like any other."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from benchmarks.behaviour.ours import SOURCES
from benchmarks.behaviour.shop import Shop, fill, require_shop
from features.rules import Plausible
from features.settings import Engine
from features.warehouse import Connection, warehouse
from tests.loading import MEMORY, PLAUSIBLE, loaded, staged

TABLES = ("fact_sales", "fact_contacts", "dim_customer", "dim_product", "dim_store", "dim_date")
RAW = {
    "orders": """
        SELECT "order", make_timestamp(ordered_at) AS ordered_at, customer, amount / 100 AS amount,
            product, quantity, discount / 100 AS discount
        FROM fact_sales JOIN dim_customer USING (customer_key) JOIN dim_product USING (product_key)
        """,
    "products": "SELECT product, category FROM dim_product",
    "contacts": """
        SELECT customer, make_timestamp(contacted_at) AS contacted_at, kind
        FROM fact_contacts JOIN dim_customer USING (customer_key)""",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Some sixty customers."""
    return require_shop(tmp_path_factory.mktemp("shop"), 3000)


def rows(con: Connection, table: str) -> list[tuple[object, ...]]:
    """Rows in stored order, after the names and types of the columns."""
    return [*con.execute(f"DESCRIBE {table}").fetchall(), *con.execute(f"FROM {table}").fetchall()]


def test_the_star_is_what_a_build_makes_of_the_same_rows(shop: Shop, tmp_path: Path) -> None:
    with duckdb.connect(str(shop.warehouse), read_only=True) as con:
        for name, query in RAW.items():
            con.execute(f"COPY ({query}) TO '{tmp_path / name}.parquet'")
        made = {table: rows(con, table) for table in TABLES}
        remembered = con.execute("SELECT source FROM loads ORDER BY 1").fetchall()
    sources = {
        name: source.model_dump(exclude_unset=True) | {"path": f"{name}.parquet"}
        for name, source in SOURCES.given().items()
    }
    seen = Plausible(PLAUSIBLE.earliest, datetime(2026, 1, 1, tzinfo=UTC))
    stage = replace(staged(tmp_path), plausible=seen)
    with loaded(tmp_path, sources, stage=stage) as (con, _):
        built = {table: rows(con, table) for table in TABLES}
        assert remembered == con.execute("SELECT source FROM loads ORDER BY 1").fetchall()
    for table in TABLES:
        assert made[table] == built[table], table


def test_it_does_not_matter_how_many_customers_are_made_at_a_time(tmp_path: Path) -> None:
    found = []
    for at_a_time in (100, 7):
        with warehouse(MEMORY, Engine(), tmp_path, read_only=False) as con:
            con.execute("SET preserve_insertion_order = true")
            fill(con, 20, at_a_time)
            found.append({table: rows(con, table) for table in TABLES})
    assert found[0] == found[1]


def test_some_lines_are_discounted_some_are_returns_and_all_lie_in_two_years(shop: Shop) -> None:
    with duckdb.connect(str(shop.warehouse), read_only=True) as con:
        ((reduced, returned, days),) = con.execute("""
            SELECT avg(CAST(discount > 0 AS DOUBLE)), avg(CAST(is_return AS DOUBLE)),
                max(ordered_on) - min(ordered_on) FROM fact_sales""").fetchall()
        ((odd,),) = con.execute(
            "SELECT count(*) FROM fact_sales WHERE is_return <> (amount < 0)"
        ).fetchall()
    assert 0.15 < reduced < 0.35
    assert 0.01 < returned < 0.08
    assert days < 730
    assert odd == 0


def test_a_shop_that_is_there_is_not_made_again(shop: Shop) -> None:
    made_at = shop.warehouse.stat().st_mtime_ns
    assert require_shop(shop.folder.parent, 3000) == shop
    assert shop.warehouse.stat().st_mtime_ns == made_at

"""A behaviour table that would not fit is streamed, and the engine keeps to its limit."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

CUSTOMERS, LINES = 300_000, 6_000_000
MEGABYTES = 512

WAREHOUSE = f"""
    CREATE TABLE loads (source VARCHAR, content_hash VARCHAR, mapping VARCHAR);
    CREATE TABLE star_sources AS SELECT 'made up' AS recipe;
    CREATE TABLE dim_customer AS
    SELECT CAST(i + 1 AS INTEGER) AS customer_key,
        'c' || lpad(CAST(i AS VARCHAR), 9, '0') AS customer, false AS is_described,
        DATE '1900-01-01' AS valid_from_on, NULL::DATE AS valid_to_on
    FROM range({CUSTOMERS}) AS t (i);
    CREATE TABLE dim_product AS
    SELECT CAST(i + 1 AS INTEGER) AS product_key, 'category ' || i % 200 AS category
    FROM range(20000) AS t (i);
    CREATE TABLE fact_sales AS
    SELECT CAST(1 + i % {CUSTOMERS} AS INTEGER) AS customer_key,
        DATE '2022-01-01' + CAST(hash(i) % 730 AS INTEGER) AS ordered_on,
        CAST(hash(i) % 24 AS TINYINT) AS hour, NULL::VARCHAR AS channel, 1::BIGINT AS quantity,
        CAST(i AS VARCHAR) AS "order", CAST(1 + hash(i + 7) % 20000 AS INTEGER) AS product_key,
        CAST(hash(i) % 5000 AS BIGINT) AS amount, CAST(hash(i) % 3 AS BIGINT) AS discount,
        hash(i) % 50 = 0 AS is_return, true AS is_product
    FROM range({LINES}) AS t (i) ORDER BY customer_key, ordered_on
"""

READ = """
import json, re, sys
from datetime import date
from pathlib import Path
from features.behaviour import stream
from features.schemas import Sources
from features.settings import Behaviour, Engine
from features.warehouse import warehouse

orders = {"path": "-", "columns": dict.fromkeys(("order", "ordered_at", "customer", "amount"), "-")}
products = {"path": "-", "columns": {"product": "-"}, "hierarchy": {"category": "-"}}
sources = Sources.model_validate({"orders": orders, "products": products})
folder, limit = Path(sys.argv[1]), sys.argv[2]
previous, rows, largest = "", 0, 0
path, engine = folder / "warehouse.duckdb", Engine(memory_limit=limit, turn_rows=100_000)
with warehouse(path, engine, folder, read_only=True) as con:
    settings = Behaviour(category_level="category")
    for batch in stream(con, [date(2023, 12, 1)], sources, settings, engine=engine, rows=1024):
        names = batch.column("customer").to_pylist()
        assert [previous, *names] == sorted({previous, *names})
        previous, rows, largest = names[-1], rows + len(names), max(largest, len(names))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps({"rows": rows, "largest": largest, "peak_megabytes": int(peak.group(1)) // 1024}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_300_000_customers_stream_within_the_memory_limit(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute(WAREHOUSE)
    command = [sys.executable, "-c", READ, str(tmp_path), f"{MEGABYTES}MB"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    found = json.loads(done.stdout)
    assert found["rows"] > 0.99 * CUSTOMERS
    assert found["largest"] == 1024
    libraries, compiled_loops, turns = 350, 150, 100
    assert found["peak_megabytes"] < MEGABYTES + libraries + compiled_loops + turns

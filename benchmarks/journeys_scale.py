"""Journeys of twenty million lines: memory and CPU seconds, beside a plain groupby of pandas.

Run as ``python -m benchmarks.journeys_scale [--lines N] [--memory LIMIT] [--threads N]``. Lines are
made up: products by a skewed law over 20,000 in 200 categories, days over two years, one customer
to 60 lines. Journeys are read out of a warehouse file by category, within the engine's limit. The
peer has the lines as whole numbers in a Parquet file, customers and categories coded already, and
neither names nor prices to find. Each runs in a process of its own, whose peak of memory and
seconds of CPU are told; both must come to the same sums. The last line is JSON.
"""

import argparse
import multiprocessing
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
import pyarrow.compute as pc

from benchmarks.goals import at_most, line
from features.clock import Window
from features.journeys import build_journeys
from features.schemas import Sources
from features.settings import Engine, JourneyDefinition
from features.warehouse import warehouse

WINDOW = Window(date(2022, 1, 1), date(2024, 1, 1))
LINES_OF_ONE, PRODUCTS, CATEGORIES = 60, 20_000, 200
COLUMNS = ("order", "ordered_at", "customer", "amount", "product", "quantity")
SOURCES = Sources.model_validate(
    {
        "orders": {"path": "-", "columns": dict.fromkeys(COLUMNS, "-")},
        "products": {
            "path": "-",
            "columns": {"product": "-", "unit_cost": "-"},
            "hierarchy": {"category": "-"},
        },
    }
)
Told = tuple[float, float, int, float]
"""Seconds of CPU, peak megabytes, rows, and what was paid in all."""


def make_up(folder: Path, lines: int) -> None:
    """Write a warehouse, and the same lines for the peer."""
    customers = lines // LINES_OF_ONE
    with duckdb.connect(str(folder / "shop.duckdb")) as con:
        con.execute(f"SET memory_limit = '2GB'; SET temp_directory = '{folder}'")
        con.execute(f"""
            CREATE TABLE dim_customer AS
            SELECT CAST(i + 1 AS INTEGER) AS customer_key,
                'c' || lpad(CAST(i AS VARCHAR), 9, '0') AS customer
            FROM range({customers}) AS t (i);
            CREATE TABLE dim_product AS
            SELECT CAST(i + 1 AS INTEGER) AS product_key, 'p' || i AS product,
                'category ' || i % {CATEGORIES} AS category, CAST(i % 400 AS BIGINT) AS unit_cost,
                i % 5 = 0 AS is_private_label
            FROM range({PRODUCTS}) AS t (i);
            CREATE TABLE fact_sales AS
            SELECT CAST(1 + i % {customers} AS INTEGER) AS customer_key,
                DATE '2022-01-01' + CAST(hash(i // {customers} // 4, i % {customers}) % 730
                    AS INTEGER) AS ordered_on,
                CAST(1 + floor({PRODUCTS} * power(hash(i + 7) % 1000000 / 1000000, 3)) AS INTEGER)
                    AS product_key,
                CAST(1 + hash(i + 3) % 3 AS DECIMAL(18, 3)) AS quantity,
                CAST(hash(i + 5) % 5000 AS BIGINT) AS amount,
                CAST(hash(i + 9) % 3 AS BIGINT) AS discount,
                hash(i + 11) % 50 = 0 AS is_return, true AS is_product
            FROM range({lines}) AS t (i) ORDER BY customer_key, ordered_on""")  # noqa: S608  whole numbers
        con.execute(f"""
            COPY (SELECT customer_key AS customer, ordered_on AS day,
                    CAST((product_key - 1) % {CATEGORIES} AS INTEGER) AS item,
                    CAST(quantity AS DOUBLE) AS quantity, amount, discount,
                    amount - CAST(quantity AS DOUBLE) * ((product_key - 1) % 400) AS margin
                FROM fact_sales WHERE NOT is_return)
            TO '{folder / "lines.parquet"}'""")  # noqa: S608  whole numbers


def of_journeys(folder: Path, engine: Engine) -> tuple[int, float]:
    """Rows and what was paid, by journeys."""
    with warehouse(folder / "shop.duckdb", engine, folder, read_only=True) as con:
        found = build_journeys(con, JourneyDefinition(item="category"), WINDOW, SOURCES)
    return len(found.purchases), pc.sum(found.purchases["amount"]).as_py()


def of_pandas(folder: Path, engine: Engine) -> tuple[int, float]:  # noqa: ARG001  as the other
    """Rows and what was paid, by a groupby."""
    lines = pd.read_parquet(folder / "lines.parquet")
    lines["day"] = pd.to_datetime(lines["day"])
    found = lines.groupby(["customer", "day", "item"], as_index=False).sum()
    return len(found), float(found["amount"].sum())


def measured(
    way: Callable[[Path, Engine], tuple[int, float]],
    folder: Path,
    engine: Engine,
    pipe: Any,  # noqa: ANN401  a connection of either system
) -> None:
    """Send what one way takes."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    began = time.process_time()
    rows, paid = way(folder, engine)
    seconds = time.process_time() - began
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    pipe.send((seconds, int(peak[1]) / 1024 if peak else 0.0, rows, paid))


def told(way: Callable[[Path, Engine], tuple[int, float]], folder: Path, engine: Engine) -> Told:
    """What one way takes, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    own, other = context.Pipe()
    process = context.Process(target=measured, args=(way, folder, engine, other))
    process.start()
    other.close()  # so that a process that dies is seen
    found: Told = own.recv()
    process.join()
    return found


def main() -> None:
    """Write both to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    engine = Engine(memory_limit=asked.memory, threads=asked.threads)
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_up(folder, asked.lines)
        own, peer = (told(way, folder, engine) for way in (of_journeys, of_pandas))
    for who, (seconds, peak, rows, _) in (("journeys", own), ("pandas", peer)):
        sys.stdout.write(
            f"{who}: {asked.lines:,} lines, {rows:,} rows in {seconds:.1f} s of CPU, peak "
            f"{peak:,.0f} MB\n"
        )
    if own[2:] != peer[2:]:
        sys.stdout.write(f"they differ: {own[2:]} and {peer[2:]}\n")
        sys.exit(1)
    goals = {
        "cpu_share": at_most(own[0] / peer[0], 1.0),
        "memory_share": at_most(own[1] / peer[1], 1.0),
    }
    sys.stdout.write(line("journeys_scale", goals))


if __name__ == "__main__":
    main()

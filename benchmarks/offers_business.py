"""The job ``offers`` for many customers, made up with a realistic skew: seconds and memory.

Run as ``python -m benchmarks.offers_business [--customers N] [--items N] [--item LEVEL]``. Baskets
are those of `benchmarks.next_basket_scale`, 15 of 8 products on average, laid over a year; ten
products make a type, with prices from one to twice the lowest, and ten types a category. ``regulars
build``, ``train``, ``review``, ``promote`` and ``score offers`` run one after the other, with steps
up looked for and a place kept for them, each in a process of its own, whose seconds and peak of
memory are told. ``--quick`` learns from two days and few trees, which changes no peak but the
learner's. The last line is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.goals import at_most, line
from benchmarks.next_basket_scale import made_up

NAME: Final = "business"
FIRST: Final = "2023-01-01"
DAYS: Final = 364
"""Days of the business, from `FIRST` on."""

OF_A_TYPE: Final = 10
"""Products of a type, and types of a category."""

AS_OF: Final = "2023-12-31"
GIGABYTES: Final = 6.0
LOWEST: Final = 100
COST: Final = 0.6
"""Cents of the cheapest type, at least; and what a product costs, as share of its price."""


@dataclass(frozen=True)
class Took:
    """What one command took.

    Attributes
    ----------
    command
        Its words.
    cpu, wall
        Seconds.
    gigabytes
        Peak of memory.
    """

    command: str
    cpu: float
    wall: float
    gigabytes: float


def make_up(folder: Path, customers: int, items: int) -> int:
    """Write orders and products; number of the lines."""
    every = made_up(customers, items)
    random = np.random.default_rng(1)
    owner = every.customer_of_basket
    came_on = random.integers(0, DAYS * 3 // 4, customers)[owner]
    day = came_on + (random.random(len(owner)) * (DAYS - came_on)).astype(np.int64)
    basket, what = every.basket_of_entry, every.codes
    prices = _prices(items)
    quantity = random.geometric(0.8, len(what))
    instant = np.datetime64(FIRST, "s") + (day[basket] * 86_400 + 43_200).astype("timedelta64[s]")
    customer = pa.array([f"c{number:06}" for number in range(customers)])
    orders = pa.table(
        {
            "order": pa.array(owner[basket] * 1_000 + day[basket]),
            "ordered_at": pa.array(instant),
            "customer": customer.take(pa.array(owner[basket])),
            "product": pa.array(what.astype(np.int64)),
            "quantity": pa.array(quantity),
            "amount": pa.array(np.round(quantity * prices[what] / 100, 2)),
        }
    )
    pq.write_table(orders, folder / "orders.parquet")
    number = np.arange(items)
    kinds = max(1, items // OF_A_TYPE)
    of_type = number % kinds
    products = {
        "product": number,
        "category": [f"category {each}" for each in of_type % max(1, kinds // OF_A_TYPE)],
        "type": [f"type {each}" for each in of_type],
        "unit_cost": np.round(COST * prices / 100, 2),
    }
    pq.write_table(pa.table(products), folder / "products.parquet")
    return len(what)


def _prices(items: int) -> np.ndarray:
    """Of each product, in cents; of a type from one to twice the lowest."""
    random = np.random.default_rng(2)
    kinds = max(1, items // OF_A_TYPE)
    lowest = LOWEST + random.integers(0, 900, kinds)
    found: np.ndarray = np.round(lowest[np.arange(items) % kinds] * (1 + random.random(items)))
    return found


def configured(folder: Path, item: str, *, is_quick: bool) -> Path:
    """The config of the business."""
    quick = {"train_cutoffs": 2, "learner": {"trees": 20, "rankers": 1, "customers_most": 1_000}}
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount")
    settings = {
        "name": NAME,
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {"path": "orders.parquet", "columns": {name: name for name in columns}},
            "products": {
                "path": "products.parquet",
                "columns": {name: name for name in ("product", "unit_cost")},
                "hierarchy": {name: name for name in ("category", "type")},
            },
        },
        "churn": {"horizon_days": 28, "test_as_of": "2023-11-01"},
        "offers": {
            "item": item,
            "cross": "category",
            "up_sell": {},
            "policies": {"least_per_kind": {"cross": 1, "up": 1}},
            **(quick if is_quick else {}),
        },
    }
    path = folder / "business.yaml"
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


def took(words: Sequence[str], folder: Path, config: Path) -> Took:
    """Run one command to its end.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    """
    code = "import sys; from pipelines.entry import main; sys.exit(main())"
    shared = ["--config", str(config), "--home", str(folder / "home")]
    command = [sys.executable, "-c", code, *words, *shared]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found = Took(" ".join(words[:2]), used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024**2)
    seconds = f"{found.cpu:.1f} s CPU, {wall:.1f} s wall"
    sys.stdout.write(f"{found.command}: {seconds}, peak {found.gigabytes:.2f} GB\n")
    sys.stdout.flush()
    return found


def main() -> None:
    """Write seconds and memory to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--item", default="product")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="regulars-bench-") as name:
        folder = Path(name)
        lines = make_up(folder, asked.customers, asked.items)
        sys.stdout.write(f"{asked.customers:,} customers, {lines:,} lines\n")
        config = configured(folder, asked.item, is_quick=asked.quick)
        took(["build"], folder, config)
        train = took(["train", "offers"], folder, config)
        review = took(["review", "offers"], folder, config)
        (reviewed,) = (folder / "home" / "reviews" / NAME).iterdir()
        chosen = ["--review", reviewed.name, "--override", "to be scored"]
        took(["promote", "offers", *chosen], folder, config)
        score = took(["score", "offers", "--as-of", AS_OF], folder, config)
    goals = {
        f"{found.command.replace(' ', '_')}_gigabytes": at_most(found.gigabytes, GIGABYTES)
        for found in (train, review, score)
    }
    goals["score_minutes"] = at_most(score.wall / 60, 10.0)
    sys.stdout.write(line("offers_business", goals))


if __name__ == "__main__":
    main()

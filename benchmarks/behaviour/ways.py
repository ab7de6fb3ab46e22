"""Every way by its name, each run in a process of its own and measured there.

``python -m benchmarks.behaviour.ways WAY SHOP OUT DAY [DAY ...]`` writes one Parquet file per day
below OUT and prints what it took as JSON. Imports are not counted, for none of the ways; nor is the
loading of compiled loops, which is all that ``prepare`` of a module may do.
"""

import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.behaviour.shop import Shop

MODULES = {
    "ours": "ours",
    "sql": "sql",
    "few": "ours_few",
    "polars": "polars_way",
    "pandas": "pandas_way",
}
"""Module of each way, whose ``build`` makes the columns; the last three make only a few."""

Build = Callable[[Shop, Sequence[date], Path], None]
"""Shop, days, and the folder to write to."""


@dataclass(frozen=True)
class Cost:
    """What a way took; ``missing`` says why it could not run."""

    seconds: float
    cpu_seconds: float
    peak_gb: float
    missing: str = ""

    def least(self, other: "Cost") -> "Cost":
        """The lower of each figure."""
        return Cost(
            min(self.seconds, other.seconds),
            min(self.cpu_seconds, other.cpu_seconds),
            min(self.peak_gb, other.peak_gb),
            self.missing or other.missing,
        )


def measure(way: str, shop: Shop, days: Sequence[date], out: Path) -> Cost:
    """What the way takes for these days in a process of its own; its files stay below ``out``.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.behaviour.ways", way, str(shop.folder), str(out)]
    ran = subprocess.run([*command, *map(str, days)], check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(ran.stdout.splitlines()[-1]))


def run(way: str, shop: Shop, days: Sequence[date], out: Path) -> Cost:
    """Run the way in this process."""
    try:
        importlib.import_module("pandas")  # pyarrow does, the first time that it meets numpy
        module = importlib.import_module(f"benchmarks.behaviour.{MODULES[way]}")
    except ModuleNotFoundError as error:
        return Cost(0.0, 0.0, 0.0, f"{error.name} is not installed")
    build: Build = module.build
    if hasattr(module, "prepare"):
        module.prepare()
    started, worked = time.perf_counter(), time.process_time()
    build(shop, days, out)
    return Cost(time.perf_counter() - started, time.process_time() - worked, peak_bytes() / 1e9)


def peak_bytes() -> int:
    """Most memory that this process ever held.

    From the kernel's own mark where there is one: what ``getrusage`` says includes the parent's at
    the moment of the fork.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for entry in status.read_text(encoding="utf-8").splitlines():
            if entry.startswith("VmHWM:"):
                return int(entry.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    name, folder, target, *asked = sys.argv[1:]
    cost = run(name, Shop(Path(folder)), [date.fromisoformat(day) for day in asked], Path(target))
    sys.stdout.write(json.dumps(cost.__dict__) + "\n")
    sys.stdout.flush()
    os._exit(0)  # what is freed at the end is nobody's time

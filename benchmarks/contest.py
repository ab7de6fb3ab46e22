"""Libraries in turns, each in a process of its own that is timed and whose memory is watched.

Processes that a library has running beside it, such as Java, count as well.
"""

import gc
import importlib.util
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

Finder = Callable[[pd.DataFrame, float], pd.DataFrame]
"""From rows and a support to a row per pattern."""


@dataclass(frozen=True)
class Figures:
    """Of one contestant in one cell: seconds, megabytes, patterns; infinite where it gave up."""

    cpu: float
    wall: float
    peak_mb: float
    found: int
    is_over: bool = False


def installed(
    own: Mapping[str, Finder], peers: Mapping[str, tuple[str, Finder]]
) -> dict[str, Finder]:
    """Our own, and the peers whose module is there."""
    return dict(own) | {
        name: finder
        for name, (module, finder) in peers.items()
        if importlib.util.find_spec(module) is not None
    }


def worker(
    there: Callable[[], Mapping[str, Finder]],
    few: Sequence[pd.DataFrame],
    name: str,
    pipe: Connection,
) -> None:
    """A process that times one contestant until it is told to stop.

    ``there`` has those that are installed, and ``few`` are tables that each is asked beforehand.
    """
    finder = there()[name]
    for rows in few:
        finder(rows, 0.001)
    pipe.send(_peak())
    while (asked := pipe.recv()) is not None:
        path, support = asked
        rows = pq.read_table(path).to_pandas()
        gc.collect()
        for each in _family():
            (each / "clear_refs").write_text("5")  # the peak begins anew
        cpu, wall = _cpu(), time.perf_counter()
        found = finder(rows, support)
        cpu, wall = _cpu() - cpu, time.perf_counter() - wall
        pipe.send(Figures(cpu, wall, _peak(), len(found)))
        del found, rows


def _family() -> list[Path]:
    """Where the system tells of this process and of those that it started and that still run."""
    found, place = [Path("/proc/self")], 0
    while place < len(found):
        for task in (found[place] / "task").iterdir():
            children = (task / "children").read_text().split()
            found += [Path("/proc") / number for number in children]
        place += 1
    return found


def _cpu() -> float:
    """Processor seconds of the whole family."""
    ticks = os.sysconf("SC_CLK_TCK")
    told = [(each / "stat").read_text().rpartition(")")[2].split() for each in _family()[1:]]
    return time.process_time() + sum(int(each[11]) + int(each[12]) for each in told) / ticks


def _peak() -> float:
    """Highest resident memory since it was cleared, MB, of the whole family."""
    lines = [each for place in _family() for each in (place / "status").read_text().splitlines()]
    return sum(int(each.split()[1]) for each in lines if each.startswith("VmHWM")) / 1024


class Contestant:
    """A process that is asked, and asked anew after it was too slow."""

    def __init__(
        self,
        there: Callable[[], Mapping[str, Finder]],
        few: Sequence[pd.DataFrame],
        name: str,
    ) -> None:
        self.given = (there, few, name)
        self.floor = self._start()

    def _start(self) -> float:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=worker, args=(*self.given, other), daemon=True)
        self.process.start()
        floor: float = self.pipe.recv()
        return floor

    def figures(self, path: Path, support: float, patience: float) -> Figures:
        """One round of a cell."""
        self.pipe.send((path, support))
        if self.pipe.poll(patience):
            found: Figures = self.pipe.recv()
            return found
        self.process.kill()
        self.process.join()
        self._start()
        return Figures(patience, patience, np.inf, 0, is_over=True)

    def stop(self) -> None:
        """End the process."""
        self.pipe.send(None)
        self.process.join()


def played(
    contestants: Mapping[str, Contestant],
    cell: tuple[Path, float],
    rounds: int,
    patience: float,
) -> dict[str, Figures]:
    """All rounds of a cell (rows and support), contestants in turns; the least of each figure."""
    found: dict[str, list[Figures]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            if not any(each.is_over for each in found[name]):
                found[name].append(contestant.figures(*cell, patience))
    return {name: _least(every) for name, every in found.items()}


def _least(rounds: list[Figures]) -> Figures:
    last = rounds[-1]
    return Figures(
        min(each.cpu for each in rounds),
        min(each.wall for each in rounds),
        min(each.peak_mb for each in rounds),
        last.found,
        is_over=last.is_over,
    )


def told(cell: str, figures: Mapping[str, Figures], what: str) -> Iterator[str]:
    """A line per contestant, of which the first is our own, and what it finds."""
    own = next(iter(figures.values()))
    yield f"{cell}: {own.found:,} {what}\n"
    for name, each in figures.items():
        over = " (gave up)" if each.is_over else ""
        differs = "" if each.is_over or each.found == own.found else f"; finds {each.found:,}"
        yield (
            f"  {name:20} CPU {each.cpu:8.3f} s ({each.cpu / own.cpu:6.1f} x), "
            f"wall {each.wall:8.3f} s, peak {each.peak_mb:6,.0f} MB{over}{differs}\n"
        )

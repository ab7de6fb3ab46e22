"""Stability of segments when the space they are looked for in is learnt anew as well.

Run as ``python -m benchmarks.segments_relearned``: households of complete_journey, stable cuts
allowed, by two families of columns, reduced to components and to factors. The job keeps the space
(spreads, components) that all customers gave, and splits customers drawn anew in it; here the
space is learnt from the customers drawn, too. The last line is JSON.
"""

import json
import time
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.segments import DAYS, FAMILIES, behaviour
from models.metrics import Estimate, estimate
from models.segments.agreement import adjusted_rand
from models.segments.choosing import find_segments
from models.segments.fitting import split
from models.segments.reducing import space_of
from models.segments.settings import SegmentsSpec

SHOWN: Final = ("how they buy", "the last 91 days")


def relearned(table: pd.DataFrame, spec: SegmentsSpec) -> tuple[int, Estimate, Estimate] | None:
    """Segments, and the adjusted Rand index with the space kept and learnt anew; None: no split."""
    found = find_segments(table, spec)
    if found.model is None:
        return None
    count, ours = found.model.count, found.model.assign(table).segment
    kept = next(each.rand for each in found.candidates if each.count == count)
    draws, again = np.random.default_rng(spec.seed), []
    for _ in range(spec.resamples):
        seed, rows = int(draws.integers(2**31)), draws.integers(0, len(table), len(table))
        points = space_of(table.iloc[rows].reset_index(drop=True), spec).points(table)
        theirs = split(points[rows], count, spec, seed).assign(points).segment
        again.append(adjusted_rand(ours, theirs))
    return count, kept, estimate(float(np.mean(again)), np.array(again))


def rows() -> Iterator[dict[str, object]]:
    """A row for each family and reduction."""
    table = behaviour()
    day = table[table["as_of"] == DAYS[0]].reset_index(drop=True)
    for family in SHOWN:
        lately = [name for name in day.columns if name.endswith("_91d")]
        columns = list(FAMILIES[family]) or lately
        for reduce in ("pca", "factors"):
            settings = {"columns": columns, "reduce": reduce, "groups_only": False}
            spec = SegmentsSpec.model_validate(settings)
            started = time.perf_counter()
            with threadpool_limits(limits=1):
                found = relearned(day, spec)
            seconds = round(time.perf_counter() - started, 1)
            row: dict[str, object] = {"family": family, "reduce": reduce, "seconds": seconds}
            if found is not None:
                count, kept, again = found
                ends = {"kept": kept, "relearned": again}
                told = {
                    name: [round(end, 3) for end in (each.value, each.low, each.high)]
                    for name, each in ends.items()
                }
                row |= {"segments": count, **told}
            yield row


def main() -> None:
    """Write every row to standard output, the last line as JSON."""
    told, console = [], Console(highlight=False, soft_wrap=True)
    for row in rows():
        told.append(row)
        console.print(", ".join(f"{name} {value}" for name, value in row.items()), markup=False)
    console.print(json.dumps(told), markup=False)


if __name__ == "__main__":
    main()

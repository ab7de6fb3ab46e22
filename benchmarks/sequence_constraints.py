"""Sequential patterns within gaps and spans, beside seq2pat, which knows both.

It takes sequences of single items and leaves out patterns of one item. Averages and medians of
what belongs to a pattern's items are constraints that it knows and we do not; windows, and elements
of several items, it does not.
"""

import importlib.util
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.contest import Finder
from benchmarks.sequence_peers import ROOM, least_of, lists_of, named
from models.sequences.mining import Wanted, frequent_sequences
from models.sequences.sequences import sequences_of

_DAY = 86_400


@dataclass(frozen=True)
class Within:
    """Gap and span at most, in days or positions; None where there is none."""

    max_gap: int | None = None
    span: int | None = None


CELLS = {
    "SIGN 20 %, gap 5": ("SIGN", 0.2, Within(max_gap=5)),
    "SIGN 20 %, gap 4, span 10": ("SIGN", 0.2, Within(max_gap=4, span=10)),
    "kosarak 1 %, gap 3": ("kosarak25k", 0.01, Within(max_gap=3)),
    "kosarak 1 %, span 5": ("kosarak25k", 0.01, Within(span=5)),
    "categories 10 %, gap 14, span 60": ("categories", 0.1, Within(max_gap=14, span=60)),
}


def regulars(rows: pd.DataFrame, support: float, within: Within, threads: int = 1) -> pd.DataFrame:
    """Our own."""
    wanted = Wanted(
        support=support,
        max_gap=within.max_gap,
        span=within.span,
        threads=threads,
        limits=ROOM,
    )
    table = sequences_of(rows, "sequence", "instant", "item", unit="days")
    return frequent_sequences(table, wanted).frame()


def seq2pat(rows: pd.DataFrame, support: float, within: Within) -> pd.DataFrame:
    """Decision diagrams in C++; without patterns of one item."""
    from sequential.seq2pat import Attribute, Seq2Pat  # noqa: PLC0415  a peer need not be installed

    lists, labels = lists_of(rows)
    model = Seq2Pat(lists, max_span=None)
    when = Attribute(_instants(rows))
    if within.max_gap is not None:
        model.add_constraint(when.gap() <= within.max_gap)
    if within.span is not None:
        model.add_constraint(when.span() <= within.span)
    results: SimpleQueue[list[Any]] = SimpleQueue()
    model._run_thread(least_of(rows, support), results)  # noqa: SLF001  without another process
    found = results.get()
    patterns = named([each[:-1] for each in found], labels)
    return pd.DataFrame({"support": [each[-1] for each in found], "sequence": patterns})


def _instants(rows: pd.DataFrame) -> list[list[int]]:
    """Days or positions of each sequence's items, in the order of time."""
    ordered = rows.sort_values(["sequence", "instant"], kind="stable")
    values = ordered["instant"].to_numpy()
    if values.dtype.kind == "M":
        values = values.astype("datetime64[s]").astype(np.int64) // _DAY
    ends = np.flatnonzero(np.diff(ordered["sequence"].to_numpy())) + 1
    return [part.tolist() for part in np.split(values, ends)]


def there(within: Within) -> dict[str, Finder]:
    """Our own, and seq2pat where it is installed."""
    found: dict[str, Finder] = {
        "regulars": partial(regulars, within=within),
        "regulars, 2 threads": partial(regulars, within=within, threads=2),
    }
    if importlib.util.find_spec("sequential") is not None:
        found["seq2pat"] = partial(seq2pat, within=within)
    return found


def differ(rows: pd.DataFrame, support: float, within: Within) -> int:
    """How many patterns of two items or more only one of both has, or has with another count."""
    own, other = regulars(rows, support, within), seq2pat(rows, support, within)
    longer = own[own["length"] > 1]
    lists = longer["pattern"].tolist()
    mine = {
        (tuple(element[0] for element in pattern), count)
        for pattern, count in zip(lists, longer["count"].tolist(), strict=True)
    }
    theirs = set(zip(map(tuple, other["sequence"]), other["support"].tolist(), strict=True))
    return len(mine ^ theirs)

"""Libraries that find sequential patterns: from (sequence, instant, item) to a table of patterns.

All but ours and Spark know one item at a time; rows have one item of each sequence and instant.
Supports are shares; peers are given the count that a share means, where they take one.
"""

import atexit
import math
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.contest import Finder, installed
from features.settings import Cluster
from features.spark import session
from features.spark_rows import STACK
from models.sequences.mining import Limits, Wanted, frequent_sequences
from models.sequences.sequences import sequences_of
from pipelines.sequence_engines import sequences_by_spark

if TYPE_CHECKING:
    from features.spark import Session

_COLUMNS = ("sequence", "instant", "item")

ROOM = Limits(patterns=50_000_000, bytes=4_000_000_000)
"""So much that no cell is cut."""


def regulars(rows: pd.DataFrame, support: float, threads: int = 1) -> pd.DataFrame:
    """Our own."""
    wanted = Wanted(support=support, threads=threads, limits=ROOM)
    return frequent_sequences(sequences_of(rows, *_COLUMNS), wanted).frame()


def least_of(rows: pd.DataFrame, support: float) -> int:
    """Sequences that a share of all means."""
    return math.ceil(round(support * rows["sequence"].nunique(), 6))


def rusket(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """PrefixSpan in Rust."""
    from rusket import PrefixSpan  # noqa: PLC0415  a peer need not be installed

    model = PrefixSpan.from_transactions(
        rows,
        user_col="sequence",
        time_col="instant",
        item_col="item",
        min_support=least_of(rows, support),
    )
    found: pd.DataFrame = model.mine()
    return found


def lists_of(rows: pd.DataFrame) -> tuple[list[list[int]], pd.Index]:
    """Items of each sequence in the order of time, as whole numbers from 1, and their names."""
    ordered = rows.sort_values(["sequence", "instant"], kind="stable")
    codes, labels = pd.factorize(ordered["item"])
    ends = np.flatnonzero(np.diff(ordered["sequence"].to_numpy())) + 1
    return [(part + 1).tolist() for part in np.split(codes, ends)], pd.Index(labels)


def named(patterns: list[list[int]], labels: pd.Index) -> list[list[object]]:
    """Patterns by name."""
    names = [None, *labels.tolist()]
    return [[names[code] for code in pattern] for pattern in patterns]


def effspm(rows: pd.DataFrame, support: float, way: str) -> pd.DataFrame:
    """Prefix projection, or a tree of bytes (BTMiner), in C++; it tells neither counts nor singles.

    An item is told with a sign.
    """
    import effspm as library  # noqa: PLC0415  a peer need not be installed

    lists, labels = lists_of(rows)
    share = least_of(rows, support) / len(lists)
    found = getattr(library, way)(lists, minsup=share)["patterns"]
    patterns = [[abs(code) for code in pattern] for pattern in found]
    return pd.DataFrame({"sequence": named(patterns, labels)})


def prefixspan(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """PrefixSpan in Python."""
    from prefixspan import PrefixSpan  # noqa: PLC0415  a peer need not be installed

    lists, labels = lists_of(rows)
    found = PrefixSpan(lists).frequent(least_of(rows, support))
    patterns = named([pattern for _, pattern in found], labels)
    return pd.DataFrame({"support": [count for count, _ in found], "sequence": patterns})


def seq2pat(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """Decision diagrams in C++; without patterns of one item."""
    from sequential.seq2pat import Seq2Pat  # noqa: PLC0415  a peer need not be installed

    lists, labels = lists_of(rows)
    results: SimpleQueue[list[Any]] = SimpleQueue()
    Seq2Pat(lists, max_span=None)._run_thread(  # noqa: SLF001  without a process of its own
        least_of(rows, support), results
    )
    found = results.get()
    patterns = named([each[:-1] for each in found], labels)
    return pd.DataFrame({"support": [each[-1] for each in found], "sequence": patterns})


@cache
def _session() -> "Session":
    """Spark on both cores of this machine, in a process of its own, until this one ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(session(Cluster(master="local[2]", memory="2g"), STACK))


def spark(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """PrefixSpan of MLlib, which our own engine asks; it has both cores, and sequences go there."""
    wanted, table = Wanted(support=support, limits=ROOM), sequences_of(rows, *_COLUMNS)
    return sequences_by_spark(table, wanted, _session(), Path(gettempdir())).frame()


PEERS: dict[str, tuple[str, Finder]] = {
    "rusket": ("rusket", rusket),
    "effspm prefix": ("effspm", lambda rows, share: effspm(rows, share, "PrefixProjection")),
    "effspm tree": ("effspm", lambda rows, share: effspm(rows, share, "BTMiner")),
    "prefixspan": ("prefixspan", prefixspan),
    "seq2pat": ("sequential", seq2pat),
    "Spark": ("pyspark", spark),
}
"""By name: the module that has to be there, and what is timed."""

OWN: dict[str, Finder] = {
    "regulars": regulars,
    "regulars, 2 threads": lambda rows, support: regulars(rows, support, 2),
}


def there() -> dict[str, Finder]:
    """Our own, and the peers that are installed."""
    return installed(OWN, PEERS)

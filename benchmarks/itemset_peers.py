"""Libraries that find frequent itemsets: from a table of (basket, item) to a table of itemsets.

Rows have each pair once.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.contest import Finder, installed
from models.rules.baskets import baskets_of
from models.rules.mining import Limits, Wanted, frequent

_ROOM = Limits(itemsets=50_000_000, bytes=4_000_000_000)


def regulars(rows: pd.DataFrame, support: float, threads: int = 1) -> pd.DataFrame:
    """Our own."""
    wanted = Wanted(support=support, threads=threads, limits=_ROOM)
    return frequent(baskets_of(rows, "basket", "item"), wanted).frame()


def rusket(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """FP-growth in Rust."""
    import rusket as library  # noqa: PLC0415  a peer need not be installed

    table = library.from_transactions(rows, "basket", "item")
    found: pd.DataFrame = library.fpgrowth(table, min_support=support)
    return found


def pyfim(rows: pd.DataFrame, support: float, way: str) -> pd.DataFrame:
    """Borgelt's C code; baskets are lists of items, itemsets are tuples."""
    import fim  # noqa: PLC0415  a peer need not be installed

    ordered = rows.sort_values("basket", kind="stable")
    ends = np.flatnonzero(np.diff(ordered["basket"].to_numpy())) + 1
    lists = [part.tolist() for part in np.split(ordered["item"].to_numpy(dtype=object), ends)]
    least = math.ceil(round(support * len(lists), 6))
    found = getattr(fim, way)(lists, target="s", supp=-least, report="a")
    table = pd.DataFrame(found, columns=["itemsets", "count"])
    return table.assign(support=table["count"] / len(lists))


def mlxtend(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """FP-growth in Python on a sparse one-hot table."""
    from mlxtend.frequent_patterns import fpgrowth  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    basket, _ = pd.factorize(rows["basket"])
    item, labels = pd.factorize(rows["item"])
    ones = csr_matrix((np.ones(len(rows), dtype=bool), (basket, item)))
    sparse: Any = pd.DataFrame.sparse  # an accessor, which stubs do not know
    table = sparse.from_spmatrix(ones, columns=labels.astype(str))
    found: pd.DataFrame = fpgrowth(table, min_support=support, use_colnames=True)
    return found


def efficient_apriori(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """Apriori in Python; baskets are tuples of items."""
    from efficient_apriori import itemsets_from_transactions  # noqa: PLC0415

    lists = [tuple(items) for items in rows.groupby("basket")["item"].agg(list)]
    by_length, baskets = itemsets_from_transactions(lists, min_support=support)
    found = [pair for each in by_length.values() for pair in each.items()]
    table = pd.DataFrame(found, columns=["itemsets", "count"])
    return table.assign(support=table["count"] / baskets)


def spark(rows: pd.DataFrame, support: float) -> pd.DataFrame:
    """MLlib's parallel FP-growth, on two local cores."""
    from pyspark.ml.fpm import FPGrowth  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415
    from pyspark.sql import functions as sql  # noqa: PLC0415

    session = SparkSession.builder.master("local[2]").getOrCreate()
    table = (
        session.createDataFrame(rows).groupBy("basket").agg(sql.collect_set("item").alias("items"))
    )
    model = FPGrowth(itemsCol="items", minSupport=support, minConfidence=1.0).fit(table)
    found: pd.DataFrame = model.freqItemsets.toPandas()
    return found


PEERS: dict[str, tuple[str, Finder]] = {
    "rusket": ("rusket", rusket),
    "pyfim fpgrowth": ("fim", lambda rows, support: pyfim(rows, support, "fpgrowth")),
    "pyfim eclat": ("fim", lambda rows, support: pyfim(rows, support, "eclat")),
    "mlxtend": ("mlxtend", mlxtend),
    "efficient-apriori": ("efficient_apriori", efficient_apriori),
    "spark": ("pyspark", spark),
}
"""By name: the module that has to be there, and what is timed."""

OWN: dict[str, Finder] = {
    "regulars": regulars,
    "regulars, 2 threads": lambda rows, support: regulars(rows, support, 2),
}


def there() -> dict[str, Finder]:
    """Our own, and the peers that are installed."""
    return installed(OWN, PEERS)

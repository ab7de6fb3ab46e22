"""Rules between levels that a test lets through where there is nothing to find.

``python -m benchmarks.rules_shuffled_levels`` does what `benchmarks.rules_shuffled` does with
baskets that also hold what their product types belong to, categories and departments, and the
weekday: the types are traded at random between baskets of unchanged numbers of types, the rest
follows from them. Weekdays stand in antecedents only. At most one copy in twenty may keep a rule at
a false discovery rate of 5 %.
"""

import sys
import time
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.rules_shuffled import (
    COPIES,
    MINED,
    SHARE,
    WANTED,
    Kept,
    conclude,
    data_folder,
    report,
)
from benchmarks.shuffling import shuffled
from models.rules.association import rules_of
from models.rules.baskets import Baskets, baskets_of, gathered
from models.rules.hierarchy import Hierarchy, generalised, hierarchy_of, is_apart
from models.rules.mining import frequent
from models.rules.significance import SignificanceWanted, significance_of

LEVELS: Final = ("department", "product_category", "product_type")


def read() -> tuple[Baskets, Hierarchy, pd.Series]:
    """Baskets of types, what these belong to, and the weekday of each basket."""
    folder = data_folder()
    names = ["basket_id", "product_id", "transaction_timestamp"]
    lines = pq.read_table(folder / "transactions.parquet", columns=names).to_pandas()
    products = pq.read_table(folder / "products.parquet", columns=["product_id", *LEVELS])
    named = products.to_pandas().dropna(ignore_index=True)
    paths = pd.DataFrame({"product_id": named["product_id"]})
    for depth, level in enumerate(LEVELS):
        path = named[list(LEVELS[: depth + 1])].astype(str).agg(" > ".join, axis=1)
        paths[level] = f"{depth}:" + path
    pairs = [
        paths[[below, above]].drop_duplicates().set_axis(["item", "parent"], axis=1)
        for above, below in pairwise(LEVELS)
    ]
    bought = lines.merge(paths, on="product_id")
    days = bought.groupby("basket_id")["transaction_timestamp"].min().dt.day_name()
    types = baskets_of(bought, "basket_id", LEVELS[-1])
    return types, hierarchy_of(pd.concat(pairs), "item", "parent"), days


def with_days(baskets: Baskets, days: pd.Series) -> Baskets:
    """Baskets that hold their weekday, too, which does not make them larger."""
    codes, names = pd.factorize(days, sort=True)
    owner = np.concatenate([baskets.owners, np.arange(baskets.count)])
    items = np.concatenate([baskets.codes, len(baskets.labels) + codes])
    labels = baskets.labels.append(pd.Index([f"weekday:{name}" for name in names]))
    return replace(gathered(owner, items, baskets.count, labels), bought=baskets.bought)


def judged(types: Baskets, tree: Hierarchy, days: pd.Series) -> Kept:
    """How many rules of some baskets are kept."""
    began = time.perf_counter()
    whole, belongs = generalised(types, tree)
    baskets = with_days(whole, days)
    found = frequent(baskets, MINED)
    wanted = replace(WANTED, consequents=whole.labels.tolist())
    rules = rules_of(found.only(is_apart(found, belongs)), wanted)
    by_size, fisher = (
        int(significance_of(rules, baskets, asked).found(SHARE).sum())
        for asked in (SignificanceWanted(share=SHARE), SignificanceWanted("fisher", share=SHARE))
    )
    return Kept(len(rules), by_size, fisher, time.perf_counter() - began)


def main() -> None:
    """Twenty copies, and the real baskets."""
    types, tree, days = read()
    sys.stdout.write(f"{types.count:,} baskets of {len(types.labels):,} product types\n")
    copies = []
    for seed in range(COPIES):
        copies.append(judged(shuffled(types, seed), tree, days))
        report(f"copy {seed + 1}", copies[-1])
    report("real", judged(types, tree, days))
    conclude("rules_shuffled_levels", copies)


if __name__ == "__main__":
    main()

import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.rules.baskets import baskets_of
from models.rules.mining import Wanted, frequent

pytestmark = pytest.mark.slow

CELLS = [
    ("retail", 0.001),
    ("T10I4D100K", 0.002),
    ("mushroom", 0.2),
    ("chess", 0.75),
    ("groceries", 0.002),
]


def rows_of(shared_data: Path, name: str) -> pd.DataFrame:
    is_named = name == "groceries"
    path = shared_data / "itemsets" / (f"{name}.csv.gz" if is_named else f"{name}.dat.gz")
    with gzip.open(path, "rt") as text:
        lists = [line.strip().split("," if is_named else None) for line in text]
    owner = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    return pd.DataFrame({"basket": owner, "item": [item for each in lists for item in each]})


def counted(rows: pd.DataFrame, support: float) -> dict[frozenset[object], int]:
    return dict(frequent(baskets_of(rows, "basket", "item"), Wanted(support=support)).each())


@pytest.mark.parametrize(("name", "support"), CELLS)
def test_itemsets_are_those_of_mlxtend(shared_data: Path, name: str, support: float) -> None:
    frequent_patterns = pytest.importorskip("mlxtend.frequent_patterns")
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    rows = rows_of(shared_data, name)
    basket, _ = pd.factorize(rows["basket"])
    item, labels = pd.factorize(rows["item"])
    ones = csr_matrix((np.ones(len(rows), dtype=np.int64), (basket, item))) > 0
    table = pd.DataFrame.sparse.from_spmatrix(ones, columns=labels)  # type: ignore[attr-defined]
    found = frequent_patterns.fpgrowth(table, min_support=support, use_colnames=True)
    counts = (found["support"] * len(table)).round().astype(int)
    expected = dict(zip(found["itemsets"], counts.tolist(), strict=True))
    assert counted(rows, support) == expected


@pytest.mark.parametrize(("name", "support"), [*CELLS, ("retail", 0.0002), ("mushroom", 0.1)])
def test_itemsets_are_those_of_pyfim(shared_data: Path, name: str, support: float) -> None:
    fim = pytest.importorskip("fim", reason="pyfim has to be built, and is no dependency")
    rows = rows_of(shared_data, name)
    baskets = [set(items) for items in rows.groupby("basket")["item"].agg(list)]
    least = math.ceil(round(support * len(baskets), 6))
    found = fim.fpgrowth(baskets, target="s", supp=-least, report="a")
    expected = {frozenset(items): count for items, count in found}
    for item in set.intersection(*baskets):  # which it leaves out
        expected[frozenset([item])] = len(baskets)
    assert counted(rows, support) == expected

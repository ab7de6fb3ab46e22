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
  session for it needs `features.spark_rows.STACK`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.spark import told
from features.spark_rows import PART, SparkLists, answer, brought, kept, literal, numbered, parts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_SEEN: Final = 50
"""Itemsets of any length that a part may make, for each that may be kept."""

_SCHEMA: Final = pa.schema({"items": pa.list_(pa.int32()), "count": pa.int64()})


@dataclass(frozen=True, eq=False)
class SparkBaskets(SparkLists):
    """Baskets in a Spark session, their items numbered from 0.

    Attributes
    ----------
    lists
        One row per basket: ``items`` (array of int, each once; empty where it holds none).
    items, folder
        See `features.spark_rows.SparkLists`.
    """

    what = "baskets"

    @staticmethod
    def held() -> "Column":
        """The items of each, once."""
        from pyspark.sql import functions

        return functions.col("items")

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
            left = functions.array_except("items", literal(without)).alias("items")
            lists = self.lists.select(left) if len(without) else self.lists
            mining = FPGrowth(
                itemsCol="items",
                minSupport=(least - 0.5) / self.count,
                numPartitions=parts(lists),
            )
            row = functions.monotonically_increasing_id() % PART
            is_late = row >= min(_SEEN * most, PART - 1)  # what comes fills the limit: an end
            is_short = functions.size("items") <= longest
            kept = mining.fit(lists).freqItemsets.where(is_late | is_short).limit(most + 1)
            table = answer(kept, self.folder)
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

    columns = {"basket": basket, "item": item}
    with numbered(rows, columns, "baskets", folder) as (coded, labels):
        with told("gathering the baskets"):
            held = functions.collect_set("number").alias("items")
            spread = coded.repartition(parts(rows), "basket")
            lists = spread.groupBy("basket").agg(held).select("items").persist()
        with kept(lists, "baskets"):
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
    with brought(spark, lists, "baskets", folder) as held:
        yield SparkBaskets(held, items, folder)


def _short(table: pa.Table, longest: int) -> pa.Table:
    """Itemsets of so many items at most, under the names that they leave with."""
    lengths = pc.list_value_length(table["items"])
    return table.filter(pc.less_equal(lengths, longest)).rename_columns(_SCHEMA.names).cast(_SCHEMA)

"""Sequences that Spark holds, and their frequent patterns by MLlib's PrefixSpan.

Pei et al. 2001, "PrefixSpan: mining sequential patterns efficiently by prefix-projected pattern
growth". What MLlib 4.3 does that one has to know, and what is done about it here:

- It takes a share and asks for ``ceil(share * sequences)`` in floating point: 7 % of 100 sequences
  are 8, and what is in 7 is lost. It is asked for half a sequence less, which rounds up to the
  count.
- Its patterns have ten items at most unless it is told. It is told the length that is asked for;
  of how many elements these are it cannot be told, so it makes wider ones, too, which are passed
  over.
- It knows no time: no gaps, windows or spans.
- It makes patterns one by one, but the first items of each are gathered by the driver, and it has
  no most: it is stopped (see `SparkSequences.patterns`).
- It grows a prefix on all machines only while what follows it has more than 32 million items; then
  all of that is in the memory of one of them. Machines of little memory need fewer: see `LOCAL`.
- It works in as many parts as the sequences happen to lie in, which is one where their file is
  small; sequences are spread.
- It leaves a null sequence out of their number, and tells the items of an element in no order.
- It goes one call deeper for each item of a pattern: a session for patterns of hundreds of items
  needs `features.spark_rows.STACK`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from features.spark import told
from features.spark_rows import PART, SparkLists, answer, brought, kept, numbered, parts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

LOCAL: Final = 32_000_000
"""Items behind a prefix, with a mark between elements, that one machine looks at: MLlib's own."""

_SEEN: Final = 50
"""Patterns of any number of elements that a part may make, for each that may be kept."""

_LONGEST: Final = 2**31 - 1

_SCHEMA: Final = pa.schema({"elements": pa.list_(pa.list_(pa.int32())), "count": pa.int64()})


@dataclass(frozen=True, eq=False)
class SparkSequences(SparkLists):
    """Sequences in a Spark session, their items numbered from 0.

    Attributes
    ----------
    lists
        One row per sequence: ``elements`` (array of arrays of int, in the order of time, an item
        once in each; empty where it holds none).
    items, folder
        See `features.spark_rows.SparkLists`.
    """

    what = "sequences"

    @staticmethod
    def held() -> "Column":
        """The items of each, once."""
        from pyspark.sql import functions

        return functions.array_distinct(functions.flatten("elements"))

    def patterns(self, bounds: tuple[int, int, int, int]) -> pa.Table | None:
        """All patterns in enough sequences, in any order.

        Parameters
        ----------
        bounds
            Sequences of a pattern, at least (1 or more); patterns, items of one and elements of
            one, at most.

        Returns
        -------
        pyarrow.Table or None
            ``elements`` (list of lists of int32, the items of each in any order) and ``count``
            (int64). None when there are more than the bounds allow, and when a part of the work
            made 50 times as many of any number of elements.

        Raises
        ------
        SparkFailed
            When Spark does.
        """
        from pyspark.ml.fpm import PrefixSpan
        from pyspark.sql import functions

        least, most, longest, widest = bounds
        if self.count < least:
            return _SCHEMA.empty_table()
        with told("mining"):
            mining = PrefixSpan(
                minSupport=(least - 0.5) / self.count,
                maxPatternLength=min(longest, _LONGEST),
                maxLocalProjDBSize=LOCAL,
                sequenceCol="elements",
            )
            found = mining.findFrequentSequentialPatterns(self.lists)
            row = functions.monotonically_increasing_id() % PART
            is_late = row >= min(_SEEN * most, PART - 1)  # what comes fills the limit: an end
            is_narrow = functions.size("sequence") <= widest
            table = answer(found.where(is_late | is_narrow).limit(most + 1), self.folder)
        if len(table) > most:
            return None
        whole = table.rename_columns(_SCHEMA.names).cast(_SCHEMA)
        return whole.filter(pc.less_equal(pc.list_value_length(whole["elements"]), widest))


@contextmanager
def spark_sequences(
    rows: "DataFrame", columns: tuple[str, str, str], folder: Path
) -> Iterator[tuple[SparkSequences, pa.Array]]:
    """Sequences of a Spark table with a row per sequence, instant and item; they stay there.

    Rows of one instant are one element, and an item counts once in it. A sequence whose only rows
    name no item (null) is an empty one. The cluster keeps them until the block ends.

    Parameters
    ----------
    rows
        The table, in any order.
    columns
        Names of the sequence, the instant and the item. Instants are taken as they are: round them
        first where a day is to be one element.
    folder
        See `SparkSequences`.

    Returns
    -------
    Iterator
        The sequences, and the names of their items, ascending: item 0 has the first.

    Raises
    ------
    RowsUnclear
        When a column is missing, or a row names no sequence or no instant.
    SparkFailed
        When Spark does.
    """
    from pyspark.sql import functions

    named = dict(zip(("sequence", "instant", "item"), columns, strict=True))
    with numbered(rows, named, "sequences", folder) as (coded, labels):
        with told("gathering the sequences"):
            spread = coded.repartition(parts(rows), "sequence")
            held = functions.collect_set("number").alias("items")
            each = spread.groupBy("sequence", "instant").agg(held)
            element = functions.when(
                functions.size("items") > 0, functions.struct("instant", "items")
            )  # null is not collected
            timed = functions.array_sort(functions.collect_list(element)).alias("timed")
            ordered = each.groupBy("sequence").agg(timed)
            lists = ordered.select(functions.col("timed.items").alias("elements")).persist()
        with kept(lists, "sequences"):
            yield SparkSequences(lists, len(labels), folder), labels


@contextmanager
def listed_sequences(
    spark: "SparkSession", lists: pa.Table, items: int, folder: Path
) -> Iterator[SparkSequences]:
    """Sequences of this machine, brought to the cluster, which keeps them until the block ends.

    Parameters
    ----------
    spark
        The session.
    lists
        One row per sequence: ``elements`` (list of lists of int32, an item once in each).
    items
        Number of items.
    folder
        See `SparkSequences`.

    Raises
    ------
    SparkFailed
        When Spark does.
    """
    with brought(spark, lists, "sequences", folder) as held:
        yield SparkSequences(held, items, folder)

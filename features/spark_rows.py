"""Rows that Spark holds: named, numbered, kept in the cluster, and brought there and back."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import RegularsError
from features.spark import address, told

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

PART: Final = 2**33
"""Spark's numbers of rows: below, the rows of a part of the work; from here on, the parts."""

STACK: Final[Mapping[str, str]] = {
    f"spark.{process}.extraJavaOptions": "-Xss64m" for process in ("driver", "executor")
}
"""Configuration of a session that mines what goes hundreds of items deep."""

_GROUP: Final = 100_000
"""Rows that a reader takes at a time."""


class RowsUnclear(RegularsError):
    """Rows that do not say what belongs where."""


@dataclass(frozen=True, eq=False)
class SparkLists(ABC):
    """Rows in a Spark session that hold items, numbered from 0.

    Attributes
    ----------
    lists
        The rows; an empty one is one, too.
    items
        Number of items.
    folder
        Folder that all machines of the cluster see under the same path; answers pass through it.
    """

    lists: "DataFrame"
    items: int
    folder: Path

    what: ClassVar[str]
    """What the rows are, such as baskets."""

    @staticmethod
    @abstractmethod
    def held() -> "Column":
        """The items of each row, each once."""

    @cached_property
    def count(self) -> int:
        """Number of all rows, the empty ones included."""
        with told(f"the number of {self.what}"):
            return int(self.lists.count())

    def frequencies(self) -> npt.NDArray[np.int64]:
        """Rows that hold each item, shape (items,)."""
        from pyspark.sql import functions

        with told("the frequency of items"):
            each = self.lists.select(functions.explode(self.held()).alias("item"))
            table = answer(each.groupBy("item").count(), self.folder)
        found = np.zeros(self.items, dtype=np.int64)
        found[table["item"].to_numpy()] = table["count"].to_numpy()
        return found

    def holding(self, items: npt.NDArray[np.integer]) -> Self:
        """The rows that hold every one of some distinct items."""
        from pyspark.sql import functions

        wanted = functions.array_intersect(self.held(), literal(items))
        return replace(self, lists=self.lists.where(functions.size(wanted) == len(items)))


@contextmanager
def numbered(
    rows: "DataFrame", columns: Mapping[str, str], what: str, folder: Path
) -> Iterator[tuple["DataFrame", pa.Array]]:
    """Rows of a Spark table under other names, and their items as numbers from 0.

    Parameters
    ----------
    rows
        The table, in any order.
    columns
        Column of the table by the name it gets; the last is ``item``, and may be null.
    what
        What they are rows of, such as baskets.
    folder
        Folder that all machines of the cluster see under the same path.

    Returns
    -------
    Iterator
        All rows with the columns and ``number``, null without an item; and the names of the items,
        ascending. The rows can be read until the block ends.

    Raises
    ------
    RowsUnclear
        When a column is missing, or null where it may not be.
    SparkFailed
        When Spark does.
    """
    from pyspark.sql import functions

    named = _named(rows, columns, what)
    with TemporaryDirectory(prefix="items-", dir=folder) as place:
        path = Path(place) / "numbers"
        with told(f"the items of the {what}"):
            _numbers(named).write.parquet(address(path))
            numbers = functions.broadcast(rows.sparkSession.read.parquet(address(path)))
            coded = named.join(numbers, "item", "left")
        yield coded, pq.read_table(path).sort_by("number")["item"].combine_chunks()


def _named(rows: "DataFrame", columns: Mapping[str, str], what: str) -> "DataFrame":
    from pyspark.sql import functions

    for column in columns.values():
        if column not in rows.columns:
            found = ", ".join(rows.columns)
            raise RowsUnclear(f"{what} need a column {column!r}, but the table has: {found}")
    quoted = {name: f"`{column.replace('`', '``')}`" for name, column in columns.items()}
    named = rows.select(*[functions.col(each).alias(name) for name, each in quoted.items()])
    for name in list(columns)[:-1]:
        with told(f"the rows of the {what}"):
            unnamed = named.where(f"{name} IS NULL").count()
        if unnamed:
            article = "an" if name[0] in "aeiou" else "a"
            raise RowsUnclear(
                f"every row needs {article} {name}, but {unnamed:,} rows have none in "
                f"{columns[name]!r}; leave them out or name theirs"
            )
    return named


def _numbers(named: "DataFrame") -> "DataFrame":
    """Columns ``item`` and ``number``: every item once, numbered from 0 in ascending order."""
    from pyspark.sql import Window, functions

    number = functions.row_number().over(Window.orderBy("item")) - 1
    items = named.where("item IS NOT NULL").select("item").distinct()
    return items.select("item", number.alias("number"))


@contextmanager
def brought(
    spark: "SparkSession", lists: pa.Table, what: str, folder: Path
) -> Iterator["DataFrame"]:
    """Rows of this machine, spread over the cluster, which keeps them until the block ends.

    Parameters
    ----------
    spark
        The session.
    lists
        The rows.
    what
        What they are.
    folder
        Folder that all machines of the cluster see under the same path.

    Raises
    ------
    SparkFailed
        When Spark does.
    """
    with TemporaryDirectory(prefix=f"{what}-", dir=folder) as place:
        path = Path(place) / f"{what}.parquet"
        pq.write_table(lists, path, row_group_size=_GROUP)
        with told(f"bringing the {what}"):
            read = spark.read.parquet(address(path))
            held = read.repartition(parts(read)).persist()
        with kept(held, what):
            yield held


@contextmanager
def kept(held: "DataFrame", what: str) -> Iterator[None]:
    """The cluster forgets it after the block, also where the block fails."""
    try:
        yield
    finally:
        with told(f"the end of the {what}"):
            held.unpersist()


def parts(frame: "DataFrame") -> int:
    """Parts that the work is done in; Spark takes fewer for what is small to read."""
    return int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions"))


def literal(items: npt.NDArray[np.integer]) -> "Column":
    """The numbers as one constant of the query."""
    from pyspark.sql import functions

    return functions.lit(items.astype(np.int32))


def answer(frame: "DataFrame", folder: Path) -> pa.Table:
    """Rows of a question, which pass through a folder that all machines of the cluster see."""
    with TemporaryDirectory(prefix="answer-", dir=folder) as place:
        path = Path(place) / "rows"
        frame.write.parquet(address(path))
        return pq.read_table(path)

"""What mines the itemsets of a group of baskets, as ``rules.engine`` says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from features.settings import Engine
from features.spark import require_spark, session
from features.spark_itemsets import listed_baskets
from features.spark_rows import STACK
from models.rules.baskets import Baskets
from models.rules.by_mlxtend import frequent_by_mlxtend
from models.rules.elsewhere import Elsewhere
from models.rules.itemsets import Itemsets
from models.rules.mining import Limits, Wanted, frequent
from models.tries import lists_of
from pipelines.rule_settings import Rules

if TYPE_CHECKING:
    from features.spark import Session

Mine = Callable[[Baskets], Itemsets]
"""From baskets to their frequent itemsets, as a config asks for them."""

_MILLION: Final = 1_000_000


def require_engine(asked: Rules, engine: Engine) -> None:
    """Refuse an engine that is not there, before baskets are made for it.

    Raises
    ------
    SparkMissing, SparkFailed
        See `features.spark.require_spark`.
    """
    if asked.engine == "spark":
        require_spark(engine.spark)


@contextmanager
def itemset_engine(asked: Rules, engine: Engine, spill: Path) -> Iterator[Mine]:
    """What mines itemsets; it is there until the block ends.

    Parameters
    ----------
    asked
        Section of the config.
    engine
        Threads of this machine, and the cluster where ``rules.engine`` is spark.
    spill
        Folder for passing copies of the baskets, which that cluster sees, too.

    Raises
    ------
    SparkMissing, SparkFailed
        When Spark cannot start, or fails.
    """
    limits = Limits(itemsets=asked.limits.itemsets, bytes=asked.limits.megabytes * _MILLION)
    wanted = Wanted(
        support=asked.support, max_length=asked.longest, limits=limits, threads=engine.threads
    )
    if asked.engine == "mlxtend":
        yield lambda baskets: frequent_by_mlxtend(baskets, asked.support, asked.longest)
    elif asked.engine == "spark":
        with session(engine.spark, STACK) as spark:
            yield lambda baskets: frequent_by_spark(baskets, wanted, spark, spill)
    else:
        yield lambda baskets: frequent(baskets, wanted)


def frequent_by_spark(baskets: Baskets, wanted: Wanted, spark: "Session", folder: Path) -> Itemsets:
    """Itemsets in enough baskets, as `models.rules.mining.frequent` finds them.

    Parameters
    ----------
    baskets
        Of distinct items.
    wanted
        Which itemsets; of the kind all.
    spark
        Session that does the work; see `features.spark_rows.STACK`.
    folder
        Folder that all machines of the cluster see under the same path.

    Raises
    ------
    EngineUnable, ThresholdUnusable, NoSuchItem
        See `models.rules.mining.frequent`.
    SparkFailed
        When Spark fails.
    """
    lists = pa.table({"items": lists_of(baskets.starts, pa.array(baskets.codes))})
    with (
        TemporaryDirectory(prefix="spark-", dir=folder) as place,
        listed_baskets(spark, lists, len(baskets.labels), Path(place)) as held,
    ):
        return frequent(Elsewhere(held, baskets.labels), wanted)

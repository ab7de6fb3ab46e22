"""Sequential patterns by another engine."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from features.spark_sequences import listed_sequences
from models.sequences.elsewhere import frequent_elsewhere
from models.sequences.mining import Wanted
from models.sequences.patterns import Patterns
from models.sequences.sequences import Sequences
from models.tries import lists_of

if TYPE_CHECKING:
    from features.spark import Session


def sequences_by_spark(
    sequences: Sequences, wanted: Wanted, spark: "Session", folder: Path
) -> Patterns:
    """Patterns in enough sequences, as `models.sequences.mining.frequent_sequences` finds them.

    Parameters
    ----------
    sequences
        To look at.
    wanted
        Which patterns.
    spark
        Session that does the work; see `features.spark_rows.STACK`.
    folder
        Folder that all machines of the cluster see under the same path.

    Raises
    ------
    EngineUnable, ThresholdUnusable, PatternsUnclear
        See `models.sequences.elsewhere.frequent_elsewhere`.
    SparkFailed
        When Spark fails.
    """
    inner = lists_of(sequences.starts, pa.array(sequences.codes))
    lists = pa.table({"elements": lists_of(sequences.elements, inner)})
    with (
        TemporaryDirectory(prefix="spark-", dir=folder) as place,
        listed_sequences(spark, lists, len(sequences.labels), Path(place)) as held,
    ):
        return frequent_elsewhere(held, sequences.labels, wanted)

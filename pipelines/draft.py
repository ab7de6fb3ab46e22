"""First pass of a scoring: what each batch of customers says by itself, kept on the disk.

Deciles, the shift of a season, and reasons for the most endangered only, need everybody's
probability first; what the pass keeps in memory are probabilities, what customers are worth, one
batch, and the features of those few.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.spec import FloatArray
from pipelines.endangered import Endangered, deciles
from pipelines.explained import EXPLAINED, Explaining, placed, unexplained
from pipelines.progress import Advance

DRAFT = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("spend", pa.float64()),
        *EXPLAINED,
    ]
)
"""One row per customer, in the order of the behaviour table."""


@dataclass(frozen=True)
class Asked:
    """Who is to be explained, and by what.

    Attributes
    ----------
    explaining
        The model and its words.
    most
        So many of the most endangered, or everybody.
    customers
        Of the warehouse: the most rows that there can be.
    worth
        Columns by which customers differ in worth, which are kept of everybody.
    """

    explaining: Explaining
    most: int | Literal["all"]
    customers: int
    worth: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranked:
    """What is known once everybody has been seen.

    Attributes
    ----------
    decile
        In row order.
    probability, worth
        Of everybody, in row order; the columns that were asked for.
    at, explained
        Rows that were explained at the end, and their `EXPLAINED`; None where everybody has been
        on the way.
    """

    decile: np.ndarray[tuple[int], np.dtype[np.int8]]
    probability: FloatArray
    worth: pd.DataFrame
    at: np.ndarray[tuple[int], np.dtype[np.int64]] | None
    explained: pa.RecordBatch


def write_draft(
    path: Path, batches: Iterable[pa.RecordBatch], asked: Asked, spend: str, advance: Advance
) -> Ranked:
    """Ranks of everybody; their spend, and reasons where everybody has them, go to ``path``.

    Parameters
    ----------
    path
        Where the draft is written.
    batches
        Of the behaviour table of one day.
    asked
        Who is to be explained.
    spend
        Name of the column of spend; null where there is none.
    advance
        Told of the rows so far.
    """
    explaining, most = asked.explaining, asked.most
    top: Endangered | None = None
    parts: list[FloatArray] = [np.empty(0)]
    worth = [pd.DataFrame(columns=list(asked.worth), dtype=np.float64)]
    rows = 0
    with pq.ParquetWriter(path, DRAFT) as writer:
        for batch in batches:
            features = batch.to_pandas()[list(explaining.fitted.columns)]
            probability = explaining.fitted.predict(features)
            told = unexplained(len(features))
            if most == "all":
                told = explaining.explained(features, asked.customers)
            else:
                positions = np.arange(rows, rows + len(features), dtype=np.int64)
                top = Endangered(probability, positions, features).merged(top, most)
            writer.write_batch(_drafted(batch, told, spend))
            parts.append(probability)
            worth.append(features[list(asked.worth)].copy())
            rows += len(features)
            advance(rows)
    everybody = np.concatenate(parts)
    known = deciles(everybody), everybody, pd.concat(worth, ignore_index=True)
    if top is None:
        return Ranked(*known, None, unexplained(0))
    return Ranked(*known, top.row, explaining.explained(top.features))


def _drafted(batch: pa.RecordBatch, told: pa.RecordBatch, spend: str) -> pa.RecordBatch:
    """The draft's rows of a batch; no spend where there are no orders."""
    spent = pa.nulls(batch.num_rows, pa.float64())
    if spend in batch.schema.names:
        spent = batch.column(spend)
    known = [batch.column("customer"), batch.column("as_of"), spent]
    return pa.RecordBatch.from_arrays([*known, *told.columns], schema=DRAFT)


def drafted(path: Path, ranked: Ranked) -> Iterator[tuple[range, pa.RecordBatch]]:
    """Positions and rows of a draft, with what was explained at the end in its place."""
    row = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            rows = range(row, row + batch.num_rows)
            row += batch.num_rows
            if ranked.at is None:
                yield rows, batch
                continue
            told = placed(ranked.explained, ranked.at, rows).columns
            known = batch.columns[: len(DRAFT) - len(EXPLAINED)]
            yield rows, pa.RecordBatch.from_arrays([*known, *told], schema=DRAFT)

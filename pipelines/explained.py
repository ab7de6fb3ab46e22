"""What a score comes with: reasons in words, the leading cause, and the play that answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from features.contract import Column
from models.explain import CAUSES, leading, reasons
from models.phrases import Money
from models.spec import Fitted, numbers
from pipelines.plays import Plays

EXPLAINED = pa.schema(
    [
        pa.field("reasons", pa.list_(pa.string())),
        pa.field("cause", pa.string()),
        pa.field("cause_share", pa.float64()),
        pa.field("play", pa.string()),
    ]
)
"""``cause_share`` is the cause's share of what raised the score, in thousandths (0..1). All are
null where nobody was asked to explain; cause and share where nothing that speaks for a cause raised
the score; the play where there is no cause, or none that a play answers."""

_DIGITS = 3


@dataclass(frozen=True)
class Explaining:
    """A model and what its columns mean to people.

    Attributes
    ----------
    fitted, columns
        The model, and its columns in order.
    typical
        The typical value of each column, by name.
    money
        How amounts are written.
    plays
        Which play answers which cause.
    """

    fitted: Fitted
    columns: Sequence[Column]
    typical: Mapping[str, float]
    money: Money
    plays: Plays

    def explained(self, features: pd.DataFrame, of_rows: int | None = None) -> pa.RecordBatch:
        """`EXPLAINED` of each row; ``of_rows`` says of how many in all they are a batch."""
        moved = self.fitted.contributions(features, of_rows)
        values = numbers(features, [column.name for column in self.columns])
        words = reasons(moved, values, self.columns, self.typical, money=self.money)
        led = leading(moved, self.columns)
        index = pa.array(led.cause, mask=led.cause < 0)
        answers = [self.plays.answering(cause) for cause in CAUSES]
        cause, play = (pa.array(each, pa.string()).take(index) for each in (CAUSES, answers))
        share = pa.array(np.round(led.share, _DIGITS), from_pandas=True)
        return pa.RecordBatch.from_arrays([words, cause, share, play], schema=EXPLAINED)


def unexplained(rows: int) -> pa.RecordBatch:
    """So many rows of nothing."""
    return pa.RecordBatch.from_arrays([pa.nulls(rows, f.type) for f in EXPLAINED], schema=EXPLAINED)


def placed(
    explained: pa.RecordBatch, at: np.ndarray[tuple[int], np.dtype[np.int64]], rows: range
) -> pa.RecordBatch:
    """`EXPLAINED` of a range of rows, of which those that stand in ``at`` have one.

    Parameters
    ----------
    explained
        What is known.
    at
        The row that each of its rows belongs to.
    rows
        Rows that are wanted.
    """
    position = np.full(len(rows), -1, dtype=np.int64)
    is_here = (at >= rows.start) & (at < rows.stop)
    position[at[is_here] - rows.start] = np.flatnonzero(is_here)
    return explained.take(pa.array(position, mask=position < 0))

"""Behaviour and labels of some days as arrays, in the order of as_of and customer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.behaviour import build
from features.labels import build_labels
from features.star import History
from features.warehouse import Connection
from models.columns import only
from pipelines.config import Business

IDENTITY = ["customer", "as_of"]


@dataclass(frozen=True)
class Frame:
    """Rows of the behaviour table with their labels.

    Attributes
    ----------
    customers
        Identifiers, shape (n,).
    as_of
        Days, shape (n,).
    features
        Feature columns, shape (n, k), float64.
    churned
        Labels, shape (n,).
    """

    customers: npt.NDArray[np.object_]
    as_of: npt.NDArray[np.datetime64]
    features: pd.DataFrame
    churned: npt.NDArray[np.bool_]

    def where(self, mask: npt.NDArray[np.bool_]) -> "Frame":
        """The rows of the mask."""
        return Frame(
            self.customers[mask],
            self.as_of[mask],
            self.features[mask].reset_index(drop=True),
            self.churned[mask],
        )

    def heeding(self, columns: Collection[str]) -> "Frame":
        """The same rows, to fit a model that heeds these columns alone; all where none is named."""
        return replace(self, features=only(self.features, columns))

    def on(self, days: Sequence[date]) -> "Frame":
        """The rows of some days."""
        return self.where(np.isin(self.as_of, np.array(days, dtype="datetime64[D]")))


def stacked(frames: Sequence[Frame]) -> Frame:
    """The rows of several frames of the same columns, one after the other."""
    return Frame(
        np.concatenate([frame.customers for frame in frames]),
        np.concatenate([frame.as_of for frame in frames]),
        pd.concat([frame.features for frame in frames], ignore_index=True),
        np.concatenate([frame.churned for frame in frames]),
    )


def labelled_frame(
    con: Connection, business: Business, as_ofs: Sequence[date], known: History
) -> Frame:
    """Behaviour joined with labels; customers without a label are left out.

    Raises
    ------
    RegularsError
        When a day has no history, no cohort, or no label yet.
    """
    labels = build_labels(con, as_ofs, business.churn, known.last_on or max(as_ofs))
    behaviour = build(con, as_ofs, business.sources, business.behaviour, engine=business.engine)
    joined = behaviour.to_pandas().merge(labels.to_pandas(), on=IDENTITY, validate="one_to_one")
    return Frame(
        joined["customer"].to_numpy(dtype=object),
        joined["as_of"].to_numpy(dtype="datetime64[D]"),
        joined.drop(columns=[*IDENTITY, "churned"]),
        joined["churned"].to_numpy(dtype=bool),
    )

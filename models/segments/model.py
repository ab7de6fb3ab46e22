"""A kept split: tables by which any customer is assigned, now and after it was stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.segments.clusters import Assigned, Clusters, arrays_of, clusters_of, table_of
from models.segments.preparing import Preparation
from models.segments.space import Reduction, Space, parts

_TABLES: Final = ("numbers", "flags", "levels", "arrays")
_NO_WIDTH: Final = np.zeros((0, 0))


class ModelTablesUnfit(RegularsError):
    """Stored tables of segments are not those that were written."""


@dataclass(frozen=True, eq=False)
class SegmentModel:
    """A split of customers into segments, numbered from 0, the largest first."""

    space: Space
    clusters: Clusters

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a table of customers needs."""
        return self.space.preparation.columns

    @property
    def count(self) -> int:
        """Number of segments."""
        return self.clusters.count

    def assign(self, table: pd.DataFrame) -> Assigned:
        """Where each customer of a table belongs, by nothing but the customer's own columns.

        The same to the last bit whoever else is in the table, however many threads there are, and
        by a model that was stored and loaded.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            When the table lacks a column, or one holds text or infinite values.
        """
        found = [self.clusters.assign(self.space.points(part)) for part in parts(table)]
        return Assigned(
            np.concatenate([each.segment for each in found]),
            np.concatenate([each.distance for each in found]),
            np.concatenate([each.certainty for each in found]),
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """All that the model is, as plain tables by name.

        ``numbers``, ``flags`` and ``levels``: see `Preparation`, with the ``place`` of each row,
        so that a store may return rows in any order; ``arrays``: ``array``, ``shape`` (such as
        ``3x5``), ``place``, ``value``, among them the weight of flags and categories.
        """
        preparation, fitted = self.space.preparation, self.space.reduction
        arrays = {
            "mean": fitted.mean,
            "weights": fitted.weights,
            "loadings": fitted.loadings,
            "kept_share": np.array([fitted.kept_share]),
            "weight": np.array([preparation.weight]),
            **{f"clusters_{name}": each for name, each in self.clusters.arrays().items()},
        }
        return {
            "numbers": _placed(preparation.numbers),
            "flags": _placed(preparation.flags),
            "levels": _placed(preparation.levels),
            "arrays": table_of(arrays),
        }


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(place=np.arange(len(table)))


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by their place; as they stand where none is told."""
    if "place" not in table:
        return table
    return table.sort_values("place", ignore_index=True).drop(columns="place")


def restored(tables: Mapping[str, pd.DataFrame]) -> SegmentModel:
    """The model of `SegmentModel.tables`; no library that fits is needed.

    Raises
    ------
    ModelTablesUnfit
        When a table is missing.
    """
    missing = [name for name in _TABLES if name not in tables]
    if missing:
        message = (
            f"a model of segments needs the tables {list(_TABLES)}, but {missing} are missing; "
            f"load all tables that were stored with it"
        )
        raise ModelTablesUnfit(message)
    arrays = arrays_of(tables["arrays"])
    found = {
        name.removeprefix("clusters_"): each
        for name, each in arrays.items()
        if name.startswith("clusters_")
    }
    fitted = Reduction(
        arrays.get("mean", np.zeros(0)),
        arrays.get("weights", _NO_WIDTH),
        arrays.get("loadings", _NO_WIDTH),
        float(arrays["kept_share"][0]),
    )
    preparation = Preparation(
        _in_order(tables["numbers"]),
        _in_order(tables["flags"]),
        _in_order(tables["levels"]),
        float(arrays["weight"][0]),
        {},
    )
    return SegmentModel(Space(preparation, fitted), clusters_of(found))

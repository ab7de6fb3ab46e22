"""Says which segment each customer belongs to; MLflow loads it as the model.

It is stored as text with every version of segments, beside its tables, and needs MLflow, NumPy,
pandas and pyarrow alone, nothing of the project that wrote it.

    model = mlflow.pyfunc.load_model("models:/shop-segments@champion")
    model.predict(customers)
"""

from collections.abc import Mapping
from typing import Any, Final

import mlflow
import numpy as np
import pandas as pd

COLUMNS: Final = ("customer", "segment", "name", "certainty", "distance", "action")
NONE: Final = -1
"""Number of those who belong to no segment."""
CELLS_AT_ONCE: Final = 8_000_000
"""Customers times kept customers of dense segments that are held against each other together."""


class Segments(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]  # MLflow has no types
    """Middles of segments, and how columns become the space that these lie in."""

    def load_context(self, context: Any) -> None:  # noqa: ANN401  # MLflow's
        """Read the tables of the version."""
        tables = {
            name: pd.read_parquet(context.artifacts[name])
            for name in ("arrays", "flags", "numbers", "segments")
        }
        self._numbers = tables["numbers"].sort_values("place")
        self._flags = tables["flags"].sort_values("place")
        self._told = tables["segments"].set_index("segment")
        self._arrays = {
            str(name): rows.sort_values("place")["value"]
            .to_numpy("float64")
            .reshape([int(each) for each in str(rows["shape"].iloc[0]).split("x")])
            for name, rows in tables["arrays"].groupby("array")
        }

    def predict(
        self,
        context: Any,  # noqa: ANN401, ARG002  # MLflow's
        model_input: pd.DataFrame,
        params: Mapping[str, Any] | None = None,  # noqa: ARG002  # MLflow's
    ) -> pd.DataFrame:
        """The segment of each customer.

        Parameters
        ----------
        context
            Of MLflow.
        model_input
            One row per customer: ``customer``, and the columns of the behaviour table that
            segments were made of; they stand in the table ``columns``. Missing numbers are NaN.
        params
            None.

        Returns
        -------
        pandas.DataFrame
            customer; segment (-1: none); its name; certainty (0..1); distance to the middle of the
            segment, in spreads; and the action for it.
        """
        points = np.column_stack([self._components(model_input), self._marks(model_input)])
        segment, distance, certainty = self._assigned(points)
        told = self._told.reindex(segment)
        return pd.DataFrame(
            {
                "customer": model_input["customer"].to_numpy(),
                "segment": segment,
                "name": told["name"].to_numpy(),
                "certainty": certainty,
                "distance": distance,
                "action": told["action"].to_numpy(),
            }
        )[list(COLUMNS)]

    def _components(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401  # an array
        """Numbers in spreads from their middle, reduced."""
        scaled = np.zeros((len(rows), len(self._numbers)))
        for at, rule in enumerate(self._numbers.to_dict("records")):
            value = rows[rule["column"]].to_numpy("float64")
            with np.errstate(over="ignore"):
                drawn = np.arcsinh(value / rule["unit"]) if rule["unit"] != 0 else value
            far = rule["spread"] * rule["reach"]
            off = np.clip(drawn - rule["centre"], -far, far)
            scaled[:, at] = np.nan_to_num(off / rule["spread"], nan=0.0)
        if "weights" not in self._arrays:
            return np.zeros((len(rows), 0))
        return _product(scaled - self._arrays["mean"], self._arrays["weights"])

    def _marks(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401  # an array
        """Flags as coordinates."""
        marks = np.zeros((len(rows), len(self._flags)))
        root = np.sqrt(self._arrays["weight"][0])
        for at, rule in enumerate(self._flags.to_dict("records")):
            value = rows[rule["column"]].to_numpy("float64")
            missing = np.isnan(value)
            is_so = missing if rule["is_missing"] else np.where(missing, rule["fill"], value) > 0
            marks[:, at] = is_so * root
        return marks

    def _assigned(self, points: Any) -> Any:  # noqa: ANN401  # arrays
        """Segment, distance and certainty of points."""
        centres = self._arrays["clusters_centres"]
        if "clusters_roots" in self._arrays:
            return self._by_chance(points, centres)
        if "clusters_anchors" in self._arrays:
            return self._by_neighbour(points, centres)
        squares = _squares(points, centres)
        near = np.sort(squares, axis=1)[:, :2]
        nearest, following = np.sqrt(near[:, 0]), np.sqrt(near[:, -1])
        apart = np.divide(
            following - nearest, following, out=np.zeros(len(points)), where=following > 0
        )
        return np.argmin(squares, axis=1), nearest, apart

    def _by_chance(self, points: Any, centres: Any) -> Any:  # noqa: ANN401  # arrays
        """Of the normal distribution of the greatest share times density."""
        joint = np.zeros((len(points), len(centres)))
        shares, roots = self._arrays["clusters_shares"], self._arrays["clusters_roots"]
        for at, (centre, root, share) in enumerate(zip(centres, roots, shares, strict=True)):
            squares = np.zeros(len(points))
            for column in _product(points - centre, root).T:
                squares += column**2
            half = len(centre) * float(np.log(2 * np.pi)) / 2
            level = np.log(share) + np.log(np.diag(root)).sum() - half
            joint[:, at] = level - squares / 2
        top, whole = joint.max(axis=1), np.zeros(len(points))
        for column in joint.T:
            whole += np.exp(column - top)
        segment = np.argmax(joint, axis=1)
        own = _squares(points, centres)[np.arange(len(points)), segment]
        return segment, np.sqrt(own), 1.0 / whole

    def _by_neighbour(self, points: Any, centres: Any) -> Any:  # noqa: ANN401  # arrays
        """Of the segment of the nearest kept customer, if it is within reach."""
        anchors = self._arrays["clusters_anchors"]
        nearest, place = np.zeros(len(points)), np.zeros(len(points), "int64")
        at_a_time = max(CELLS_AT_ONCE // len(anchors), 1)
        for first in range(0, len(points), at_a_time):
            rows = slice(first, first + at_a_time)
            squares = _squares(points[rows], anchors)
            place[rows] = np.argmin(squares, axis=1)
            nearest[rows] = np.sqrt(squares.min(axis=1))
        owner = self._arrays["clusters_owner"].astype("int64")[place]
        reach = self._arrays["clusters_reach"][owner]
        is_near = nearest <= reach
        left = 1 - np.divide(nearest, reach, out=np.ones(len(points)), where=reach > 0)
        own = _squares(points, centres)[np.arange(len(points)), owner]
        return np.where(is_near, owner, NONE), np.sqrt(own), np.where(is_near, left, 0.0)


def _product(points: Any, weights: Any) -> Any:  # noqa: ANN401  # arrays
    """``points @ weights``, summed column by column in their order."""
    found = np.zeros((len(points), weights.shape[1]))
    for column, weight in zip(points.T, weights, strict=True):
        found += np.multiply.outer(column, weight)
    return found


def _squares(points: Any, centres: Any) -> Any:  # noqa: ANN401  # arrays
    """Squared distance of each point to each centre."""
    found = np.zeros((len(points), len(centres)))
    for column, centre in zip(points.T, centres.T, strict=True):
        found += np.subtract.outer(column, centre) ** 2
    return found


mlflow.models.set_model(Segments())

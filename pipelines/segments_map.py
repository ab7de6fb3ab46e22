"""Where customers lie, on the two directions in which they differ most."""

from typing import Final

import numpy as np
import pandas as pd

from models.segments.model import SegmentModel
from models.segments.space import Space
from models.spec import FloatArray, IntArray
from pipelines.segments_found import SegmentMap

POINTS: Final = 2000
"""Customers on the map, at most."""

_SAMPLE: Final = 20_000
_AXES: Final = ("x", "y")


def segment_map(
    space: Space, model: SegmentModel | None, table: pd.DataFrame, seed: int
) -> SegmentMap:
    """The map of the customers of a table.

    The directions are the principal components of the points that segments are looked for in,
    learnt from a sample; each points to where more of what goes with it is above 0.

    Parameters
    ----------
    space
        Where customers lie.
    model
        Their split; None: none is drawn.
    table
        One row per customer.
    seed
        Equal seeds draw alike.
    """
    drawn = np.random.default_rng(seed).permutation(len(table))[:_SAMPLE]
    sample = table.iloc[drawn]  # in the order drawn, so that its first rows are a sample as well
    points = space.points(sample)
    middle, directions, shares = _directions(points)
    flat = (points - middle) @ directions
    axes = _axes(flat, sample, space.preparation.columns)
    flat, directions = _turned(flat, directions, axes)
    axes = axes.assign(correlation=axes["correlation"] * axes["axis"].map(_signs(axes)))
    segment = np.full(len(sample), -1) if model is None else model.assign(sample).segment
    shown = pd.DataFrame({"x": flat[:, 0], "y": flat[:, 1], "segment": segment})
    return SegmentMap(
        shown.iloc[:POINTS].reset_index(drop=True),
        _centres(model, table, middle, directions),
        axes.reset_index(drop=True),
        (float(shares[0]), float(shares[1])),
    )


def _directions(points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Middle, two directions, shape (d, 2), and the share of the variance along each."""
    middle = points.mean(axis=0)
    _, sizes, found = np.linalg.svd(points - middle, full_matrices=False)
    power = sizes**2 / max(float((sizes**2).sum()), np.finfo(np.float64).tiny)
    width = points.shape[1]
    directions, shares = np.zeros((width, 2)), np.zeros(2)
    kept = min(2, width, len(found))
    directions[:, :kept], shares[:kept] = found[:kept].T, power[:kept]
    return middle, directions, shares


def _axes(flat: FloatArray, sample: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Rank correlation of columns with each axis, the strongest first."""
    rows = []
    values = sample[list(columns)].astype(np.float64)
    for place, axis in enumerate(_AXES):
        along = pd.Series(flat[:, place], index=sample.index)
        for name in columns:
            both = pd.concat([values[name], along], axis=1).dropna().rank()
            with np.errstate(invalid="ignore", divide="ignore"):  # of one value: not known
                found = both.iloc[:, 0].corr(both.iloc[:, 1])
            rows.append({"axis": axis, "column": name, "correlation": float(found)})
    told = pd.DataFrame(rows).dropna()
    order = told.assign(size=-told["correlation"].abs().round(12))
    order = order.sort_values(["axis", "size", "column"], kind="stable")
    return order.drop(columns="size")


def _signs(axes: pd.DataFrame) -> dict[str, float]:
    """Which way to turn each axis, so that its strongest column grows along it."""
    first = axes.drop_duplicates("axis").set_index("axis")["correlation"]
    return {axis: -1.0 if first.get(axis, 1.0) < 0 else 1.0 for axis in _AXES}


def _turned(
    flat: FloatArray, directions: FloatArray, axes: pd.DataFrame
) -> tuple[FloatArray, FloatArray]:
    signs = np.array([_signs(axes)[axis] for axis in _AXES])
    return flat * signs, directions * signs


def _centres(
    model: SegmentModel | None, table: pd.DataFrame, middle: FloatArray, directions: FloatArray
) -> pd.DataFrame:
    if model is None:
        return pd.DataFrame({"segment": [], "x": [], "y": [], "customers": []})
    flat = (model.clusters.centres - middle) @ directions
    segment: IntArray = model.assign(table).segment
    sizes = np.bincount(segment[segment >= 0], minlength=model.count)
    return pd.DataFrame(
        {
            "segment": np.arange(model.count),
            "x": flat[:, 0],
            "y": flat[:, 1],
            "customers": sizes,
        }
    )

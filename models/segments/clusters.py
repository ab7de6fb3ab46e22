"""What a split is once it was found: numbers by which any customer is assigned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from models.segments.exact import product, squared_distances
from models.spec import FloatArray, IntArray

NONE: Final = -1
"""Segment of customers who belong to none."""

_EQUAL: Final = 1e-9
"""Share of a distance by which two may differ only because they were summed in another order."""

_CELLS_AT_ONCE: Final = 8_000_000  # points x anchors in memory: 64 MB

_LOG_TWO_PI: Final = float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class Assigned:
    """Where each of n customers belongs.

    Attributes
    ----------
    segment
        Shape (n,): number of the segment from 0 on, `NONE` for those of no segment.
    distance
        Shape (n,): to the centre of the own segment in spreads; of those of none, to the nearest.
    certainty
        Shape (n,), 0..1. Centres: (b - a) / b, where a and b are the distances to the nearest and
        the next centre (Rousseeuw 1987, "Silhouettes", simplified to centres). Mixture: the
        chance of the segment. Anchors: what of the reach is left; 0 for those of none.
    """

    segment: IntArray
    distance: FloatArray
    certainty: FloatArray


class Clusters(Protocol):
    """A split."""

    @property
    def count(self) -> int:
        """Number of segments."""

    @property
    def centres(self) -> FloatArray:
        """Shape (k, d): middle of each segment."""

    def assign(self, points: FloatArray) -> Assigned:
        """Where each point, shape (n, d), belongs; the same for a point whoever is beside it."""

    def ordered(self, order: IntArray) -> "Clusters":
        """The same split with segments in another order."""

    def arrays(self) -> Mapping[str, FloatArray]:
        """All it consists of, by name."""


@dataclass(frozen=True, eq=False)
class Centres:
    """Each point belongs to the nearest centre, shape (k, d); of equally near ones to the first."""

    centres: FloatArray

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.centres)

    def assign(self, points: FloatArray) -> Assigned:
        """See `Clusters`."""
        squares = squared_distances(points, self.centres)
        segment = np.argmin(squares, axis=1).astype(np.int64)
        near = np.sort(squares, axis=1)[:, :2]
        nearest, following = np.sqrt(near[:, 0]), np.sqrt(near[:, -1])
        apart = np.divide(
            following - nearest, following, out=np.zeros(len(points)), where=following > 0
        )
        return Assigned(segment, nearest, apart if self.count > 1 else np.ones(len(points)))

    def ordered(self, order: IntArray) -> "Centres":
        """See `Clusters`."""
        return Centres(self.centres[order])

    def arrays(self) -> Mapping[str, FloatArray]:
        """See `Clusters`."""
        return {"centres": self.centres}


@dataclass(frozen=True, eq=False)
class Mixture:
    """Each point belongs to the normal distribution of the greatest share times density.

    Attributes
    ----------
    centres
        Shape (k, d).
    shares
        Shape (k,), sum 1.
    roots
        Shape (k, d, d): upper triangular; ``roots @ roots.T`` is the inverse of the covariance.
    """

    centres: FloatArray
    shares: FloatArray
    roots: FloatArray

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.centres)

    def log_joint(self, points: FloatArray) -> FloatArray:
        """Logarithm of share times density, shape (n, k), in nats."""
        columns = []
        for centre, root, share in zip(self.centres, self.roots, self.shares, strict=True):
            told = product(points - centre, root)
            squares = np.zeros(len(points))
            for column in told.T:
                squares += column**2
            level = np.log(share) + np.log(np.diag(root)).sum() - len(centre) * _LOG_TWO_PI / 2
            columns.append(level - squares / 2)
        return np.column_stack(columns)

    def assign(self, points: FloatArray) -> Assigned:
        """See `Clusters`."""
        joint = self.log_joint(points)
        segment = np.argmax(joint, axis=1).astype(np.int64)
        top = joint.max(axis=1)
        whole = np.zeros(len(points))
        for column in joint.T:
            whole += np.exp(column - top)
        squares = squared_distances(points, self.centres)[np.arange(len(points)), segment]
        return Assigned(segment, np.sqrt(squares), 1.0 / whole)

    def ordered(self, order: IntArray) -> "Mixture":
        """See `Clusters`."""
        return Mixture(self.centres[order], self.shares[order], self.roots[order])

    def arrays(self) -> Mapping[str, FloatArray]:
        """See `Clusters`."""
        return {"centres": self.centres, "shares": self.shares, "roots": self.roots}


@dataclass(frozen=True, eq=False)
class Anchors:
    """Each point belongs to the segment of its nearest anchor, or to none when that is too far.

    This only comes near to what HDBSCAN would say of it, were it fitted again with the point.

    Attributes
    ----------
    centres
        Shape (k, d): mean of the anchors of each segment.
    anchors
        Shape (a, d): customers of the fit who are in a segment.
    owner
        Shape (a,): segment of each.
    reach
        Shape (k,): how far from an anchor of the segment a point still belongs to it.
    """

    centres: FloatArray
    anchors: FloatArray
    owner: IntArray
    reach: FloatArray

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.centres)

    def assign(self, points: FloatArray) -> Assigned:
        """See `Clusters`."""
        if self.count == 0:
            nobody = np.full(len(points), NONE, dtype=np.int64)
            return Assigned(nobody, np.full(len(points), np.nan), np.zeros(len(points)))
        found = self._nearest(points)
        squares = np.zeros(len(points))
        for column, other in zip(points.T, self.anchors[found].T, strict=True):
            squares += (column - other) ** 2
        nearest, owner = np.sqrt(squares), self.owner[found]
        is_near = nearest <= self.reach[owner]
        left = 1 - np.divide(
            nearest, self.reach[owner], out=np.ones(len(points)), where=self.reach[owner] > 0
        )
        centre = squared_distances(points, self.centres)[np.arange(len(points)), owner]
        return Assigned(
            np.where(is_near, owner, NONE), np.sqrt(centre), np.where(is_near, left, 0.0)
        )

    def _nearest(self, points: FloatArray) -> IntArray:
        """Place of the nearest anchor of each point; of equally near ones the first.

        A tree takes any of them, and counts and flags make many equally near: they are compared.
        """
        far, place = cKDTree(self.anchors).query(points, k=2)
        found: IntArray = place[:, 0].astype(np.int64)
        tied = np.flatnonzero(far[:, 1] <= far[:, 0] * (1 + _EQUAL))
        at_a_time = max(_CELLS_AT_ONCE // len(self.anchors), 1)
        for first in range(0, len(tied), at_a_time):
            rows = tied[first : first + at_a_time]
            found[rows] = np.argmin(squared_distances(points[rows], self.anchors), axis=1)
        return found

    def ordered(self, order: IntArray) -> "Anchors":
        """See `Clusters`."""
        rank = np.argsort(order)
        return Anchors(self.centres[order], self.anchors, rank[self.owner], self.reach[order])

    def arrays(self) -> Mapping[str, FloatArray]:
        """See `Clusters`."""
        owner = self.owner.astype(np.float64)
        return {
            "centres": self.centres,
            "anchors": self.anchors,
            "owner": owner,
            "reach": self.reach,
        }


def clusters_of(arrays: Mapping[str, FloatArray]) -> Clusters:
    """The split that consists of these arrays, see `Clusters.arrays`."""
    if "roots" in arrays:
        return Mixture(arrays["centres"], arrays["shares"], arrays["roots"])
    if "anchors" in arrays:
        owner = arrays["owner"].astype(np.int64)
        return Anchors(arrays["centres"], arrays["anchors"], owner, arrays["reach"])
    return Centres(arrays["centres"])


def table_of(arrays: Mapping[str, FloatArray]) -> pd.DataFrame:
    """Arrays as one table, grain (array, place): ``array``, ``place`` in it, ``value``, ``shape``.

    The shape is text such as ``3x5``; values are kept to the last bit.
    """
    parts = [
        pd.DataFrame(
            {
                "array": name,
                "shape": "x".join(map(str, array.shape)),
                "place": np.arange(array.size, dtype=np.int64),
                "value": np.ascontiguousarray(array, dtype=np.float64).ravel(),
            }
        )
        for name, array in arrays.items()
    ]
    return pd.concat(parts, ignore_index=True)


def arrays_of(table: pd.DataFrame) -> dict[str, FloatArray]:
    """The arrays of `table_of`, whatever the order of its rows; none of them is empty."""
    found: dict[str, FloatArray] = {}
    for name, rows in table.groupby("array", sort=False):
        shape = [int(each) for each in str(rows["shape"].iloc[0]).split("x")]
        values = rows.sort_values("place")["value"].to_numpy(dtype=np.float64)
        found[str(name)] = values.reshape(shape).copy()
    return found

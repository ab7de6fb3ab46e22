"""How segments change from one as_of to the next: their shares and their middles.

Who moved from which to which: `models.migration.migration`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.drift import drift, medians, reference, stability_index
from models.proportions import wilson
from models.segments.clusters import NONE, Assigned

_DISTANCE: Final = "distance"


class SegmentsOther(RegularsError):
    """A reference is that of another number of segments."""


@dataclass(frozen=True, eq=False)
class SegmentReference:
    """Where customers were when segments were made: plain tables.

    Attributes
    ----------
    shares
        Grain segment, `NONE` the last: ``segment``, ``customers``.
    distances
        Grain (segment, bin): see `models.drift.reference`; of distances to the own centre.
    """

    shares: pd.DataFrame
    distances: pd.DataFrame


@dataclass(frozen=True, eq=False)
class SegmentDrift:
    """How far customers have moved.

    Attributes
    ----------
    psi
        Population stability index of the shares of segments, that of none among them: below 0.1
        stable, above 0.25 shifted (Siddiqi 2006, "Credit risk scorecards").
    rows
        Grain segment: ``segment``; ``customers_then``, ``customers_now``; ``share_then``,
        ``share_now`` with ``share_now_low``, ``share_now_high`` (0..1, 95 %);
        ``distance_then``, ``distance_now``, median to the own centre in spreads; and
        ``distance_psi``, the index of the distances.
    """

    psi: float
    rows: pd.DataFrame


def segment_reference(assigned: Assigned, count: int) -> SegmentReference:
    """What later customers are held against.

    Parameters
    ----------
    assigned
        Customers whom ``count`` segments were made of.
    count
        Number of segments.
    """
    parts = []
    for number in range(count):
        inside = assigned.segment == number
        bins = reference(pd.DataFrame({_DISTANCE: assigned.distance[inside]}))
        parts.append(bins.assign(segment=number))
    sizes = [int(np.count_nonzero(assigned.segment == each)) for each in (*range(count), NONE)]
    shares = pd.DataFrame({"segment": [*range(count), NONE], "customers": sizes})
    return SegmentReference(shares, pd.concat(parts, ignore_index=True))


def segment_drift(then: SegmentReference, now: Assigned) -> SegmentDrift:
    """Shares and distances of customers of a later as_of against those of a reference.

    Shares tell that customers have moved from one segment to another; distances that they have
    moved away from all of them, so that the segments are to be made anew.

    Raises
    ------
    SegmentsOther
        When a customer is in a segment that the reference does not know.
    """
    known = then.shares["segment"].to_numpy(dtype=np.int64)
    strange = sorted(set(np.unique(now.segment).tolist()) - set(known.tolist()))
    if strange:
        message = (
            f"drift needs customers in the {len(known) - 1} segments of the reference, but found "
            f"segments {strange}; assign them by the model that the reference was made with"
        )
        raise SegmentsOther(message)
    before = then.shares["customers"].to_numpy(dtype=np.float64)
    after = np.array([np.count_nonzero(now.segment == each) for each in known], dtype=np.float64)
    rows = [
        {
            "segment": int(number),
            "customers_then": int(was),
            "customers_now": int(is_now),
            "share_then": was / max(before.sum(), 1.0),
            **_share(is_now, after.sum()),
            **_distances(then.distances, now, int(number)),
        }
        for number, was, is_now in zip(known, before, after, strict=True)
    ]
    return SegmentDrift(stability_index(before, after), pd.DataFrame(rows))


def _share(part: float, whole: float) -> dict[str, float]:
    found = wilson(part, whole)
    return {
        "share_now": found.value,
        "share_now_low": found.low,
        "share_now_high": found.high,
    }


def _distances(then: pd.DataFrame, now: Assigned, number: int) -> dict[str, float]:
    bins = then[then["segment"] == number]
    found = now.distance[now.segment == number]
    nothing = float("nan")
    if len(bins) == 0 or len(found) == 0:
        was = medians(bins)[_DISTANCE] if len(bins) else nothing
        return {"distance_then": was, "distance_now": nothing, "distance_psi": nothing}
    moved = drift(bins, pd.DataFrame({_DISTANCE: found}))
    return {
        "distance_then": float(moved["median_then"].iloc[0]),
        "distance_now": float(moved["median_now"].iloc[0]),
        "distance_psi": float(moved["psi"].iloc[0]),
    }

"""What speaks for and against a split into some number of segments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from models.metrics import Estimate
from models.numerals import decimal
from models.segments.agreement import stability
from models.segments.clusters import NONE, Clusters, Mixture
from models.segments.figures import bic, silhouette
from models.segments.humps import shared_hump
from models.segments.one_group import Gain, Numbers, compared
from models.segments.settings import SegmentsSpec
from models.spec import FloatArray

_NAN: Final = float("nan")
_UNKNOWN: Final = Estimate(_NAN, _NAN, _NAN)


@dataclass(frozen=True)
class Candidate:
    """A split into some number of segments, and what speaks for and against it.

    Attributes
    ----------
    count
        Segments.
    reason
        Why it is refused; None: it is kept.
    cut
        Why it is a cut through one group and no split into several; None: it is not, or was
        refused before.
    least_share
        Share (0..1) of the customers in the smallest segment.
    none_share
        Share (0..1) of the customers in no segment.
    rand
        Adjusted Rand index with resamples, mean, and 95 % of them around it.
    jaccard
        Mean overlap (0..1) of each segment with its like in resamples.
    gain
        See `models.segments.one_group.Gain`; None where it was refused before.
    silhouette, bic
        See `models.segments.figures`.
    gap, gap_error
        Gap statistic and its error, nats; NaN for HDBSCAN and mixtures.
    """

    count: int
    reason: str | None = None
    cut: str | None = None
    least_share: float = _NAN
    none_share: float = 0.0
    rand: Estimate = _UNKNOWN
    jaccard: tuple[float, ...] = ()
    gain: Gain | None = None
    silhouette: float = _NAN
    bic: float = _NAN
    gap: float = _NAN
    gap_error: float = _NAN


def judge(
    sample: FloatArray,
    blocks: tuple[int, ...],
    clusters: Clusters,
    spec: SegmentsSpec,
    numbers: Numbers | None = None,
) -> Candidate:
    """What speaks for and against a split of points, shape (n, d); see `find_segments`."""
    segment = clusters.assign(sample).segment
    sizes = np.bincount(segment[segment != NONE], minlength=clusters.count)
    if clusters.count < _TWO:
        reason = f"only {clusters.count} dense group was found" if clusters.count else _NO_GROUPS
        return Candidate(clusters.count, reason, none_share=1.0)
    found = Candidate(
        clusters.count,
        least_share=float(sizes.min()) / len(sample),
        none_share=float((segment == NONE).mean()),
        silhouette=silhouette(sample, clusters, spec.seed),
        bic=bic(sample, clusters),
    )
    if found.least_share < spec.least_share:
        reason = (
            f"its smallest segment holds {_percent(found.least_share)} of the customers, at least "
            f"{_percent(spec.least_share)} is asked"
        )
        return replace(found, reason=reason)
    again = stability(sample, clusters, spec, spec.seed)
    found = replace(found, rand=again.rand, jaccard=tuple(map(float, again.jaccard)))
    unstable = _unstable(found, spec)
    if unstable is not None:
        return replace(found, reason=unstable)
    found = replace(
        found, gain=compared(sample, blocks, clusters, spec, spec.seed, numbers=numbers)
    )
    shares = isinstance(clusters, Mixture) and shared_hump(clusters) is not None
    cut = _ONE_HUMP if shares else _like_one_group(found)
    return replace(found, cut=cut, reason=cut if spec.groups_only else None)


_TWO: Final = 2
_ONE_HUMP: Final = "two of its segments share one hump of the density, so that they are one group"
_NO_GROUPS: Final = "no dense groups were found"


def _unstable(found: Candidate, spec: SegmentsSpec) -> str | None:
    rand, least = found.rand, min(found.jaccard)
    if rand.value < spec.rand_least:
        return (
            f"it is not stable: splits of customers drawn anew agree by an adjusted Rand index of "
            f"{decimal(rand.value, 2)} ({decimal(rand.low, 2)} to {decimal(rand.high, 2)}), at "
            f"least {decimal(spec.rand_least, 2)} is asked"
        )
    if least < spec.jaccard_least:
        return (
            f"one segment is not stable: of customers drawn anew it overlaps its like by "
            f"{decimal(least, 2)}, at least {decimal(spec.jaccard_least, 2)} is asked"
        )
    return None


def _like_one_group(found: Candidate) -> str | None:
    if found.gain is None or found.gain.is_more:
        return None
    normal, uniform = found.gain.normal[0], found.gain.uniform[0]
    return (
        f"it cuts through one group: made-up customers of one group with the same spread split as "
        f"well (gain {decimal(found.gain.own, 3)}, theirs {decimal(normal, 3)} where normal and "
        f"{decimal(uniform, 3)} where uniform)"
    )


def _percent(share: float) -> str:
    return f"{decimal(100 * share, 1)} %"


def row_of(found: Candidate) -> Mapping[str, object]:
    """The figures of a candidate by name, as a row of a table."""
    gain = found.gain
    return {
        "segments": found.count,
        "is_kept": found.reason is None,
        "is_cut": found.cut is not None,
        "rand": found.rand.value,
        "rand_low": found.rand.low,
        "rand_high": found.rand.high,
        "jaccard_least": min(found.jaccard, default=_NAN),
        "least_share": found.least_share,
        "none_share": found.none_share,
        "silhouette": found.silhouette,
        "bic": found.bic,
        "gap": found.gap,
        "gap_error": found.gap_error,
        "gain": gain.own if gain else _NAN,
        "gain_normal": gain.normal[0] if gain else _NAN,
        "gain_uniform": gain.uniform[0] if gain else _NAN,
        "reason": found.reason,
    }

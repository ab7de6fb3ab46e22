"""How many segments there are, and whether there are any that customers drawn anew show again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from models.metrics import Estimate
from models.numerals import decimal
from models.segments.agreement import adjusted_rand, stability
from models.segments.clusters import NONE, Clusters
from models.segments.figures import Gaps, bic, gaps, silhouette
from models.segments.fitting import split
from models.segments.model import SegmentModel, Space, space_of
from models.segments.one_group import Gain, compared
from models.segments.preparing import NothingToGroup
from models.segments.settings import Criterion, SegmentsSpec
from models.spec import FloatArray, IntArray

CUSTOMERS_LEAST: Final = 50
"""Customers without whom nothing can be said of segments."""

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
    least_share: float = _NAN
    none_share: float = 0.0
    rand: Estimate = _UNKNOWN
    jaccard: tuple[float, ...] = ()
    gain: Gain | None = None
    silhouette: float = _NAN
    bic: float = _NAN
    gap: float = _NAN
    gap_error: float = _NAN


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a search for segments found.

    Attributes
    ----------
    model
        The split; None when none was stable.
    reason
        In words: which split was taken and why, or why there is none.
    candidates
        Every number of segments that was tried, the fewest first.
    space
        Where customers lie, also when no split was kept.
    agreement
        Adjusted Rand index on the sample of the split that was fitted to all customers with the
        one that was judged; NaN without one.
    sampled
        Customers that splits were judged on.
    """

    model: SegmentModel | None
    reason: str
    candidates: tuple[Candidate, ...]
    space: Space
    agreement: float
    sampled: int

    @property
    def frame(self) -> pd.DataFrame:
        """One row per number of segments: the figures of its `Candidate`."""
        return pd.DataFrame([_row(each) for each in self.candidates])


def find_segments(table: pd.DataFrame, spec: SegmentsSpec) -> Segmentation:
    """Segments of customers, or the reason why there are none.

    For each number of segments (HDBSCAN: for the one that it finds), on a sample of ``sample``
    customers: a split is refused when a segment is smaller than ``least_share``; when it is not
    found again among resamples (`agreement.stability`); or when one group of customers, made up
    with the same spread, splits as well (`one_group.compared`), since a clear cut through a
    continuum is found again, too (Ben-David, von Luxburg and Pál 2006, "A sober look at clustering
    stability"). Of those kept, the best by ``by`` is fitted to the customers, starting at the split
    that was judged; of equal ones the one with fewer segments.

    Parameters
    ----------
    table
        One row per customer, of one as_of.
    spec
        What is grouped, how, and what is asked of a split.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers, NothingToGroup
        When the table has not what the spec names, or has fewer than `CUSTOMERS_LEAST` rows.
    """
    if len(table) < CUSTOMERS_LEAST:
        message = (
            f"segments need at least {CUSTOMERS_LEAST} customers, but the table has {len(table)}; "
            f"widen the cohort"
        )
        raise NothingToGroup(message)
    with threadpool_limits(limits=1):  # sums of several threads differ in their last digit
        space = _space(table, spec)
        points = space.points(table)
        drawn = np.random.default_rng(spec.seed).permutation(len(points))
        sample = points[np.sort(drawn[: spec.sample])]
        blocks = space.preparation.blocks
        splits = _splits(sample, spec)
        judged = tuple(judge(sample, blocks, each, spec) for each in splits)
        judged = _with_gaps(sample, blocks, judged, spec)
        best = chosen(judged, spec.by)
        if best is None:
            return Segmentation(None, _told_none(judged), judged, space, _NAN, len(sample))
        start = splits[judged.index(best)]
        rows = drawn if spec.kind == "mini_batch" else drawn[: spec.fit_most]
        model = _fitted(space, points[np.sort(rows)], start, spec)
    ours = start.assign(sample).segment
    same = adjusted_rand(ours, model.clusters.assign(sample).segment)
    return Segmentation(model, _told(best, judged, spec.by), judged, space, same, len(sample))


def _space(table: pd.DataFrame, spec: SegmentsSpec) -> Space:
    """Where customers lie; for a mixture by numbers alone."""
    if spec.kind != "gaussian_mixture":
        return space_of(table, spec)
    if spec.categories:
        message = (
            f"a mixture of normal distributions needs numbers, but segments.categories names "
            f"{list(spec.categories)}; leave them out, or use kmeans, mini_batch or hdbscan"
        )
        raise NothingToGroup(message)
    space = space_of(table, spec)
    preparation = space.preparation
    if len(preparation.numbers) == 0:
        message = (
            "a mixture of normal distributions needs numbers, but there are only flags; use "
            "kmeans, mini_batch or hdbscan"
        )
        raise NothingToGroup(message)
    flags = preparation.flags[~preparation.flags["is_missing"].astype(bool)]
    why = dict.fromkeys(map(str, flags["column"]), "a flag, and mixtures take numbers alone")
    alone = replace(
        preparation,
        flags=preparation.flags.iloc[:0],
        left_out={**preparation.left_out, **why},
    )
    return Space(alone, space.reduction)


def _splits(sample: FloatArray, spec: SegmentsSpec) -> list[Clusters]:
    """A split of the sample for each number of segments that it has points for."""
    if spec.kind == "hdbscan":
        return [split(sample, 0, spec, spec.seed)]
    different = len(np.unique(sample, axis=0))
    counts = range(spec.fewest, min(spec.most, different) + 1)
    return [split(sample, count, spec, spec.seed) for count in counts]


def judge(
    sample: FloatArray, blocks: tuple[int, ...], clusters: Clusters, spec: SegmentsSpec
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
    reason = _unstable(found, spec)
    if reason is not None:
        return replace(found, reason=reason)
    found = replace(found, gain=compared(sample, blocks, clusters, spec, spec.seed))
    return replace(found, reason=_like_one_group(found))


_TWO: Final = 2
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


def _with_gaps(
    sample: FloatArray, blocks: tuple[int, ...], judged: Sequence[Candidate], spec: SegmentsSpec
) -> tuple[Candidate, ...]:
    """Candidates with their gaps, where the kind splits by sums of squares."""
    if spec.kind not in ("kmeans", "mini_batch") or not judged:
        return tuple(judged)
    found = gaps(sample, blocks, judged[-1].count, spec)
    return tuple(
        replace(
            each,
            gap=float(found.value[each.count - 1]),
            gap_error=float(found.error[each.count - 1]),
        )
        for each in judged
    )


def chosen(judged: Sequence[Candidate], by: Criterion) -> Candidate | None:
    """The best of the kept ones; of equal ones, or where the figure is not known, the first.

    ``gap``: the first whose gap is that of one segment more, less its error, or greater; without
    one the greatest.
    """
    kept = [each for each in judged if each.reason is None]
    if not kept:
        return None
    if by == "gap":
        value = np.array([each.gap for each in judged])
        error = np.array([each.gap_error for each in judged])
        count = Gaps(value, error).count + judged[0].count - 1
        first = [each for each in kept if each.count == count]
        return first[0] if first else max(kept, key=lambda each: _known(each.gap))
    figures = {
        "silhouette": lambda each: each.silhouette,
        "bic": lambda each: -each.bic,
        "stability": lambda each: each.rand.value,
    }
    return max(kept, key=lambda each: _known(figures[by](each)))


def _known(figure: float) -> float:
    return -np.inf if np.isnan(figure) else figure


def _fitted(space: Space, points: FloatArray, start: Clusters, spec: SegmentsSpec) -> SegmentModel:
    """The split of all points from that of the sample, segments by falling size."""
    if spec.kind == "hdbscan":
        found = start
    else:
        found = split(points, start.count, spec, spec.seed, start=start)
    segment = found.assign(points).segment
    return SegmentModel(space, found.ordered(_by_size(segment, found.count)))


def _by_size(segment: IntArray, count: int) -> IntArray:
    sizes = np.bincount(segment[segment != NONE], minlength=count)
    return np.argsort(-sizes, kind="stable").astype(np.int64)


def _told(best: Candidate, judged: Sequence[Candidate], by: Criterion) -> str:
    refused = [each for each in judged if each.reason is not None]
    others = len(judged) - len(refused) - 1
    rand = best.rand
    return (
        f"{best.count} segments: customers drawn anew show them again with an adjusted Rand index "
        f"of {decimal(rand.value, 2)} ({decimal(rand.low, 2)} to {decimal(rand.high, 2)}); "
        f"best by {by} of {others + 1} kept and {len(refused)} refused"
    )


def _told_none(judged: Sequence[Candidate]) -> str:
    told = "; ".join(f"with {each.count}, {each.reason}" for each in judged)
    return f"no stable segments: {told or 'all customers are alike'}"


def _percent(share: float) -> str:
    return f"{decimal(100 * share, 1)} %"


def _row(found: Candidate) -> Mapping[str, object]:
    gain = found.gain
    return {
        "segments": found.count,
        "is_kept": found.reason is None,
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

"""How many segments there are, and whether there are any that customers drawn anew show again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from models.numerals import decimal
from models.segments.agreement import adjusted_rand
from models.segments.clusters import NONE, Clusters
from models.segments.figures import gaps
from models.segments.fitting import split
from models.segments.judging import Candidate, judge, row_of
from models.segments.model import SegmentModel
from models.segments.one_group import Numbers
from models.segments.preparing import NothingToGroup
from models.segments.reducing import space_of
from models.segments.settings import Criterion, SegmentsSpec
from models.segments.space import Space
from models.spec import FloatArray, IntArray

CUSTOMERS_LEAST: Final = 50
"""Customers without whom nothing can be said of segments."""

_NAN: Final = float("nan")


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
        return pd.DataFrame([row_of(each) for each in self.candidates])


def find_segments(table: pd.DataFrame, spec: SegmentsSpec) -> Segmentation:
    """Segments of customers, or the reason why there are none.

    For each number of segments (HDBSCAN: for the one that it finds), on a sample of ``sample``
    customers: a split is refused when a segment is smaller than ``least_share``; when it is not
    found again among resamples (`agreement.stability`); or, unless ``groups_only`` is off, when one
    group of customers, made up with the same spread, splits as well (`one_group.compared`), since
    a clear cut through a continuum is found again, too (Ben-David, von Luxburg and Pál 2006, "A
    sober look at clustering stability"). Of those kept, the best by ``by`` is fitted to the
    customers, starting at the split that was judged; of equal ones the one with fewer segments.

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
        rows = np.sort(drawn[: spec.sample])
        sample, numbers = points[rows], _numbers(table.iloc[rows], space, spec)
        blocks = space.preparation.blocks
        splits = _splits(sample, spec)
        judged = tuple(judge(sample, blocks, each, spec, numbers) for each in splits)
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


def _numbers(sample: pd.DataFrame, space: Space, spec: SegmentsSpec) -> Numbers | None:
    """Numbers before they were reduced; a mixture of one group would chase values that are shared.

    It is asked for humps instead.
    """
    if spec.kind == "gaussian_mixture":
        return None
    return Numbers(space.preparation.scaled(sample), space.reduction)


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


_VOTERS: Final[tuple[Criterion, ...]] = ("gap", "bic", "silhouette")


def chosen(judged: Sequence[Candidate], by: Criterion) -> Candidate | None:
    """The best of the kept ones by a figure; None where none is kept.

    ``silhouette`` and ``stability`` (adjusted Rand index): the greatest; ``bic``: the least; of
    equal ones the one with fewer segments. ``gap``: the first whose gap is that of one segment
    more, less its error, or greater; without one the greatest. ``vote``: what two of silhouette,
    BIC and gap choose; if each chooses another, or there is no gap, what gap or else BIC does: the
    silhouette tends to put groups that lie close to each other together.
    """
    kept = [each for each in judged if each.reason is None]
    if not kept:
        return None
    if by != "vote":
        return _best(judged, kept, by)
    told = [name for name in _VOTERS if any(not np.isnan(getattr(each, name)) for each in kept)]
    found = [_best(judged, kept, name) for name in told] or kept
    return max(found, key=lambda each: (found.count(each), -found.index(each)))


def _best(judged: Sequence[Candidate], kept: Sequence[Candidate], by: Criterion) -> Candidate:
    if by == "gap":
        gap = np.array([each.gap for each in judged])
        error = np.array([each.gap_error for each in judged])
        fits = np.append(gap[:-1] >= gap[1:] - error[1:], True)
        first = [each for each, does in zip(judged, fits, strict=True) if does and each in kept]
        return first[0] if first else max(kept, key=lambda each: _known(each.gap))
    figures: dict[Criterion, Callable[[Candidate], float]] = {
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
    cut = f"; but {best.cut}" if best.cut else ""
    return (
        f"{best.count} segments: customers drawn anew show them again with an adjusted Rand index "
        f"of {decimal(rand.value, 2)} ({decimal(rand.low, 2)} to {decimal(rand.high, 2)}); "
        f"best by {by} of {others + 1} kept and {len(refused)} refused{cut}"
    )


def _told_none(judged: Sequence[Candidate]) -> str:
    reasons = [
        f"with {each.count}, {each.reason}" if each.count else each.reason for each in judged
    ]
    told = "; ".join(map(str, reasons))
    return f"no stable segments: {told or 'all customers are alike'}"

"""What the results of jobs about segments look like on the terminal, line by line."""

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.metrics import Estimate
from models.segments.conditions import Rule
from pipelines.config import Business
from pipelines.jobs import Job
from pipelines.results import table, verdict
from pipelines.rounding import Write, count, fraction, interval, percent, tenths, with_interval
from pipelines.segments_found import FigureMeant, FoundBefore, Kept, Moves, SegmentsFound
from pipelines.segments_held import RAND
from pipelines.segments_review import SegmentsReviewed
from pipelines.segments_score import SegmentsScored
from pipelines.segments_train import SegmentsTrained


def trained(job: Job, result: SegmentsTrained) -> list[str]:
    """Each segment with its size, rule, figures and action; or why there are none."""
    found = result.found
    if result.version is None or found.kept is None:
        first = f"No stable segments of {found.customers:,} customers: nothing is registered"
        reason = found.search.reason.removeprefix("no stable segments: ")
        return ["", first, f"  {reason}", f"  page  {result.page}"]
    return [
        "",
        f"{job.model_name} version {result.version.number} waits for its review",
        f"  as of {found.as_of}, {found.customers:,} customers: {found.search.reason}",
        "",
        *_segments(job.business, found, found.kept),
        *_explained(found, found.kept),
        *_outlook(found.kept),
        *_notes(found, found.kept),
        f"  page  {result.page}",
        f"Next: {job.command('review', job.task)}",
    ]


def _segments(business: Business, found: SegmentsFound, kept: Kept) -> list[str]:
    rows = [("", "", "customers", "share", *(each.name for each in found.figures))]
    told = []
    for each in kept.gallery.portraits:
        figures = [
            _written(business, meant, each.figures[meant.name].mean) for meant in found.figures
        ]
        share = f"{percent(each.share.value)} ({interval(each.share, percent)})"
        rows.append((str(each.segment), each.name, f"{each.customers:,}", share, *figures))
        told += [
            f"  {each.segment}  {each.rule.told(found.words)}",
            f"     {_quality(each.rule)}",
            f"     {each.action.do}",
        ]
    none = [f"  {kept.gallery.none:,} customers belong to none"] if kept.gallery.none else []
    meanings = [f"  {each.name}: {each.meaning}" for each in found.figures]
    return [*table(rows), *none, *meanings, "", *told]


def _quality(rule: Rule) -> str:
    """Purity, and whether it reaches what was asked, and coverage."""
    pure = "" if rule.is_pure else ", which is less than asked"
    purity, coverage = (with_interval(each, percent) for each in (rule.purity, rule.coverage))
    return f"purity {purity}{pure}, coverage {coverage}"


def _written(business: Business, meant: FigureMeant, each: Estimate) -> str:
    """The figure with its interval, of one customer without; a dash where nobody knows it."""
    if not np.isfinite(each.value):
        return "–"
    units = 10**business.currency.digits
    is_share = meant.unit == "share"
    write: Write = percent if is_share else lambda value: count(value / units)
    told = with_interval(each, write) if np.isfinite(each.low) else write(each.value)
    return told if is_share else f"{business.currency.code} {told}"


def _explained(found: SegmentsFound, kept: Kept) -> list[str]:
    """How much of what came lies between segments, beside bands by past spend."""
    lines = []
    for row in kept.explained.to_dict("records"):
        ways = {
            name: Estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])
            for name in ("segments", "bands", "gain")
        }
        lines.append(
            (
                str(row["figure"]),
                *(_known(ways[name]) for name in ("segments", "bands", "gain")),
            )
        )
    if not lines or found.search.model is None:
        return []
    heading = ("variance between", "segments", "as many bands by past spend", "more")
    return ["", *table([heading, *lines])]


def _known(each: Estimate) -> str:
    return with_interval(each, tenths) if np.isfinite(each.value) else "–"


def _outlook(kept: Kept) -> list[str]:
    told = (moves for moves in (kept.moves, *kept.later) if moves is not None)
    lines = [f"  {_moved(moves)}" for moves in told]
    if kept.before is not None:
        lines.append(f"  {_before(kept.before)}")
    return ["", *lines] if lines else []


def _moved(moves: Moves) -> str:
    return (
        f"{moves.before} to {moves.after}: {with_interval(moves.stayed, percent)} stay in their "
        f"segment, by chance {percent(moves.by_chance)}; index of the sizes "
        f"{fraction(moves.drift.psi)}"
    )


def _before(before: FoundBefore) -> str:
    if before.rand is None or before.stayed is None or before.by_chance is None:
        return f"The same search on {before.as_of}: {before.reason}"
    return (
        f"The same search on {before.as_of}: {before.count} segments, which agree with these by an "
        f"adjusted Rand index of {with_interval(before.rand)}; "
        f"{with_interval(before.stayed, percent)} stayed in theirs, by chance "
        f"{percent(before.by_chance)}"
    )


def _notes(found: SegmentsFound, kept: Kept) -> list[str]:
    notes = [f"{name} is not told: {why}" for name, why in found.not_told.items()]
    notes += [f"no moves are told: {kept.no_moves}"] if kept.no_moves else []
    notes += [f"{name} is left out: {why}" for name, why in found.left_out.items()]
    return [*([""] if notes else []), *(f"  Note: {each}" for each in notes)]


def reviewed(job: Job, result: SegmentsReviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    rows = [
        (name, with_interval(figures[RAND])) for name, figures in result.evidence.estimates.items()
    ]
    told = table([("", "adjusted Rand index with resamples (95 % interval)"), *rows])
    return verdict(job, result.evidence, result.folder, told)


def scored(_job: Job, result: SegmentsScored) -> list[str]:
    """Where the segments of customers lie, and how many are in each."""
    found = pq.read_table(result.path, columns=["segment", "name", "previous_segment", "action"])
    known = len(found) - found["previous_segment"].null_count
    moved = pc.sum(pc.not_equal(found["segment"], found["previous_segment"])).as_py()
    counts = found.group_by(["segment", "name", "action"]).aggregate([([], "count_all")])
    told = [
        (
            str(row["segment"]),
            row["name"] or "in none",
            f"{row['count_all']:,}",
            percent(row["count_all"] / len(found)),
            row["action"] or "–",
        )
        for row in counts.sort_by("segment").to_pylist()
    ]
    changed = f"  {moved or 0:,} of {known:,} were in another segment on {result.earlier}"
    heading = f"Segments as of {result.as_of}: {result.manifest.rows:,} customers"
    return [
        "",
        f"{heading}, by version {result.version.number}",
        f"  {result.path}",
        *([changed] if known else []),
        *(f"  Note: {note}" for note in result.notes),
        "",
        *table([("", "segment", "customers", "share", "what to do"), *told]),
    ]

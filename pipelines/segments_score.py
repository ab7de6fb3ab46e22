"""Job: which segment each customer is in, as of a day; they stream in batches through a version."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from features.behaviour import stream
from features.clock import days_after
from features.cohort import CohortEmpty
from features.star import History, history
from features.warehouse import Connection
from models.segments.clusters import NONE
from pipelines.jobs import Job
from pipelines.progress import Advance, fact
from pipelines.scoring import (
    ScoredDay,
    facts_of,
    notes_of,
    repair,
)
from pipelines.segments_live import champion
from pipelines.segments_version import SegmentsVersion
from pipelines.tables import Fact, Manifest, sweep, write_partition
from pipelines.versions import Version

SCHEMA: Final = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("segment", pa.int32()),
        pa.field("name", pa.string()),
        pa.field("certainty", pa.float64()),
        pa.field("distance", pa.float64()),
        pa.field("previous_segment", pa.int32()),
        pa.field("action", pa.string()),
        pa.field("model_version", pa.int32()),
        pa.field("run_id", pa.string()),
    ]
)
"""One row per customer and as_of. ``segment`` is -1, name and action are null of those who are in
none; ``certainty`` (0..1) and ``distance`` (spreads) are those of
`models.segments.clusters.Assigned`; ``previous_segment`` is that of ``segments.earlier_days`` days
before, by the same version, null where the customer was not in the cohort then."""


@dataclass(frozen=True)
class SegmentsScored:
    """Where the segments of customers lie, and what their reader should know of the day.

    Attributes
    ----------
    path, manifest
        The file and what it says of itself.
    as_of, earlier
        The day, and the one whose segments are the previous ones.
    version
        The model.
    notes
        What makes the scores say more or less than they seem to.
    """

    path: Path
    manifest: Manifest
    as_of: date
    earlier: date
    version: Version
    notes: tuple[str, ...]


def run(job: Job, as_of: date) -> SegmentsScored:
    """Segments of every customer of the cohort at ``as_of`` by the champion.

    The partition is staged and renamed; the same day, data and version give the same bytes.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the model.
    OutsideHistory, CohortEmpty
        When nothing was bought before the day, or nobody belongs to the cohort then.
    """
    business = job.business
    path = job.home.scores(business.name, job.task, as_of) / "segments.parquet"
    earlier = days_after(as_of, -business.segments.earlier_days)
    with job.alone(f"score-{job.task}"):
        sweep(path.parent.parent)
        repair(path)
        version, model = champion(job)
        with job.opened() as con:
            known = history(con, business.sources)
            day = ScoredDay(as_of, known, date.fromisoformat(version.said("seen_until")))
            days, why = _days(known, earlier, as_of)
            facts: dict[str, Fact] = {
                **facts_of(job, con, version, model.columns, day),
                "previous_as_of": str(earlier),
            }
            with job.steps.step(f"segments as of {as_of}") as advance:
                rows = _rows(_batches(job, con, days), model, version, as_of)
                manifest = write_partition(path, _counted(rows, advance), SCHEMA, facts)
    fact("scored", business=business.name, task=job.task, as_of=as_of, rows=manifest.rows)
    return SegmentsScored(path, manifest, as_of, earlier, version, (*notes_of(day), *why))


def _days(known: History, earlier: date, as_of: date) -> tuple[list[date], tuple[str, ...]]:
    """Days whose customers are looked at, and why the earlier one is not among them."""
    if known.sales_lines and known.first_on is not None and earlier <= known.first_on:
        why = f"no previous segments: orders begin on {known.first_on}, and not before {earlier}"
        return [as_of], (why,)
    return [earlier, as_of], ()


def _batches(job: Job, con: Connection, days: Sequence[date]) -> Iterator[pa.RecordBatch]:
    """The behaviour table of the days in one pass; it does not matter if nobody is there earlier.

    Raises
    ------
    CohortEmpty
        When nobody belongs to the cohort on the last day.
    """
    business, is_there = job.business, False
    try:
        for batch in stream(
            con,
            days,
            business.sources,
            business.behaviour,
            engine=business.engine,
            rows=business.score.batch_rows,
        ):
            is_there |= batch["as_of"][0].as_py() == days[-1]
            yield batch
    except CohortEmpty:
        if not is_there:
            raise


def _rows(
    batches: Iterator[pa.RecordBatch], model: SegmentsVersion, version: Version, as_of: date
) -> Iterator[pa.RecordBatch]:
    """Batches of the behaviour table as batches of segments.

    Customers come in turns, of each turn the earlier day first, so that only those whose rows of
    the day are still to come, or who are gone, are remembered.
    """
    told = model.told.set_index("segment")
    names, actions = (_by_number(told[name].to_dict()) for name in ("name", "action"))
    previous: dict[str, int] = {}
    for batch in batches:
        assigned = model.model.assign(batch.to_pandas())
        customers, segment = batch["customer"].to_pylist(), assigned.segment.tolist()
        if batch["as_of"][0].as_py() != as_of:
            previous.update(zip(customers, segment, strict=True))
            continue
        columns_ = [
            batch["customer"],
            batch["as_of"],
            pa.array(segment, pa.int32()),
            pa.array([names[each] for each in segment], pa.string()),
            pa.array(assigned.certainty),
            pa.array(assigned.distance),
            pa.array([previous.pop(each, None) for each in customers], pa.int32()),
            pa.array([actions[each] for each in segment], pa.string()),
            pa.array(np.full(len(segment), version.number, dtype=np.int32)),
            pa.array([version.run_id] * len(segment)),
        ]
        yield pa.RecordBatch.from_arrays(columns_, schema=SCHEMA)


def _by_number(told: Mapping[Hashable, str]) -> dict[int, str | None]:
    """What is said of each segment; nothing of none."""
    return {NONE: None, **{int(str(number)): str(text) for number, text in told.items()}}


def _counted(batches: Iterator[pa.RecordBatch], advance: Advance) -> Iterator[pa.RecordBatch]:
    """The batches, while somebody is told of the rows so far."""
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        advance(rows)
        yield batch

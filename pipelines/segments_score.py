"""Job: which segment each customer is in, as of a day; they stream in batches through a version."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from features.clock import OutsideHistory, days_after
from features.cohort import CohortEmpty
from features.star import history
from features.warehouse import Connection
from models.segments.clusters import NONE
from pipelines.jobs import Job
from pipelines.progress import Advance, fact
from pipelines.scoring import (
    ScoredDay,
    behaviour_batches,
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
            with job.steps.step(f"segments as of {earlier}") as advance:
                previous, why = _previous(job, con, earlier, model, advance)
            facts: dict[str, Fact] = {
                **facts_of(job, con, version, model.columns, day),
                "previous_as_of": str(earlier),
            }
            with job.steps.step(f"segments as of {as_of}") as advance:
                rows = _rows(behaviour_batches(job, con, as_of), model, previous, version)
                manifest = write_partition(path, _counted(rows, advance), SCHEMA, facts)
    fact("scored", business=business.name, task=job.task, as_of=as_of, rows=manifest.rows)
    return SegmentsScored(path, manifest, as_of, earlier, version, (*notes_of(day), *why))


def _previous(
    job: Job, con: Connection, earlier: date, model: SegmentsVersion, advance: Advance
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Segment of each customer on the earlier day; none, and why, where nobody is known then."""
    found: dict[str, int] = {}
    try:
        for batch in behaviour_batches(job, con, earlier):
            segment = model.model.assign(batch.to_pandas()).segment
            found.update(zip(batch["customer"].to_pylist(), segment.tolist(), strict=True))
            advance(len(found))
    except (OutsideHistory, CohortEmpty) as error:
        return {}, (f"no previous segments: {error}",)
    return found, ()


def _rows(
    batches: Iterator[pa.RecordBatch],
    model: SegmentsVersion,
    previous: Mapping[str, int],
    version: Version,
) -> Iterator[pa.RecordBatch]:
    """Batches of the behaviour table as batches of segments."""
    told = model.told.set_index("segment")
    names, actions = (_by_number(told[name].to_dict()) for name in ("name", "action"))
    for batch in batches:
        assigned = model.model.assign(batch.to_pandas())
        customers = batch["customer"].to_pylist()
        rows, segment = len(customers), assigned.segment
        columns_ = [
            batch["customer"],
            batch["as_of"],
            pa.array(segment.astype(np.int32)),
            pa.array([names[each] for each in segment.tolist()], pa.string()),
            pa.array(assigned.certainty),
            pa.array(assigned.distance),
            pa.array([previous.get(each) for each in customers], pa.int32()),
            pa.array([actions[each] for each in segment.tolist()], pa.string()),
            pa.array(np.full(rows, version.number, dtype=np.int32)),
            pa.array([version.run_id] * rows),
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

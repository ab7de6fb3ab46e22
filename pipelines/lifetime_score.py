"""Job: when customers leave, as of a day; they stream in batches through one version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.star import history
from models.hazard import (
    HazardFitted,
    extrapolated_mean,
    leaving_within,
    median_weeks,
    restored,
    restricted_mean,
)
from pipelines.definition import lifetime_definition
from pipelines.jobs import Job
from pipelines.lifetime_frames import WEEK
from pipelines.progress import Advance, fact
from pipelines.scoring import (
    ScoredDay,
    behaviour_batches,
    champion_of,
    facts_of,
    notes_of,
    repair,
)
from pipelines.tables import Manifest, sweep, write_partition
from pipelines.versions import Version


@dataclass(frozen=True)
class LifetimesScored:
    """Where the lifetimes lie, what they are of, and what their reader should know of the day.

    Attributes
    ----------
    path, manifest
        The file and what it says of itself.
    as_of, version
        The day and the model.
    notes
        What makes the scores say more or less than they seem to.
    """

    path: Path
    manifest: Manifest
    as_of: date
    version: Version
    notes: tuple[str, ...]


def schema(horizons: Sequence[int]) -> pa.Schema:
    """One row per customer and as_of.

    ``remaining_weeks`` is the expected number of weeks within those that the model tells apart
    (`models.hazard.restricted_mean`), ``remaining_weeks_extrapolated`` what it would be if the last
    hazards went on for ever; ``median_weeks`` is null where half are not gone within the curve;
    ``gone_4w`` is the chance to be gone four weeks after as_of.
    """
    return pa.schema(
        [
            pa.field("customer", pa.string()),
            pa.field("as_of", pa.date32()),
            pa.field("remaining_weeks", pa.float64()),
            pa.field("remaining_weeks_extrapolated", pa.float64()),
            pa.field("median_weeks", pa.int32()),
            *(pa.field(f"gone_{week}w", pa.float64()) for week in horizons),
            pa.field("model_version", pa.int32()),
            pa.field("run_id", pa.string()),
        ]
    )


def run(job: Job, as_of: date) -> LifetimesScored:
    """Lifetimes of every customer of the cohort at ``as_of`` by the champion.

    The partition is staged and renamed; the same day, data and version give the same bytes.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the model.
    """
    business = job.business
    horizons = business.lifetime.horizons_weeks
    path = job.home.scores(business.name, job.task, as_of) / "scores.parquet"
    with job.alone(f"score-{job.task}"):
        sweep(path.parent.parent)
        repair(path)
        version, opened = champion_of(job, lifetime_definition(business), (WEEK,))
        names = [column.name for column in opened.columns]
        fitted = restored(opened.library_object, names, int(version.said("weeks")))
        with job.opened() as con, job.steps.step(f"lifetimes as of {as_of}") as advance:
            known = history(con, business.sources)
            seen_until = date.fromisoformat(version.said("calibrated_until"))
            day = ScoredDay(as_of, known, seen_until)
            facts = facts_of(job, con, version, opened.columns[:-1], day)
            facts |= {"weeks": fitted.weeks}
            batches = behaviour_batches(job, con, as_of)
            rows = _scored(batches, fitted, horizons, version)
            manifest = write_partition(path, _counted(rows, advance), schema(horizons), facts)
    fact("scored", business=business.name, task=job.task, as_of=as_of, rows=manifest.rows)
    return LifetimesScored(path, manifest, as_of, version, notes_of(day))


def _scored(
    batches: Iterator[pa.RecordBatch],
    fitted: HazardFitted,
    horizons: Sequence[int],
    version: Version,
) -> Iterator[pa.RecordBatch]:
    """Batches of the behaviour table as batches of lifetimes."""
    for batch in batches:
        survival = fitted.survival(batch.to_pandas()[list(fitted.columns)])
        median, rows = median_weeks(survival), len(survival)
        leaving = leaving_within(survival, horizons)
        columns = [
            batch["customer"],
            batch["as_of"],
            pa.array(restricted_mean(survival)),
            pa.array(extrapolated_mean(survival)),
            pa.array(median.astype(np.int32), mask=median == 0),
            *(pa.array(np.ascontiguousarray(each)) for each in leaving.T),
            pa.array(np.full(rows, version.number, dtype=np.int32)),
            pa.array([version.run_id] * rows),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema(horizons))


def _counted(batches: Iterator[pa.RecordBatch], advance: Advance) -> Iterator[pa.RecordBatch]:
    """The batches, while somebody is told of the rows so far."""
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        advance(rows)
        yield batch

"""What the results of jobs about lifetimes look like on the terminal, line by line."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.metrics import Estimate
from pipelines.jobs import Job
from pipelines.lifetime_review import LifetimesReviewed
from pipelines.lifetime_score import LifetimesScored
from pipelines.lifetime_train import LifetimeTrained
from pipelines.results import table, verdict
from pipelines.rounding import fraction, percent, with_interval

SOONEST = 10
"""Customers that a scoring names."""


def trained(job: Job, result: LifetimeTrained) -> list[str]:
    """The new version and what it reached."""
    return [
        "",
        f"{job.model_name} version {result.version.number} waits for its review",
        f"  tested on {result.plan.test} over {job.business.lifetime.weeks} weeks",
        *_estimates(result.estimates, job.business.lifetime.horizons_weeks),
        f"Next: {job.command('review', job.task)}",
    ]


def reviewed(job: Job, result: LifetimesReviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    horizons = job.business.lifetime.horizons_weeks
    told = _estimates(result.evidence.estimates, horizons)
    return verdict(job, result.evidence, result.folder, told)


def scored(job: Job, result: LifetimesScored) -> list[str]:
    """Where the lifetimes lie, how many are expected to stay, and who leaves first."""
    horizons = job.business.lifetime.horizons_weeks
    found = pq.read_table(result.path)
    version = f"version {result.version.number}"
    return [
        "",
        f"Lifetimes as of {result.as_of}: {result.manifest.rows:,} customers, by {version}",
        f"  {result.path}",
        *(f"  Note: {note}" for note in result.notes),
        *_expected(found, horizons),
        "",
        "Expected to leave first",
        *table([_heading(horizons), *_first(found, horizons)]),
    ]


def _estimates(found: Mapping[str, Mapping[str, Estimate]], horizons: Sequence[int]) -> list[str]:
    """Contestants with their figures and intervals."""
    heading = ("", "concordance (95 % interval)", "integrated Brier score")
    errors = tuple(f"calibration error {week} weeks" for week in horizons)
    rows = [
        (
            name,
            with_interval(each["concordance"]),
            with_interval(each["integrated_brier"]),
            *(fraction(each[f"calibration_error_{week}w"].value) for week in horizons),
        )
        for name, each in found.items()
    ]
    return table([(*heading, *errors), *rows])


def _expected(found: pa.Table, horizons: Sequence[int]) -> list[str]:
    """Sums of the chances."""
    if not found.num_rows:
        return []
    parts = [
        f"{pc.sum(found[f'gone_{week}w']).as_py():,.0f} within {week} weeks" for week in horizons
    ]
    return [f"  expected to be gone: {', '.join(parts)}"]


def _heading(horizons: Sequence[int]) -> tuple[str, ...]:
    return (
        "customer",
        "expected weeks",
        "half gone by week",
        *(f"gone in {week}" for week in horizons),
    )


def _first(found: pa.Table, horizons: Sequence[int]) -> list[tuple[str, ...]]:
    keys = [("remaining_weeks", "ascending"), ("customer", "ascending")]
    rows: list[dict[str, Any]] = found.take(
        pc.sort_indices(found, sort_keys=keys)[:SOONEST]
    ).to_pylist()
    return [
        (
            row["customer"],
            f"{row['remaining_weeks']:.1f}",
            str(row["median_weeks"] or "later"),
            *(percent(row[f"gone_{week}w"]) for week in horizons),
        )
        for row in rows
    ]

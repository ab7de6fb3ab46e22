"""Job: hold registered segments against the customers of the newest day; a person decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from features.behaviour import columns, shape_of
from features.clock import days_after
from features.labels import labelled_days
from features.loads import data_fingerprint
from features.star import History, history
from models.metrics import Estimate
from models.segments.agreement import stability
from models.segments.moving import segment_drift
from models.segments.settings import SplitSpec
from pipelines.definition import changes, segments_definition
from pipelines.evidence import Evidence
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.reviewing import (
    CHALLENGER,
    contestants,
    identity,
    keep,
    played,
    require_same_settings,
)
from pipelines.scoring import ColumnsDiffer
from pipelines.segment_days import segment_days
from pipelines.segments_figures import Asking, figures_of
from pipelines.segments_gates import agreements, gates
from pipelines.segments_gathered import behaviours, spending_between
from pipelines.segments_held import RAND, SIZES, Held, Newest
from pipelines.segments_learning import spec_of
from pipelines.segments_live import require_columns
from pipelines.segments_review_page import review_page
from pipelines.segments_version import model_of
from pipelines.versions import Version


@dataclass(frozen=True)
class SegmentsReviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


def run(job: Job) -> SegmentsReviewed:
    """Split the customers of the newest day by the challenger, check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer, ColumnsDiffer
        When the challenger was trained under another config.
    RegularsError
        When there is no day to judge by.
    """
    with job.alone(f"review-{job.task}"):
        registry = Registry(job.business.tracking.address, job.home.root)
        challenger, champion = contestants(job, registry)
        require_same_settings(job, challenger, _differences(job, challenger))
        with job.steps.step("newest customers"):
            newest = _newest(job)
        with job.steps.step("segments of the newest customers, gates"):
            found = played(
                (challenger, champion),
                lambda version: _apart(job, registry, version),
                lambda version: _held(job, registry, version, newest),
            )
            evidence = _evidence(job, (challenger, champion), newest, found)
            page = review_page(job.business, evidence, found[CHALLENGER], newest)
        folder = keep(job, registry, challenger, evidence, page)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return SegmentsReviewed(evidence, folder)


def _differences(job: Job, version: Version) -> list[str]:
    return changes(json.loads(version.said("definition")), segments_definition(job.business))


def _apart(job: Job, registry: Registry, version: Version) -> list[str]:
    """Why a version cannot be held against today's customers; nothing where it can.

    Other windows give other columns under the same settings of segments: what is live then does
    not compete, or no challenger could ever take its place.
    """
    differing = _differences(job, version)
    if differing:
        return differing
    try:
        require_columns(job, model_of(registry.load_tables(version)))
    except ColumnsDiffer as error:
        return [str(error)]
    return []


def _newest(job: Job) -> Newest:
    business = job.business
    every = [each.name for each in columns(shape_of(business.sources, business.behaviour))]
    with job.opened() as con:
        known = history(con, business.sources)
        labelled = labelled_days(con) if business.churn.kind == "labelled" else []
        asked = business.segments.model_copy(update={"as_of": None})
        observed = segment_days(asked, business.churn, known, labelled).as_of
        as_of = _today(known, observed)
        tables = behaviours(con, job, sorted({observed, as_of}), every)
        names = tables[observed].index
        spending = spending_between(con, job, known)
        figures = figures_of(Asking(con, job, observed, names, known, spending))
        return Newest(
            as_of,
            tables[as_of],
            observed,
            tables[observed],
            figures,
            known.last_on or observed,
            data_fingerprint(con),
        )


def _today(known: History, observed: date) -> date:
    """The day after the last order; without orders, the newest day that is known of."""
    if known.last_on is None or not known.sales_lines:
        return observed
    return days_after(known.last_on, 1)


def _held(job: Job, registry: Registry, version: Version, newest: Newest) -> Held:
    knows = model_of(registry.load_tables(version))
    require_columns(job, knows)
    kind = version.said("kind").removeprefix("segments_")
    split = SplitSpec.model_validate(job.business.segments.split.model_dump() | {"kind": kind})
    spec = spec_of(split, tuple(column.name for column in knows.columns))
    drawn = np.random.default_rng(spec.seed).permutation(len(newest.table))[: spec.sample]
    sample = newest.table.iloc[np.sort(drawn)]
    with threadpool_limits(limits=1):  # sums of several threads differ in their last digit
        points = knows.model.space.points(sample)
        again = stability(points, knows.model.clusters, spec, spec.seed)
    assigned = knows.model.assign(newest.table)
    return Held(
        knows,
        assigned,
        knows.model.assign(newest.observed_table),
        again,
        segment_drift(knows.reference, assigned),
    )


def _evidence(
    job: Job,
    versions: tuple[Version, Version | None],
    newest: Newest,
    found: Mapping[str, Held],
) -> Evidence:
    """Figures and gates of the review."""
    challenger, champion = versions
    ours = found[CHALLENGER]
    others = {name: each for name, each in found.items() if name != CHALLENGER}
    trained_on = date.fromisoformat(json.loads(challenger.said("trained_on"))[0])
    return Evidence(
        identity(
            job,
            versions,
            newest.as_of,
            newest.data_fingerprint,
            job.business.segments.model_dump_json(),
        ),
        job.now,
        newest.as_of,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        next(iter(others), "none"),
        newest.data_fingerprint,
        gates(job.business.segments, newest, found, trained_on),
        {name: _figures(each) for name, each in found.items()},
        {
            key: each
            for name, other in others.items()
            for key, each in agreements(ours, name, other)
        },
        _drift(ours),
        (),
    )


def _figures(held: Held) -> dict[str, Estimate]:
    return {RAND: held.stability.rand}


def _drift(held: Held) -> dict[str, float]:
    """Index of sizes, and of distances to the middle of each segment."""
    rows = held.drift.rows
    told = dict(zip(rows["segment"].astype(int), rows["distance_psi"], strict=True))
    return {SIZES: held.drift.psi} | {
        f"distances in segment {number}": float(psi)
        for number, psi in told.items()
        if not np.isnan(psi)
    }

"""Job: hold a model of lifetimes against what is live, or one curve for all, on the newest day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.behaviour import columns, shape_of
from features.contract import fingerprint
from features.loads import data_fingerprint
from features.star import history
from models.drift import drift
from models.hazard import restored
from models.leaks import leaking_columns
from models.metrics import Estimate
from models.spec import FloatArray
from pipelines.artifacts import Opened
from pipelines.contest import MODEL
from pipelines.definition import changes, lifetime_definition
from pipelines.evidence import Evidence
from pipelines.jobs import Job
from pipelines.lifetime_contest import (
    BEHIND,
    EVERYBODY,
    LifetimeContest,
    LifetimeFindings,
    check_lifetime_gates,
    curve_of_everybody,
    for_all,
)
from pipelines.lifetime_frames import WEEK, LifetimeFrame, judged_day, lifetime_frame
from pipelines.lifetime_page import lifetime_page
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.reviewing import contestants, identity, keep, require_same_settings
from pipelines.versions import Version


@dataclass(frozen=True)
class LifetimesReviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


@dataclass(frozen=True)
class _Snapshot:
    """The customers of a review and the data behind them."""

    frame: LifetimeFrame
    as_of: date
    data_fingerprint: str


def run(job: Job) -> LifetimesReviewed:
    """Compare challenger and champion (or one curve for all), check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer
        When the challenger was trained under another config.
    RegularsError
        When no day has been watched for long enough, or has no cohort.
    """
    with job.alone(f"review-{job.task}"):
        registry = Registry(job.business.tracking.address, job.home.root)
        challenger, champion = contestants(job, registry)
        opened = registry.load(challenger)
        require_same_settings(job, challenger, _differences(job, challenger, opened))
        with job.steps.step("newest day whose lifetimes are known"):
            snapshot = _snapshot(job)
        with job.steps.step("comparison, gates"):
            curves = {
                MODEL: _curves(challenger, opened, snapshot.frame),
                EVERYBODY: for_all(opened.tables[EVERYBODY], len(snapshot.frame.customers)),
            }
            rival = registry.load(champion) if champion else None
            if champion and rival and not _differences(job, champion, rival):
                curves[f"champion {champion.number}"] = _curves(champion, rival, snapshot.frame)
            evidence = _evidence(job, snapshot, (challenger, champion, opened), curves)
            found = curve_of_everybody(snapshot.frame.lifetimes, job.business.lifetime.weeks)
            page = lifetime_page(job.business, evidence, curves, found)
        folder = keep(job, registry, challenger, evidence, page)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return LifetimesReviewed(evidence, folder)


def _snapshot(job: Job) -> _Snapshot:
    business = job.business
    with job.opened() as con:
        known = history(con, business.sources)
        as_of, until = judged_day(business.churn, business.lifetime, known)
        frame = lifetime_frame(con, business, as_of, until)
        return _Snapshot(frame, as_of, data_fingerprint(con))


def _curves(version: Version, opened: Opened, frame: LifetimeFrame) -> FloatArray:
    names = [column.name for column in opened.columns]
    fitted = restored(opened.library_object, names, int(version.said("weeks")))
    return fitted.survival(frame.features)


def _evidence(
    job: Job,
    snapshot: _Snapshot,
    contestants: tuple[Version, Version | None, Opened],
    curves: Mapping[str, FloatArray],
) -> Evidence:
    """Figures and gates of the comparison; the incumbent is the best of the others."""
    challenger, champion, opened = contestants
    business, frame = job.business, snapshot.frame
    asked = business.lifetime
    estimates = LifetimeContest(frame.lifetimes, curves, asked.horizons_weeks).estimates()
    others = {name: each[BEHIND].value for name, each in estimates.items() if name != MODEL}
    champions = [name for name in others if name != EVERYBODY]
    incumbent = champions[0] if champions else min(others, key=lambda name: others[name])
    ended = frame.lifetimes.ending_by(asked.weeks)
    found = LifetimeFindings(
        estimates,
        asked.horizons_weeks,
        incumbent,
        snapshot.as_of,
        date.fromisoformat(challenger.said("calibrated_until")),
        leaking_columns(frame.features, ended, business.churn.leak_bound),
    )
    moved = drift(opened.tables["reference"], frame.features)
    behind = estimates[incumbent][BEHIND]
    return Evidence(
        identity(
            job,
            (challenger, champion),
            snapshot.as_of,
            snapshot.data_fingerprint,
            business.review.model_dump_json(),
        ),
        job.now,
        snapshot.as_of,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        incumbent,
        snapshot.data_fingerprint,
        check_lifetime_gates(business.review, found),
        estimates,
        {"integrated_brier": Estimate(-behind.value, -behind.high, -behind.low)},
        dict(zip(moved["column"].astype(str), moved["psi"].astype(float), strict=True)),
        (),
    )


def _differences(job: Job, version: Version, opened: Opened) -> list[str]:
    """How a version's columns, or the settings that give them meaning, differ from today's."""
    found = changes(json.loads(version.said("definition")), lifetime_definition(job.business))
    today = columns(shape_of(job.business.sources, job.business.behaviour))
    if fingerprint(opened.columns) != fingerprint((*today, WEEK)):
        found.append("its columns are others")
    return found

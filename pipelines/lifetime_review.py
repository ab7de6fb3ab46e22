"""Job: hold a model of lifetimes against what is live, or one curve for all, on the newest day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
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
from pipelines.definition import SettingsDiffer, changes, lifetime_definition
from pipelines.evidence import Evidence, NothingToReview, seal, to_json, write_evidence
from pipelines.jobs import Job
from pipelines.lifetime_contest import (
    BEHIND,
    EVERYBODY,
    MODEL,
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
        challenger, champion = _contestants(job, registry)
        opened = registry.load(challenger)
        _require_same(job, challenger, opened)
        with job.steps.step("newest day whose lifetimes are known"):
            snapshot = _snapshot(job)
        with job.steps.step("comparison, gates"):
            curves = {
                MODEL: _curves(challenger, opened, snapshot.frame),
                EVERYBODY: for_all(opened.tables[EVERYBODY], len(snapshot.frame.customers)),
            }
            if champion is not None and not _differences(job, champion):
                rival = registry.load(champion)
                curves[f"champion {champion.number}"] = _curves(champion, rival, snapshot.frame)
            evidence = _evidence(job, snapshot, (challenger, champion, opened), curves)
            found = curve_of_everybody(snapshot.frame.lifetimes, job.business.lifetime.weeks)
            page = lifetime_page(job.business, evidence, curves, found)
        folder = write_evidence(job.home.reviews(job.business.name), evidence, page)
        with job.steps.step("tracking: evidence and page"):
            place = f"reviews/{evidence.review_id}"
            registry.tag(challenger, seal(evidence))
            written = {
                f"{place}/review.html": page,
                f"{place}/evidence.json": to_json(evidence),
            }
            registry.run(challenger.run_id).log(files=written)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return LifetimesReviewed(evidence, folder)


def _contestants(job: Job, registry: Registry) -> tuple[Version, Version | None]:
    name = job.model_name
    challenger, champion = registry.challenger(name), registry.champion(name)
    if challenger is None or (champion is not None and champion.number == challenger.number):
        found = "there is none" if challenger is None else "the newest is live already"
        message = (
            f"a review needs a version of {name} that waits for it, but {found}; run: "
            f"{job.command('train', job.task)}"
        )
        raise NothingToReview(message)
    return challenger, champion


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
        _identity(job, challenger, champion, snapshot),
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


def _differences(job: Job, version: Version) -> list[str]:
    """How the settings that give a version its meaning differ from today's."""
    return changes(json.loads(version.said("definition")), lifetime_definition(job.business))


def _require_same(job: Job, challenger: Version, opened: Opened) -> None:
    """Nothing, when the challenger was trained under today's config.

    Raises
    ------
    SettingsDiffer
        Saying what differs.
    """
    differing = _differences(job, challenger)
    today = columns(shape_of(job.business.sources, job.business.behaviour))
    if fingerprint(opened.columns) != fingerprint((*today, WEEK)):
        differing.append("its columns are others")
    if differing:
        message = (
            f"a review needs a challenger that was trained under today's config, but for version "
            f"{challenger.number} {'; '.join(differing)}; restore the settings or run: "
            f"{job.command('train', job.task)}"
        )
        raise SettingsDiffer(message)


def _identity(job: Job, challenger: Version, champion: Version | None, found: _Snapshot) -> str:
    """Equal comparisons have equal identities: versions, day, data and gates."""
    parts = (
        job.task,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        found.as_of,
        found.data_fingerprint,
        job.business.review.model_dump_json(),
    )
    return sha256(repr(parts).encode()).hexdigest()[:12]

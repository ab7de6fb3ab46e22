"""Job: hold the challenger against what is live, on the newest day whose outcome is known."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.behaviour import columns, shape_of
from features.contract import fingerprint
from features.loads import data_fingerprint, rows_read
from features.quarantine import rows_by_rule
from features.star import history
from features.warehouse import Connection
from models.baselines import WINDOWED_RFM
from models.catalogue import CHURN_KINDS
from models.drift import drift
from models.leaks import Leak, leaking_columns
from models.metrics import Estimate
from models.spec import FloatArray
from pipelines.contest import Contest, best_of, contest_of, restored_baselines, said_by
from pipelines.definition import changes, definition
from pipelines.dossier import Dossier, Judged, Snapshot, page_of
from pipelines.evidence import Evidence
from pipelines.frames import labelled_frame
from pipelines.gates import Findings, check_gates
from pipelines.jobs import Job
from pipelines.plan import outcomes_seen_until, review_day, unseen_customers
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.reviewing import Contestants, contestants, identity, keep, require_same_settings
from pipelines.season import season_of
from pipelines.versions import Version


@dataclass(frozen=True)
class Reviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


def run(job: Job) -> Reviewed:
    """Compare challenger and champion (or baselines) on one snapshot, check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer
        When the challenger was trained under another config.
    RegularsError
        When the newest observable day has no cohort or no label.
    """
    with job.alone("review"):
        registry = Registry(job.business.tracking.address, job.home.root)
        waiting, live = contestants(job, registry)
        challenger, champion = _judged(registry, waiting), _judged(registry, live) if live else None
        with job.opened() as con, job.steps.step("newest day whose outcome is known"):
            snapshot = _snapshot(job, con, waiting)
        require_same_settings(job, waiting, _differences(job, challenger, snapshot))
        with job.steps.step("comparison, gates"):
            dossier = _compare(job, snapshot, challenger, champion)
            page = page_of(dossier)
        folder = keep(job, registry, waiting, dossier.evidence, page)
    fact(
        "reviewed",
        business=job.business.name,
        review=dossier.evidence.review_id,
        passed=dossier.evidence.is_passed,
    )
    return Reviewed(dossier.evidence, folder)


def _judged(registry: Registry, version: Version) -> Judged:
    opened = registry.load(version)
    names = [column.name for column in opened.columns]
    restore = CHURN_KINDS[version.said("kind")].restore
    return Judged(version, opened, restore(opened.library_object, names))


def _snapshot(job: Job, con: Connection, challenger: Version) -> Snapshot:
    """Behaviour and labels of the newest observable day."""
    business = job.business
    known = history(con, business.sources)
    as_of = review_day(con, business.churn, known)
    frame = labelled_frame(con, business, [as_of], known)
    if challenger.said("by_customer") == "true":
        frame = frame.where(unseen_customers(frame.customers))
    shape = shape_of(business.sources, business.behaviour)
    return Snapshot(
        frame,
        as_of,
        columns(shape),
        known,
        data_fingerprint(con),
        rows_read(con),
        rows_by_rule(con, tuple(business.sources.given())),
        season_of(con, business, known, as_of, "season"),
    )


def _compare(job: Job, snapshot: Snapshot, challenger: Judged, champion: Judged | None) -> Dossier:
    """Everything that a review finds; a champion of other columns or settings does not compete."""
    rival = champion if champion and not _differences(job, champion, snapshot) else None
    own = f"challenger {challenger.version.number}"
    seasonal = snapshot.chances(challenger)
    contest = _contest(job, snapshot, {own: seasonal.probability}, challenger, rival)
    estimates = contest.estimates()
    metric = job.business.review.metric
    is_higher_better = contest.metrics[metric].higher_is_better
    incumbent = _incumbent(contest, estimates, own, rival, metric)
    differences = contest.differences(own, incumbent)
    moved = _drift(challenger, snapshot)
    settled = _settled(moved, challenger.version, snapshot)
    found = Findings(
        incumbent,
        differences[metric],
        _over_rfm(contest, own, metric),
        is_higher_better,
        estimates[own]["expected_calibration_error"],
        {name: moved[name] for name in settled},
        outcomes_seen_until(challenger.version, job.business.churn),
        snapshot.as_of,
        challenger.version.said("by_customer") == "true",
        _leaks(job, snapshot),
    )
    evidence = Evidence(
        _identity(job, (challenger.version, champion.version if champion else None), snapshot),
        job.now,
        snapshot.as_of,
        challenger.version.number,
        challenger.version.run_id,
        champion.version.number if champion else None,
        incumbent,
        snapshot.data_fingerprint,
        check_gates(job.business.review, found),
        estimates,
        differences,
        moved,
        settled,
    )
    return Dossier(job, evidence, contest, snapshot, challenger, champion, rival, seasonal.told)


def _incumbent(
    contest: Contest,
    estimates: Mapping[str, Mapping[str, Estimate]],
    own: str,
    rival: Judged | None,
    metric: str,
) -> str:
    """The champion that competes, else the best simple rule; boosted trees have another gate."""
    if rival:
        return f"champion {rival.version.number}"
    is_higher_better = contest.metrics[metric].higher_is_better
    return best_of(estimates, metric, is_higher_better=is_higher_better, but={own, WINDOWED_RFM})


def _over_rfm(contest: Contest, own: str, metric: str) -> Estimate | None:
    if WINDOWED_RFM not in contest.probabilities:
        return None
    return contest.differences(own, WINDOWED_RFM)[metric]


def _contest(
    job: Job,
    snapshot: Snapshot,
    own: Mapping[str, FloatArray],
    challenger: Judged,
    rival: Judged | None,
) -> Contest:
    """Challenger, champion if it competes, and the simple rules on the same customers."""
    frame, probabilities = snapshot.frame, dict(own)
    if rival is not None:
        probabilities[f"champion {rival.version.number}"] = snapshot.chances(rival).probability
    baselines = restored_baselines(challenger.opened.tables["baselines"])

    def moved(given: FloatArray) -> FloatArray:
        return snapshot.moved(challenger.version, given).probability

    probabilities.update(said_by(baselines, frame.features, moved))
    return contest_of(job.business, frame, probabilities)


def _leaks(job: Job, snapshot: Snapshot) -> tuple[Leak, ...]:
    frame = snapshot.frame
    return leaking_columns(frame.features, frame.churned, job.business.churn.leak_bound)


def _drift(challenger: Judged, snapshot: Snapshot) -> dict[str, float]:
    table = drift(challenger.opened.tables["reference"], snapshot.frame.features)
    return dict(zip(table["column"].astype(str), table["psi"].astype(float), strict=True))


def _settled(names: Iterable[str], version: Version, snapshot: Snapshot) -> tuple[str, ...]:
    """Columns that never looked beyond the history, from the first training day on.

    Others grow with the history itself: 364 days of spend cannot be compared with 60 of them.
    """
    first_day = min(date.fromisoformat(day) for day in json.loads(version.said("trained_on")))
    first_on = snapshot.known.first_on
    reach = (first_day - first_on).days if first_on and snapshot.known.sales_lines else None
    reaches = {column.name: column.looks_back_days for column in snapshot.columns}
    return tuple(
        name for name in names if reach is None or (reaches.get(name) or reach + 1) <= reach
    )


def _differences(job: Job, judged: Judged, snapshot: Snapshot) -> list[str]:
    """How a version's columns, or the settings that give them meaning, differ from today's."""
    trained: dict[str, str] = json.loads(judged.version.said("definition"))
    found = changes(trained, definition(job.business))
    if fingerprint(judged.opened.columns) != fingerprint(snapshot.columns):
        found.append("its columns are others")
    return found


def _identity(job: Job, versions: Contestants, snapshot: Snapshot) -> str:
    gates = (job.business.review.model_dump_json(), job.business.churn.economics)
    return identity(job, versions, snapshot.as_of, snapshot.data_fingerprint, *gates)

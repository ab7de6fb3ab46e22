"""Jobs: move the alias ``champion``, forward when a review allows it, and back."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.errors import RegularsError
from pipelines.audit import Entry, history, record, who
from pipelines.evidence import Evidence, read_evidence, require_sealed
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.versions import CHAMPION, Version


class GatesFailed(RegularsError):
    """The review did not allow the promotion, and nobody overrode it."""


class ReviewOutdated(RegularsError):
    """What the review compared is no longer what is there."""


class NothingToRollBack(RegularsError):
    """There is no earlier champion."""


@dataclass(frozen=True)
class Promoted:
    """Which version is live now, and which was before."""

    version: Version
    former: int | None
    was_done_before: bool = False


def run(job: Job, review_id: str, override: str | None = None) -> Promoted:
    """Move ``champion`` to the version that a review judged.

    Parameters
    ----------
    job
        The call.
    review_id
        Identity that `regulars review` printed.
    override
        Reason for promoting although gates failed; goes into the audit.

    Raises
    ------
    ReviewUnknown
        When there is no such review.
    GatesFailed
        When a gate failed and there is no reason to override it.
    ReviewOutdated
        When another version has been promoted or registered since.
    """
    with job.alone("promote"):
        evidence = read_evidence(job.home.reviews(job.business.name), review_id)
        registry = Registry(job.business.tracking.address, job.home.root)
        _require_judged(registry, job, evidence)
        failed = [gate.name for gate in evidence.gates if not gate.is_passed]
        if not evidence.is_passed and not (override and override.strip()):
            message = (
                f"promotion needs every gate of review {review_id} to pass, but these failed: "
                f"{', '.join(failed)}; train a better version, or promote with "
                f'--override "reason", which is recorded'
            )
            raise GatesFailed(message)
        why = override.strip() if failed and override else "every gate passed"
        act = _Act("promote", why, review_id)
        live = _reconciled(job, registry, {evidence.challenger: act})
        if live is not None and live.number == evidence.challenger:
            return Promoted(live, evidence.champion, was_done_before=True)
        _require_current(evidence, live, registry.challenger(job.model_name))
        return _move(job, registry, evidence.challenger, act)


def rollback(job: Job, reason: str = "rolled back") -> Promoted:
    """Move ``champion`` back to the version that was live before.

    Raises
    ------
    NothingToRollBack
        When the audit knows no earlier champion.
    """
    with job.alone("promote"):
        registry = Registry(job.business.tracking.address, job.home.root)
        live = _reconciled(job, registry, {})
        moves = [entry for entry in history(job.audit) if entry.to_version]
        former = _former(moves, live.number if live else None)
        if former is None:
            message = (
                f"a rollback needs an earlier champion of {job.model_name}, but the audit knows "
                f"none; promote another version instead"
            )
            raise NothingToRollBack(message)
        return _move(job, registry, former, _Act("rollback", reason, None))


@dataclass(frozen=True)
class _Act:
    what: str
    why: str
    review: str | None


def _move(job: Job, registry: Registry, number: int, act: _Act) -> Promoted:
    """Move the alias first, then say so; `_reconciled` says it after a kill in between."""
    live = registry.champion(job.model_name)
    former = live.number if live else None
    registry.move_alias(job.model_name, CHAMPION, number)
    version = registry.version(job.model_name, number)
    _record(job, act, former, version)
    fact("moved", business=job.business.name, act=act.what, version=number, former=former)
    return Promoted(version, former)


def _record(job: Job, act: _Act, former: int | None, version: Version) -> None:
    entry = Entry(
        at=job.now,
        who=who(),
        what=act.what,
        why=act.why,
        review=act.review,
        from_version=former,
        to_version=version.number,
        run_id=version.run_id,
    )
    record(job.audit, entry)


def _reconciled(job: Job, registry: Registry, intended: Mapping[int, _Act]) -> Version | None:
    """The live version, once the audit knows of it.

    A process that was killed between moving the alias and writing the audit, or somebody who moved
    the alias by other means, leaves a move without a line; it gets one here: the act that is
    ``intended`` for that version now, or else that it was found.
    """
    live = registry.champion(job.model_name)
    moves = [entry for entry in history(job.audit) if entry.to_version]
    last = moves[-1] if moves else None
    if live is not None and (last is None or last.run_id != live.run_id):
        found = _Act("found", "the alias had moved without a line in this audit", None)
        former = last.to_version if last else None
        _record(job, intended.get(live.number, found), former, live)
    return live


def _former(moves: list[Entry], live: int | None) -> int | None:
    """The champion before the live one: what the newest promotion to it replaced."""
    arrivals = [e for e in moves if e.to_version == live and e.what in ("promote", "found")]
    return arrivals[-1].from_version if arrivals else None


def _require_judged(registry: Registry, job: Job, evidence: Evidence) -> None:
    """Nothing, when the store holds the version that the review judged, and its seal.

    Raises
    ------
    ReviewOutdated
        When the store holds another version under that number.
    ReviewUnknown
        When the evidence was changed since.
    """
    found = {version.number: version for version in registry.versions(job.model_name)}
    version = found.get(evidence.challenger)
    if version is None or version.run_id != evidence.challenger_run:
        message = (
            f"review {evidence.review_id} judged version {evidence.challenger} of run "
            f"{evidence.challenger_run}, which this tracking store does not hold; review again"
        )
        raise ReviewOutdated(message)
    require_sealed(evidence, version.tags)


def _require_current(evidence: Evidence, live: Version | None, newest: Version | None) -> None:
    now = live.number if live else None
    if now != evidence.champion:
        message = (
            f"review {evidence.review_id} compared version {evidence.challenger} with "
            f"{_named(evidence.champion)}, but live is {_named(now)}; review again"
        )
        raise ReviewOutdated(message)
    if newest is not None and newest.number != evidence.challenger:
        message = (
            f"review {evidence.review_id} judged version {evidence.challenger}, but version "
            f"{newest.number} has been registered since; review that one"
        )
        raise ReviewOutdated(message)


def _named(number: int | None) -> str:
    return f"version {number}" if number else "the baselines"

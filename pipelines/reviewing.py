"""What reviews of every task share: who is compared, under which settings, and what is kept."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from pipelines.definition import SettingsDiffer
from pipelines.evidence import Evidence, NothingToReview, seal, to_json, write_evidence
from pipelines.jobs import Job
from pipelines.registry import Registry
from pipelines.versions import Version

CHALLENGER: Final = "challenger"
"""Name of the version that waits, among those that are compared."""

Played = TypeVar("Played")

Contestants = tuple[Version, Version | None]
"""The version that waits for a review, and the one that is live, if any."""


def contestants(job: Job, registry: Registry) -> Contestants:
    """The version that waits for a review, and the one that is live, if any.

    Raises
    ------
    NothingToReview
        When none waits.
    """
    name = job.model_name
    challenger, champion = registry.challenger(name), registry.champion(name)
    again = job.command("train", job.task)
    if challenger is None:
        raise NothingToReview(f"a review needs a version of {name}, but there is none; run {again}")
    if champion is not None and champion.number == challenger.number:
        message = (
            f"a review needs a challenger, but version {champion.number} of {name} is the newest "
            f"and live already; run {again}"
        )
        raise NothingToReview(message)
    return challenger, champion


def require_same_settings(job: Job, challenger: Version, differing: Sequence[str]) -> None:
    """Nothing, when the challenger was trained under today's config.

    Parameters
    ----------
    job, challenger
        The review and whom it judges.
    differing
        How its settings differ from today's, in words.

    Raises
    ------
    SettingsDiffer
        Saying what differs.
    """
    if differing:
        message = (
            f"a review needs a challenger that was trained under today's config, but for version "
            f"{challenger.number} {'; '.join(differing)}; restore the settings or run: "
            f"{job.command('train', job.task)}"
        )
        raise SettingsDiffer(message)


def played(
    versions: Contestants,
    differences: Callable[[Version], Sequence[str]],
    play: Callable[[Version], Played],
) -> dict[str, Played]:
    """What became of the challenger, first, and of a champion that can be compared with it.

    Parameters
    ----------
    versions
        Who is compared.
    differences
        How a version's settings differ from today's; a champion with any does not compete.
    play
        What becomes of a version.
    """
    challenger, champion = versions
    found = {CHALLENGER: play(challenger)}
    if champion is not None and not differences(champion):
        found[f"champion {champion.number}"] = play(champion)
    return found


def identity(job: Job, versions: Contestants, *behind: object) -> str:
    """Equal reviews have equal identities: task, versions, and what they were judged by.

    Parameters
    ----------
    job, versions
        The review, and who is compared.
    behind
        Days, fingerprint of the data and bounds of the gates; told apart by their ``repr``.
    """
    challenger, champion = versions
    who = (challenger.number, challenger.run_id, champion.number if champion else None)
    return sha256(repr((job.task, *who, *behind)).encode()).hexdigest()[:12]


def keep(job: Job, registry: Registry, challenger: Version, evidence: Evidence, page: str) -> Path:
    """Write evidence and page, seal them in the version's tags, and log both in its run.

    Returns
    -------
    Path
        Folder that holds them.
    """
    folder = write_evidence(job.home.reviews(job.business.name), evidence, page)
    with job.steps.step("tracking: evidence and page"):
        place = f"reviews/{evidence.review_id}"
        registry.tag(challenger, seal(evidence))
        written = {f"{place}/review.html": page, f"{place}/evidence.json": to_json(evidence)}
        registry.run(challenger.run_id).log(files=written)
    return folder

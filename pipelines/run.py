"""Job: the whole way, once: build, train, review, promote the first champion, score."""

from dataclasses import dataclass

from features.errors import RegularsError
from pipelines import build, promote, review, score, train
from pipelines.build import Built
from pipelines.definition import SettingsDiffer
from pipelines.jobs import Job
from pipelines.registry import Registry
from pipelines.score import Scored
from pipelines.scoring import ColumnsDiffer, NoChampion
from pipelines.versions import Version


class DayMissing(RegularsError):
    """The config does not say which day to score."""


@dataclass(frozen=True)
class WholeWay:
    """What each step left.

    Attributes
    ----------
    built
        What was loaded.
    version
        The newest version.
    trained, review
        None where nothing had to be done.
    scored
        None where no version is live or the live one was trained under another config.
    not_scored
        Why nothing is scored.
    """

    built: Built
    version: Version
    trained: train.Trained | None
    review: review.Reviewed | None
    scored: Scored | None
    not_scored: str = ""


def run(job: Job) -> WholeWay:
    """Do every step that is not done yet.

    A version that was trained on the same data, settings and code is not trained again. Only the
    first champion is promoted by itself, and only when its review's gates passed.

    Raises
    ------
    DayMissing
        When ``score.as_of`` is not set.
    """
    as_of = job.business.score.as_of
    if as_of is None:
        message = (
            "a whole run needs the day to score, but score.as_of is not set; set it in the config "
            "or with --set score.as_of=2018-01-01"
        )
        raise DayMissing(message)
    built = build.run(job)
    trained, version = _train(job)
    reviewed = _review(job, version)
    if reviewed and reviewed.evidence.champion is None and reviewed.evidence.is_passed:
        promote.run(job, reviewed.evidence.review_id)
    try:
        return WholeWay(built, version, trained, reviewed, score.run(job, as_of))
    except (NoChampion, ColumnsDiffer, SettingsDiffer) as error:
        return WholeWay(built, version, trained, reviewed, None, str(error))


def _train(job: Job) -> tuple[train.Trained | None, Version]:
    """The newest version when it followed today's recipe, else a new one."""
    recipe = train.recipe(job).digest
    versions = Registry(job.business.tracking.address, job.home.root).versions(job.model_name)
    if versions and versions[0].tags.get("recipe") == recipe:
        return None, versions[0]
    trained = train.run(job)
    return trained, trained.version


def _review(job: Job, version: Version) -> review.Reviewed | None:
    live = Registry(job.business.tracking.address, job.home.root).champion(job.model_name)
    if live is not None and live.number == version.number:
        return None
    return review.run(job)

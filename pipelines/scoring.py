"""What every job that scores shares: the live version, its columns, and notes of the day."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from features.behaviour import columns, shape_of, stream
from features.clock import days_after, days_between
from features.contract import Column, fingerprint
from features.errors import RegularsError
from features.loads import data_fingerprint
from features.star import History
from features.warehouse import Connection
from pipelines.artifacts import Opened
from pipelines.definition import require_same_definition
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.tables import Fact, PartitionBroken, repair_partition
from pipelines.versions import Version


class NoChampion(RegularsError):
    """No version has been promoted yet."""


class ColumnsDiffer(RegularsError):
    """The behaviour table of today is not the one that the model was trained on."""


def repair(path: Path) -> None:
    """Have the manifest agree with the scores that lie there; damaged ones are written anew."""
    if not path.exists():
        return
    try:
        repair_partition(path)
    except PartitionBroken as error:
        fact("replacing", reason=error)


@dataclass(frozen=True)
class ScoredDay:
    """A day that is scored.

    Attributes
    ----------
    as_of
        The day.
    known
        What the warehouse holds.
    seen_until
        First day on which no outcome that the model has learnt from can lie.
    """

    as_of: date
    known: History
    seen_until: date


def notes_of(day: ScoredDay) -> tuple[str, ...]:
    """What makes the scores of a day say more or less than they seem to."""
    notes = []
    if day.as_of < day.seen_until:
        notes.append(
            f"the model has seen outcomes until {day.seen_until}: scores of an earlier day flatter "
            f"it"
        )
    last_on = day.known.last_on
    if day.known.sales_lines and last_on and days_between(last_on, day.as_of) > 1:
        notes.append(
            f"the orders end on {last_on}: everybody looks silent since; load the missing days or "
            f"score {days_after(last_on, 1)}"
        )
    return tuple(notes)


def facts_of(
    job: Job, con: Connection, version: Version, described: Sequence[Column], day: ScoredDay
) -> dict[str, Fact]:
    """What any partition of scores says of itself; nothing that differs between reruns.

    Parameters
    ----------
    job, con
        The call, and its warehouse.
    version, described
        The model, and its columns of the behaviour table.
    day
        Of the scores.
    """
    return {
        "business": job.business.name,
        "as_of": str(day.as_of),
        "model": version.name,
        "model_version": version.number,
        "run_id": version.run_id,
        "behaviour_fingerprint": fingerprint(described),
        "data_fingerprint": data_fingerprint(con),
        "data_until": str(day.known.last_on),
        "outcomes_seen_until": str(day.seen_until),
    }


def behaviour_batches(job: Job, con: Connection, as_of: date) -> Iterator[pa.RecordBatch]:
    """The behaviour table of a day in batches of ``score.batch_rows``."""
    business = job.business
    return stream(
        con,
        [as_of],
        business.sources,
        business.behaviour,
        engine=business.engine,
        rows=business.score.batch_rows,
    )


def live(job: Job, today: Mapping[str, str]) -> tuple[Registry, Version]:
    """The registry, and the version that is live now, resolved once for the whole job.

    Parameters
    ----------
    job
        The call.
    today
        Settings of today's config that decide what the model says.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    SettingsDiffer
        When the model was trained under other settings.
    """
    registry = Registry(job.business.tracking.address, job.home.root)
    name, task = job.model_name, job.task
    version = registry.champion(name)
    if version is None:
        message = (
            f"scoring needs a champion of {name}, but no version has been promoted; run: "
            f"regulars train {task}, regulars review {task}, regulars promote {task} --review ID"
        )
        raise NoChampion(message)
    require_same_definition(json.loads(version.said("definition")), today)
    return registry, version


def champion_of(
    job: Job, today: Mapping[str, str], own: Sequence[Column] = ()
) -> tuple[Version, Opened]:
    """The version that is live now, resolved once for the whole job, and its model opened.

    Parameters
    ----------
    job
        The call.
    today
        Settings of today's config that decide what the model says.
    own
        Columns that the model has behind those of the behaviour table.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the model.
    """
    registry, version = live(job, today)
    opened = registry.load(version)
    expected = columns(shape_of(job.business.sources, job.business.behaviour))
    require_same(opened.columns, (*expected, *own))
    return version, opened


def require_same(trained: Sequence[Column], today: Sequence[Column]) -> None:
    """Nothing, when the model's columns are those of today's config.

    Raises
    ------
    ColumnsDiffer
        Naming the columns that are missing, new, or defined differently.
    """
    if fingerprint(trained) == fingerprint(today):
        return
    of_model = {column.name: column for column in trained}
    of_config = {column.name: column for column in today}
    missing = sorted(of_model.keys() - of_config.keys())
    new = sorted(of_config.keys() - of_model.keys())
    changed = sorted(
        name
        for name in of_model.keys() & of_config.keys()
        if fingerprint([of_model[name]]) != fingerprint([of_config[name]])
    )
    message = (
        f"scoring needs the behaviour table that the model was trained on, but the config's lacks "
        f"{missing}, adds {new} and defines {changed or 'in another order'} differently; restore "
        f"the settings or train again"
    )
    raise ColumnsDiffer(message)

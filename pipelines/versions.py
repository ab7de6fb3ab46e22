"""Plain values that the registry takes and gives: trials, logged models, versions, aliases."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from features.errors import RegularsError

CHAMPION = "champion"
CHALLENGER = "challenger"

_SEAL, _MODEL_ID = "regulars.sha256", "regulars.model_id"
_NAME = re.compile(r"[\w.\- ]+")
_ALIAS = re.compile(r"(?!latest$|v\d+$)[a-z][a-z0-9_-]*")


class NameUnfit(RegularsError):
    """A registered model's name or an alias that some registry would refuse or confuse."""


class VersionForeign(RegularsError):
    """A version that no training of this project registered."""


@dataclass(frozen=True)
class Trial:
    """One trial of a search: its number, what was tried, and what came out.

    Attributes
    ----------
    number
        Place in the search, from 0.
    params
        What was tried.
    metrics
        What came out; empty for a failed trial.
    has_failed
        Whether the trial ended without a value.
    """

    number: int
    params: Mapping[str, object]
    metrics: Mapping[str, float] = field(default_factory=dict)
    has_failed: bool = False


@dataclass(frozen=True)
class Logged:
    """A model stored with its run, not yet registered.

    Attributes
    ----------
    run_id
        Run that made it.
    model_id
        MLflow's identity of the logged model.
    source
        Address of its folder.
    sealed
        SHA-256 of every file by its path in the folder.
    """

    run_id: str
    model_id: str
    source: str
    sealed: Mapping[str, str]

    def to_tags(self) -> dict[str, str]:
        """Labels of a version that is registered from it."""
        return {_SEAL: json.dumps(self.sealed), _MODEL_ID: self.model_id}


@dataclass(frozen=True)
class Version:
    """One registered version.

    Attributes
    ----------
    name
        Registered model's name.
    number
        1 for the first.
    run_id
        Run that made it.
    source
        Address of its folder.
    tags
        What was said of it at registration and since.
    aliases
        Aliases that point to it now.
    created_at
        When it was registered, in UTC.
    """

    name: str
    number: int
    run_id: str
    source: str
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    created_at: datetime

    def said(self, tag: str) -> str:
        """What was said of it at registration.

        Raises
        ------
        VersionForeign
            When it was not registered by a training of this project.
        """
        if tag not in self.tags:
            message = (
                f"version {self.number} of {self.name} needs the tag {tag!r} that a training gives "
                f"it, but has none: something else registered it; move the alias to a version "
                f"that regulars train made"
            )
            raise VersionForeign(message)
        return self.tags[tag]

    @property
    def sealed(self) -> Mapping[str, str]:
        """SHA-256 of every file at registration; empty, which fits no model, when not given."""
        found: dict[str, str] = json.loads(self.tags.get(_SEAL, "{}"))
        return found


@dataclass(frozen=True)
class Reconciled:
    """What dead processes had left: runs now FAILED, and models of theirs now deleted."""

    run_ids: tuple[str, ...]
    model_ids: tuple[str, ...]


class Recorded(Protocol):
    """A version as MLflow records it."""

    @property
    def name(self) -> str:
        """Registered model's name."""

    @property
    def version(self) -> int | str:
        """Number."""

    @property
    def run_id(self) -> str | None:
        """Run that made it."""

    @property
    def source(self) -> str | None:
        """Address of its folder."""

    @property
    def tags(self) -> dict[str, str]:
        """Labels."""

    @property
    def aliases(self) -> list[str]:
        """Aliases that point to it."""

    @property
    def creation_timestamp(self) -> int:
        """Milliseconds since 1970 in UTC."""


def version_of(recorded: Recorded) -> Version:
    """The version that MLflow recorded."""
    return Version(
        name=recorded.name,
        number=int(recorded.version),
        run_id=recorded.run_id or "",
        source=recorded.source or "",
        tags=dict(recorded.tags),
        aliases=tuple(recorded.aliases),
        created_at=datetime.fromtimestamp(recorded.creation_timestamp / 1000, UTC),
    )


def checked_name(name: str) -> str:
    """The name of a registered model, when every registry takes it."""
    if not _NAME.fullmatch(name):
        raise NameUnfit(
            "a registered model's name needs letters, digits, dots, dashes, underscores or blanks, "
            f"but is {name!r}"
        )
    return name


def checked_alias(alias: str) -> str:
    """The alias, when it is in lower case and means nothing else to MLflow."""
    if not _ALIAS.fullmatch(alias):
        raise NameUnfit(
            "an alias needs a lower-case letter, then lower-case letters, digits, dashes or "
            f"underscores, and is neither 'latest' nor like 'v1', but is {alias!r}"
        )
    return alias

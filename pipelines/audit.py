"""Who decided what, when and why: JSON lines that are only ever added."""

import fcntl
import getpass
import json
import logging
import os
import socket
from datetime import UTC
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from features.errors import RegularsError
from pipelines.tables import writing

_log = logging.getLogger(__name__)


class AuditUnreadable(RegularsError):
    """A whole line of the audit is not an entry: another program changed it."""


class Entry(BaseModel):
    """One decision.

    Attributes
    ----------
    at
        When, with its time zone; written in UTC.
    who
        The person's account, ``user@host``.
    what
        The act: ``promote``, ``override``, ``rollback`` …
    why
        The reason in words.
    review
        Identity of the review that allowed it; None when there was none.
    from_version, to_version
        Versions that lost and got the alias; None where there was none.
    run_id
        Run that made the version which got the alias: numbers begin again in a new store.
    """

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    who: str
    what: str
    why: str
    review: str | None = None
    from_version: int | None = None
    to_version: int | None = None
    run_id: str | None = None


def who() -> str:
    """The account and machine of this process, ``user@host``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def record(path: Path, entry: Entry) -> None:
    """Add the entry to the file; when this returns, it is on the disk.

    A piece of a line that a killed writer left is closed with a line break and kept.
    """
    line = entry.model_copy(update={"at": entry.at.astimezone(UTC)}).model_dump_json() + "\n"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            _write_all(descriptor, (b"\n" if is_torn else b"") + line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def history(path: Path) -> tuple[Entry, ...]:
    """Every entry, oldest first; none when there is no file.

    A line that a killed writer left unfinished was never confirmed: it is passed over with a
    warning.

    Raises
    ------
    AuditUnreadable
        When a finished line is not an entry.
    """
    if not path.is_file():
        return ()
    entries = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line:
            continue
        if not _is_whole(line):
            _log.warning("passed over an unfinished audit line file=%s line=%d", path, number)
            continue
        try:
            entries.append(Entry.model_validate_json(line))
        except ValidationError as error:
            raise AuditUnreadable(
                f"{path} must hold one entry a line, but line {number} is none; "
                "restore the file from a backup"
            ) from error
    return tuple(entries)


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False

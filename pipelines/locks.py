"""One job at a time: a lock file that names its holder and is free when the holder is gone."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from features.errors import RegularsError
from pipelines.processes import Process, has_ended, this_process
from pipelines.tables import writing

_GRACE_SECONDS = 1.0
"""How long a new holder may take to write its name over a dead one's."""
_PAUSE_SECONDS = 0.05


class JobRunning(RegularsError):
    """Another process does the same job."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, for what, and since when (UTC)."""

    process: Process
    what: str
    since: str

    def __str__(self) -> str:
        return f"process {self.process.pid} on {self.process.host} since {self.since}"


@contextmanager
def lock(path: Path, what: str, patience_seconds: float = 0.0) -> Iterator[None]:
    """Within the block this process alone does ``what``; the lock file names it.

    The operating system frees the lock when its holder ends in whatever way, so a dead holder's
    lock is taken over. The file stays: removing it would let two processes hold two files.

    Raises
    ------
    JobRunning
        When another process holds the lock for longer than ``patience_seconds``.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(descriptor, patience_seconds):
            raise JobRunning(_refusal(descriptor, what))
        now = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        with writing(path):
            _write(descriptor, json.dumps(asdict(Holder(this_process(), what, now))))
        yield
        with writing(path):
            _write(descriptor, "")
    finally:
        os.close(descriptor)


def _taken(descriptor: int, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True


def _refusal(descriptor: int, what: str) -> str:
    holder = _holder(descriptor)
    deadline = time.monotonic() + _GRACE_SECONDS
    while (holder is None or has_ended(holder.process)) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        holder = _holder(descriptor)
    if holder is None:
        return f"{what} needs to run alone, but another process runs it; wait until it has ended"
    return (
        f"{what} needs to run alone, but {holder} runs {holder.what}; "
        "wait until it has ended, or stop it"
    )


def _holder(descriptor: int) -> Holder | None:
    """What the file says; None while its holder is writing."""
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(Process(**found["process"]), found["what"], found["since"])
    except (ValueError, KeyError, TypeError):
        return None


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)

"""The file in which a search keeps its trials, made whole again after a kill."""

import json
import logging
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

_log = logging.getLogger("regulars")


def opened_journal(path: Path) -> JournalStorage:
    """Storage of the trials in the file; the caller makes sure that no other process uses it.

    A killed process can leave half a line, after which Optuna reads nothing more, and a lock on
    which it waits for half a minute. The half line was never confirmed, so it is cut off. A file
    that is damaged otherwise is set aside, and the search begins anew.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    if path.exists():
        _cut_half_line(path)
        if not all(map(_is_entry, path.read_bytes().splitlines())):
            aside = path.with_name(f"{path.name}.damaged")
            path.replace(aside)
            _log.warning("earlier trials are damaged and lie in %s; searching anew", aside)
    return JournalStorage(JournalFileBackend(str(path)))


def _cut_half_line(path: Path) -> None:
    with path.open("r+b") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)


def _is_entry(line: bytes) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and "op_code" in entry

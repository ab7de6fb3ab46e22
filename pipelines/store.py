"""MLflow kept in order without importing it: its SQLite file, its noise, its error texts.

MLflow creates its tables in dozens of steps on the final file, so two processes at once, or one
kill, leave a file that no MLflow opens again. Here they are made in a file beside it, which takes
the place when it is finished; a half-made one left by other means is recognised and replaced.
"""

import logging
import os
import re
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from features.errors import RegularsError
from pipelines.locks import lock
from pipelines.tables import DiskFull, replace_file, sweep

_CREATION_SECONDS = 120.0  # how long others wait for the first, who needs one
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BUSY_TEXT = (
    "the tracking store {} is held by another process; "
    "wait until that has ended, or close the program that has it open"
)
_LONGEST_CAUSE = 200
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_SCHEMA_DETAILS": "true",  # or errors of loaded models quote rows
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",  # or this project's lock goes into the model
}
_DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}


class StoreBusy(RegularsError):
    """Another process holds the tracking store for too long."""


class StoreUnusable(RegularsError):
    """The tracking store's file is no SQLite database."""


class TrackingFailed(RegularsError):
    """MLflow refused something or could not be reached."""


def ensure_store(
    database: Path, lock_file: Path, create: Callable[[Path], None], patience_seconds: float
) -> None:
    """Have a finished store at ``database``, free to be written to.

    When there is none, ``create`` gets the path of a file that is not there and must leave a
    finished store in it, closed. Processes that come at once wait for the first.

    Raises
    ------
    StoreBusy
        When another process holds the store for longer than ``patience_seconds``.
    StoreUnusable
        When the file is no store and not a half-made one either.
    """
    if "?" in str(database):
        raise StoreUnusable(
            f"the home needs a path without a question mark, but holds {database}; "
            "choose another --home"
        )
    if _is_finished(database, patience_seconds):
        wait_until_free(database, patience_seconds)
        return
    with lock(lock_file, f"creating {database}", _CREATION_SECONDS):
        sweep(database.parent)
        if _is_finished(database, patience_seconds):
            return
        with replace_file(database) as staged:
            _create(create, staged)
            # before the rename, or SQLite would roll a dead file's journal into the new one
            database.with_name(f"{database.name}-journal").unlink(missing_ok=True)


def _create(create: Callable[[Path], None], staged: Path) -> None:
    """Create the store; a full disk is told as one, whichever library met it."""
    try:
        create(staged)
    except Exception as error:
        if "disk is full" not in str(error) and "disk I/O error" not in str(error):
            raise
        message = f"{staged.parent} needs more space than its disk has left; free some, run again"
        raise DiskFull(message) from error


def _is_finished(database: Path, patience_seconds: float) -> bool:
    """Whether the store was created to the end: the default experiment is its last step."""
    if not database.is_file() or database.stat().st_size == 0:
        return False
    try:
        with _connected(database, patience_seconds) as connection:
            found = connection.execute("SELECT count(*) FROM experiments").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "no such table" in str(error):
            return False
        raise _told(error, database) from error
    return bool(found[0])


def wait_until_free(database: Path, patience_seconds: float) -> None:
    """Return when the store can be written to.

    Raises
    ------
    StoreBusy
        When another process holds it for longer than ``patience_seconds``.
    """
    try:
        with _connected(database, patience_seconds) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        raise _told(error, database) from error


def _connected(database: Path, patience_seconds: float) -> closing[sqlite3.Connection]:
    """A connection in autocommit mode to a file that is there; none is created."""
    address = f"file:{quote(str(database))}?mode=rw"
    return closing(
        sqlite3.connect(address, uri=True, timeout=patience_seconds, isolation_level=None)
    )


def silence() -> None:
    """Settings that keep MLflow off the terminal, off the network and off this project's files.

    To be called before MLflow is imported, and again after, when its loggers are there.
    """
    os.environ.update(_ENVIRONMENT)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)  # what it logs also comes as exceptions
    logging.getLogger("alembic").setLevel(logging.WARNING)


@contextmanager
def quietly() -> Iterator[None]:
    """Within the block, what MLflow's libraries deprecate is nobody's concern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def fixed_location(database: Path, experiment: str) -> str:
    """Where an experiment of the store keeps its artifacts: an absolute address beside it."""
    return (database.with_name("artifacts") / re.sub(r"[^\w-]+", "_", experiment)).as_uri()


def require_beside(database: Path, location: str, experiment: str) -> None:
    """Refuse an experiment whose files would go elsewhere, as after a move of the home folder.

    Raises
    ------
    StoreUnusable
        When the experiment's artifacts do not lie beside the store.
    """
    root, found = database.with_name("artifacts"), Path(unquote(urlsplit(location).path))
    if not found.is_relative_to(root):
        raise StoreUnusable(
            f"the files of experiment {experiment} must lie below {root}, but go to {found}: "
            "the home folder was moved; move it back, or begin with an empty one"
        )


def tracking_failure(error: Exception, what: str, uri: str) -> RegularsError:
    """MLflow's failure in one line: no statement, no parameters, no rows, no password."""
    first_line = (str(error).splitlines() or [type(error).__name__])[0][:_LONGEST_CAUSE]
    if "database is locked" in first_line:
        return StoreBusy(_BUSY_TEXT.format(_without_password(uri)))
    return TrackingFailed(
        f"{what} needs the tracking store {_without_password(uri)}, but it answered: "
        f"{_without_password(first_line)}"
    )


def _without_password(text: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//***@", text)


def _told(error: sqlite3.DatabaseError, database: Path) -> RegularsError:
    if getattr(error, "sqlite_errorcode", None) in _BUSY:
        return StoreBusy(_BUSY_TEXT.format(database))
    return StoreUnusable(
        f"the tracking store {database} cannot be used ({error}); "
        "restore it from a backup, or move it away to begin with an empty one"
    )

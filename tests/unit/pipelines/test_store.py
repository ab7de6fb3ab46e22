"""MLflow's SQLite file: whole or absent, and its failures in our terms."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipelines.store import (
    StoreBusy,
    StoreUnusable,
    TrackingFailed,
    ensure_store,
    tracking_failure,
    wait_until_free,
)

HALF = "CREATE TABLE experiments (name TEXT)"
WHOLE = f"{HALF}; INSERT INTO experiments VALUES ('Default')"


def script(database: Path, text: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(text)


def content(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM experiments")]


def create(database: Path) -> None:
    script(database, WHOLE)


def ensure(database: Path, make: Callable[[Path], None] = create) -> None:
    ensure_store(database, database.with_name("lock"), make, patience_seconds=0.1)


def refuse_to_create(_database: Path) -> None:
    pytest.fail("a finished store was created again")


@contextmanager
def held(database: Path) -> Iterator[sqlite3.Connection]:
    """The store, exclusively locked by another connection."""
    with closing(
        sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    ) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "家 100% #1" / "mlflow.db"


def test_a_missing_store_is_created_and_a_finished_one_left_alone(database: Path) -> None:
    ensure(database)
    assert content(database) == ["Default"]
    ensure(database, refuse_to_create)
    assert sorted(p.name for p in database.parent.iterdir()) == ["lock", "mlflow.db"]


@pytest.mark.parametrize("left", [None, "", HALF, "CREATE TABLE runs (id TEXT)"])
def test_a_half_made_store_is_replaced(database: Path, left: str | None) -> None:
    database.parent.mkdir()
    if left is None:
        database.touch()
    else:
        script(database, left)
    database.with_name("mlflow.db-journal").touch()
    ensure(database)
    assert content(database) == ["Default"]
    assert not database.with_name("mlflow.db-journal").exists()


def test_a_creation_that_fails_leaves_nothing_and_can_be_repeated(database: Path) -> None:
    def fail(staged: Path) -> None:
        script(staged, HALF)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ensure(database, fail)
    assert [p.name for p in database.parent.iterdir()] == ["lock"]
    ensure(database)
    assert content(database) == ["Default"]


def test_of_several_at_once_one_creates_and_the_others_wait(database: Path) -> None:
    def work() -> None:
        ensure(database, counted)

    def counted(staged: Path) -> None:
        calls.append(staged)
        create(staged)

    calls: list[Path] = []
    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert content(database) == ["Default"]


def test_a_file_that_is_no_database_is_refused_and_kept(database: Path) -> None:
    database.parent.mkdir()
    database.write_text("somebody's notes, longer than a header of sixteen bytes")
    expected = (
        f"the tracking store {database} cannot be used (file is not a database); "
        "restore it from a backup, or move it away to begin with an empty one"
    )
    with pytest.raises(StoreUnusable, match=f"^{re.escape(expected)}$"):
        ensure(database, refuse_to_create)
    assert database.read_text().startswith("somebody's notes")


def test_a_home_with_a_question_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="needs a path without a question mark"):
        ensure(tmp_path / "what?" / "mlflow.db", refuse_to_create)


def test_a_held_store_is_waited_for_and_then_refused(database: Path) -> None:
    ensure(database)
    expected = (
        f"the tracking store {database} is held by another process; "
        "wait until that has ended, or close the program that has it open"
    )
    with held(database):
        with pytest.raises(StoreBusy, match=f"^{re.escape(expected)}$"):
            wait_until_free(database, patience_seconds=0.1)
        with pytest.raises(StoreBusy, match=f"^{re.escape(expected)}$"):
            ensure(database, refuse_to_create)


def test_a_store_that_becomes_free_in_time_is_used(database: Path) -> None:
    ensure(database)
    with held(database) as connection:
        timer = threading.Timer(0.3, connection.execute, ["ROLLBACK"])
        timer.start()
        wait_until_free(database, patience_seconds=10)
        timer.join()


def test_waiting_for_a_store_that_is_gone_creates_none(database: Path) -> None:
    database.parent.mkdir()
    with pytest.raises(StoreUnusable, match="unable to open database file"):
        wait_until_free(database, patience_seconds=0.1)
    assert not database.exists()


def test_a_failure_is_told_in_one_line_without_statement_rows_or_password() -> None:
    error = ValueError(
        "no host at http://ann:secret@tracking:5000/api\n"
        "[SQL: INSERT INTO params VALUES (?)]\n[parameters: ('canary',)]"
    )
    told = tracking_failure(error, "logging values", "http://ann:secret@tracking:5000")
    assert isinstance(told, TrackingFailed)
    assert str(told) == (
        "logging values needs the tracking store http://***@tracking:5000, but it answered: "
        "no host at http://***@tracking:5000/api"
    )


def test_a_lock_that_mlflow_reports_is_told_like_our_own() -> None:
    error = ValueError("(sqlite3.OperationalError) database is locked\n[SQL: INSERT …]")
    told = tracking_failure(error, "logging values", "sqlite:////home/mlflow.db")
    assert isinstance(told, StoreBusy)
    assert str(told).startswith("the tracking store sqlite:////home/mlflow.db is held by another")

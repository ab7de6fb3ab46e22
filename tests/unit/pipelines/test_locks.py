"""One job at a time: a lock file that names its holder and is free when the holder is gone."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.locks import JobRunning, lock
from pipelines.tables import OutputNotWritable

HOLD = """
import sys, time
from pathlib import Path
from pipelines.locks import lock
with lock(Path(sys.argv[1]), "score"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_a_second_process_is_told_who_runs_since_when(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "score.lock"
    with held_elsewhere(path) as holder:
        since = json.loads(path.read_text())["since"]
        expected = (
            f"score needs to run alone, but process {holder.pid} on {socket.gethostname()} "
            f"since {since} runs score; wait until it has ended, or stop it"
        )
        with pytest.raises(JobRunning, match=f"^{re.escape(expected)}$"), lock(path, "score"):
            pytest.fail("two processes hold one lock")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00", since)


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "score.lock"
    with held_elsewhere(path) as holder:
        holder.kill()
        holder.wait()
        assert json.loads(path.read_text())["process"]["pid"] == holder.pid
        with lock(path, "score"):
            assert json.loads(path.read_text())["process"]["pid"] == os.getpid()


def test_a_patient_process_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "score.lock"
    with held_elsewhere(path) as holder:
        threading.Timer(0.3, holder.kill).start()
        with lock(path, "score", patience_seconds=30):
            assert json.loads(path.read_text())["process"]["pid"] == os.getpid()


def test_a_block_that_raises_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "score.lock"
    with pytest.raises(ZeroDivisionError), lock(path, "score"):
        _ = 1 / 0
    with lock(path, "score"):
        pass
    assert path.read_text() == ""


def test_a_holder_that_has_not_written_its_name_is_still_respected(tmp_path: Path) -> None:
    path = tmp_path / "score.lock"
    with lock(path, "score"):
        path.write_text("")
        expected = "score needs to run alone, but another process runs it; wait until it has ended"
        with pytest.raises(JobRunning, match=f"^{re.escape(expected)}$"), lock(path, "score"):
            pytest.fail("two holders of one lock")


def test_a_lock_needs_a_writable_place(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file, not a folder")
    with pytest.raises(OutputNotWritable), lock(tmp_path / "locks" / "score.lock", "score"):
        pytest.fail("a lock without a file")

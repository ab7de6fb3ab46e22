"""Which process is meant, whether it has ended, and a SIGTERM that can be cleaned up after."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.processes import (
    Process,
    Terminated,
    has_ended,
    interruptions_kept,
    sigterm_raises,
    this_process,
    was_stopped,
)

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_the_process_that_asks_has_not_ended() -> None:
    assert this_process().pid == os.getpid()
    assert not has_ended(this_process())


def test_a_killed_process_has_ended_before_its_parent_collects_it() -> None:
    child = subprocess.Popen(SLEEPER)
    born = replace(this_process(), pid=child.pid)
    child.kill()
    deadline = time.monotonic() + 5
    while not has_ended(born) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert has_ended(born)
    child.wait()
    assert has_ended(born)


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert has_ended(replace(this_process(), birth="1"))


def test_nothing_is_known_of_a_process_of_another_machine() -> None:
    assert not has_ended(Process(1, "another-machine", "1"))


def test_sigterm_raises_within_the_block_only() -> None:
    with pytest.raises(Terminated) as caught, sigterm_raises():
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_programs_own_handling_of_sigterm_stays() -> None:
    seen = []
    signal.signal(signal.SIGTERM, lambda number, _frame: seen.append(number))
    try:
        with sigterm_raises():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert seen == [signal.SIGTERM]


def test_a_thread_leaves_signals_alone() -> None:
    def work() -> None:
        with sigterm_raises():
            handlers.append(signal.getsignal(signal.SIGTERM))

    handlers: list[object] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.SIG_DFL]


def test_an_error_that_a_stop_left_behind_ends_as_the_stop() -> None:
    def stopped_while_letting_go() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            Path("/nonexistent/lock").unlink()

    with pytest.raises(Terminated) as caught, interruptions_kept():
        stopped_while_letting_go()
    assert caught.value.code == 130
    assert was_stopped(caught.value.__cause__)


def test_an_error_without_a_stop_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="wrong") as caught, interruptions_kept():
        raise ValueError("wrong")
    assert not was_stopped(caught.value)


class Stubborn:
    """An object in whose finalizer a signal arrives, where Python lets nothing be raised."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0)


def test_a_stop_that_python_drops_comes_again(capsys: pytest.CaptureFixture[str]) -> None:
    hook, alarm = sys.unraisablehook, signal.getsignal(signal.SIGALRM)

    def stopped_where_nothing_can_be_raised() -> None:
        Stubborn()
        time.sleep(5)

    with pytest.raises(Terminated) as caught, interruptions_kept():
        stopped_where_nothing_can_be_raised()
    assert caught.value.code == 143
    assert "Traceback" not in capsys.readouterr().err
    assert (sys.unraisablehook, signal.getsignal(signal.SIGALRM)) == (hook, alarm)

"""Which process is meant, whether it has ended, and a SIGTERM that can be cleaned up after."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

_STATE, _BIRTH = 0, 19
"""Places in ``/proc/<pid>/stat`` after the command's closing bracket: state, start in ticks."""


class Terminated(SystemExit):
    """A signal arrived; the process ends with 128 and its number when nothing catches this."""


@dataclass(frozen=True)
class Process:
    """One process of one machine, told apart from a later one that got the same number.

    Attributes
    ----------
    pid
        Number given by the operating system.
    host
        Name of the machine.
    birth
        Clock ticks from the machine's start to the process's start; empty where the operating
        system does not tell (no ``/proc``).
    """

    pid: int
    host: str
    birth: str


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(pid, socket.gethostname(), _stat(pid)[_BIRTH])


def has_ended(process: Process) -> bool:
    """Whether the process is certainly gone; False for a process of another machine.

    A zombie has ended: it holds no file and no lock any more.
    """
    if process.host != socket.gethostname():
        return False
    if not _exists(process.pid):
        return True
    stat = _stat(process.pid)
    return stat[_STATE] in {"Z", "X"} or stat[_BIRTH] != process.birth


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[str]:
    """Fields of ``/proc/<pid>/stat`` after the command; blanks where there is no such file."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return [""] * (_BIRTH + 1)
    return text.rpartition(")")[2].split()


@contextmanager
def sigterm_raises() -> Iterator[None]:
    """Within the block SIGTERM raises `Terminated`, so that ``finally`` clauses run.

    Changes nothing outside the main thread, or where the program handles SIGTERM already.
    """
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if is_ours:
        signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def interruptions_kept() -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM raise `Terminated`, code 130 and 143, always.

    A library that is stopped in the midst of its work may end with an error of its own (the query
    engine without any cause, a lock that is let go twice); so each signal is remembered, and what
    fails after it is told as the stop that it was. Where nothing can be raised (a finalizer, a
    callback of the interpreter), Python drops the stop: it is raised again a moment later.
    """
    received: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> NoReturn:
        received.append(number)
        raise Terminated(128 + number)

    def again(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated(128 + received[-1])

    def dropped(what: "sys.UnraisableHookArgs") -> None:
        if isinstance(what.exc_value, Terminated):
            signal.setitimer(signal.ITIMER_REAL, _MOMENT)
        else:
            told(what)

    told, sys.unraisablehook = sys.unraisablehook, dropped
    before = {number: signal.signal(number, remember) for number in _STOPPING}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, again)
    try:
        yield
    except Exception as error:
        if not received:
            raise
        raise Terminated(128 + received[-1]) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = told
        for number, handler in before.items():
            signal.signal(number, handler)


def was_stopped(error: BaseException | None) -> bool:
    """Whether an error is a stop, or came up while one was being handled."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return True
        error = error.__context__
    return False


_STOPPING = (signal.SIGINT, signal.SIGTERM)
_MOMENT = 0.01  # seconds


def _raise_terminated(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(128 + number)

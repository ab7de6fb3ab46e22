"""A real Spark cluster on this machine: a master and two workers, each a process of its own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"
WORKERS = 2
START_SECONDS = 60


def what_is_missing() -> str | None:
    """Why Spark cannot run here, or None."""
    if find_spec("pyspark") is None:
        return "needs pyspark; make test-spark installs it"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        return "needs Java 17"
    return None


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with closing(socket.socket()) as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Address of a master with two workers of one core and 1 GB each, all ended with the block."""
    port, page = free_port(), free_port()
    master = f"spark://{HOST}:{port}"
    with ExitStack() as stack:
        words = ("--host", HOST, "--port", str(port), "--webui-port", str(page))
        stack.enter_context(_process(folder / "master", "master.Master", *words))
        _wait_for(folder / "master", "New state: ALIVE")
        for number in range(WORKERS):
            place = folder / f"worker-{number}"
            limits = ("--host", HOST, "--cores", "1", "--memory", "1g", "--webui-port", "0")
            work = ("--work-dir", str(place), master)
            stack.enter_context(_process(place, "worker.Worker", *limits, *work))
        for number in range(WORKERS):
            _wait_for(folder / f"worker-{number}", "Successfully registered")
        yield master


@contextmanager
def _process(folder: Path, name: str, *words: str) -> Iterator[None]:
    folder.mkdir()
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    command = Path(spec.origin).parent / "bin" / "spark-class"
    env = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "256m"}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [command, f"org.apache.spark.deploy.{name}", *words],
            stdout=log,
            stderr=log,
            env=env,
            cwd=folder,
        )
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait_for(folder: Path, text: str) -> None:
    """Return when the log says so."""
    log = folder / "log"
    end = time.monotonic() + START_SECONDS
    while text not in log.read_text(errors="replace"):
        if time.monotonic() > end:
            said = log.read_text(errors="replace")[-2000:]
            raise TimeoutError(f"{folder.name} needs {START_SECONDS} s at most to start: {said}")
        time.sleep(0.1)

"""Asks Spark for a table: the optional second engine, for what one machine cannot hold.

Nothing is imported from pyspark before the first question. Statements are standard SQL, the same
text that DuckDB reads: names stand in double quotes, a quote is doubled, a backslash is a letter.
"""

import importlib.util
import ipaddress
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from features.errors import RegularsError

if TYPE_CHECKING:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    Session = SparkSession  # what Spark is asked through; only features name its library

MASTER_SECONDS = 5
"""How long a master may take to answer before Spark is started for it."""

EXECUTOR_SECONDS = 60
"""How long a cluster may take to give this job its first executor."""

END_SECONDS = 10
"""How long Spark's process may take to leave when asked to."""

_STANDALONE = "spark://"
_CHATTY = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""Loggers of pyspark that write each refused statement to the terminal with its Java stack."""

_TOKENS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
"""Texts; and names and comments, so that a quote inside those does not begin a text."""

_FIXED = {
    "spark.app.name": "regulars",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "false",  # true reads 'it''s' as it''s
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",  # true reads '${x}' as an empty text
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",  # no files .crc
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",  # no file _SUCCESS
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class SparkMissing(RegularsError):
    """Spark was asked for, but its package or Java is not installed."""


class SparkFailed(RegularsError):
    """Spark was asked, but could not answer."""


class SparkSettings(Protocol):
    """What this engine wants to know."""

    @property
    def master(self) -> str:
        """Where Spark runs: local[2], spark://host:7077."""

    @property
    def memory(self) -> str:
        """Memory of the driver and of each executor, as Spark writes it: 2g."""


def answer(
    settings: SparkSettings,
    tables: Mapping[str, Path],
    views: Sequence[tuple[str, str]],
    query: str,
    target: Path,
) -> None:
    """Parquet files in ``target`` with the rows of one query; Spark is gone afterwards.

    Whatever fails, ``target`` may hold parts of the answer: stage it, and rename what is whole.

    Parameters
    ----------
    settings
        The master, and the memory of the driver and of each executor.
    tables
        Parquet file or folder of each table by name, in places that all machines of the cluster
        see under the same path.
    views
        Name and SQL of each view, in order: each may name the tables and the views before it.
    query
        What is asked for.
    target
        Folder that is not there yet; in DuckDB ``read_parquet('<target>/*.parquet')`` reads it.

    Raises
    ------
    SparkMissing
        When pyspark or Java is not installed.
    SparkFailed
        When the master does not answer or gives no executor, and when Spark refuses a statement
        or fails on the way; one line says why.
    """
    with session(settings) as spark:
        for name, path in tables.items():
            with told(f"the table {name} in {path}"):
                reader = spark.read.option("__globPaths__", "false")  # [1] in a path is a name
                reader.parquet(address(path)).createOrReplaceTempView(name)
        for name, statement in views:
            with told(f"the view {name}"):
                spark.sql(spelled(statement)).createOrReplaceTempView(name)
        with told(f"the answer for {target}"):
            spark.sql(spelled(query)).write.parquet(address(target))


def spelled(statement: str) -> str:
    r"""Standard SQL as Spark reads it: in a text, Spark takes ``\`` for an escape unless doubled.

    Names may hold ``\``, but not at their end, which Spark refuses.
    """

    def token(found: re.Match[str]) -> str:
        text = found.group()
        return text.replace("\\", "\\\\") if text.startswith("'") else text

    return _TOKENS.sub(token, statement)


def address(path: Path) -> str:
    """Spark's name of a local file; blanks and percent signs stay as they are."""
    return f"file://{path.absolute()}"


def require_spark(settings: SparkSettings) -> None:
    """Refuse what is sure to fail, before anything else is done.

    Raises
    ------
    SparkMissing
        When pyspark or Java is not installed.
    SparkFailed
        When the master does not answer.
    """
    _require_installed()
    _require_master(settings.master)


def _require_installed() -> None:
    if importlib.util.find_spec("pyspark") is None:
        raise SparkMissing(
            "the engine Spark needs the package pyspark, which is not installed; install the extra "
            "regulars[spark] and Java 17"
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        place = f"JAVA_HOME={home}" if home else "the PATH"
        raise SparkMissing(
            f"the engine Spark needs Java 17, but there is no java in {place}; install it, or let "
            "JAVA_HOME name its folder"
        )


def _hosts(master: str) -> list[tuple[str, int]]:
    """Host and port of each address of a standalone master; none for another kind of master."""
    if not master.startswith(_STANDALONE):
        return []
    places = [place.rpartition(":") for place in master.removeprefix(_STANDALONE).split(",")]
    try:
        return [(host.strip("[]"), int(port)) for host, _, port in places]
    except ValueError as error:
        raise SparkFailed(
            f"a Spark master is written spark://host:port, but found {master}; add its port"
        ) from error


def _require_master(master: str) -> None:
    """Spark itself takes a minute to say that nobody is there."""
    causes = []
    for place in _hosts(master):
        try:
            socket.create_connection(place, timeout=MASTER_SECONDS).close()
        except OSError as error:
            causes.append(error.strerror or str(error))
        else:
            return
    if causes:
        raise SparkFailed(
            f"this step needs the Spark master {master}, which does not answer ({causes[-1]}); "
            "start it, or name another master"
        )


def _is_loopback(master: str) -> bool:
    def here(host: str) -> bool:
        with suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"

    return master.startswith("local") or any(here(host) for host, _ in _hosts(master))


def _configuration(settings: SparkSettings, more: Mapping[str, str]) -> "SparkConf":
    from pyspark import SparkConf

    found = {
        **_FIXED,
        **more,
        "spark.master": settings.master,
        "spark.driver.memory": settings.memory,
        "spark.executor.memory": settings.memory,
    }
    if _is_loopback(settings.master):
        found |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return SparkConf().setAll(list(found.items()))


@contextmanager
def session(
    settings: SparkSettings, more: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """Spark in a process of its own, which ends with the block, however the block ends.

    Parameters
    ----------
    settings
        The master, and the memory of the driver and of each executor.
    more
        Configuration besides.

    Raises
    ------
    SparkMissing, SparkFailed
        When it cannot start; see `answer`.
    """
    require_spark(settings)
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if SparkContext._active_spark_context is not None:
        raise SparkFailed("this step starts Spark, but this process already runs one; stop that")
    conf = _configuration(settings, more or {})
    with _silence(), _java(conf) as gateway:
        with told(f"the master {settings.master}"):
            with _interrupts_kept():
                context = SparkContext(conf=conf, gateway=gateway)
            _require_executor(context, settings)
            spark = SparkSession(context)
            spark.conf.set("spark.sql.shuffle.partitions", str(4 * context.defaultParallelism))
        yield spark


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing from pyspark and py4j on the terminal: what matters in it is told by the errors."""
    from pyspark.logger import PySparkLogger

    def is_not_of_py4j(record: logging.LogRecord) -> bool:
        return record.module != "java_gateway"  # it logs to the root, with tracebacks

    for name in _CHATTY:
        PySparkLogger.getLogger(name).disabled = True
    root, other = logging.getLogger(), logging.getLogger("py4j")
    root.addFilter(is_not_of_py4j)
    other.propagate = False
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of pandas 3
            yield
    finally:
        root.removeFilter(is_not_of_py4j)
        other.propagate = True


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Put back what Ctrl-C does: a new context takes it over, in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)


@contextmanager
def _java(conf: "SparkConf") -> Iterator[Any]:
    """Gateway (py4j has no types) to a new Java process that says nothing to the terminal."""
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    with tempfile.TemporaryFile() as log:
        try:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
        except PySparkException as error:
            raise SparkFailed(
                f"Spark needs Java 17 or newer and room for the memory it is given, but its "
                f"process did not start ({_complaint(log)}); mend that, or let JAVA_HOME name "
                "another Java"
            ) from error
        try:
            yield gateway
        finally:
            _end(gateway)


def _end(gateway: Any) -> None:  # noqa: ANN401 - py4j has no types
    """End the process without asking it: an interrupt may have come in the middle of a call."""
    from pyspark import SparkContext

    gateway.proc.terminate()  # Java's own hooks leave the cluster and sweep temporary files
    try:
        gateway.proc.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait()
    gateway.proc.stdin.close()
    gateway.shutdown()  # closes our ends; asked while it lives, the process may never answer
    context = SparkContext._active_spark_context
    if context is not None:
        context._jsc = None  # so that stopping does not ask the process, which is gone
        context.stop()
    SparkContext._gateway = SparkContext._jvm = None


def _require_executor(context: "SparkContext", settings: SparkSettings) -> None:
    """Without this, Spark waits for ever for a worker with enough memory."""
    if not settings.master.startswith(_STANDALONE):
        return
    end = time.monotonic() + EXECUTOR_SECONDS
    known = context._jsc.sc().getExecutorMemoryStatus
    while known().size() == 1:  # the driver
        if time.monotonic() > end:
            raise SparkFailed(
                f"this step needs an executor with {settings.memory} of memory, but "
                f"{settings.master} gave none in {EXECUTOR_SECONDS} s; start a worker that has as "
                "much free, or ask for less"
            )
        time.sleep(0.1)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Tell whatever Spark complains of in one line.

    Raises
    ------
    SparkFailed
        When it complains.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        raise SparkFailed(f"{what} needs Spark, but it failed: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    """First line of what Java says, or pyspark where Java says nothing."""
    java = getattr(error, "java_exception", None)
    said = str(error) if java is None else str(java.toString())
    return said.strip().partition("\n")[0]


def _complaint(log: IO[bytes]) -> str:
    """The first line of the log that names an error."""
    log.seek(0)
    found = re.search(rb"^.*(?:error|exception).*$", log.read(), re.IGNORECASE | re.MULTILINE)
    return found.group().decode(errors="replace").strip() if found else "without a word"

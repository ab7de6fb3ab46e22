"""What Spark answers, alone and as a cluster, and what it says when it cannot."""

import datetime as dt
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from features.spark import SparkFailed, answer
from features.sql import identifier, literal
from tests.spark_cluster import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Settings:
    master: str = "local[2]"
    memory: str = "512m"


def written(path: Path, query: str) -> Path:
    """The file, with the rows of a query of DuckDB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")
    return path


def read(folder: Path) -> tuple[list[str], list[tuple[object, ...]]]:
    """Types of the columns, and rows in the order of the first column."""
    with duckdb.connect() as con:
        found = con.sql(f"FROM read_parquet({literal(str(folder / '*.parquet'))}) ORDER BY 1")
        return [str(one) for one in found.types], found.fetchall()


@pytest.fixture(params=["local", "cluster"])
def place(request: pytest.FixtureRequest) -> Settings:
    if request.param == "local":
        return Settings()
    return Settings(master=request.getfixturevalue("spark_master"))


def test_two_tables_and_views_between_them_are_answered(place: Settings, tmp_path: Path) -> None:
    customers = "SELECT * FROM (VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cy')) AS v(id, name)"
    orders = "SELECT i AS order_id, 1 + i % 2 AS id, CAST(i AS BIGINT) AS cents FROM range(10) t(i)"
    tables = {
        "customers": written(tmp_path / "a file [1].parquet", customers),
        "orders": written(tmp_path / "a folder {2}, 5%20" / "part.parquet", orders).parent,
    }
    views = [
        ("spend", "SELECT id, CAST(sum(cents) AS BIGINT) AS cents FROM orders GROUP BY id"),
        ("known", 'SELECT id, "name", cents FROM customers LEFT JOIN spend USING (id)'),
    ]
    answer(place, tables, views, "SELECT id, name, cents FROM known", tmp_path / "answer")
    assert read(tmp_path / "answer") == (
        ["INTEGER", "VARCHAR", "BIGINT"],
        [(1, "Ann", 20), (2, "Bob", 25), (3, "Cy", None)],
    )
    assert {path.suffix for path in (tmp_path / "answer").iterdir()} == {".parquet"}


def test_values_of_every_type_survive_there_and_back(tmp_path: Path) -> None:
    query = """
        SELECT 1 AS id, CAST(0.1 AS DOUBLE) AS share, DATE '1969-12-31' AS ordered_on,
            CAST(7 AS TINYINT) AS age, CAST(-0.005 AS DECIMAL(18, 3)) AS money,
            CAST(9007199254740993 AS BIGINT) AS big, true AS is_new, '台''\\' AS name
        UNION ALL SELECT 2, CAST('inf' AS DOUBLE), DATE '2024-02-29', -7, 99.125, -1, false, ''
        UNION ALL SELECT 3, 5e-324, NULL, NULL, NULL, NULL, NULL, NULL
    """
    tables = {"kept": written(tmp_path / "kept.parquet", query)}
    answer(Settings(), tables, [], "SELECT * FROM kept", tmp_path / "answer")
    with duckdb.connect() as con:
        made = con.sql(f"SELECT * FROM ({query}) ORDER BY 1")
        assert read(tmp_path / "answer") == ([str(one) for one in made.types], made.fetchall())


def test_the_same_text_means_the_same_to_both_engines(tmp_path: Path) -> None:
    texts = ["it's", "a\\b", "\\", "\\'", "'", "${x}", "-- no", '"', "/*", "台\n"]
    names = ["a b", 'with "quotes"', "it's", "back\\slash", "a.b", "`", "-- no"]
    columns = [
        *(f"{literal(text)} AS t{number}" for number, text in enumerate(texts)),
        *(f"{number} AS {identifier(name)}" for number, name in enumerate(names)),
    ]
    query = f"SELECT {', '.join(columns)} -- it's a comment\n/* and 'this' */"
    answer(Settings(), {}, [], query, tmp_path / "answer")
    with duckdb.connect() as con:
        found = con.sql(f"FROM read_parquet({literal(str(tmp_path / 'answer' / '*'))})")
        assert found.fetchall() == [(*texts, *range(len(names)))]
        assert found.columns[len(texts) :] == names


def test_arithmetic_is_that_of_the_standard(tmp_path: Path) -> None:
    query = """
        SELECT 7 / 2 AS ratio, 7 / nullif(0, 0) AS nothing, round(-2.5e0) AS away,
            DATE '2017-01-01' - 5 AS earlier, greatest(1, NULL, 3) AS larger, 7e0 AS double
    """
    answer(Settings(), {}, [], query, tmp_path / "answer")
    day = dt.date(2016, 12, 27)
    assert read(tmp_path / "answer")[1] == [(3.5, None, -3.0, day, 3, 7.0)]


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("SELECT 1 / 0 AS a", "[DIVIDE_BY_ZERO] Division by zero."),
        ("SELECT 1 +", "[PARSE_SYNTAX_ERROR]"),
    ],
)
def test_what_spark_refuses_is_told_in_one_line(
    query: str, cause: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "answer"
    text = f"the answer for {target} needs Spark, but it failed: {cause}"
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}.*$") as told:
        answer(Settings(), {}, [], query, target)
    assert "\n" not in str(told.value)
    assert capfd.readouterr() == ("", "")


def test_a_view_that_fails_is_named(tmp_path: Path) -> None:
    text = "the view second needs Spark, but it failed: [TABLE_OR_VIEW_NOT_FOUND]"
    views = [("first", "SELECT 1 AS a"), ("second", "SELECT * FROM third")]
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}"):
        answer(Settings(), {}, views, "SELECT * FROM second", tmp_path / "answer")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere"
    text = f"the table orders in {path} needs Spark, but it failed: [PATH_NOT_FOUND]"
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}"):
        answer(Settings(), {"orders": path}, [], "SELECT 1", tmp_path / "answer")


def test_a_master_that_nobody_answers_for_is_told_at_once(tmp_path: Path) -> None:
    master = f"spark://127.0.0.1:{free_port()}"
    text = (
        f"this step needs the Spark master {master}, which does not answer (Connection refused); "
        "start it, or name another master"
    )
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}$"):
        answer(Settings(master=master), {}, [], "SELECT 1", tmp_path / "answer")


def test_a_master_without_a_port_is_told(tmp_path: Path) -> None:
    text = "a Spark master is written spark://host:port, but found spark://here; add its port"
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}$"):
        answer(Settings(master="spark://here"), {}, [], "SELECT 1", tmp_path / "answer")


def test_a_cluster_without_enough_memory_is_told(
    spark_master: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.spark.EXECUTOR_SECONDS", 3)
    text = (
        f"this step needs an executor with 2g of memory, but {spark_master} gave none in 3 s; "
        "start a worker that has as much free, or ask for less"
    )
    with pytest.raises(SparkFailed, match=f"^{re.escape(text)}$"):
        answer(Settings(spark_master, "2g"), {}, [], "SELECT 1 AS a", tmp_path / "answer")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pyspark's pipe
def test_memory_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        SparkFailed, match=r"^Spark needs Java 17 .*its process did not start \(.+\)"
    ):
        answer(Settings(memory="900000g"), {}, [], "SELECT 1 AS a", tmp_path / "answer")


def test_a_question_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    for number in range(2):
        answer(Settings(), {}, [], f"SELECT {number} AS a", tmp_path / str(number))
        assert read(tmp_path / str(number))[1] == [(number,)]
    assert signal.getsignal(signal.SIGINT) is before


INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path
from types import SimpleNamespace
from features.spark import answer

target = Path(sys.argv[1])
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it

def interrupt():
    while not target.exists():
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
query = "SELECT id FROM range(9000000000000000) AS r WHERE id < 0"
try:
    answer(SimpleNamespace(master="local[1]", memory="512m"), {}, [], query, target)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_in_the_middle_ends_spark_and_says_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "answer")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")

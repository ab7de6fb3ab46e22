import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from features.settings import Engine
from features.warehouse import EngineExhausted, WarehouseUnavailable, transaction, warehouse
from tests.loading import MEMORY, fully


def make(path: Path, rows: int = 1) -> None:
    with warehouse(path, Engine(), path.parent, read_only=False) as con:
        con.execute(f"CREATE TABLE held AS SELECT range AS a FROM range({rows})")


def rows_in(path: Path) -> int:
    with warehouse(path, Engine(), path.parent, read_only=True) as con:
        return int(con.execute("SELECT count(*) FROM held").fetchall()[0][0])


def unavailable(path: Path, text: str, *, read_only: bool = True) -> None:
    with (
        pytest.raises(WarehouseUnavailable, match=fully(text)),
        warehouse(path, Engine(), path.parent, read_only=read_only),
    ):
        pass


def test_a_warehouse_is_made_where_there_is_none(tmp_path: Path) -> None:
    make(tmp_path / "w.duckdb", rows=3)
    assert rows_in(tmp_path / "w.duckdb") == 3


def test_a_warehouse_that_is_only_read_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    unavailable(
        path, f"this step needs the warehouse {path}, which is not there; run: regulars build"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_that_is_only_read_cannot_be_written(tmp_path: Path) -> None:
    make(tmp_path / "w.duckdb")
    with (
        warehouse(tmp_path / "w.duckdb", Engine(), tmp_path, read_only=True) as con,
        pytest.raises(duckdb.InvalidInputException, match="read-only mode"),
    ):
        con.execute("DELETE FROM held")


def test_the_engine_has_the_limits_of_the_config(tmp_path: Path) -> None:
    engine = Engine(memory_limit="512MB", threads=3)
    names = ("memory_limit", "threads", "temp_directory", "TimeZone", "preserve_insertion_order")
    with warehouse(MEMORY, engine, tmp_path, read_only=False) as con:
        found = [
            con.execute(f"SELECT current_setting('{name}')").fetchall()[0][0] for name in names
        ]
    assert found == ["488.2 MiB", 3, str(tmp_path), "UTC", False]


WAY_ON = "wait for the job that uses it, or move the file away and run: regulars build"


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_text("order,at,customer,amount\n" * 1000)
    cause = f'IO Error: The file "{path}" exists, but it is not a valid DuckDB database file!'
    for read_only in (True, False):
        text = f"the warehouse {path} cannot be opened: {cause}; {WAY_ON}"
        unavailable(path, text, read_only=read_only)


def test_a_truncated_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WarehouseUnavailable, match=r"cannot be opened: .*; wait for the job"):
        rows_in(path)


def test_a_damaged_head_of_a_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    unavailable(path, f"the warehouse {path} cannot be opened: it is damaged; {WAY_ON}")


def test_a_damaged_part_of_a_warehouse_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path, Engine(), tmp_path, read_only=False) as con:
        con.execute("CREATE TABLE held AS SELECT hash(range) AS a FROM range(200000)")
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    text = (
        f"the warehouse {path} cannot be read or written: it is damaged; make room on its disk, or "
        f"move the file away and run: regulars build"
    )
    with (
        pytest.raises(WarehouseUnavailable, match=fully(text)),
        warehouse(path, Engine(), tmp_path, read_only=True) as con,
    ):
        con.execute("SELECT bit_xor(a) FROM held")


def test_a_warehouse_in_use_by_another_process_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    program = f"""
import duckdb, sys
con = duckdb.connect({str(path)!r})
print("open", flush=True)
sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(WarehouseUnavailable) as caught:
            rows_in(path)
        other.communicate("done\n")
    text = str(caught.value)
    assert text.startswith(
        f'the warehouse {path} cannot be opened: IO Error: Could not set lock on file "{path}": '
        f"Conflicting lock is held in "
    )
    assert f"(PID {other.pid})" in text
    assert text.endswith(WAY_ON)


def test_memory_that_runs_out_is_told_with_the_setting(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    engine = Engine(memory_limit="20MB")
    text = f"^this step needs more than engine.memory_limit=20MB or than {spill} can hold: Out of M"
    with (
        pytest.raises(EngineExhausted, match=text),
        warehouse(MEMORY, engine, spill, read_only=False) as con,
    ):
        con.execute("CREATE TABLE held AS SELECT repeat(x, 50000000) FROM (VALUES ('a')) AS t (x)")


def test_a_mistake_of_ours_is_no_trouble_of_the_file(tmp_path: Path) -> None:
    with (
        pytest.raises(duckdb.CatalogException),
        warehouse(MEMORY, Engine(), tmp_path, read_only=False) as con,
    ):
        con.execute("SELECT * FROM nothing")


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_fails_changes_nothing(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    with pytest.raises(failure):
        change_and_fail(path, failure)
    assert rows_in(path) == 1


def change_and_fail(path: Path, failure: type[BaseException]) -> None:
    with warehouse(path, Engine(), path.parent, read_only=False) as con, transaction(con):
        con.execute("INSERT INTO held SELECT 7")
        con.execute("CREATE TABLE more AS SELECT 1")
        raise failure


def test_a_transaction_that_the_engine_gave_up_tells_the_first_cause(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    with (
        pytest.raises(duckdb.CatalogException, match="Table with name nothing does not exist"),
        warehouse(path, Engine(), tmp_path, read_only=False) as con,
        transaction(con),
    ):
        con.execute("INSERT INTO held SELECT * FROM nothing")
    assert rows_in(path) == 1


def test_a_transaction_shows_its_changes_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    with warehouse(path, Engine(), tmp_path, read_only=False) as con, transaction(con):
        con.execute("INSERT INTO held SELECT 7")
    assert rows_in(path) == 2


def test_a_full_disk_at_the_end_of_a_transaction_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    expected = f"the warehouse {path} cannot be read or written: no space is left on its disk"
    full = duckdb.TransactionException("Failed to commit: Could not write: No space left on device")
    with (
        pytest.raises(WarehouseUnavailable, match=re.escape(expected)),
        warehouse(path, Engine(), tmp_path, read_only=False),
    ):
        raise full

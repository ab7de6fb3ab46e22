from pathlib import Path

import duckdb
import pytest

from features.databases import attached
from features.schemas import DatabaseTable


def table_in(path: Path, name: str, query: str) -> DatabaseTable:
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
    return DatabaseTable.model_validate({"address": path.name, "table": name})


def test_an_attached_table_is_a_unit_of_loading(tmp_path: Path) -> None:
    table = table_in(tmp_path / "shop.duckdb", "lines", "SELECT 1 AS a")
    with duckdb.connect() as con:
        unit = attached(con, "orders", table, tmp_path)
        assert (unit.name, unit.path) == (f"{tmp_path}/shop.duckdb#lines", None)
        assert con.execute(f"FROM {unit.table}").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "query", ["SELECT 1 AS a UNION ALL SELECT 1", "SELECT 2 AS a", "SELECT '1' AS a"]
)
def test_other_rows_are_other_content(tmp_path: Path, query: str) -> None:
    one = table_in(tmp_path / "1.duckdb", "lines", "SELECT 1 AS a")
    other = table_in(tmp_path / "2.duckdb", "lines", query)
    with duckdb.connect() as con:
        hashes = {attached(con, "orders", each, tmp_path).content_hash for each in (one, other)}
    assert len(hashes) == 2


def test_an_empty_table_is_content_too(tmp_path: Path) -> None:
    table = table_in(tmp_path / "shop.duckdb", "lines", "SELECT 1 AS a WHERE false")
    with duckdb.connect() as con:
        assert attached(con, "orders", table, tmp_path).content_hash == "rows-0-None"


def test_a_database_can_be_read_and_the_warehouse_written_in_one_transaction(
    tmp_path: Path,
) -> None:
    table = table_in(tmp_path / "shop.duckdb", "lines", "SELECT 1 AS a")
    with duckdb.connect(str(tmp_path / "home.duckdb")) as con:
        con.execute("BEGIN")
        for _ in range(2):
            unit = attached(con, "orders", table, tmp_path)
            con.execute(f"CREATE OR REPLACE TABLE held AS FROM {unit.table}")
        con.execute("COMMIT")
    with duckdb.connect(str(tmp_path / "home.duckdb")) as con:
        assert con.execute("FROM held").fetchall() == [(1,)]


def test_an_attached_database_cannot_be_written(tmp_path: Path) -> None:
    table = table_in(tmp_path / "shop.duckdb", "lines", "SELECT 1 AS a")
    with duckdb.connect() as con:
        unit = attached(con, "orders", table, tmp_path)
        with pytest.raises(duckdb.InvalidInputException, match="read-only mode"):
            con.execute(f"DELETE FROM {unit.table}")

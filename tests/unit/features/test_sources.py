from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from features.locations import DataFile
from features.schemas import Source
from features.sources import SourceUnreadable, column_types, first_line, opened
from tests.loading import fully, write, write_parquet


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def file_of(path: Path) -> DataFile:
    return DataFile(str(path), path, "hash")


def rows(con: duckdb.DuckDBPyConnection, path: Path, source: Source | None = None) -> list[object]:
    spill = path.parent
    with opened(con, source or Source(path="x"), file_of(path), spill, spill) as relation:
        return list(con.execute(f"SELECT * FROM {relation.sql} ORDER BY ALL").fetchall())


def test_every_column_of_csv_is_text(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "007,2024-01-05,1.0,", header="a,b,c,d")
    assert rows(con, path) == [("007", "2024-01-05", "1.0", None)]
    with opened(con, Source(path="x"), file_of(path), tmp_path, tmp_path) as relation:
        assert set(column_types(con, relation.sql, "a").values()) == {"VARCHAR"}
        assert relation.text is not None
        assert relation.text.names == ("a", "b", "c", "d")


def test_columns_of_parquet_keep_their_types(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_parquet(tmp_path / "a.PARQUET", a=[7], b=["x"])
    with opened(con, Source(path="x"), file_of(path), tmp_path, tmp_path) as relation:
        types = column_types(con, relation.sql, "a")
        assert (types, relation.text) == ({"a": "BIGINT", "b": "VARCHAR"}, None)


def test_a_table_of_a_database_is_read_by_its_name(con: duckdb.DuckDBPyConnection) -> None:
    con.execute('CREATE TABLE "my table" AS SELECT 1 AS a')
    table = DataFile("shop#my table", None, "hash", '"my table"')
    with opened(con, Source(path="x"), table, Path("/"), Path("/")) as relation:
        assert con.execute(f"FROM {relation.sql}").fetchall() == [(1,)]


def test_folders_give_columns_in_lower_priority(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = tmp_path / "shop=it's" / "A=x"
    assert rows(con, write(folder / "a.csv", "1", header="a")) == [("1", "it's")]
    assert rows(con, write_parquet(folder / "b.parquet", b=[1])) == [(1, "it's", "x")]


def test_columns_of_a_lookup_stand_behind_and_leave_those_of_the_file(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write(tmp_path / "lookup.csv", "1,x,y", header="key,name,more")
    path = write(tmp_path / "a.csv", "1,n", "2,m", header="key,name")
    source = Source.model_validate({"path": "x", "lookup": {"path": "lookup.csv", "key": "key"}})
    assert rows(con, path, source) == [("1", "n", "y"), ("2", "m", None)]


def test_what_cannot_be_described_is_named_without_its_values(
    con: duckdb.DuckDBPyConnection,
) -> None:
    text = "orders.csv cannot be read: Catalog Error: Table with name nothing does not exist!"
    with pytest.raises(SourceUnreadable, match=fully(text)):
        column_types(con, "nothing", "orders.csv")


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("SELECT", "Parser Error: SELECT clause without selection list"),
        ("FROM nothing", "Catalog Error: Table with name nothing does not exist!"),
        ("SELECT a FROM (SELECT 1 AS b)", 'Binder Error: Referenced column "a" not found in FROM'),
        ("SELECT CAST('canary' AS INTEGER)", "a value does not fit (values are not shown here)"),
        ("SELECT strptime('canary', '%Y')", "a value does not fit (values are not shown here)"),
        ("SELECT error('canary')", "a value does not fit (values are not shown here)"),
        ("SELECT 9223372036854775807 + 1::BIGINT", "a value does not fit (values are not shown "),
    ],
)
def test_the_engine_is_quoted_where_it_speaks_of_names_and_never_of_values(
    con: duckdb.DuckDBPyConnection, query: str, line: str
) -> None:
    with pytest.raises(duckdb.Error) as caught:
        con.execute(query).fetchall()
    told = first_line(caught.value)
    assert told.startswith(line)
    assert "canary" not in told
    assert "\n" not in told

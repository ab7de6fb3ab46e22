from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.locations import DataFile
from features.mapped import Unit
from features.schemas import Source, Sources
from features.sources import SourceUnreadable
from features.staging import Loaded, create_staging, stage_file
from tests.loading import HEADER, LINE, TEN_AM, fully, orders, staged, write


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def source_of(name: str, settings: Any) -> Source:
    return Sources.model_validate({name: settings}).given()[name]


def stage(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, settings: Any, load_id: int = 1
) -> Loaded:
    """Counts of one file that is staged."""
    source = source_of(name, settings)
    create_staging(con, name, source)
    unit = Unit(name, source, DataFile(str(path), path, "hash"))
    return stage_file(con, unit, load_id, staged(path.parent))


def rows(con: duckdb.DuckDBPyConnection, table: str, columns: str) -> list[tuple[Any, ...]]:
    return con.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def test_staging_has_a_column_of_its_type_for_every_canonical_one(
    con: duckdb.DuckDBPyConnection,
) -> None:
    create_staging(con, "orders", source_of("orders", orders()))
    described = con.execute("DESCRIBE stg_orders").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("order", "VARCHAR"),
        ("ordered_at", "BIGINT"),
        ("customer", "VARCHAR"),
        ("amount", "BIGINT"),
        ("product", "VARCHAR"),
        ("quantity", "DECIMAL(18,3)"),
        ("discount", "BIGINT"),
        ("coupon", "BIGINT"),
        ("store", "VARCHAR"),
        ("channel", "VARCHAR"),
        ("load_id", "INTEGER"),
    ]


def test_a_row_is_renamed_cast_and_marked_with_its_load(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", LINE)
    assert stage(con, path, "orders", orders(), 7) == Loaded(1, 1, 0, 0, 0, TEN_AM, TEN_AM)
    columns = '"order", ordered_at, customer, amount, product, load_id'
    assert rows(con, "stg_orders", columns) == [("o1", TEN_AM, "ann", 1250, None, 7)]


def test_lines_that_differ_anywhere_are_different(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", f"{LINE},", f"{LINE},x", f"{LINE},", header=f"{HEADER},shop")
    counts = stage(con, path, "orders", orders(columns={"store": "shop"}))
    assert (counts.kept, counts.duplicated) == (2, 1)


def test_values_that_are_written_in_two_ways_are_one(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", LINE, "o1,2024-01-05T10:00:00Z,ann, 12.5")
    assert stage(con, path, "orders", orders()).duplicated == 1


def test_rows_that_an_earlier_load_brought_are_not_added(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    stage(con, write(tmp_path / "a.csv", LINE), "orders", orders())
    again = write(tmp_path / "b.csv", LINE, LINE.replace("o1", "o2"))
    assert stage(con, again, "orders", orders(), 2) == Loaded(2, 1, 0, 1, 0, TEN_AM, TEN_AM)
    assert rows(con, "stg_orders", '"order", load_id') == [("o1", 1), ("o2", 2)]


def test_customers_keep_the_version_of_every_load(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    settings = {"path": "x", "columns": {"customer": "customer"}}
    for number in (1, 2):
        path = write(tmp_path / f"{number}.csv", "ann", "ann", header="customer")
        counts = stage(con, path, "customers", settings, number)
        assert (counts.kept, counts.duplicated, counts.first_at) == (1, 1, None)
    assert rows(con, "stg_customers", "customer, load_id") == [("ann", 1), ("ann", 2)]


def test_rows_that_a_condition_leaves_out_are_neither_kept_nor_judged(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", LINE, "test,x,y,z", ",,,")
    settings = orders(where="\"order\" <> 'test'")
    counts = stage(con, path, "orders", settings)
    assert counts == Loaded(3, 1, 0, 0, 2, TEN_AM, TEN_AM)
    assert rows(con, "quarantine_orders", "*") == []


def test_a_broken_row_is_kept_aside_with_what_the_file_has(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", "o1,tomorrow,王,12.50", LINE)
    stage(con, path, "orders", orders(), 3)
    ((load_id, rule, raw),) = rows(con, "quarantine_orders", "*")
    assert (load_id, rule) == (3, "ordered_at_unreadable")
    assert raw.startswith('{"order":"o1","ordered_at":"tomorrow","customer":"王","amount":"12.50",')


def test_contacts_visits_campaigns_and_responses_have_their_own_instant(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "a.csv", "ann,2024-01-05 10:00,call,3.5", header="customer,at,kind,score"
    )
    columns = {"customer": "customer", "kind": "kind"}
    contacts = {"path": "x", "columns": {**columns, "contacted_at": "at", "satisfaction": "score"}}
    visits = {"path": "x", "columns": {"customer": "customer", "visited_at": "at"}}
    campaigns = {
        "path": "x",
        "columns": {"customer": "customer", "sent_at": "at", "campaign": "kind"},
    }
    responses = {
        "path": "x",
        "columns": {"customer": "customer", "responded_at": "at", "campaign": "kind"},
    }
    for name, settings in (
        ("contacts", contacts),
        ("visits", visits),
        ("campaigns", campaigns),
        ("responses", responses),
    ):
        assert stage(con, path, name, settings).last_at == TEN_AM
    assert rows(con, "stg_contacts", "kind, satisfaction") == [("call", 3.5)]
    assert rows(con, "stg_visits", "customer, session, pages") == [("ann", None, None)]


def test_memory_that_runs_out_is_not_blamed_on_the_file(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", LINE)
    settings = orders(columns={"order": {"expression": "repeat('x', 50000000)"}})
    con.execute("SET memory_limit = '20MB'")
    with pytest.raises(duckdb.OutOfMemoryException):
        stage(con, path, "orders", settings)


def test_a_condition_that_fails_for_a_row_is_named_without_its_value(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    settings = orders(where="CAST(amount AS INTEGER) > 0")
    path = write(tmp_path / "a.csv", LINE.replace("12.50", "canary"))
    text = (
        f"{path} cannot be read to its end: a value does not fit (values are not shown here); "
        f"where an expression may fail, try_cast(…) or try(…) gives null instead"
    )
    with pytest.raises(SourceUnreadable, match=fully(text)):
        stage(con, path, "orders", settings)

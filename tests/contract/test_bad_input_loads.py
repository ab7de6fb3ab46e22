"""Loads that repeat, contradict or fail: counted once, refused, and nothing half done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from features.casts import LARGEST_AMOUNT
from features.errors import RegularsError
from features.loads import EarlierFileGone
from features.mapped import ColumnMissing
from features.quarantine import QuarantineOverflow
from features.settings import Engine
from features.staging import Loaded
from features.warehouse import warehouse
from tests.loading import (
    HEADER,
    LINE,
    TEN_AM,
    Settings,
    Stored,
    contents,
    fully,
    load,
    load_orders,
    orders,
    staged,
    write,
    write_parquet,
)

SECOND = "o2,2024-01-06 10:00:00,bob,2"


def held(file: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything in a warehouse file."""
    with warehouse(file, Engine(), file.parent, read_only=True) as con:
        return contents(con)


def counts(stored: Stored) -> list[tuple[int, int, int, int, bool]]:
    """Rows read, kept, quarantined, duplicated, and whether the file is new, of each load."""
    return [
        (each.rows.read, each.rows.kept, each.rows.quarantined, each.rows.duplicated, each.is_new)
        for each in stored.loads
    ]


def test_repeated_order_lines_are_counted_once_and_reported(tmp_path: Path) -> None:
    stored = load_orders(tmp_path, LINE, SECOND, LINE, LINE)
    assert counts(stored) == [(4, 2, 0, 2, True)]
    assert len(stored.tables["fact_sales"]) == 2


def test_the_same_file_twice_is_loaded_once(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    stored = load(tmp_path, {"orders": orders(["orders.csv", "orders.csv"])})
    assert counts(stored) == [(1, 1, 0, 0, True), (1, 1, 0, 0, False)]


def test_a_copy_of_a_file_is_loaded_once(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", LINE)
    assert counts(load(tmp_path, {"orders": orders("in")})) == [
        (1, 1, 0, 0, True),
        (1, 1, 0, 0, False),
    ]


def test_lines_of_an_earlier_file_are_duplicates_in_a_later_one(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", SECOND, LINE)
    stored = load(tmp_path, {"orders": orders("in")})
    assert counts(stored) == [(1, 1, 0, 0, True), (2, 1, 0, 1, True)]


def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE, SECOND, "broken", LINE)
    first = load(tmp_path, {"orders": orders()}, file=file)
    again = load(tmp_path, {"orders": orders()}, file=file)
    assert counts(again) == [(4, 2, 1, 1, False)]
    assert again.tables == first.tables


def test_a_load_is_recorded_with_its_counts_and_range(tmp_path: Path) -> None:
    stored = load_orders(
        tmp_path, LINE, SECOND, LINE, "x,y,z", "o3,x,ann,1", where="customer <> 'bob'"
    )
    (row,) = stored.tables["loads"]
    facts = {
        name: value for name, value in row.items() if name.startswith(("rows", "first", "last"))
    }
    assert facts == {
        "rows_read": 5,
        "rows_kept": 1,
        "rows_quarantined": 2,
        "rows_duplicated": 1,
        "rows_left_out": 1,
        "first_at": TEN_AM,
        "last_at": TEN_AM,
    }
    assert stored.loads[0].rows == Loaded(5, 1, 2, 1, 1, TEN_AM, TEN_AM)
    assert row["file"] == f"{tmp_path}/orders.csv"
    assert row["loaded_at"] == int(datetime(2024, 6, 1, tzinfo=UTC).timestamp()) * 1_000_000


def test_too_many_broken_rows_leave_the_earlier_warehouse_untouched(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "in" / "a.csv", LINE)
    load(tmp_path, {"orders": orders("in")}, file=file)
    before = held(file)
    lines = ("x,y", *(f"b{n},{'' if n else 'x'},ann,-1" for n in range(3)))
    write(tmp_path / "in" / "b.csv", *(f"n{n},2024-01-07,ann,1" for n in range(196)), *lines)
    text = (
        f"sources.orders allows 1.0% of rows to break the contract, but 2.0% of "
        f"{tmp_path}/in/b.csv do (4 of 200): ordered_at_missing 2, line_missing_columns 1, "
        f"ordered_at_unreadable 1; nothing was changed; mend the file or its mapping, or raise "
        f"sources.orders.quarantine_limit"
    )
    with pytest.raises(QuarantineOverflow, match=fully(text)):
        load(tmp_path, {"orders": orders("in", quarantine_limit=0.01)}, file=file)
    assert held(file) == before
    assert load(tmp_path, {"orders": orders("in", quarantine_limit=0.02)}, file=file).broken() == {
        "ordered_at_missing": 2,
        "line_missing_columns": 1,
        "ordered_at_unreadable": 1,
    }


def test_rows_left_out_by_a_condition_do_not_count_as_sound_ones(tmp_path: Path) -> None:
    lines = [f"n{n},2024-01-07,test,1" for n in range(98)]
    write(tmp_path / "orders.csv", LINE, "o2,x,ann,1", *lines)
    with pytest.raises(QuarantineOverflow) as caught:
        load(tmp_path, {"orders": orders(where="customer <> 'test'", quarantine_limit=0.1)})
    assert "50.0% of" in str(caught.value)
    assert "(1 of 2)" in str(caught.value)


def wrong(folder: Path) -> list[Mapping[str, Settings]]:
    """Builds that fail early, late, and in the second source."""
    write(folder / "broken.csv", *["x,y,z,w"] * 5)
    write(folder / "more.csv", SECOND)
    write(folder / "customers.csv", "ann", header="customer")
    good = orders(["orders.csv", "more.csv"], quarantine_limit=0.5)
    customers = {"path": "customers.csv", "columns": {"customer": "customer"}}
    return [
        {"orders": {**good, "path": ["orders.csv", "missing.csv"]}},
        {"orders": {**good, "path": ["orders.csv", "more.csv", "broken.csv"]}},
        {"orders": good, "customers": {**customers, "columns": {"customer": "custmer"}}},
        {"orders": good, "customers": {**customers, "where": "CAST(customer AS INTEGER) = 1"}},
    ]


@pytest.mark.parametrize("index", range(4))
def test_a_load_that_fails_changes_nothing(tmp_path: Path, index: int) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE)
    load(tmp_path, {"orders": orders(quarantine_limit=0.5)}, file=file)
    before = held(file)
    with pytest.raises(RegularsError):
        load(tmp_path, wrong(tmp_path)[index], file=file)
    assert held(file) == before


def test_a_failed_first_load_leaves_an_empty_warehouse(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", "x,y,z,w")
    with pytest.raises(RegularsError):
        load(tmp_path, {"orders": orders(quarantine_limit=0)}, file=file)
    assert held(file) == {}


def test_a_changed_mapping_reads_every_file_again(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE, "o2,2024-01-05,ann,3")
    load(tmp_path, {"orders": orders()}, file=file)
    doubled = orders(columns={"amount": {"expression": "try_cast(amount AS DOUBLE) * 2"}})
    stored = load(tmp_path, {"orders": doubled}, file=file)
    assert counts(stored) == [(2, 2, 0, 0, True)]
    assert stored.column("stg_orders", "amount") == [2500, 600]
    assert len(stored.tables["loads"]) == 1
    write(tmp_path / "other.csv", LINE, "o2,2024-01-05,ann,3")
    fresh = load(tmp_path, {"orders": {**doubled, "path": "other.csv"}})
    assert stored.tables["fact_sales"] == fresh.tables["fact_sales"]


@pytest.mark.parametrize(
    "change", [{"time_zone": "Asia/Taipei"}, {"digits": 0}], ids=["time zone", "digits"]
)
def test_a_changed_zone_or_currency_reads_every_file_again(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE)
    load(tmp_path, {"orders": orders()}, file=file)
    stage = staged(tmp_path, **change)
    stored = load(tmp_path, {"orders": orders()}, file=file, stage=stage)
    assert (
        stored.tables["fact_sales"]
        == load(tmp_path, {"orders": orders()}, stage=stage).tables["fact_sales"]
    )


def test_what_changes_no_row_is_no_change_of_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "customers.csv", "ann,5", header="customer,age")
    age: dict[str, Any] = {"column": "age", "type": "number"}
    customers = {
        "path": "customers.csv",
        "columns": {"customer": "customer"},
        "attributes": {"age": age},
    }
    load(tmp_path, {"orders": orders(), "customers": customers}, file=file)
    (tmp_path / "orders.csv").rename(tmp_path / "renamed.csv")
    renamed = {
        "orders": orders("renamed.csv", quarantine_limit=0.5),
        "customers": {**customers, "attributes": {"age": {**age, "meaning": "age in years"}}},
    }
    assert [each.is_new for each in load(tmp_path, renamed, file=file).loads] == [False, False]


def test_a_changed_mapping_is_refused_when_an_earlier_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "january.csv", LINE)
    write(tmp_path / "february.csv", SECOND)
    load(tmp_path, {"orders": orders(["january.csv", "february.csv"])}, file=file)
    before = held(file)
    text = (
        f"sources.orders is mapped differently from before, so every file must be read again, but "
        f"['{tmp_path}/january.csv'] changed or went; bring back what was loaded, restore the "
        f"mapping, or build into a new home"
    )
    changed = orders("february.csv", columns={"amount": {"constant": 1}})
    with pytest.raises(EarlierFileGone, match=fully(text)):
        load(tmp_path, {"orders": changed}, file=file)
    assert held(file) == before


def test_a_new_column_of_a_later_file_is_no_trouble(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", f"new,{SECOND}", header=f"note,{HEADER}")
    assert load(tmp_path, {"orders": orders("in")}).column("stg_orders", "order") == ["o1", "o2"]


def test_a_removed_column_of_a_later_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", "o2,2024-01-06,bob", header="order,at,customer")
    text = (
        f"sources.orders.columns.amount needs the column 'amount'; but {tmp_path}/in/b.csv has "
        f"['order', 'at', 'customer']"
    )
    with pytest.raises(ColumnMissing, match=fully(text)):
        load(tmp_path, {"orders": orders("in")})


def test_a_renamed_column_of_a_later_parquet_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write_parquet(
        tmp_path / "in" / "b.parquet", order=["o2"], at=["2024"], customer=["x"], Amount=[1]
    )
    text = (
        f"sources.orders.columns.amount needs the column 'amount' (did you mean 'Amount'?); but "
        f"{tmp_path}/in/b.parquet has ['order', 'at', 'customer', 'Amount']"
    )
    with pytest.raises(ColumnMissing, match=fully(text)):
        load(tmp_path, {"orders": orders("in")})


def test_a_column_that_arrives_as_another_type_means_the_same(tmp_path: Path) -> None:
    kinds: list[object] = [
        *([7], [7.0], ["7"], pa.array([7], pa.int8()), pa.array([7.0], pa.float32())),
        *(pa.array([Decimal("7.00")], pa.decimal128(9, 2)), pa.array(["7"]).dictionary_encode()),
    ]
    for number, kind in enumerate(kinds):
        write_parquet(
            tmp_path / "in" / f"{number}.parquet",
            order=kind,
            at=["2024-01-05"],
            customer=kind,
            amount=kind,
        )
    stored = load(tmp_path, {"orders": orders("in")})
    assert stored.tables["stg_orders"][0]["amount"] == 700
    assert [each.rows.kept for each in stored.loads] == [1, 0, 0, 0, 0, 0, 0]


def test_amounts_too_large_to_be_exact_are_quarantined(tmp_path: Path) -> None:
    most = LARGEST_AMOUNT // 100
    lines = (f"o2,2024-01-05,ann,{most - 1}", f"o3,2024-01-05,ann,{most}")
    stored = load_orders(tmp_path, LINE, *lines)
    assert stored.column("stg_orders", "amount") == [1250, LARGEST_AMOUNT - 100]
    assert stored.broken() == {"amount_unreadable": 1}


def test_two_versions_of_a_customer_in_two_files_are_kept_as_history(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "in" / "1.csv", "ann,gold", header="customer,tier")
    customers = {
        "path": "in",
        "columns": {"customer": "customer"},
        "attributes": {"tier": {"column": "tier"}},
    }
    load(tmp_path, {"orders": orders(), "customers": customers}, file=file)
    write(tmp_path / "in" / "2.csv", "ann,silver", header="customer,tier")
    stored = load(tmp_path, {"orders": orders(), "customers": customers}, file=file)
    rows = [
        (row["tier"], str(row["valid_from_on"]), row["valid_to_on"] and str(row["valid_to_on"]))
        for row in stored.tables["dim_customer"]
    ]
    assert rows == [("gold", "1900-01-01", "2024-06-01"), ("silver", "2024-06-01", None)]

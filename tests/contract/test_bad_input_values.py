"""Dates, amounts and quantities that cannot be: quarantined, or read by one stated rule."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from features.mapped import InstantNeedsUnit
from tests.loading import (
    LINE,
    TEN_AM,
    Stored,
    fully,
    load,
    load_orders,
    orders,
    staged,
    write,
    write_parquet,
)

UNREADABLE = "ordered_at_unreadable"
EARLY, LATE = "ordered_at_before_1990", "ordered_at_in_future"


def at(folder: Path, *instants: str, time_zone: str = "UTC", **settings: Any) -> Stored:
    """Orders at these instants, after `LINE`, which is good without a format."""
    lines = [LINE, *(f"o{n},{instant},bob,1" for n, instant in enumerate(instants, start=2))]
    write(folder / "orders.csv", *lines)
    return load(folder, {"orders": orders(**settings)}, stage=staged(folder, time_zone))


def read(stored: Stored) -> list[int]:
    """Instants of the orders after the first, in order of their names."""
    rows = sorted(stored.tables["stg_orders"], key=lambda row: str(row["order"]))
    return [row["ordered_at"] for row in rows if row["order"] != "o1"]


def micros(*parts: int) -> int:
    year, month, day, hour, minute, *_ = (*parts, 0, 0)
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def in_parquet(folder: Path, name: str, values: Sequence[object] | pa.Array, **more: Any) -> Stored:
    """Orders o0, o1, … in Parquet with one column replaced; one further order is good."""
    size = len(values)
    columns: dict[str, Any] = {
        "order": [f"o{number}" for number in range(size)],
        "at": [datetime(2024, 1, 5, 10, tzinfo=UTC)] * size,
        "customer": ["ann"] * size,
        "amount": [1.0] * size,
        "quantity": [1.0] * size,
    }
    write_parquet(folder / "in" / "orders.parquet", **(columns | {name: values}))
    write(
        folder / "in" / "good.csv",
        "good,2024-01-05,ann,1,1",
        header="order,at,customer,amount,quantity",
    )
    settings = orders("in", columns={"quantity": "quantity"}, **more)
    return load(folder, {"orders": settings})


def values(stored: Stored, name: str) -> list[Any]:
    rows = sorted(stored.tables["stg_orders"], key=lambda row: str(row["order"]))
    return [row[name] for row in rows if row["order"] != "good"]


def test_dates_in_several_formats_are_tried_in_turn(tmp_path: Path) -> None:
    formats = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%b %d %Y"]
    stored = at(tmp_path, "31/01/2024", "Feb 03 2024", "2024-02-03", instant_format=formats)
    assert read(stored) == [micros(2024, 1, 31), micros(2024, 2, 3)]
    assert stored.broken() == {UNREADABLE: 1}


@pytest.mark.parametrize(
    "written",
    [
        *("31/01/2024", "01-31-2024", "20240131", "2024-02-30", "yesterday", "10:00"),
        *("2024-01-05 25:00", "2024-01-05 10:00:00 PM", "infinity", "294247-01-10 04:00:54"),
    ],
)
def test_what_is_no_instant_of_iso_8601_is_quarantined(tmp_path: Path, written: str) -> None:
    stored = at(tmp_path, written, time_zone="America/New_York")
    assert (read(stored), stored.broken()) == ([], {UNREADABLE: 1})


def test_instants_of_1970_and_2999_are_quarantined(tmp_path: Path) -> None:
    early = ("1970-01-01 00:00:00", "epoch", "0001-01-01", "1989-12-31 23:59:59.999999")
    late = ("2999-01-01", "99999-12-31", "2024-06-01 00:00:00")
    stored = at(tmp_path, *early, *late, "1990-01-01 00:00:00", "2024-05-31 23:59:00")
    assert stored.broken() == {EARLY: len(early), LATE: len(late)}
    assert read(stored) == [micros(2024, 5, 31, 23, 59), micros(1990, 1, 1)]


def test_an_instant_without_offset_is_of_the_zone_of_the_business_or_the_source(
    tmp_path: Path,
) -> None:
    stored = at(tmp_path, "2024-01-05T10:00", time_zone="Asia/Taipei")
    assert read(stored) == [micros(2024, 1, 5, 2)]
    settings = orders(time_zone="America/New_York")
    stored = load(tmp_path, {"orders": settings}, stage=staged(tmp_path, "Asia/Taipei"))
    assert read(stored) == [micros(2024, 1, 5, 15)]


@pytest.mark.parametrize(
    "written",
    [
        *("2024-01-05T10:00:00Z", "2024-01-05T18:00:00+08:00", "2024-01-05 18:00:00 +0800"),
        *("2024-01-05 18:00:00+08", "2024-01-05 05:00:00-05:00", "2024-01-05 10:00:00 UTC"),
        *("2024-01-05 05:00:00 America/New_York", "2024-01-05 18:00:00", "2024/01/05 18:00"),
    ],
)
def test_each_instant_is_read_with_the_offset_or_zone_that_it_names(
    tmp_path: Path, written: str
) -> None:
    stored = at(tmp_path, written, time_zone="Asia/Taipei")
    assert read(stored) == [micros(2024, 1, 5, 10)]


def test_an_offset_in_a_format_is_not_applied_twice(tmp_path: Path) -> None:
    formats = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S"]
    both = ("2024-01-05 18:00:00 +0800", "2024-01-05 18:00:00")
    stored = at(tmp_path, *both, time_zone="Asia/Taipei", instant_format=formats)
    assert read(stored) == [micros(2024, 1, 5, 10)] * 2


def test_an_hour_that_a_clock_change_skips_counts_as_the_hour_after(tmp_path: Path) -> None:
    stored = at(tmp_path, "2024-03-31 01:30:00", time_zone="Europe/London")
    assert read(stored) == [micros(2024, 3, 31, 1, 30)]  # 02:30 of British summer time


def test_an_hour_that_a_clock_change_repeats_is_the_second_one(tmp_path: Path) -> None:
    stored = at(tmp_path, "2023-10-29 01:30:00", time_zone="Europe/London")
    assert read(stored) == [micros(2023, 10, 29, 1, 30)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Taipei"])
def test_instants_of_parquet_are_read_in_any_unit(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    ten = datetime(2024, 1, 5, 10, tzinfo=UTC)
    stored = in_parquet(tmp_path, "at", pa.array([ten], pa.timestamp(unit, zone)))
    assert values(stored, "ordered_at") == [TEN_AM]


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("epoch_s", "1704448800"),
        ("epoch_ms", "1704448800000"),
        ("epoch_us", "1704448800000000"),
        ("epoch_ns", "1704448800000000999"),
    ],
)
def test_epochs_are_read_in_the_unit_that_the_config_names(
    tmp_path: Path, unit: str, value: str
) -> None:
    stored = load_orders(tmp_path, f"o1,{value},ann,1", instant_format=[unit])
    assert stored.column("stg_orders", "ordered_at") == [TEN_AM]


def test_epochs_in_another_unit_are_implausible(tmp_path: Path) -> None:
    lines = ("s,1704448800,ann,1", "ms,1704448800000,ann,1", "ns,1704448800000000000,ann,1")
    stored = load_orders(tmp_path, *lines, instant_format=["epoch_s"])
    assert (stored.column("stg_orders", "order"), stored.broken()) == (
        ["s"],
        {LATE: 1, UNREADABLE: 1},
    )
    stored = load_orders(tmp_path, *lines, instant_format=["epoch_ms"])
    assert (stored.column("stg_orders", "order"), stored.broken()) == (
        ["ms"],
        {EARLY: 1, UNREADABLE: 1},
    )
    stored = load_orders(tmp_path, *lines, instant_format=["epoch_ns"])
    assert (stored.column("stg_orders", "order"), stored.broken()) == (["ns"], {EARLY: 2})


def test_numbers_for_instants_need_a_unit(tmp_path: Path) -> None:
    text = (
        f"sources.orders.columns.ordered_at needs dates or texts, but {tmp_path}/in/orders.parquet "
        f"holds numbers there (BIGINT); say what they count with sources.orders.instant_format: "
        f"epoch_s, epoch_ms, epoch_us, epoch_ns, or a format such as %Y%m%d"
    )
    with pytest.raises(InstantNeedsUnit, match=fully(text)):
        in_parquet(tmp_path, "at", [1704448800])


def test_a_day_written_as_one_number_is_read_with_its_format(tmp_path: Path) -> None:
    for number in ([20240105], [20240105.0], pa.array([Decimal(20240105)])):
        stored = in_parquet(tmp_path, "at", number, instant_format=["%Y%m%d", "%Y-%m-%d"])
        assert values(stored, "ordered_at") == [micros(2024, 1, 5)]


def test_negative_amounts_and_discounts_are_quarantined(tmp_path: Path) -> None:
    write(
        tmp_path / "orders.csv",
        f"{LINE},0",
        "o2,2024-01-05,ann,-1,0",
        "o3,2024-01-05,ann,1,-1",
        header="order,at,customer,amount,discount",
    )
    stored = load(tmp_path, {"orders": orders(columns={"discount": "discount"})})
    assert stored.broken() == {"amount_negative": 1, "discount_negative": 1}


def test_a_negative_quantity_is_broken_unless_returns_are_written_so(tmp_path: Path) -> None:
    lines = ("o2,2024-01-05,ann,-1,-1", "o3,2024-01-05,ann,-1,1", "o4,2024-01-05,ann,1,-1")
    write(tmp_path / "orders.csv", f"{LINE},1", *lines, header="order,at,customer,amount,quantity")
    settings = orders(columns={"quantity": "quantity"})
    assert load(tmp_path, {"orders": settings}).broken() == {
        "quantity_negative": 2,
        "amount_negative": 1,
    }
    stored = load(tmp_path, {"orders": {**settings, "returns": "negative_quantity"}})
    assert stored.broken() == {
        "amount_negative_without_return": 1,
        "amount_positive_on_return": 1,
    }
    assert [row["is_return"] for row in stored.tables["fact_sales"]] == [True, False]


def test_a_quantity_of_zero_is_a_line_without_units(tmp_path: Path) -> None:
    stored = in_parquet(tmp_path, "quantity", [0.0, -0.0, None])
    assert values(stored, "quantity") == [Decimal(0), Decimal(0), None]
    assert [row["quantity"] for row in stored.tables["fact_sales"]].count(Decimal(1)) == 2


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_amounts_that_are_no_number_are_quarantined(tmp_path: Path, kind: pa.DataType) -> None:
    odd = pa.array([float("nan"), float("inf"), float("-inf"), 1e38, -0.0, 12.345], kind)
    stored = in_parquet(tmp_path, "amount", odd)
    assert stored.broken() == {"amount_unreadable": 4}
    assert values(stored, "amount") == [0, 1235] if kind == pa.float32() else [0, 1234]


def test_amounts_in_text_that_are_no_number_are_quarantined(tmp_path: Path) -> None:
    odd = ("nan", "inf", "-Infinity", "1e308", "12 EUR", "--1", "１２", "99999999999999")
    lines = [f"o{n},2024-01-05,ann,{amount}" for n, amount in enumerate(odd, start=2)]
    stored = load_orders(tmp_path, LINE, *lines, "zero,2024-01-05,ann,-0.0")
    assert stored.broken() == {"amount_unreadable": len(odd)}
    assert stored.column("stg_orders", "amount") == [0, 1250]


def test_text_and_decimals_become_minor_units_exactly(tmp_path: Path) -> None:
    lines = [f"o{n},2024-01-05,ann,{amount}" for n, amount in enumerate(("0.285", "1.005", " 7 "))]
    stored = load_orders(tmp_path, *lines)
    assert stored.column("stg_orders", "amount") == [101, 29, 700]
    exact = pa.array(
        [Decimal("0.28500"), Decimal("9999999999999.99000"), Decimal("1e13")], pa.decimal128(38, 5)
    )
    stored = in_parquet(tmp_path, "amount", exact)
    assert values(stored, "amount") == [29, 999_999_999_999_999]
    assert stored.broken() == {"amount_unreadable": 1}


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8()])
def test_whole_amounts_of_any_width_become_minor_units(tmp_path: Path, kind: pa.DataType) -> None:
    assert values(in_parquet(tmp_path, "amount", pa.array([100], kind)), "amount") == [10_000]


@pytest.mark.parametrize(
    ("kind", "most"), [(pa.int32(), 2**31 - 1), (pa.int64(), 2**63 - 1), (pa.uint64(), 2**64 - 1)]
)
def test_the_largest_integers_neither_overflow_nor_stop_the_load(
    tmp_path: Path, kind: pa.DataType, most: int
) -> None:
    stored = in_parquet(tmp_path, "amount", pa.array([most, 1], kind))
    fits = most < 10**13
    assert values(stored, "amount") == ([most * 100, 100] if fits else [100])
    assert stored.broken() == ({} if fits else {"amount_unreadable": 1})


def test_the_smallest_integer_is_quarantined(tmp_path: Path) -> None:
    stored = in_parquet(tmp_path, "amount", [-(2**63), 1])
    assert stored.broken() == {"amount_unreadable": 1}


def test_a_decimal_comma_is_read_with_points_between_thousands_only(tmp_path: Path) -> None:
    written = ("1.234,50", "7", "-0,5", "1234,5", "1.5", "1.23,4", "1,234.50", "1.2345,0")
    lines = [f"o{n};2024-01-05;ann;{amount}" for n, amount in enumerate(written)]
    write(tmp_path / "orders.csv", *lines, header="order;at;customer;amount")
    stored = load(tmp_path, {"orders": orders(decimal_separator=",")})
    assert stored.column("stg_orders", "amount") == [123450, 123450, 700]
    assert stored.broken() == {"amount_unreadable": 4, "amount_negative": 1}


def test_a_currency_without_minor_units_keeps_whole_amounts(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE.replace("12.50", "1250.5"))
    stored = load(tmp_path, {"orders": orders()}, stage=staged(tmp_path, digits=0))
    assert stored.column("stg_orders", "amount") == [1251]


def test_an_amount_of_a_type_that_is_no_number_is_quarantined(tmp_path: Path) -> None:
    for odd in ([date(2024, 1, 1)], [True], [[1]], [{"a": 1}], [b"\xff"]):
        assert in_parquet(tmp_path, "amount", odd).broken() == {"amount_unreadable": 1}


def test_days_of_labels_that_cannot_be_known_are_quarantined(tmp_path: Path) -> None:
    days = ("1970-01-01", "2999-01-01", "9999-12-31", "2024-06-01", "31/05/2024", "2024-05-31", "")
    lines = [f"c{n},{day},yes" for n, day in enumerate(days)]
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "labels.csv", *lines, header="customer,as_of,churned")
    columns = {name: name for name in ("customer", "as_of", "churned")}
    labels = {"path": "labels.csv", "columns": columns, "quarantine_limit": 1}
    stored = load(tmp_path, {"orders": orders(), "labels": labels})
    assert stored.column("stg_labels", "as_of") == [date(2024, 5, 31)]
    assert stored.broken("labels") == {
        "as_of_before_1990": 1,
        "as_of_in_future": 3,
        "as_of_unreadable": 1,
        "as_of_missing": 1,
    }


@pytest.mark.parametrize("yes", ["1", "true", "Yes", " Y ", "T"])
def test_flags_are_read_from_usual_words(tmp_path: Path, yes: str) -> None:
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "labels.csv", f"ann,{yes}", "bob,No", "cy,perhaps", header="customer,churned")
    columns = {"customer": "customer", "churned": "churned", "as_of": {"constant": "2024-01-01"}}
    labels = {"path": "labels.csv", "columns": columns, "quarantine_limit": 1}
    stored = load(tmp_path, {"orders": orders(), "labels": labels})
    assert stored.column("stg_labels", "churned") == [False, True]
    assert stored.broken("labels") == {"churned_unreadable": 1}


def test_days_from_which_attributes_hold_may_be_long_ago_but_not_absurd(tmp_path: Path) -> None:
    days = ("1950-01-01", "2030-01-01", "1066-10-14", "9999-12-31")
    write(tmp_path / "orders.csv", LINE)
    lines = [f"c{n},{day}" for n, day in enumerate(days)]
    write(tmp_path / "customers.csv", *lines, header="customer,since")
    columns = {"customer": "customer", "valid_from_on": "since"}
    customers = {"path": "customers.csv", "columns": columns, "quarantine_limit": 1}
    stored = load(tmp_path, {"orders": orders(), "customers": customers})
    assert stored.broken("customers") == {"valid_from_on_implausible": 2}


def test_cells_that_look_empty_are_missing(tmp_path: Path) -> None:
    blanks = ("", " ", "\t", "\u3000", "\u00a0 ")
    lines = [f"o{n},2024-01-05,{blank},1" for n, blank in enumerate(blanks, start=2)]
    assert load_orders(tmp_path, LINE, *lines).broken() == {"customer_missing": len(blanks)}

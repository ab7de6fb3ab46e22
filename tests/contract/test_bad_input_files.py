"""Paths that name nothing, or the wrong thing: what the reader is told, in full."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.locations import find_files
from features.schemas import Sources
from features.sources import SourceUnreadable
from features.star import NothingKept
from features.textfile import FileUnreadable
from tests.loading import LINE, fully, load, load_orders, orders, write, write_parquet

COLUMNS = {
    "order": ["o1", "o2"],
    "at": [datetime(2024, 1, 5, tzinfo=UTC)] * 2,
    "customer": ["ann", "bob"],
}


def parquet(path: Path) -> Path:
    return write_parquet(path, **COLUMNS, amount=[1.0, 2.0])


def refused(folder: Path, text: str, path: object = "orders.csv") -> None:
    with pytest.raises(FileUnreadable, match=fully(text)):
        load(folder, {"orders": orders(path)})


def names(folder: Path, path: object) -> list[str]:
    source = Sources.model_validate({"orders": orders(path)}).orders
    assert source is not None
    found = find_files("orders", source, folder)
    return [Path(file.name).relative_to(folder).as_posix() for file in found]


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    text = f"sources.orders.path needs a file, but {tmp_path}/orders.csv does not exist"
    refused(tmp_path, f"{text}; correct the path")


def test_a_missing_file_is_refused_before_any_other_is_read(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", "no rows of this are looked at")
    products = {"path": "products.csv", "columns": {"product": "product"}}
    text = f"sources.products.path needs a file, but {tmp_path}/products.csv does not exist"
    with pytest.raises(FileUnreadable, match=fully(f"{text}; correct the path")):
        load(tmp_path, {"orders": orders(), "products": products})


def test_a_folder_without_data_files_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").mkdir()
    (tmp_path / "orders.csv" / "README.md").write_text("no data")
    text = f"sources.orders.path needs a file, but {tmp_path}/orders.csv is a folder"
    refused(tmp_path, f"{text} without data files")


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    refused(
        tmp_path, f"sources.orders.path needs rows, but {tmp_path}/{name} is empty (0 bytes)", name
    )


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    text = (
        "sources.orders needs at least one row, but of 0 read none was kept (0 left out by where, "
        "the others broken); look at its files"
    )
    with pytest.raises(NothingKept, match=fully(text)):
        load_orders(tmp_path)


def test_a_header_without_rows_beside_other_files_brings_no_row(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv")
    write(tmp_path / "in" / "b.csv", LINE)
    stored = load(tmp_path, {"orders": orders("in")})
    assert [report.rows.read for report in stored.loads] == [0, 1]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "orders.csv")
    text = f"sources.orders.path needs a file, but {tmp_path}/orders.csv is a device or a pipe"
    refused(tmp_path, f"{text}; save it to a file")


def test_a_path_longer_than_any_file_name_is_refused(tmp_path: Path) -> None:
    path = "x" * 300
    text = f"sources.orders.path needs files that can be read, but ['{path}'] cannot: "
    refused(tmp_path, f"{text}File name too long", path)


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "orders.csv", LINE)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("features.locations.content_hash", forbidden)
    text = "sources.orders.path needs files that can be read, but ['orders.csv'] cannot: "
    refused(tmp_path, f"{text}Permission denied")


def test_a_pattern_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    text = f"sources.orders.path needs files, but nothing matches {tmp_path}/in/*.csv"
    refused(tmp_path, text, "in/*.csv")


def test_a_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    text = "sources.orders.path needs files that can be read, but ['**a/x'] cannot: "
    cause = "Invalid pattern: '**' can only be an entire path component"
    with pytest.raises(FileUnreadable) as caught:
        load(tmp_path, {"orders": orders("**a/x")})
    # Newer Pythons read it as *a.
    nothing = f"sources.orders.path needs files, but nothing matches {tmp_path}/**a/x"
    assert str(caught.value) in (text + cause, nothing)


@pytest.mark.parametrize("package", ["no_such_package", "no.such.package", "", ".odd"])
def test_a_package_that_is_not_installed_is_named(tmp_path: Path, package: str) -> None:
    text = f"sources.orders.path needs the package {package!r}, which is not installed: add it"
    refused(tmp_path, text, f"package://{package}/data/orders.csv")


def test_files_come_in_the_order_of_the_setting_and_a_folder_by_name(tmp_path: Path) -> None:
    for name in ("b/2.csv", "b/1.csv", "b/deep/0.CSV", "a.csv"):
        write(tmp_path / name, LINE)
    assert names(tmp_path, ["b", "a.csv"]) == ["b/1.csv", "b/2.csv", "b/deep/0.CSV", "a.csv"]
    assert names(tmp_path, "b/*.csv") == ["b/1.csv", "b/2.csv"]
    assert names(tmp_path, "?") == ["b/1.csv", "b/2.csv", "b/deep/0.CSV"]


def test_what_engines_and_systems_leave_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    for name in (
        "_SUCCESS",
        "_delta_log/1.parquet",
        "._a.csv",
        ".part.csv.crc",
        "a.csv",
        "notes.md",
    ):
        write(tmp_path / "in" / name, LINE)
    assert names(tmp_path, "in") == ["in/a.csv"]


@pytest.mark.parametrize(
    "name",
    ["my orders.csv", "訂單.csv", "it's.csv", "a;b.csv", "orders[1].csv", "what?.csv", "100%.csv"],
)
def test_a_file_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, LINE)
    write(tmp_path / "orders1.csv", "o9,2024-01-05,zoe,1")
    assert load(tmp_path, {"orders": orders(name)}).column("stg_orders", "order") == ["o1"]


def test_a_path_may_go_up_and_through_links(tmp_path: Path) -> None:
    write(tmp_path / "data [old]" / "orders.csv", LINE)
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "data [old]" / "orders.csv")
    for path in ("../data [old]/orders.csv", "../data [old]/*.csv", "link.csv"):
        assert len(load(folder, {"orders": orders(path)}).tables["stg_orders"]) == 1


def test_folders_named_column_and_value_become_columns(tmp_path: Path) -> None:
    line = LINE.replace("ann", "bob")
    write(tmp_path / "in" / "shop=007" / "a.csv", LINE)
    write(tmp_path / "in" / "shop=%E5%8F%B0%E5%8C%97" / "a.csv", line)
    write(tmp_path / "in" / "shop=__HIVE_DEFAULT_PARTITION__" / "a.csv", line.replace("o1", "o2"))
    stored = load(tmp_path, {"orders": orders("in", columns={"store": "shop"})})
    assert stored.column("stg_orders", "store") == ["007", None, "台北"]


def test_folders_become_columns_of_files_in_another_encoding_and_of_parquet(tmp_path: Path) -> None:
    write(tmp_path / "in" / "shop=01" / "a.csv", "o1,2024-01-05,王,1", encoding="cp950")
    stored = load(tmp_path, {"orders": orders("in", encoding="cp950", columns={"store": "shop"})})
    assert stored.column("stg_orders", "store") == ["01"]
    parquet(tmp_path / "more" / "shop=01" / "a.parquet")
    stored = load(tmp_path, {"orders": orders("more", columns={"store": "shop"})})
    assert stored.column("stg_orders", "store") == ["01", "01"]


def test_equal_files_in_two_folders_of_values_are_different_rows(tmp_path: Path) -> None:
    for shop in ("north", "south"):
        write(tmp_path / "in" / f"shop={shop}" / "a.csv", LINE)
    stored = load(tmp_path, {"orders": orders("in", columns={"store": "shop"})})
    assert stored.column("stg_orders", "store") == ["north", "south"]
    assert [report.is_new for report in stored.loads] == [True, True]


def test_a_column_of_the_file_comes_before_that_of_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "customer=zoe" / "a.csv", LINE)
    stored = load(tmp_path, {"orders": orders("customer=zoe")})
    assert stored.column("stg_orders", "customer") == ["ann"]


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_parquet_file_is_refused(tmp_path: Path, kept: int) -> None:
    whole = parquet(tmp_path / "orders.parquet").read_bytes()
    (tmp_path / "orders.parquet").write_bytes(whole[:kept] or b"PAR1")
    damaged(tmp_path)


def damaged(folder: Path) -> None:
    text = (
        f"{folder}/orders.parquet needs to be a complete Parquet file, but it is not; copy it again"
    )
    with pytest.raises(SourceUnreadable, match=fully(text)):
        load(folder, {"orders": orders("orders.parquet")})


def test_a_parquet_file_with_a_flipped_bit_in_its_footer_is_refused(tmp_path: Path) -> None:
    whole = bytearray(parquet(tmp_path / "orders.parquet").read_bytes())
    whole[-8] ^= 64
    (tmp_path / "orders.parquet").write_bytes(whole)
    damaged(tmp_path)


def test_a_parquet_file_damaged_within_is_refused_without_its_values(tmp_path: Path) -> None:
    customers = [f"secret{number}" for number in range(5000)]
    size = len(customers)
    path = write_parquet(
        tmp_path / "orders.parquet",
        order=customers,
        at=[datetime(2024, 1, 5, tzinfo=UTC)] * size,
        customer=customers,
        amount=[1.0] * size,
    )
    whole = bytearray(path.read_bytes())
    whole[2000:2400] = bytes(400)
    path.write_bytes(whole)
    with pytest.raises(SourceUnreadable) as caught:
        load(tmp_path, {"orders": orders("orders.parquet")})
    assert str(caught.value) in {
        f"{path} needs to be a complete Parquet file, but it is not; copy it again",
        f"{path} cannot be read to its end: a value does not fit (values are not shown here)",
    }


def test_csv_that_calls_itself_parquet_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", LINE)
    damaged(tmp_path)


def test_what_is_no_text_is_recognised_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    parquet(path)
    refused(tmp_path, f"{path} needs to be CSV, but is Parquet: let its name end in .parquet")
    path.write_bytes(gzip.compress(b"order,at,customer,amount\n"))
    refused(tmp_path, f"{path} needs to be CSV, but is compressed: unpack it")
    path.write_bytes(b"PK\x03\x04 and so on")
    archive = "a workbook or a zip archive: export or unpack CSV files"
    refused(tmp_path, f"{path} needs to be CSV, but is {archive}")
    path.write_bytes(b"\xd0\xcf\x11\xe0 and so on")
    refused(tmp_path, f"{path} needs to be CSV, but is an old workbook: export CSV files")

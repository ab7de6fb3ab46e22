"""Tables of other databases, and lookups beside a file."""

from pathlib import Path

import duckdb
import pytest

from features.sources import SourceUnreadable
from features.textfile import EncodingWrong, FileUnreadable
from tests.loading import HEADER, LINE, Settings, fully, load, orders, write, write_parquet

ROWS = "('007', TIMESTAMP '2024-01-05 10:00:00', 'ann', 12.50), ('o2', NULL, 'bob', 1)"

BACKWARDS = "('o2', NULL, 'bob', 1), ('007', TIMESTAMP '2024-01-05 10:00:00', 'ann', 12.50)"


def database(path: Path, rows: str = ROWS) -> Path:
    with duckdb.connect(str(path)) as con:
        con.execute('CREATE SCHEMA IF NOT EXISTS "my sales"')
        con.execute(f"""
            CREATE OR REPLACE TABLE "my sales".lines AS
            FROM (VALUES {rows}) AS t ("order", "at", customer, amount)""")
    return path


def stored_in(address: object, table: str = "my sales.lines", kind: str = "duckdb") -> Settings:
    place = {"type": kind, "address": str(address), "table": table}
    return orders(None, database=place)


def refused(folder: Path, source: Settings, text: str) -> None:
    with pytest.raises(SourceUnreadable, match=fully(text)):
        load(folder, {"orders": source})


def test_a_table_of_an_attached_database_is_loaded_by_name(tmp_path: Path) -> None:
    database(tmp_path / "shop.duckdb")
    stored = load(tmp_path, {"orders": stored_in("shop.duckdb")})
    assert stored.column("stg_orders", "order") == ["007"]
    assert stored.broken() == {"ordered_at_missing": 1}
    assert [load.file for load in stored.loads] == [f"{tmp_path}/shop.duckdb#my sales.lines"]


def test_two_sources_share_an_attached_database(tmp_path: Path) -> None:
    database(tmp_path / "shop.duckdb")
    place = {"address": "shop.duckdb", "table": "my sales.lines"}
    customers = {"database": place, "columns": {"customer": "customer"}}
    stored = load(tmp_path, {"orders": stored_in("shop.duckdb"), "customers": customers})
    assert stored.column("stg_customers", "customer") == ["ann", "bob"]


def test_a_table_is_recognised_by_its_rows_whatever_their_order(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    source = {"orders": stored_in("shop.duckdb")}
    database(tmp_path / "shop.duckdb")
    load(tmp_path, source, file=file)
    database(tmp_path / "shop.duckdb", BACKWARDS)
    assert [each.is_new for each in load(tmp_path, source, file=file).loads] == [False]
    database(tmp_path / "shop.duckdb", f"{ROWS}, ('o3', TIMESTAMP '2024-01-06', 'cy', 3)")
    again = load(tmp_path, source, file=file)
    assert [(each.is_new, each.rows.kept, each.rows.duplicated) for each in again.loads] == [
        (True, 1, 1)
    ]


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = (
        f"sources.orders.database needs the table my sales.lines in {tmp_path}/shop.duckdb, but it "
        f'cannot be read (IO Error: Cannot open database "{tmp_path}/shop.duckdb" in read-only '
        f"mode: database does not exist)"
    )
    refused(tmp_path, stored_in("shop.duckdb"), text)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    write(tmp_path / "shop.duckdb", LINE)
    text = (
        f"sources.orders.database needs the table my sales.lines in {tmp_path}/shop.duckdb, but it "
        f'cannot be read (IO Error: The file "{tmp_path}/shop.duckdb" exists, but it is not a '
        f"valid DuckDB database file!)"
    )
    refused(tmp_path, stored_in("shop.duckdb"), text)


def test_a_table_that_is_not_in_the_database_is_named(tmp_path: Path) -> None:
    database(tmp_path / "shop.duckdb")
    with pytest.raises(SourceUnreadable) as caught:
        load(tmp_path, {"orders": stored_in("shop.duckdb", "my sales.line")})
    text = (
        f"sources.orders.database needs the table my sales.line in {tmp_path}/shop.duckdb, but it "
        f"cannot be read (Catalog Error: Table with name line does not exist!)"
    )
    assert str(caught.value) == text


def test_the_address_of_a_server_is_never_shown(tmp_path: Path) -> None:
    source = stored_in("postgres://me:canary@127.0.0.1:1/db", kind="postgres")
    text = (
        "sources.orders.database needs the table my sales.lines in a postgres server, but it "
        "cannot be read (what it answered may hold a password)"
    )
    refused(tmp_path, source, text)


def looking_up(path: str, key: str = "shop", **settings: object) -> dict[str, Settings]:
    lookup = {"path": path, "key": key}
    return {"orders": orders(lookup=lookup, columns={"store": "town"}, **settings)}


def with_shops(
    folder: Path, *lines: str, header: str = "shop,town", encoding: str = "utf-8"
) -> Path:
    rows = (f"{LINE},007", f"{LINE.replace('o1', 'o2')},7", f"{LINE.replace('o1', 'o3')},9")
    write(folder / "orders.csv", *rows, header=f"{HEADER},shop")
    return write(folder / "shops.csv", *lines, header=header, encoding=encoding)


def test_a_lookup_joins_its_columns_by_a_key_compared_as_text(tmp_path: Path) -> None:
    with_shops(tmp_path, "007,Paris", "7,Rome")
    stored = load(tmp_path, looking_up("shops.csv"))
    assert stored.column("stg_orders", "store") == [None, "Paris", "Rome"]


def test_a_lookup_in_parquet_joins_numbers_with_texts(tmp_path: Path) -> None:
    with_shops(tmp_path)
    write_parquet(tmp_path / "shops.parquet", shop=[7, 9], town=["Rome", "Oslo"])
    stored = load(tmp_path, looking_up("shops.parquet"))
    assert stored.column("stg_orders", "store") == [None, "Oslo", "Rome"]


def test_a_lookup_is_of_the_encoding_of_its_source(tmp_path: Path) -> None:
    with_shops(tmp_path, "7,台北", encoding="cp950")
    stored = load(tmp_path, looking_up("shops.csv", encoding="cp950"))
    assert "台北" in stored.column("stg_orders", "store")
    text = (
        f"{tmp_path}/shops.csv needs to be utf-8, but byte 12 (line 2) is not; encodings that fit: "
        f"cp950, big5hkscs, gb18030, cp1252, latin-1; set encoding in the config, or save the file "
        f"as utf-8"
    )
    with pytest.raises(EncodingWrong, match=fully(text)):
        load(tmp_path, looking_up("shops.csv"))


def test_a_lookup_that_is_not_unique_is_refused(tmp_path: Path) -> None:
    with_shops(tmp_path, "7,Rome", "7,Roma", "7,Rom", "9,Oslo")
    text = (
        f"a lookup needs one row for each 'shop', but {tmp_path}/shops.csv has 2 more; remove "
        f"those that repeat a key"
    )
    refused(tmp_path, looking_up("shops.csv")["orders"], text)


def test_a_lookup_without_its_key_is_refused(tmp_path: Path) -> None:
    with_shops(tmp_path, "7,Rome", header="store,town")
    text = f"a lookup needs the column 'shop' in both files, but {tmp_path}/shops.csv has none"
    refused(tmp_path, looking_up("shops.csv")["orders"], text)
    text = f"a lookup needs the column 'store' in both files, but {tmp_path}/orders.csv has none"
    refused(tmp_path, looking_up("shops.csv", "store")["orders"], text)


def test_a_lookup_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with_shops(tmp_path)
    text = (
        f"sources.orders.lookup.path needs a file, but {tmp_path}/shop.csv does not exist; correct "
        f"the path"
    )
    with pytest.raises(FileUnreadable, match=fully(text)):
        load(tmp_path, looking_up("shop.csv"))


def test_a_broken_line_of_a_lookup_is_refused_without_its_values(tmp_path: Path) -> None:
    with_shops(tmp_path, "7,Rome", "canary,town,too many")
    text = (
        f"{tmp_path}/shops.csv cannot be read to its end: Invalid Input Error: CSV Error on Line: 3"
    )
    refused(tmp_path, looking_up("shops.csv")["orders"], text)


def test_a_changed_lookup_is_new_content(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    with_shops(tmp_path, "7,Rome")
    load(tmp_path, looking_up("shops.csv"), file=file)
    with_shops(tmp_path, "7,Roma")
    assert [each.is_new for each in load(tmp_path, looking_up("shops.csv"), file=file).loads] == [
        True
    ]

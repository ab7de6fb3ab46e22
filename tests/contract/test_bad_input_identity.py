"""Identifiers, names and texts of every kind: kept exactly, or refused, never mixed up."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from features.mapped import ColumnMissing
from features.star import NothingKept
from tests.loading import (
    LINE,
    Stored,
    fully,
    load,
    load_orders,
    orders,
    staged,
    write,
    write_parquet,
)

IDS = [
    *("007", "7", "7.0", "0", "-0", "9223372036854775808", "1e5", "100000", "１２", " ann", "ann "),
    *("ann@example.com", "Ann@example.com", "\u00e9", "e\u0301", "\u00c5", "\u212b", "王小明"),
    *("🙂", "null", "NaN", "o'neil", 'a"b', "=1+1", "@x", "<script>", "${x}", "\\", "x" * 300),
    "a;DROP TABLE loads",
]


def customers_of(folder: Path, values: Any) -> Stored:
    size = len(values)
    write_parquet(
        folder / "orders.parquet",
        order=[f"o{number}" for number in range(size)],
        at=["2024-01-05"] * size,
        customer=values,
        amount=[1] * size,
    )
    return load(folder, {"orders": orders("orders.parquet")})


def test_identifiers_are_kept_exactly_in_csv(tmp_path: Path) -> None:
    cells = ('"' + each.replace('"', '""') + '"' for each in IDS)
    stored = load_orders(tmp_path, *(f"o{n},2024-01-05,{cell},1" for n, cell in enumerate(cells)))
    assert stored.column("dim_customer", "customer") == sorted(IDS)
    assert stored.column("stg_orders", "customer") == sorted(IDS)


def test_identifiers_are_kept_exactly_in_parquet(tmp_path: Path) -> None:
    assert customers_of(tmp_path, IDS).column("dim_customer", "customer") == sorted(IDS)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *((pa.int8(), 7), (pa.int64(), -(2**63)), (pa.uint64(), 2**64 - 1), (pa.uint64(), 2**63)),
        *((pa.float64(), float(2**53 - 1)), (pa.float32(), float(2**24 - 1))),
        *((pa.decimal128(38, 0), Decimal(10**37)), (pa.decimal128(38, 4), Decimal(10**30))),
    ],
)
def test_whole_numbers_are_identifiers_without_point_or_exponent(
    tmp_path: Path, kind: pa.DataType, number: float | Decimal
) -> None:
    stored = customers_of(tmp_path, pa.array([number], kind))
    assert stored.column("stg_orders", "customer") == [str(int(number))]


def test_doubles_that_cannot_be_exact_identifiers_are_quarantined(tmp_path: Path) -> None:
    odd = [1.0, 1.5, float(2**53), float("nan"), float("inf")]
    stored = customers_of(tmp_path, odd)
    assert stored.column("stg_orders", "customer") == ["1"]
    assert stored.broken() == {"customer_unreadable": 4}


def test_binary_identifiers_are_read_as_utf_8_or_quarantined(tmp_path: Path) -> None:
    stored = customers_of(tmp_path, pa.array([b"ann", "王".encode(), b"\xff"], pa.binary()))
    assert stored.column("stg_orders", "customer") == ["ann", "王"]
    assert stored.broken() == {"customer_unreadable": 1}


def test_a_customer_written_as_number_and_as_text_is_one(tmp_path: Path) -> None:
    write_parquet(
        tmp_path / "in" / "a.parquet", order=["o1"], at=["2024-01-05"], customer=[7.0], amount=[1]
    )
    write(tmp_path / "in" / "b.csv", "o2,2024-01-05,7,1", "o3,2024-01-05,007,1")
    stored = load(tmp_path, {"orders": orders("in")})
    assert stored.column("dim_customer", "customer") == ["007", "7"]


def customers(folder: Path, *lines: str) -> dict[str, Any]:
    write(folder / "customers.csv", *lines, header="customer,tier")
    return {
        "path": "customers.csv",
        "columns": {"customer": "customer"},
        "attributes": {"tier": {"column": "tier"}},
        "quarantine_limit": 1,
    }


def test_customers_of_orders_that_the_customers_table_lacks_have_a_row(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE, "o2,2024-01-05,bob,1")
    stored = load(
        tmp_path, {"orders": orders(), "customers": customers(tmp_path, "ann,gold", "cy,")}
    )
    rows = [(row["customer"], row["tier"]) for row in stored.tables["dim_customer"]]
    assert rows == [("ann", "gold"), ("bob", None), ("cy", None)]
    assert [row["customer_key"] for row in stored.tables["fact_sales"]] == [1, 2]


def test_a_customer_with_two_rows_that_differ_is_quarantined_in_both(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    given = customers(tmp_path, "ann,gold", "ann,silver", "bob,gold", "bob,gold")
    stored = load(tmp_path, {"orders": orders(), "customers": given})
    assert stored.broken("customers") == {"customer_contradicts_itself": 2}
    assert stored.column("stg_customers", "customer") == ["bob"]
    rows = stored.loads[1].rows
    assert (rows.read, rows.kept, rows.quarantined, rows.duplicated) == (4, 1, 2, 1)


def test_products_without_hierarchy_have_a_row_without_levels(tmp_path: Path) -> None:
    write(
        tmp_path / "orders.csv",
        f"{LINE},tea",
        f"{LINE},jam",
        f"{LINE},",
        header="order,at,customer,amount,sku",
    )
    write(tmp_path / "products.csv", "tea,drinks", "oil,", "oil,", header="sku,group")
    products = {
        "path": "products.csv",
        "columns": {"product": "sku"},
        "hierarchy": {"category": "group"},
    }
    lines = orders(columns={"product": "sku"})
    stored = load(tmp_path, {"orders": lines, "products": products})
    rows = [(row["product"], row["category"]) for row in stored.tables["dim_product"]]
    assert rows == [("jam", None), ("oil", None), ("tea", "drinks")]
    stored = load(tmp_path, {"orders": lines})
    assert stored.column("dim_product", "product") == ["jam", "tea"]


def test_lines_without_customer_are_kept_where_the_config_says_so(tmp_path: Path) -> None:
    lines = (LINE, "o2,2024-01-05,,1", "o3,2024-01-05, ,1")
    stored = load_orders(tmp_path, *lines, anonymous="keep")
    assert [row["customer_key"] for row in stored.tables["fact_sales"]] == [1, None, None]
    assert load_orders(tmp_path, *lines).broken() == {"customer_missing": 2}


def test_orders_without_any_customer_are_refused(tmp_path: Path) -> None:
    text = (
        "the sources need rows with a customer, but none of ['orders'] kept any; look at the "
        "columns that they map to customer"
    )
    with pytest.raises(NothingKept, match=fully(text)):
        load_orders(tmp_path, "o1,2024-01-05,,1", anonymous="keep")


def test_text_of_any_script_is_kept_everywhere(tmp_path: Path) -> None:
    header = "訂單,日期,會員,金額,商品,門市"
    write(tmp_path / "訂單.csv", "單1,2024-01-05,王小明,12.5,綠茶🍵,台北", header=header)
    write(tmp_path / "商品.csv", "綠茶🍵,飲料", header="商品,類別")
    names = dict(
        zip(
            ("order", "ordered_at", "customer", "amount", "product", "store"),
            header.split(","),
            strict=True,
        )
    )
    sources: dict[str, Any] = {
        "orders": {"path": "訂單.csv", "columns": names},
        "products": {
            "path": "商品.csv",
            "columns": {"product": "商品"},
            "hierarchy": {"類別": "類別"},
        },
    }
    stored = load(tmp_path, sources, stage=staged(tmp_path, "Asia/Taipei"))
    assert stored.column("dim_customer", "customer") == ["王小明"]
    assert stored.tables["dim_product"][0] == {
        "product_key": 1,
        "product": "綠茶🍵",
        "unit_cost": None,
        "is_private_label": None,
        "類別": "飲料",
    }
    assert stored.column("dim_store", "store") == ["台北"]


ODD_NAMES = [
    *('a"; drop table x; --', "a'b", "two words", " padded ", "semi;colon", "com,ma", "select"),
    *(
        "order",
        "from",
        "🙂",
        "王",
        "x" * 300,
        "tab\there",
        "a.b",
        "1",
        "*",
        "raw amount",
        "checked",
    ),
    *("load_id", "is_wanted", "broken_rule", "rowid", "file_name", "%s", "{0}", "\\"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_of_any_name_is_read(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / f"orders.{kind}"
    if kind == "csv":
        quoted = '"' + name.replace('"', '""') + '"'
        write(path, "2024-01-05,ann,12.50", header=f"at,customer,{quoted}")
    else:
        write_parquet(path, at=["2024-01-05"], customer=["ann"], **{name: ["12.50"]})
    columns = {"order": {"constant": "o1"}, "amount": name}
    stored = load(tmp_path, {"orders": orders(path.name, columns=columns)})
    assert stored.column("stg_orders", "amount") == [1250]


def test_a_column_of_an_odd_name_that_is_missing_is_named_as_it_was_typed(tmp_path: Path) -> None:
    text = (
        f"sources.orders.columns.amount needs the column 'a\"; drop table x; --'; but "
        f"{tmp_path}/orders.csv has ['order', 'at', 'customer', 'amount']"
    )
    with pytest.raises(ColumnMissing, match=fully(text)):
        load_orders(tmp_path, LINE, columns={"amount": 'a"; drop table x; --'})

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.schemas import Sources
from features.star import History, NothingKept, history
from tests.loading import (
    HEADER,
    LINE,
    Settings,
    Stored,
    fully,
    load,
    load_orders,
    loaded,
    orders,
    write,
)


def customers(folder: Path, *lines: str, header: str = "customer,tier,since") -> Settings:
    write(folder / "customers.csv", *lines, header=header)
    return {
        "path": "customers.csv",
        "columns": {"customer": "customer", "valid_from_on": "since"},
        "attributes": {"tier": {"column": "tier"}},
    }


def column(stored: Stored, table: str, *names: str) -> list[Any]:
    """Values of the columns in stored order."""
    rows = ([row[name] for name in names] for row in stored.tables[table])
    return [row[0] if len(names) == 1 else tuple(row) for row in rows]


def test_keys_ascend_with_the_bytes_of_the_name(tmp_path: Path) -> None:
    names = ("b", "B", "a", "10", "9", "é", "王")
    stored = load_orders(tmp_path, *(f"o{n},2024-01-05,{name},1" for n, name in enumerate(names)))
    assert column(stored, "dim_customer", "customer") == sorted(names)


def test_attributes_hold_from_their_day_until_the_next(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    given = customers(tmp_path, "ann,gold,2024-02-01", "ann,tin,2023-01-01", "bob,gold,")
    stored = load(tmp_path, {"orders": orders(), "customers": given})
    rows = column(stored, "dim_customer", "customer", "tier", "valid_from_on", "valid_to_on")
    assert rows == [
        ("ann", "tin", date(2023, 1, 1), date(2024, 2, 1)),
        ("ann", "gold", date(2024, 2, 1), None),
        ("bob", "gold", date(1900, 1, 1), None),
    ]


def test_the_later_file_is_right_about_the_same_day(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "in" / "1.csv", "ann,gold,2024-01-01", header="customer,tier,since")
    write(tmp_path / "in" / "2.csv", "ann,tin,2024-01-01", header="customer,tier,since")
    given = {**customers(tmp_path), "path": "in"}
    stored = load(tmp_path, {"orders": orders(), "customers": given})
    assert column(stored, "dim_customer", "tier") == ["tin"]


def test_customers_of_any_source_have_a_row(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "contacts.csv", "bob,2024-02-05,call", header="customer,at,kind")
    columns = {"customer": "customer", "contacted_at": "at", "kind": "kind"}
    contacts = {"path": "contacts.csv", "columns": columns}
    stored = load(tmp_path, {"orders": orders(), "contacts": contacts})
    assert column(stored, "dim_customer", "customer") == ["ann", "bob"]
    assert column(stored, "fact_contacts", "customer_key") == [2]


def test_who_only_visited_is_a_customer_and_the_day_is_known(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "visits.csv", "bob,2024-01-07 09:00:00", header="customer,at")
    visits = {"path": "visits.csv", "columns": {"customer": "customer", "visited_at": "at"}}
    stored = load(tmp_path, {"orders": orders(), "visits": visits})
    assert column(stored, "dim_customer", "customer") == ["ann", "bob"]
    assert column(stored, "dim_date", "day") == [date(2024, 1, day) for day in (5, 6, 7)]


def test_the_day_of_a_response_is_known_too(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    header = "customer,at,campaign"
    write(tmp_path / "sent.csv", "ann,2024-01-05,c1", header=header)
    write(tmp_path / "answers.csv", "ann,2024-01-07,c1", header=header)
    columns = {"customer": "customer", "campaign": "campaign"}
    sources = {
        "orders": orders(),
        "campaigns": {"path": "sent.csv", "columns": {**columns, "sent_at": "at"}},
        "responses": {"path": "answers.csv", "columns": {**columns, "responded_at": "at"}},
    }
    stored = load(tmp_path, sources)
    assert column(stored, "dim_date", "day") == [date(2024, 1, day) for day in (5, 6, 7)]


@pytest.mark.parametrize(
    "described", [{}, {"products": {"path": "products.csv", "columns": {"product": "sku"}}}]
)
def test_nobody_said_whether_a_product_is_of_the_own_brand(
    tmp_path: Path, described: dict[str, Settings]
) -> None:
    write(tmp_path / "orders.csv", f"{LINE},tea", header=f"{HEADER},sku")
    write(tmp_path / "products.csv", "tea", header="sku")
    stored = load(tmp_path, {"orders": orders(columns={"product": "sku"}), **described})
    assert column(stored, "dim_product", "product", "is_private_label") == [("tea", None)]


def test_products_have_their_levels_groups_and_costs_as_columns(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", f"{LINE},tea", header=f"{HEADER},sku")
    header = "sku,group,line,cost,own"
    write(tmp_path / "products.csv", "tea,drinks,hot,1.25,yes", "jam,food,,,", header=header)
    products = {
        "path": "products.csv",
        "columns": {"product": "sku", "unit_cost": "cost", "private_label": "own"},
        "hierarchy": {"department": "group", "category": "line"},
        "groups": {"brand": "own"},
    }
    lines = orders(columns={"product": "sku"})
    stored = load(tmp_path, {"orders": lines, "products": products})
    assert stored.tables["dim_product"] == [
        {
            "product_key": 1,
            "product": "jam",
            "unit_cost": None,
            "is_private_label": None,
            "department": "food",
            "category": None,
            "brand": None,
        },
        {
            "product_key": 2,
            "product": "tea",
            "unit_cost": 125,
            "is_private_label": True,
            "department": "drinks",
            "category": "hot",
            "brand": "yes",
        },
    ]


def test_days_run_from_the_first_to_the_last_that_anything_knows(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", "o1,2023-12-31,ann,1", "o2,2024-01-02,ann,1")
    stored = load(tmp_path, {"orders": orders()})
    assert stored.tables["dim_date"] == [
        {
            "day": date(2023, 12, 31),
            "year": 2023,
            "quarter": 4,
            "month": 12,
            "iso_week": 52,
            "iso_weekday": 7,
            "is_weekend": True,
        },
        {
            "day": date(2024, 1, 1),
            "year": 2024,
            "quarter": 1,
            "month": 1,
            "iso_week": 1,
            "iso_weekday": 1,
            "is_weekend": False,
        },
        {
            "day": date(2024, 1, 2),
            "year": 2024,
            "quarter": 1,
            "month": 1,
            "iso_week": 1,
            "iso_weekday": 2,
            "is_weekend": False,
        },
    ]


def contract(folder: Path, *labels: str) -> dict[str, Settings]:
    write(folder / "labels.csv", *labels, header="customer,as_of,churned")
    columns = {name: name for name in ("customer", "as_of", "churned")}
    given = customers(folder, "ann,gold,", "cy,tin,")
    return {"customers": given, "labels": {"path": "labels.csv", "columns": columns}}


def test_a_contractual_business_needs_no_orders(tmp_path: Path) -> None:
    sources = contract(tmp_path, "ann,2024-01-01,yes", "bob,2024-02-01,no")
    with loaded(tmp_path, sources) as (con, _):
        known = history(con, Sources.model_validate(sources))
    assert known == History(date(2024, 1, 1), date(2024, 2, 1), 0, 3, 0, 0)


def test_labels_without_rows_are_refused(tmp_path: Path) -> None:
    text = (
        "sources.labels needs at least one row, but of 0 read none was kept (0 left out by where, "
        "the others broken); look at its files"
    )
    with pytest.raises(NothingKept, match=fully(text)):
        load(tmp_path, contract(tmp_path))


def test_orders_that_are_all_left_out_or_broken_are_refused(tmp_path: Path) -> None:
    text = (
        "sources.orders needs at least one row, but of 3 read none was kept (2 left out by where, "
        "the others broken); look at its files"
    )
    with pytest.raises(NothingKept, match=fully(text)):
        load_orders(tmp_path, LINE, LINE, "o2,x,bob,1", where="customer <> 'ann'")


def test_a_history_counts_what_the_star_holds(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", f"{LINE},tea", "o2,2024-02-01,bob,1,jam", header=f"{HEADER},sku")
    given = customers(tmp_path, "ann,gold,", "cy,tin,")
    sources = {"orders": orders(columns={"product": "sku"}), "customers": given}
    with loaded(tmp_path, sources) as (con, _):
        known = history(con, Sources.model_validate(sources))
    assert known == History(date(2024, 1, 5), date(2024, 2, 1), 2, 3, 2, 1)

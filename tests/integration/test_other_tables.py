"""The same machinery for accounts instead of people, and for those who are not customers yet."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.behaviour import build
from features.loads import load_sources
from features.schemas import Sources
from features.settings import Behaviour, Cohort, Engine
from features.star import build_star
from features.warehouse import warehouse
from tests.builders import AS_OF, DAY, NOW, Customer, Shop, behaviour, order, stage, write_orders
from tests.corner_shop import SCORED_ON, CornerShop
from tests.running import regulars

DAYS = tuple(str(SCORED_ON.date() - days * DAY) for days in (28, 0))
PEOPLE = {"ann": "Corner Ltd", "bob": "Corner Ltd", "eve": "Mill & Co"}


def test_the_people_of_an_account_count_together(tmp_path: Path) -> None:
    rows = (
        order(AS_OF - 5 * DAY, "ann", amount=100),
        order(AS_OF - 2 * DAY, "bob", amount=250),
        order(AS_OF - 9 * DAY, "eve", amount=40),
    )
    write_orders(tmp_path / "orders.parquet", rows)
    people = [{"customer": who, "account": account} for who, account in PEOPLE.items()]
    pq.write_table(pa.Table.from_pylist(people), tmp_path / "people.parquet")
    names = ("order", "ordered_at", "product", "quantity", "amount", "discount")
    sources = Sources.model_validate(
        {
            "orders": {
                "path": "orders.parquet",
                "lookup": {"path": "people.parquet", "key": "customer"},
                "columns": {"customer": "account", **{name: name for name in names}},
            }
        }
    )
    engine = Engine(memory_limit="1GB")
    with warehouse(Path(":memory:"), engine, tmp_path, read_only=False) as con:
        load_sources(con, sources, stage(tmp_path), NOW)
        build_star(con, sources, "UTC")
        table = build(con, [AS_OF], sources, Behaviour(windows_days=(7, 28)))
    found = {row["customer"]: row for row in table.to_pylist()}
    assert set(found) == {"Corner Ltd", "Mill & Co"}
    assert found["Corner Ltd"]["spend_7d"] == 350
    assert found["Corner Ltd"]["orders_count_28d"] == 2
    assert found["Corner Ltd"]["gap_mean_days"] == 3
    assert found["Mill & Co"]["days_since_order"] == 9


def test_prospects_are_those_described_who_have_not_ordered_yet() -> None:
    shop = Shop(
        (order(AS_OF - 2 * DAY, "ann"), order(AS_OF + 2 * DAY, "later"), order(customer="zoe")),
        (Customer("ann", "gold"), Customer("later", "silver", 30), Customer("never", None, 60)),
    )
    rule = Behaviour(windows_days=(7, 28), cohort=Cohort(contract="prospect"))
    table = behaviour(shop, settings=rule)
    assert table.to_pylist() == [
        {
            "customer": name,
            "as_of": AS_OF,
            "is_tier_gold": gold,
            "is_tier_silver": silver,
            "is_tier_unlisted": unlisted,
            "age": age,
        }
        for name, gold, silver, unlisted, age in (
            ("later", 0.0, 1.0, 0.0, 30.0),
            ("never", None, None, None, 60.0),
        )
    ]


@pytest.mark.slow
def test_tables_of_several_days_are_written_in_one_pass(shop: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert regulars("build", shop=shop, home=home).returncode == 0
    with_days = [word for day in DAYS for word in ("--as-of", day)]
    done = regulars("table", *with_days, shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    folder = home / "behaviour" / "corner_shop"
    for day in DAYS:
        part = pq.read_table(folder / f"as_of={day}" / "part.parquet")
        manifest = json.loads((folder / f"as_of={day}" / "manifest.json").read_text())
        assert manifest["rows"] == part.num_rows
        assert f"as_of {day}  {part.num_rows:,} customers" in done.stdout
        customers = part["customer"].to_pylist()
        assert customers == sorted(customers)


def test_a_day_outside_the_history_writes_no_table_at_all(shop: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert regulars("build", shop=shop, home=home).returncode == 0
    done = regulars("table", "--as-of", DAYS[0], "--as-of", "1999-01-01", shop=shop, home=home)
    assert done.returncode == 1
    assert "as_of=1999-01-01 was asked for" in done.stderr
    assert not [path for path in (home / "behaviour").rglob("*") if path.is_file()]

"""Every example of docs/journeys.md runs, and the columns that it names are all there are."""

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from features.journeys import Journeys
from features.loads import load_sources
from features.settings import Engine
from features.star import build_star
from features.stock import Stock
from features.warehouse import warehouse
from tests.builders import NOW, Order, Shop, noon, stage, write_shop

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "journeys.md").read_text(encoding="utf-8")
CATEGORIES = ("tea", "bread", "milk", "soap")


def shop() -> Shop:
    """Ten customers, a product of each of four categories, a year."""
    chance = np.random.default_rng(1)
    draws = zip(*(chance.integers(0, most, 600).tolist() for most in (10, 365, 4)), strict=True)
    lines = (
        Order(
            f"c{who}",
            noon(day := date(2023, 1, 1) + timedelta(days=after)),
            str(day),
            str(what),
            1,
            90,
            10,
        )
        for who, after, what in draws
    )
    return Shop(
        orders=tuple(dict.fromkeys(lines)),
        categories=tuple((str(at), name) for at, name in enumerate(CATEGORIES)),
        unit_costs=(("0", 50), ("1", 40)),
    )


def open_home(home: Path) -> dict[str, object]:
    """What the page takes for granted: a warehouse, its sources, and a list of stock."""
    (home / "warehouse").mkdir()
    sources = write_shop(home, shop())
    file = home / "warehouse" / "shop.duckdb"
    with warehouse(file, Engine(), home, read_only=False) as con:
        load_sources(con, sources, stage(home), NOW)
        build_star(con, sources, "UTC")
    (home / "stock.csv").write_text("item,units\ntea,3\nbread,0\nwine,2\n", encoding="utf-8")
    return {"home": home, "sources": sources}


def test_the_examples_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = open_home(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "docs/journeys.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "c0 ['" in told
    assert "pattern" in told
    journeys = known["journeys"]
    assert isinstance(journeys, Journeys)
    assert known["stock"] == Stock(frozenset({"category:tea"}), ("wine",))


def test_every_column_is_described(tmp_path: Path) -> None:
    known = open_home(tmp_path)
    (first, *_) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(first.replace('"category"', '"product"'), known)  # noqa: S102  our own page
    journeys = known["journeys"]
    assert isinstance(journeys, Journeys)
    named = set(re.findall(r"`(\w+)`", TEXT))
    tables: tuple[pa.Table, ...] = (journeys.purchases, journeys.items)
    columns = {name for table in tables for name in table.column_names} - {"in_category"}
    assert columns <= named

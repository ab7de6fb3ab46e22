"""Prices of a made-up shop: known effects are found, told, kept with the run, and not foreseen."""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.clock import OutsideHistory
from models.prices.regression import TooFewItems
from pipelines import build, prices_results, prices_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.prices_train import PricesTrained
from pipelines.progress import Steps
from tests.builders import Order
from tests.price_shop import AS_OF, FIRST, WEEKS, lines_of, market, open_shop

NOW = datetime(2025, 6, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))


@dataclass(frozen=True)
class Opened:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        config = load_config(str(self.config), assignments)
        return Job(config, Home(self.home), NOW, QUIET, "prices")

    def train(self, *assignments: str) -> PricesTrained:
        return prices_train.run(self.job(*assignments))


def opened(folder: Path, template: Path, lines: tuple[Order, ...]) -> Opened:
    shutil.copytree(template, folder / "home")
    found = Opened(open_shop(folder, lines), folder / "home")
    build.run(found.job())
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Opened:
    later = tuple(
        replace(line, ordered_at=line.ordered_at + timedelta(weeks=WEEKS), quantity=1)
        for line in lines_of(market())[::7]
    )
    folder = tmp_path_factory.mktemp("shop")
    return opened(folder, registry_template, (*lines_of(market()), *later))


@pytest.fixture(scope="module")
def trained(shop: Opened) -> PricesTrained:
    return shop.train()


def test_known_elasticities_are_found_and_the_item_whose_price_never_varied_is_refused(
    trained: PricesTrained,
) -> None:
    price = trained.found.of("price").set_index("name")
    true = market().elasticity[:23]
    own = price.loc[[f"item {number:04}" for number in range(23)]]
    assert (own["basis"] == "own").all()
    assert np.mean((own["low"] < true) & (true < own["high"])) > 0.85
    assert np.corrcoef(own["value"], true)[0, 1] > 0.8
    last = price.loc["item 0023"]
    assert (last["basis"], last["reason"]) == ("category", "never_varied")
    assert last["low"] < market().elasticity[2::3].mean() < last["high"]
    assert price.loc["pen", "reason"] == "few_weeks"


def test_what_happened_after_as_of_changes_nothing(
    tmp_path: Path, registry_template: Path, trained: PricesTrained
) -> None:
    without = opened(tmp_path, registry_template, lines_of(market())).train()
    pd.testing.assert_frame_equal(without.found.effects, trained.found.effects)
    assert without.found.test is not None
    assert trained.found.test is not None
    assert vars(without.found.test) == vars(trained.found.test)
    assert trained.found.weeks.end == AS_OF
    assert trained.found.weeks.start == FIRST


def test_the_run_keeps_tables_and_page_and_nothing_is_registered(
    shop: Opened, trained: PricesTrained
) -> None:
    (folder,) = (shop.home / "mlflow").rglob("prices.parquet")
    table = pd.read_parquet(folder)
    texts = {"basis": "string", "reason": "string"}
    expected = trained.found.effects.astype(texts)
    pd.testing.assert_frame_equal(table.astype(texts), expected, check_dtype=False)
    groups = pd.read_parquet(folder.with_name("price_groups.parquet"))
    assert set(groups["level"]) == {"items", "everything", "category"}
    assert (folder.with_name("prices.html")).read_text() == trained.page.read_text()
    assert not list((shop.home / "mlflow").rglob("MLmodel"))


def test_the_terminal_says_the_answer_the_test_and_what_was_refused(
    shop: Opened, trained: PricesTrained
) -> None:
    text = "\n".join(prices_results.trained(shop.job(), trained)).replace("\xa0", " ")
    assert re.search(r"A price 10 % higher changes the units of the mean item by −1\d %", text)
    assert "In the last 8 weeks, fitted on those before them, knowing prices took off" in text
    assert re.search(r"the price never varied +1 +0", text)
    assert re.search(r"sold in too few weeks +1 +1 +1", text)
    assert f"page  {trained.page}" in text
    assert f"run {trained.run_id}" in text


def test_too_few_items_name_the_setting_that_does_without_week_effects(shop: Opened) -> None:
    assignments = ("prices.item=category", "prices.test_weeks=4")
    with pytest.raises(TooFewItems, match=r"do without them \(week_effects: false\)"):
        shop.train(*assignments)
    found = shop.train(*assignments, "prices.week_effects=false").found
    assert found.levels == ()
    assert sorted(found.own("price")["name"]) == ["c0", "c1", "c2"]
    assert found.test is not None


def test_weeks_that_are_too_few_to_test_on_are_said_to_be(shop: Opened) -> None:
    found = shop.train("prices.weeks=34").found
    assert len(found.own("price")) == 23
    assert found.test is not None
    early = FIRST + timedelta(weeks=30)
    assert shop.train(f"prices.as_of={early}").found.test is None


def test_an_as_of_without_a_past_is_refused(shop: Opened) -> None:
    with pytest.raises(OutsideHistory, match="an as_of needs orders before it"):
        shop.train(f"prices.as_of={FIRST}")

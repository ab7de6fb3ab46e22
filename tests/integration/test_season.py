"""Two years of a shop: chances at the base rate of a year before, all the way."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from models.calibration import log_odds
from pipelines.registry import Registry
from tests.corner_shop import CornerShop, open_shop, order_rows, write_lines
from tests.running import regulars, reviewed

DAY = "2023-10-31"
"""A day whose outcomes of a year before were over while the earlier customers still bought."""


def _a_year_earlier(row: list[str]) -> list[str]:
    """The line of another customer, 364 days before."""
    at = datetime.fromisoformat(row[1]) - timedelta(days=364)
    return [f"b{row[0]}", f"{at}", f"b{row[2]}", *row[3:]]


@pytest.fixture(scope="module")
def old_shop(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    """The corner shop with a year before it, in which customers stayed for other reasons."""
    shop = open_shop(tmp_path_factory.mktemp("old_shop"))
    rows = [_a_year_earlier(row) for row in order_rows(260, seed=6)]
    write_lines(shop.orders.with_name("orders-0.csv"), rows)
    return shop


@pytest.mark.slow
def test_test_review_and_scores_have_chances_at_the_rate_of_a_year_before(
    old_shop: CornerShop, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    done = regulars("run", "--set", "churn.test_cutoffs=1", shop=old_shop, home=home)
    assert done.returncode == 0, done.stderr
    review_id, evidence = reviewed(home)
    page = evidence.with_name("review.html").read_text(encoding="utf-8")
    assert "log-odds, for everybody alike: a year before, on 2022-" in page

    version = Registry(None, home).version("corner_shop-churn", 1)
    assert version.said("recalibrate") == "season"
    assert "a year before, on 2022-10-04" in version.said("season")

    promote = ("promote", "churn", "--review", review_id, "--override", "a made-up shop")
    assert regulars(*promote, shop=old_shop, home=home).returncode == 0
    words = ("score", "churn", "--as-of", DAY)
    told = regulars(*words, shop=old_shop, home=home).stdout
    scores, manifest = _scored(home)
    assert manifest["season"] in told
    with sqlite3.connect(home / "mlflow" / "mlflow.db") as database:
        database.execute("UPDATE model_version_tags SET value = 'none' WHERE key = 'recalibrate'")
    assert regulars(*words, shop=old_shop, home=home).returncode == 0
    plain, unmoved = _scored(home)
    assert unmoved["season_shift"] == 0
    assert unmoved["season"] == (
        "Chances are not shifted: churn.recalibrate was none when the model was trained."
    )
    moved = log_odds(scores["probability"]) - log_odds(plain["probability"])
    assert moved == pytest.approx(np.full(len(moved), manifest["season_shift"]), abs=1e-9)
    assert abs(manifest["season_shift"]) > 0.05
    assert (scores["decile"] == plain["decile"]).all()
    assert (scores["spend_at_risk"] != plain["spend_at_risk"]).any()
    assert (scores["expected_profit"] != plain["expected_profit"]).any()


def _scored(home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    path = home / "scores" / "corner_shop" / "churn" / f"as_of={DAY}" / "scores.parquet"
    table = pq.read_table(path)
    columns = {name: table[name].to_numpy() for name in table.column_names if name != "reasons"}
    return columns, json.loads(path.with_name("manifest.json").read_text(encoding="utf-8"))

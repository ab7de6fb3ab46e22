"""What offers earn: in the review, in the tracking store, and in the scores."""

import json
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.registry import Registry
from tests.corner_shop import CornerShop
from tests.running import regulars, reviewed, scores_of

SCORE = ("score", "churn", "--as-of", "2023-11-28")


def test_the_review_weighs_everybody_in_money_and_draws_it(first: tuple[Path, str]) -> None:
    _, evidence = reviewed(first[0])
    found = json.loads(evidence.read_text(encoding="utf-8"))
    for figures in (*found["estimates"].values(), found["differences"]):
        assert {"expected_maximum_profit", "maximum_profit"} <= figures.keys()
    page = evidence.with_name("review.html").read_text(encoding="utf-8")
    assert "What it earns" in page
    assert "Expected maximum profit, EUR" in page


def test_a_training_logs_profit_its_threshold_and_a_picture(first: tuple[Path, str]) -> None:
    registry = Registry(None, first[0])
    version = registry.version("corner_shop-churn", 1)
    store = registry._client  # noqa: SLF001
    metrics = store.get_run(version.run_id).data.metrics
    profit, low, high = (
        metrics[f"test.model.maximum_profit{end}"] for end in ("", ".low", ".high")
    )
    assert low <= profit <= high
    assert metrics["test.model.expected_maximum_profit"] >= profit
    assert 0 <= metrics["test.model.profit_target_share"] <= 1
    plots = {file.path for file in store.list_artifacts(version.run_id, "plots")}
    assert "plots/profit.svg" in plots
    assert version.said("calibrated")


def test_offers_go_to_those_for_whom_they_pay(first: tuple[Path, str]) -> None:
    scores = pq.read_table(scores_of(first[0])).to_pandas()
    assert set(scores["offer"]) == {True, False}
    assert (scores["offer"] == (scores["expected_profit"] > 0)).all()
    manifest = json.loads(scores_of(first[0]).with_name("manifest.json").read_text())
    assert manifest["offers"] == scores["offer"].sum()
    total = scores.loc[scores["offer"], "expected_profit"].sum() / 100
    assert manifest["offers_profit"] == pytest.approx(total, abs=0.01 * len(scores))
    assert f"offers to {manifest['offers']} customers are expected to earn EUR" in first[1]


def test_a_budget_limits_offers_to_the_best(shop: CornerShop, home: Path) -> None:
    done = regulars(*SCORE, "--set", "score.budget.customers=3", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    scores = pq.read_table(scores_of(home)).to_pandas()
    least = scores.loc[scores["offer"], "expected_profit"].min()
    assert scores["offer"].sum() == 3
    assert (scores.loc[~scores["offer"], "expected_profit"] <= least).all()


def test_without_economics_there_are_no_offers(shop: CornerShop, home: Path) -> None:
    done = regulars(*SCORE, "--set", "churn.economics=null", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    scores = pq.read_table(scores_of(home))
    assert scores["offer"].null_count == scores["expected_profit"].null_count == scores.num_rows
    assert "offers" not in done.stdout
    assert "spend at risk" in done.stdout


@pytest.mark.slow
def test_nobody_is_named_without_offers_and_without_reasons(shop: CornerShop, home: Path) -> None:
    words = (*SCORE, "--set", "churn.economics=null", "--set", "score.reasons_for=0")
    done = regulars(*words, shop=shop, home=home)
    assert "score.reasons_for is 0: nobody is named" in done.stdout


def test_chances_that_do_not_come_true_get_no_offers_and_a_note(
    shop: CornerShop, home: Path
) -> None:
    with sqlite3.connect(home / "mlflow" / "mlflow.db") as database:
        tagged = "UPDATE model_version_tags SET value = ? WHERE key = 'calibrated'"
        database.execute(tagged, ["half of them left"])
    done = regulars(*SCORE, shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert pq.read_table(scores_of(home))["offer"].null_count > 100
    assert "Note: no offers are chosen: half of them left" in done.stdout

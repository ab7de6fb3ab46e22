"""From raw orders to scored customers, and again."""

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipelines.registry import Registry
from pipelines.tables import read_manifest
from tests.corner_shop import CornerShop
from tests.running import digest, regulars, scores_of


def test_one_command_leads_from_raw_orders_to_scored_customers(first: tuple[Path, str]) -> None:
    home, printed = first
    scores = pq.read_table(scores_of(home)).to_pandas()
    assert len(scores) > 100
    assert scores["customer"].is_monotonic_increasing
    assert scores["customer"].str.fullmatch(r"\d{5}").all()
    assert scores["probability"].between(0, 1).all()
    assert set(scores["decile"]) == set(range(1, 11))
    assert scores["reasons"].notna().all()
    assert "Most worth calling" in printed
    assert str(scores_of(home)) in printed


def test_a_model_card_is_kept_with_the_version_and_its_summary_registered(
    first: tuple[Path, str],
) -> None:
    home, _ = first
    (markdown,) = (home / "mlflow" / "artifacts").rglob("card/model_card.md")
    (page,) = (home / "mlflow" / "artifacts").rglob("card/model_card.html")
    told = markdown.read_text(encoding="utf-8").replace("\\", "")
    for heading in ("Who is not covered", "How the chance follows it", "Fairness", "Limits"):
        assert f"\n## {heading}\n" in told
        assert f"<h2>{heading}</h2>" in page.read_text(encoding="utf-8")
    assert "2 models with the same settings were fitted" in told
    with sqlite3.connect(home / "mlflow" / "mlflow.db") as database:
        ((about,),) = database.execute("SELECT description FROM model_versions").fetchall()
    assert about.startswith("For each customer of corner_shop with ")
    assert about in told


def test_everybody_is_told_why_and_what_to_do_about_it(first: tuple[Path, str]) -> None:
    scores = pq.read_table(scores_of(first[0])).to_pandas()
    assert (scores["reasons"].map(len) <= 3).all()
    has_cause = scores["cause"].notna()
    assert has_cause.any()
    assert scores.loc[has_cause, "cause_share"].between(0, 1).all()
    assert scores.loc[~has_cause, ["cause_share", "play"]].isna().all(axis=None)
    fading = scores["cause"] == "habit fading"
    assert fading.any()
    assert (scores.loc[fading, "play"] == "recognition").all()


@pytest.mark.slow
@pytest.mark.parametrize("most", [5, 0, 20])
def test_so_many_of_the_most_endangered_are_told_why_as_if_everybody_were(
    shop: CornerShop, home: Path, most: int
) -> None:
    path = scores_of(home)
    everybody = pq.read_table(path).to_pandas()
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", f"score.reasons_for={most}")
    printed = [regulars(*words, shop=shop, home=home).stdout for _ in range(2)]
    scores = pq.read_table(path).to_pandas()
    told = everybody["probability"].rank(method="first", ascending=False) <= most
    names = ["reasons", "cause", "cause_share", "play"]
    pd.testing.assert_frame_equal(scores.loc[told, names], everybody.loc[told, names])
    assert scores.loc[~told, names].isna().all(axis=None)
    others = [name for name in scores if name not in names]
    pd.testing.assert_frame_equal(scores[others], everybody[others])
    assert printed[0] == printed[1]
    assert ("why" in printed[0]) == (most > 0)
    assert read_manifest(path).facts["reasons_for"] == most


def test_a_play_of_the_config_is_in_the_scores_their_manifest_and_the_table(
    shop: CornerShop, home: Path
) -> None:
    path = scores_of(home)
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "churn.plays.habit_fading=a tea")
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    scores = pq.read_table(path).to_pandas()
    assert set(scores.loc[scores["cause"] == "habit fading", "play"]) == {"a tea"}
    assert json.loads(str(read_manifest(path).facts["plays"]))["habit_fading"] == "a tea"
    assert "  a tea  " in done.stdout


def test_a_manifest_lists_rows_and_versions(first: tuple[Path, str]) -> None:
    path = scores_of(first[0])
    manifest = json.loads(path.with_name("manifest.json").read_text())
    assert manifest["rows"] == pq.read_metadata(path).num_rows
    assert manifest["model_version"] == 1
    assert len(manifest["behaviour_fingerprint"]) == 64


def test_a_second_run_trains_nothing_and_changes_no_score(shop: CornerShop, home: Path) -> None:
    before = digest(scores_of(home))
    again = regulars("run", shop=shop, home=home)
    assert again.returncode == 0, again.stderr
    assert "was trained on just this already" in again.stdout
    assert "(loaded before)" in again.stdout
    assert digest(scores_of(home)) == before
    assert len(Registry(None, home).versions("corner_shop-churn")) == 1


def test_scores_of_a_day_that_the_model_has_seen_the_outcome_of_say_so(
    shop: CornerShop, home: Path
) -> None:
    done = regulars("score", "churn", "--as-of", "2023-05-01", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert "Note: the model has seen outcomes until 2023-10-03" in done.stdout


def test_damaged_scores_are_written_anew(shop: CornerShop, home: Path) -> None:
    path = scores_of(home)
    before = digest(path)
    path.write_bytes(b"x")
    words = ("score", "churn", "--as-of", "2023-11-28")
    assert regulars(*words, shop=shop, home=home).returncode == 0
    assert digest(path) == before
    assert not list((home / "spill").iterdir())


@pytest.mark.parametrize(
    "settings", [pytest.param("engine.threads=1", marks=pytest.mark.slow), "score.batch_rows=7"]
)
def test_scores_are_equal_to_the_byte_at_any_thread_count_and_batch_size(
    shop: CornerShop, home: Path, settings: str
) -> None:
    before = digest(scores_of(home))
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", settings)
    assert regulars(*words, shop=shop, home=home).returncode == 0
    assert digest(scores_of(home)) == before

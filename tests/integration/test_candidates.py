"""Several candidates, and two goals, by the command."""

from pathlib import Path

import pandas as pd
import pytest

from pipelines.registry import Registry
from tests.corner_shop import CornerShop
from tests.running import regulars


@pytest.mark.slow
def test_the_winner_of_several_candidates_is_registered_and_the_table_kept(
    shop: CornerShop, tmp_path: Path
) -> None:
    several = "churn.candidates=[{kind: churn_tree}, {kind: churn_logit}]"
    words = ("--set", several, "--set", "churn.search.trials=3")
    assert regulars("build", shop=shop, home=tmp_path).returncode == 0
    done = regulars("train", "churn", *words, shop=shop, home=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "mlflow").rglob("candidates.csv")
    table = pd.read_csv(path)
    assert list(table["kind"]) == ["churn_tree", "churn_logit", "churn_gbm"]
    (kind,) = table["kind"][table["is_trained"]]
    version = Registry(None, tmp_path).version("corner_shop-churn", 1)
    assert version.tags["kind"] == kind
    assert f"chosen kind={kind} because=" in done.stderr
    assert "searched kind=churn_logit trials=3" in done.stderr
    again = regulars("train", "churn", *words, shop=shop, home=tmp_path)
    assert again.returncode == 0, again.stderr
    (first, second) = sorted((tmp_path / "mlflow").rglob("candidates.csv"))
    assert first.read_text() == second.read_text()


@pytest.mark.slow
def test_a_model_of_few_columns_is_trained_scores_and_heeds_no_other_column(
    shop: CornerShop, tmp_path: Path
) -> None:
    words = ("--set", "churn.search={goal: profit_and_columns, trials: 14, folds: 2}")
    assert regulars("build", shop=shop, home=tmp_path).returncode == 0
    done = regulars("train", "churn", *words, shop=shop, home=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "mlflow").rglob("front.csv")
    table = pd.read_csv(path)
    assert table["columns"].is_monotonic_increasing
    (columns,) = table["columns"][table["is_trained"]]
    registry = Registry(None, tmp_path)
    opened = registry.load(registry.version("corner_shop-churn", 1))
    booster = opened.library_object
    heeded = (booster.feature_importance() > 0).sum()
    assert 0 < heeded <= columns < len(opened.columns)
    assert list((tmp_path / "mlflow").rglob("front.svg"))

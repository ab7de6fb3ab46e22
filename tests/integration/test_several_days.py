"""A training that is tested on several days, by the command."""

from pathlib import Path

import pandas as pd
import pytest

from tests.corner_shop import CornerShop
from tests.running import regulars


@pytest.mark.slow
def test_every_test_day_has_every_contestant_and_the_lead_is_told(
    shop: CornerShop, tmp_path: Path
) -> None:
    settings = ("--set", "churn.test_cutoffs=3", "--set", "churn.search.trials=1")
    assert regulars("build", shop=shop, home=tmp_path).returncode == 0
    done = regulars("train", "churn", *settings, shop=shop, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "means over 3 test days" in done.stdout
    assert "above windowed_rfm" in done.stdout
    assert "a random split of the rows would claim" in done.stdout
    (written,) = (tmp_path / "mlflow").rglob("test_days.csv")
    days = pd.read_csv(written)
    days = days[days["metric"] == "roc_auc"].pivot_table(
        index="as_of", columns="contestant", values="value"
    )
    rules = ["frequency", "overdue", "recency", "windowed_rfm"]
    assert sorted(days.columns) == sorted([*rules, "churn_logit", "model"])
    assert list(days.index) == ["2023-08-08", "2023-09-05", "2023-10-03"]
    assert days.notna().all().all()
    assert (days["model"] > days["frequency"]).all()

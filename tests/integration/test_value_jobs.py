"""Value by the command: the whole way, the version read without this project, and a real year."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from pipelines import build, value_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from tests.alone import run_alone
from tests.corner_shop import CornerShop
from tests.running import regulars
from tests.value_shop import END, open_shop, purchases

pytestmark = pytest.mark.slow

ALONE = """
import importlib.util, sys
import mlflow
assert not any(importlib.util.find_spec(ours) for ours in ("features", "models", "pipelines"))
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = model.input_example
found = model.predict(rows)
names = ["customer", "probability", "purchases", "alive", "spend", "value"]
assert list(found.columns) == names, found
assert len(found) == len(rows) and found["probability"].between(0, 1).all(), found
assert (found["spend"] >= 0).all() and (found["value"] > 0).all(), found
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    folder = tmp_path_factory.mktemp("teashop")
    return CornerShop(open_shop(folder, purchases()), folder / "orders.parquet")


def test_value_goes_the_whole_way(shop: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"

    def do(*words: str) -> str:
        done = regulars(*words, shop=shop, home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    do("build")
    early = regulars("score", "value", "--as-of", str(END), shop=shop, home=home)
    assert early.returncode == 1
    assert "scoring needs a champion of teashop-value" in early.stderr
    assert "Traceback" not in early.stderr
    assert "teashop-value version 1 waits for its review" in do("train", "value")
    do("review", "value")
    (review,) = (home / "reviews" / "teashop").iterdir()
    assert "version 1" in do("promote", "value", "--review", review.name, "--override", "a test")
    assert f"Value as of {END}" in do("score", "value", "--as-of", str(END))
    (path,) = (home / "scores").rglob("scores.parquet")
    rows = pd.read_parquet(path)
    assert not rows["customer"].duplicated().any()
    assert "<h1>" in (home / "reports" / "teashop" / "value.html").read_text(encoding="utf-8")
    folder = next((home / "mlflow").rglob("MLmodel")).parent
    run_alone(folder, tmp_path, ALONE)


def test_a_model_beats_the_naive_predictors_of_households(tmp_path: Path) -> None:
    fewer = ("value.train_cutoffs=3", "value.resamples=200", "value.learner.trees=100")
    config = load_config("complete_journey", fewer)
    home = Home(tmp_path / "home")
    home.prepare()
    now, quiet = datetime(2018, 1, 2, tzinfo=UTC), Steps(Console(quiet=True))
    job = Job(config, home, now, quiet, "value")
    build.run(job)
    found = value_train.run(job).found
    assert found.shipped == "learner"
    assert found.verdict is not None
    assert min(gain.low for gain in found.verdict.gains.values()) > 0
    assert found.repeat_buying is not None
    assert found.repeat_buying.name == "bg_nbd"

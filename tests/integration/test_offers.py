"""Offers by the command: the whole way, and the version read without this project."""

from pathlib import Path

import pandas as pd
import pytest

from tests.alone import run_alone
from tests.corner_shop import CornerShop
from tests.offers_shop import END, NEWCOMERS, open_grocer, purchases
from tests.running import regulars

pytestmark = pytest.mark.slow

ALONE = """
import importlib.util, sys
import mlflow, pandas
assert not any(importlib.util.find_spec(ours) for ours in ("features", "models", "pipelines"))
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = model.input_example
found = model.predict(rows)
assert list(found.columns) == ["customer", "item", "rank", "probability"], found
assert len(found) == len(rows) and found["probability"].between(0, 1).all()
learnt = pandas.read_parquet(sys.argv[1] + "/artifacts/methods.parquet")
if ((learnt["kind"] == "up") & (learnt["method"] == "trees")).any():
    columns = pandas.read_parquet(sys.argv[1] + "/artifacts/columns.parquet")
    names = columns.loc[columns["kind"] == "up", "column"]
    needs = pandas.DataFrame(1.0, index=range(3), columns=list(names))
    steps = needs.assign(customer="one", item=["a", "b", "c"])
    found = model.predict(steps, params={"kind": "up"})
    assert found["probability"].between(0, 1).all() and sorted(found["rank"]) == [1, 2, 3], found
try:
    model.predict(rows, params={"kind": "gift"})
except Exception as error:
    assert "a kind is one of those learnt" in str(error), error
else:
    raise AssertionError("an unknown kind must be refused")
"""


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    folder = tmp_path_factory.mktemp("grocer")
    config = open_grocer(folder, purchases(), calibration_error_most=0.2)
    return CornerShop(config, folder / "orders.parquet")


def test_offers_go_the_whole_way(grocer: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"

    def do(*words: str) -> str:
        done = regulars(*words, shop=grocer, home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    do("build")
    early = regulars("score", "offers", "--as-of", str(END), shop=grocer, home=home)
    assert early.returncode == 1
    assert "scoring needs a champion of grocer-offers" in early.stderr
    assert "Traceback" not in early.stderr
    assert "grocer-offers version 1 waits for its review" in do("train", "offers")
    assert "may go live" in do("review", "offers")
    (review,) = (home / "reviews" / "grocer").iterdir()
    assert "version 1" in do("promote", "offers", "--review", review.name)
    said = do("score", "offers", "--as-of", str(END))
    assert f"Offers as of {END}" in said
    (path,) = (home / "scores").rglob("offers.parquet")
    rows = pd.read_parquet(path)
    assert set(NEWCOMERS) <= set(rows["customer"])
    assert not rows.duplicated(["customer", "item"]).any()
    assert (rows["kind"] == "up").any()
    assert "<h1>" in (home / "reports" / "grocer" / "offers.html").read_text(encoding="utf-8")
    folder = next((home / "mlflow").rglob("MLmodel")).parent
    run_alone(folder, tmp_path, ALONE)


def test_a_policy_that_no_column_knows_is_one_message(grocer: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert regulars("build", shop=grocer, home=home).returncode == 0
    asked = "offers.policies.exclude={colour: [red]}"
    done = regulars("train", "offers", "--set", asked, shop=grocer, home=home)
    assert done.returncode == 1
    assert "offers.policies.exclude.colour needs a column of the items" in done.stderr
    assert "Traceback" not in done.stderr

"""Rules by the command: the whole way, read without this project, and killed at any moment."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from pipelines.registry import Registry
from tests.alone import run_alone
from tests.corner_shop import CornerShop
from tests.rules_shop import baskets, open_grocer
from tests.running import regulars, run_states, started

pytestmark = pytest.mark.slow

KILLS = 8

ALONE = """
import importlib.util, sys
import mlflow, pandas
assert not any(importlib.util.find_spec(ours) for ours in ("features", "models", "pipelines"))
rows = pandas.DataFrame({"basket": ["a", "a", "b"], "item": ["toast", "milk", "soap"]})
(row,) = mlflow.pyfunc.load_model(sys.argv[1]).predict(rows).to_dict("records")
assert (row["basket"], row["item"], row["rule"]) == ("a", "jam", "toast → jam"), row
"""


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    folder = tmp_path_factory.mktemp("grocer")
    config = open_grocer(folder, baskets(), hold_least=0.3)
    return CornerShop(config, folder / "orders.parquet")


@pytest.fixture(scope="module")
def built_home(grocer: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("built") / "home"
    done = regulars("build", shop=grocer, home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "home"
    shutil.copytree(built_home, copied)
    return copied


def test_rules_go_the_whole_way(grocer: CornerShop, home: Path, tmp_path: Path) -> None:
    def do(*words: str) -> str:
        done = regulars(*words, shop=grocer, home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = do("train", "rules")
    assert "grocer-rules version 1 waits for its review" in said
    assert "toast → jam" in said
    assert "may go live" in do("review", "rules")
    (review,) = (home / "reviews" / "grocer").iterdir()
    assert "version 1" in do("promote", "rules", "--review", review.name)
    refused = regulars("score", "rules", "--as-of", "2024-05-01", shop=grocer, home=home)
    assert refused.returncode == 2
    assert "'rules'" in refused.stderr
    assert "Traceback" not in refused.stderr
    folder = next((home / "mlflow").rglob("MLmodel")).parent
    run_alone(folder, tmp_path, ALONE)


def test_a_killed_training_leaves_whole_versions_and_the_next_one_tidies_up(
    grocer: CornerShop, home: Path
) -> None:
    began = time.perf_counter()
    assert regulars("train", "rules", shop=grocer, home=home).returncode == 0
    seconds, random, killed = time.perf_counter() - began, Random(5), 0
    page = home / "reports" / "grocer" / "rules.html"
    whole = page.read_bytes()
    for _ in range(KILLS):
        began, process = (
            time.perf_counter(),
            started("train", "rules", shop=grocer, home=home),
        )
        try:
            process.communicate(timeout=random.uniform(0.3, 0.9) * seconds)
            seconds = min(seconds, time.perf_counter() - began)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
        registry = Registry(None, home)
        for version in registry.versions("grocer-rules"):
            assert len(registry.load_tables(version)["rules"]) == 2
        assert page.read_bytes() == whole
    assert killed >= KILLS // 2
    assert regulars("train", "rules", shop=grocer, home=home).returncode == 0
    assert set(run_states(home)) <= {"FINISHED", "FAILED"}
    newest = Registry(None, home).challenger("grocer-rules")
    assert newest is not None
    assert newest.number == len(Registry(None, home).versions("grocer-rules"))

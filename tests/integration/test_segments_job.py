"""Segments by the command: the whole way, and the version read without this project."""

from pathlib import Path

import pandas as pd
import pytest

from tests.alone import run_alone
from tests.corner_shop import CornerShop
from tests.running import regulars
from tests.segments_shop import CUSTOMERS, END, open_market, purchases

pytestmark = pytest.mark.slow

ALONE = """
import importlib.util, sys
import mlflow
assert not any(importlib.util.find_spec(ours) for ours in ("features", "models", "pipelines"))
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = model.input_example
found = model.predict(rows)
names = ["customer", "segment", "name", "certainty", "distance", "action"]
assert list(found.columns) == names, found
assert len(found) == len(rows) and found["certainty"].between(0, 1).all()
assert found["name"].notna().all() and (found["distance"] >= 0).all()
"""


def test_segments_go_the_whole_way(tmp_path: Path) -> None:
    config, home = open_market(tmp_path, purchases()), tmp_path / "home"
    market = CornerShop(config, tmp_path / "orders.parquet")

    def do(*words: str) -> str:
        done = regulars(*words, shop=market, home=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    do("build")
    early = regulars("score", "segments", "--as-of", str(END), shop=market, home=home)
    assert early.returncode == 1
    assert "scoring needs a champion of market-segments" in early.stderr
    assert "Traceback" not in early.stderr
    assert "market-segments version 1 waits for its review" in do("train", "segments")
    assert "may go live" in do("review", "segments")
    (review,) = (home / "reviews" / "market").iterdir()
    assert "version 1" in do("promote", "segments", "--review", review.name)
    assert f"Segments as of {END}" in do("score", "segments", "--as-of", str(END))
    (path,) = (home / "scores").rglob("segments.parquet")
    assert len(pd.read_parquet(path)) == CUSTOMERS
    assert "<h1>" in (home / "reports" / "market" / "segments.html").read_text(encoding="utf-8")
    folder = next((home / "mlflow").rglob("MLmodel")).parent
    run_alone(folder, tmp_path, ALONE)

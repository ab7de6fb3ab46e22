"""Lifetimes by the command: trained, reviewed, promoted, scored, and read without this project."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.corner_shop import SCORED_ON, CornerShop
from tests.running import digest, regulars, reviewed

pytestmark = pytest.mark.slow

SETTINGS = (
    *("--set", "lifetime.weeks=8"),
    *("--set", "lifetime.horizons_weeks=[2, 4, 8]"),
)

ALONE = """
import sys, mlflow, pandas, numpy
rows = pandas.read_parquet(sys.argv[2])
columns = [name for name in rows if not name.startswith("hazard_week_")]
model = mlflow.pyfunc.load_model(sys.argv[1])
for week in (1, 8):
    found = model.predict(rows[columns].assign(week_at_risk=float(week)))
    assert numpy.array_equal(found, rows[f"hazard_week_{week}"])
assert not [name for name in sys.modules if name.split(".")[0] in ("models", "pipelines")]
"""


def test_lifetimes_go_the_whole_way(shop: CornerShop, tmp_path: Path) -> None:
    home = tmp_path / "home"

    def do(*words: str, succeeds: bool = True) -> str:
        done = regulars(*words, *SETTINGS, shop=shop, home=home)
        assert (done.returncode == 0) is succeeds, done.stderr
        return done.stdout if succeeds else done.stderr

    day = f"{SCORED_ON:%Y-%m-%d}"
    do("build")
    assert "corner_shop-lifetime version 1 waits for its review" in do("train", "lifetime")
    assert "no version has been promoted; run: regulars train lifetime" in do(
        "score", "lifetime", "--as-of", day, succeeds=False
    )
    assert "calibrated at 8 weeks" in do("review", "lifetime")
    review_id, evidence = reviewed(home)
    assert json.loads(evidence.read_text(encoding="utf-8"))["incumbent"] == "kaplan_meier"
    do("promote", "lifetime", "--review", review_id, "--override", "to see its scores")
    assert "Expected to leave first" in do("score", "lifetime", "--as-of", day)
    path = home / "scores" / "corner_shop" / "lifetime" / f"as_of={day}" / "scores.parquet"
    first = digest(path)
    do("score", "lifetime", "--as-of", day)
    assert digest(path) == first
    scores = pq.read_table(path).to_pandas()
    assert scores["remaining_weeks"].between(0, 8).all()
    assert (scores["remaining_weeks_extrapolated"] >= scores["remaining_weeks"]).all()
    gone = scores[["gone_2w", "gone_4w", "gone_8w"]]
    assert gone.stack().between(0, 1).all()
    assert gone.diff(axis=1).iloc[:, 1:].min().min() >= 0
    assert scores["median_weeks"].dropna().between(1, 8).all()
    half = scores["median_weeks"].notna()
    assert (half == (scores["gone_8w"] >= 0.5)).all()
    refused = regulars("score", "lifetime", "--as-of", day, shop=shop, home=home)
    assert refused.returncode == 1
    assert "lifetime.weeks is 26 and was 8" in refused.stderr
    model = next((home / "mlflow").rglob("MLmodel")).parent
    rows = next((home / "mlflow").rglob("check/rows.parquet"))
    alone = [sys.executable, "-c", ALONE, str(model), str(rows)]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr

"""The three shipped configs on real data, the whole way."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow


def whole_way(config: str, home: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Estimates of the training's test, after a whole run and a second one."""
    command = [str(Path(sys.executable).with_name("regulars")), "run", "--config", config]
    scores = []
    for _ in range(2):
        done = subprocess.run(
            [*command, "--home", str(home)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        scores.append(next((home / "scores" / config).rglob("scores.parquet")).read_bytes())
    assert scores[0] == scores[1]
    (found,) = (home / "mlflow" / "artifacts").rglob("estimates.json")
    estimates: dict[str, dict[str, dict[str, float]]] = json.loads(found.read_text())
    return estimates


def test_households_are_ranked_well_before_they_leave(tmp_path: Path) -> None:
    estimates = whole_way("complete_journey", tmp_path)
    auc = {name: figures["roc_auc"] for name, figures in estimates.items()}
    assert auc["model"]["value"] >= 0.8475
    assert auc["model"]["low"] > auc["recency"]["high"]
    assert auc["recency"]["value"] == pytest.approx(0.767, abs=0.01)
    assert auc["frequency"]["value"] == pytest.approx(0.818, abs=0.01)
    assert estimates["model"]["expected_calibration_error"]["value"] < 0.05


@pytest.mark.usefixtures("shared_data")
def test_a_wholesaler_with_cancellations_and_lines_without_customer(tmp_path: Path) -> None:
    estimates = whole_way("online_retail", tmp_path)
    assert estimates["model"]["roc_auc"]["low"] > estimates["frequency"]["roc_auc"]["value"]


@pytest.mark.usefixtures("shared_data")
def test_contracts_with_labels_and_without_a_history(tmp_path: Path) -> None:
    estimates = whole_way("telco", tmp_path)
    assert estimates["model"]["roc_auc"]["low"] > 0.8
    scores = pq.read_table(next((tmp_path / "scores").rglob("scores.parquet")))
    assert scores.num_rows == 7043

"""A registered version in an environment that has its requirements and nothing of this project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipelines import artifacts
from pipelines.registry import Registry
from tests.small_models import Small

PREDICT = """
import importlib.util, json, sys
import mlflow, numpy, pandas
assert not any(importlib.util.find_spec(ours) for ours in ("features", "models", "pipelines"))
folder, rows, columns, result = sys.argv[1:]
frame = pandas.DataFrame(numpy.load(rows), columns=json.loads(columns))
shuffled = frame[frame.columns[::-1]]
found = mlflow.pyfunc.load_model(folder).predict(shuffled)
numpy.save(result, numpy.reshape(found, (len(frame), -1))[:, -1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["booster", "pipeline"])
def test_a_version_gives_the_same_probabilities_without_this_project(
    registry: Registry, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    small: Small = request.getfixturevalue(kind)
    with registry.start_run("shop/churn", "train") as run:
        logged = run.log_model(small.library_object, small.columns, small.rows, {})
    version = registry.register("shop-churn", logged, {})
    folder = artifacts.stored_folder(version.source, tmp_path)
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    needs = str(folder / "requirements.txt")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "-p", sys.executable, str(environment)], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "-p", str(python), "-r", needs], check=True)
    np.save(tmp_path / "rows.npy", small.rows.to_numpy())
    columns = json.dumps(list(small.rows.columns))
    files = [str(folder), str(tmp_path / "rows.npy"), columns, str(tmp_path / "result.npy")]
    said = subprocess.run(
        [str(python), "-I", "-c", PREDICT, *files],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    expected = artifacts.probability(small.library_object, small.rows)
    np.testing.assert_array_equal(np.load(tmp_path / "result.npy"), expected)

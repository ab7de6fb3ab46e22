"""A registered version in an environment that has its requirements and nothing of this project."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines import artifacts
from pipelines.registry import Registry
from tests.alone import run_alone
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
    np.save(tmp_path / "rows.npy", small.rows.to_numpy())
    columns = json.dumps(list(small.rows.columns))
    files = [str(tmp_path / "rows.npy"), columns, str(tmp_path / "result.npy")]
    run_alone(folder, tmp_path, PREDICT, *files)
    expected = artifacts.probability(small.library_object, small.rows)
    np.testing.assert_array_equal(np.load(tmp_path / "result.npy"), expected)

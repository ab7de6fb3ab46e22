import io
import time
import zipfile
from pathlib import Path

import numpy as np
import skops.io
from sklearn.pipeline import Pipeline

from models.churn import logit, mlp
from models.spec import ChurnKind, ChurnLogit, ChurnMlp
from pipelines.skopsfile import settle, settled
from tests.churners import churners

PEOPLE = churners(300)


def fitted(kind: ChurnKind, spec: ChurnLogit | ChurnMlp) -> Pipeline:  # type: ignore[type-arg]
    model = kind.fit(spec, kind.first_params(spec), PEOPLE.features, PEOPLE.churned, 3)
    pipeline: Pipeline = model.library_object
    return pipeline


def test_a_model_that_is_fitted_and_written_again_is_the_same_file() -> None:
    first = skops.io.dumps(fitted(logit, ChurnLogit()))
    time.sleep(2.1)  # the clock of a zip has steps of two seconds
    second = skops.io.dumps(fitted(logit, ChurnLogit()))
    assert first != second
    assert settled(first) == settled(second)


def test_another_model_is_another_file() -> None:
    one = skops.io.dumps(fitted(logit, ChurnLogit()))
    other = skops.io.dumps(fitted(logit, ChurnLogit(inverse_penalty=0.5)))
    assert settled(one) != settled(other)


def test_a_settled_file_loads_to_the_same_model(tmp_path: Path) -> None:
    for pipeline in (fitted(logit, ChurnLogit()), fitted(mlp, ChurnMlp(steps=200))):
        path = tmp_path / "model.skops"
        skops.io.dump(pipeline, path)
        settle(path)
        loaded = skops.io.load(path, trusted=["numpy.dtype"])
        same = loaded.predict_proba(PEOPLE.features) == pipeline.predict_proba(PEOPLE.features)
        assert same.all()


def test_settling_twice_is_settling_once() -> None:
    once = settled(skops.io.dumps(fitted(logit, ChurnLogit())))
    assert settled(once) == once


def test_arrays_that_are_one_object_stay_one() -> None:
    shared = np.arange(3.0)
    data = settled(skops.io.dumps([shared, shared, np.arange(3.0)]))
    with zipfile.ZipFile(io.BytesIO(data)) as stored:
        assert sorted(stored.namelist()) == ["1.npy", "2.npy", "schema.json"]
    first, second, third = skops.io.loads(data)
    assert first is second
    assert first is not third
    assert (first == third).all()

"""MLflow's model folders: how each kind of model is written; called by `pipelines.registry` alone.

MLflow takes a second or more to import, so each function imports it itself.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from pipelines import artifacts
from pipelines.artifacts import LibraryObject
from pipelines.runs import Stored
from pipelines.scripted import Scripted, requirements_of_script, write_tables
from pipelines.skopsfile import settle

_EXAMPLE_ROWS = 5


def save_fitted(
    library_object: LibraryObject, folder: Path, rows: pd.DataFrame, model: Stored
) -> None:
    """Write MLflow's model folder: a Booster as text, a Pipeline as skops, all inputs double."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema, TensorSpec

    is_booster = isinstance(library_object, lightgbm.Booster)
    one_value = ColSpec(DataType.double, "probability")
    two_values = TensorSpec(np.dtype(np.float64), (-1, 2))
    inputs = Schema([ColSpec(DataType.double, str(name)) for name in rows.columns])
    settings = {
        "path": str(folder),
        "mlflow_model": _described(model),
        "signature": ModelSignature(inputs, Schema([one_value if is_booster else two_values])),
        "input_example": rows.head(_EXAMPLE_ROWS),
        "pip_requirements": artifacts.requirements(artifacts.flavour_of(library_object)),
        "serialization_format": "skops",  # of a Pipeline; a Booster is text in any case
    }
    if not is_booster:
        settings["pyfunc_predict_fn"] = "predict_proba"
        settings["skops_trusted_types"] = list(artifacts.TRUSTED_TYPES)
    save = mlflow.lightgbm.save_model if is_booster else mlflow.sklearn.save_model
    save(library_object, **settings)
    if not is_booster:
        settle(folder / artifacts.MODEL_FILE["sklearn"])


def save_scripted(scripted: Scripted, folder: Path, model: Stored) -> None:
    """Write MLflow's model folder of a script and its tables; load it and try the example."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    kinds = {str: "string", int: "long"}
    inputs, outputs = (
        [ColSpec(type=kind, name=name) for name, kind in columns.items()]
        for columns in (scripted.inputs, scripted.outputs)
    )
    inputs += [
        ColSpec(type=kind, name=name, required=False) for name, kind in scripted.optional.items()
    ]
    params = ParamSchema(
        [ParamSpec(name, kinds[type(value)], value) for name, value in scripted.params.items()]
    )
    with TemporaryDirectory(prefix="regulars-") as scratch:
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(scripted.script),
            artifacts=write_tables(Path(scratch), scripted.tables),
            mlflow_model=_described(model),
            signature=ModelSignature(Schema([*inputs]), Schema([*outputs]), params),
            input_example=scripted.example.head(_EXAMPLE_ROWS),
            pip_requirements=requirements_of_script(scripted.needs),
        )
    loaded = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True)
    loaded.predict(scripted.example)


def _described(model: Stored) -> Any:  # noqa: ANN401  # MLflow's
    """What MLflow says of the model: where it lies, and who made it."""
    from mlflow.models import Model

    return Model(
        artifact_path=model.artifact_location,
        run_id=model.source_run_id,
        model_uuid=model.model_id,
        model_id=model.model_id,
    )

"""Models that are a script and tables: stored as text and Parquet, and read back as tables.

MLflow calls this models from code. What is stored needs nothing of this project: the script
imports public libraries alone. Opening one here reads its tables only and runs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from pipelines.artifacts import ModelRefused, read_sealed

SCRIPTED: Final = "script"
"""Kind of such a model in the store."""

_NEEDED: Final = ("mlflow", "pandas", "pyarrow")
_TABLES: Final = "artifacts/"

ColumnType = Literal["string", "long", "double"]


@dataclass(frozen=True, eq=False)
class Scripted:
    """A model to store.

    Attributes
    ----------
    script
        File that calls ``mlflow.models.set_model``; it finds the tables among its artifacts.
    tables
        By name.
    example
        Rows to try the stored model on.
    inputs, outputs
        Types of the columns that it takes, and gives.
    params
        What may be given besides, and the defaults.
    optional
        Types of columns that it takes where they are given.
    needs
        Libraries that the script imports besides MLflow, pandas and pyarrow.
    """

    script: Path
    tables: Mapping[str, pa.Table]
    example: pd.DataFrame
    inputs: Mapping[str, ColumnType]
    outputs: Mapping[str, ColumnType]
    params: Mapping[str, str | int]
    optional: Mapping[str, ColumnType] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def requirements_of_script(more: tuple[str, ...] = ()) -> list[str]:
    """Requirements pinned to the installed versions."""
    return [f"{name}=={version(name)}" for name in (*_NEEDED, *more)]


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Parquet files of the tables; the path of each by its name."""
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        pq.write_table(table, paths[name])
    return {name: str(path) for name, path in paths.items()}


def open_scripted(folder: Path, sealed: Mapping[str, str]) -> dict[str, pa.Table]:
    """Tables of the model in the folder, by name, from exactly the bytes that were sealed.

    Raises
    ------
    ModelRefused
        When a file was changed, added or removed, or the model is no script with tables.
    """
    contents = read_sealed(folder, sealed)
    _require_script(contents.get("MLmodel", b""))
    return {
        Path(name).stem: pq.read_table(pa.BufferReader(data))
        for name, data in contents.items()
        if name.startswith(_TABLES)
    }


def require_same_tables(found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table]) -> None:
    """Refuse a model whose tables changed on the way through the store."""
    for name, table in expected.items():
        if name not in found or not found[name].equals(table):
            message = f"a stored model must hold what was mined, but its table {name} differs"
            raise ModelRefused(message)


def _require_script(description: bytes) -> None:
    """Nothing, when ``MLmodel`` describes a script, exactly as this project writes it."""
    try:
        flavours = yaml.safe_load(description)["flavors"]
        general = flavours["python_function"]
        found = (list(flavours), general["loader_module"], general.get("code"))
        is_pickled = "python_model" in general or "model_code_path" not in general
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ModelRefused("MLmodel must describe one script with tables") from error
    if found != (["python_function"], "mlflow.pyfunc.loaders.code_model", None) or is_pickled:
        raise ModelRefused(f"MLmodel must describe one script with tables, but says {general}")

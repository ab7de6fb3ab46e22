"""A model's folder: library object and tables, sealed by hashes and opened only when they agree.

The folder is MLflow's (``MLmodel``, the model's file, ``requirements.txt`` …) with two additions:
``columns.json``, the behaviour columns with their meanings, and ``tables/*.parquet``. Opening
reads every file once, compares its hash with the seal, and makes objects of those very bytes, so
nothing that was not registered is ever deserialised; pickle is never read.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io
import yaml
from pydantic import TypeAdapter
from sklearn.pipeline import Pipeline

from features.contract import Column
from features.errors import RegularsError

LibraryObject: TypeAlias = lightgbm.Booster | Pipeline
Flavour = Literal["lightgbm", "sklearn"]

TRUSTED_TYPES = ("numpy.dtype",)
"""Types that a pipeline may hold besides those that skops trusts: SimpleImputer keeps its dtype."""

MODEL_FILE: Mapping[Flavour, str] = {"lightgbm": "model.lgb", "sklearn": "model.skops"}

_NEEDED: Mapping[Flavour, tuple[str, ...]] = {
    "lightgbm": ("mlflow", "lightgbm", "numpy", "pandas", "scipy"),
    "sklearn": ("mlflow", "scikit-learn", "skops", "numpy", "pandas", "scipy"),
}
_COLUMNS = TypeAdapter(tuple[Column, ...])
_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")


class ModelUnknown(RegularsError):
    """An object that cannot be stored safely."""


class ModelRefused(RegularsError):
    """A stored model is not what was registered, or asks to load something unsafe."""


class FeaturesUnfit(RegularsError):
    """Rows lack columns of the model, or hold something other than numbers."""


@dataclass(frozen=True)
class Opened:
    """What a model folder holds.

    Attributes
    ----------
    library_object
        Booster or Pipeline, calibrated; see `probability`.
    columns
        Behaviour columns in the order of the model's inputs.
    tables
        Tables registered with the model, by name.
    """

    library_object: LibraryObject
    columns: tuple[Column, ...]
    tables: Mapping[str, pd.DataFrame]


def flavour_of(library_object: object) -> Flavour:
    """Which of the two storable kinds the object is.

    Raises
    ------
    ModelUnknown
        When it is neither.
    """
    match library_object:
        case lightgbm.Booster():
            return "lightgbm"
        case Pipeline():
            return "sklearn"
    kind = type(library_object)
    raise ModelUnknown(
        "a registered model must be a lightgbm.Booster or a sklearn Pipeline, "
        f"but this is a {kind.__module__}.{kind.__qualname__}"
    )


def requirements(flavour: Flavour) -> list[str]:
    """Requirements pinned to the installed versions: what loading and predicting need, no more."""
    return [f"{name}=={version(name)}" for name in _NEEDED[flavour]]


def doubles(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """The columns of the model, in its order, as float64.

    Raises
    ------
    FeaturesUnfit
        When a column is missing or not numeric; the text holds no row.
    """
    names = [column.name for column in columns]
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise FeaturesUnfit(
            f"the model needs the columns {names}, but these are missing: {missing}"
        )
    try:
        return frame[names].astype("float64")
    except (TypeError, ValueError):
        broken = [n for n in names if not pd.api.types.is_numeric_dtype(frame[n].dtype)]
        # from None: the library's text quotes the value that it could not convert
        raise FeaturesUnfit(
            f"the model needs numbers, but these columns hold none: {broken}"
        ) from None


def probability(library_object: LibraryObject, features: pd.DataFrame) -> npt.NDArray[np.float64]:
    """(n,) probability of churn, straight from the library; columns in the model's order."""
    if isinstance(library_object, lightgbm.Booster):
        return np.asarray(library_object.predict(features), dtype=np.float64)
    return np.asarray(library_object.predict_proba(features)[:, -1], dtype=np.float64)


def require_equal(
    stored: npt.NDArray[np.float64], expected: npt.NDArray[np.float64], how: str
) -> None:
    """Refuse a model whose probabilities changed on the way through the store."""
    if not np.array_equal(stored, expected):
        raise ModelRefused(
            f"a stored model must predict what was trained, but {how} it differs in "
            f"{np.count_nonzero(stored != expected)} of {expected.size} rows"
        )


def add_tables(folder: Path, columns: Sequence[Column], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the columns and the tables into the model's folder."""
    (folder / "columns.json").write_bytes(_COLUMNS.dump_json(tuple(columns), indent=2))
    (folder / "tables").mkdir()
    for name, table in tables.items():
        if not _TABLE_NAME.fullmatch(name):
            raise ValueError(f"a table's name must be like reference_quantiles, but is {name!r}")
        path = folder / "tables" / f"{name}.parquet"
        pq.write_table(pa.Table.from_pandas(table), path)


def seal(folder: Path) -> dict[str, str]:
    """SHA-256 (64 hex digits) of every file below the folder, by its path in it."""
    return {name: _sha256(path.read_bytes()) for name, path in _files(folder).items()}


def open_sealed(folder: Path, sealed: Mapping[str, str]) -> Opened:
    """The model in the folder, made from exactly the bytes that were sealed.

    Raises
    ------
    ModelRefused
        When a file was changed, added or removed, leads out of the folder, or asks to load
        something other than a LightGBM text or a skops file; nothing was deserialised then.
    """
    contents = read_sealed(folder, sealed)
    flavour = _described_flavour(contents.get("MLmodel", b""))
    for name in (MODEL_FILE[flavour], "columns.json"):
        if name not in contents:
            raise ModelRefused(f"a {flavour} model needs the file {name}, but {folder} has none")
    return Opened(
        library_object=_restore(flavour, contents[MODEL_FILE[flavour]]),
        columns=_COLUMNS.validate_json(contents["columns.json"]),
        tables={
            PurePosixPath(name).stem: pq.read_table(pa.BufferReader(data)).to_pandas()
            for name, data in contents.items()
            if name.startswith("tables/")
        },
    )


def stored_folder(source: str, root: Path) -> Path:
    """The local folder that an address names, when it lies below ``root``.

    Raises
    ------
    ModelRefused
        When it lies elsewhere or is gone.
    """
    address = urlsplit(source)
    folder = Path(unquote(address.path))
    if address.scheme not in {"", "file"} or not folder.resolve().is_relative_to(root.resolve()):
        raise ModelRefused(
            f"a model of this home must lie below {root}, but is registered at {source}; "
            "if the home folder was moved, move it back, or train again"
        )
    if not folder.is_dir():
        raise ModelRefused(
            f"there is no {folder} any more; restore the folder from a backup or train again"
        )
    return folder


def stage(folder: Path, name: str, content: str | bytes | Path) -> None:
    """Put a text, bytes or a copy of a file into the folder under ``name``, such as ``a/b.svg``."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or not place.parts:
        raise ValueError(f"an artifact's name must be a path in the run, but is {name!r}")
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def _files(folder: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise ModelRefused(
                f"a model's folder must hold plain files, but {name} in {folder} is a link; "
                "restore the folder from a backup or train again"
            )
        if path.is_file():
            found[name] = path
    return found


def read_sealed(folder: Path, sealed: Mapping[str, str]) -> dict[str, bytes]:
    """Every file of the folder, by its path in it, when they are what was sealed.

    Raises
    ------
    ModelRefused
        When a file was changed, added or removed.
    """
    files = _files(folder)
    added, removed = sorted(files.keys() - sealed.keys()), sorted(sealed.keys() - files.keys())
    contents = {name: path.read_bytes() for name, path in files.items() if name in sealed}
    changed = [name for name, data in contents.items() if _sha256(data) != sealed[name]]
    if added or removed or changed:
        raise ModelRefused(
            f"the model in {folder} must be as it was registered, but "
            f"changed: {changed}, added: {added}, removed: {removed}; "
            "restore the folder from a backup or train again"
        )
    return contents


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _described_flavour(description: bytes) -> Flavour:
    """The one flavour that ``MLmodel`` describes, exactly as this project writes it."""
    try:
        flavours = yaml.safe_load(description)["flavors"]
        if flavours.keys() == {"python_function", "lightgbm"}:
            found, wanted = _lightgbm_facts(flavours), _LIGHTGBM_FACTS
        else:
            found, wanted = _sklearn_facts(flavours), _SKLEARN_FACTS
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ModelRefused("MLmodel must describe one LightGBM or sklearn model") from error
    different = [name for name in wanted if found[name] != wanted[name]]
    if different:
        raise ModelRefused(
            "MLmodel must describe a LightGBM text or a skops file, but differs in "
            + ", ".join(f"{name}: {found[name]!r}" for name in different)
        )
    return "lightgbm" if wanted is _LIGHTGBM_FACTS else "sklearn"


_LIGHTGBM_FACTS: Mapping[str, object] = {
    "loader_module": "mlflow.lightgbm",
    "model_class": "lightgbm.basic.Booster",
    "files": {MODEL_FILE["lightgbm"]},
    "code": {None},
}
_SKLEARN_FACTS: Mapping[str, object] = {
    "loader_module": "mlflow.sklearn",
    "serialization_format": "skops",
    "trusted": list(TRUSTED_TYPES),
    "files": {MODEL_FILE["sklearn"]},
    "code": {None},
}


def _lightgbm_facts(flavours: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    general, own = flavours["python_function"], flavours["lightgbm"]
    return {
        "loader_module": general["loader_module"],
        "model_class": own["model_class"],
        "files": {general["data"], own["data"]},
        "code": {general.get("code"), own.get("code")},
    }


def _sklearn_facts(flavours: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    general, own = flavours["python_function"], flavours["sklearn"]
    return {
        "loader_module": general["loader_module"],
        "serialization_format": own["serialization_format"],
        "trusted": own["skops_trusted_types"],
        "files": {general["model_path"], own["pickled_model"]},
        "code": {general.get("code"), own.get("code")},
    }


def _restore(flavour: Flavour, data: bytes) -> LibraryObject:
    if flavour == "lightgbm":
        try:
            return lightgbm.Booster(model_str=data.decode())
        except (lightgbm.basic.LightGBMError, UnicodeDecodeError) as error:
            raise ModelRefused("model.lgb must be LightGBM's text; train again") from error
    try:
        restored = skops.io.loads(data, trusted=list(TRUSTED_TYPES))
    except skops.io.exceptions.UntrustedTypesFoundException as error:
        raise ModelRefused(
            "a pipeline must hold types that skops trusts, but the stored one holds others; "
            "train again"
        ) from error
    if not isinstance(restored, Pipeline):
        raise ModelRefused(f"a sklearn model must be a Pipeline, but is a {type(restored)}")
    return restored

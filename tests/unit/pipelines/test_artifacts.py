"""A model's folder: sealed by hashes, and opened only when every byte agrees."""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
import yaml
from sklearn.linear_model import LogisticRegression

from pipelines import artifacts
from pipelines.artifacts import FeaturesUnfit, ModelRefused, ModelUnknown
from tests.small_models import COLUMNS, NAMES, Small

LIGHTGBM_FLAVOURS: dict[str, dict[str, object]] = {
    "python_function": {"loader_module": "mlflow.lightgbm", "data": "model.lgb"},
    "lightgbm": {"model_class": "lightgbm.basic.Booster", "data": "model.lgb", "code": None},
}
SKLEARN_FLAVOURS: dict[str, dict[str, object]] = {
    "python_function": {"loader_module": "mlflow.sklearn", "model_path": "model.skops"},
    "sklearn": {
        "pickled_model": "model.skops",
        "serialization_format": "skops",
        "skops_trusted_types": ["numpy.dtype"],
    },
}
REFERENCE = pd.DataFrame({"edge": [0.5, None], "名": ["a", "b"]}, index=["x", "y"])


def describe(folder: Path, flavours: object) -> None:
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavours}))


@pytest.fixture
def booster_folder(tmp_path: Path, booster: Small) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    booster.library_object.save_model(folder / "model.lgb")
    describe(folder, LIGHTGBM_FLAVOURS)
    artifacts.add_tables(folder, booster.columns, {"reference": REFERENCE})
    return folder


@pytest.fixture
def pipeline_folder(tmp_path: Path, pipeline: Small) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    skops.io.dump(pipeline.library_object, folder / "model.skops")
    describe(folder, SKLEARN_FLAVOURS)
    artifacts.add_tables(folder, pipeline.columns, {})
    return folder


def test_a_booster_comes_back_with_its_columns_and_tables(
    booster_folder: Path, booster: Small
) -> None:
    opened = artifacts.open_sealed(booster_folder, artifacts.seal(booster_folder))
    found = artifacts.probability(opened.library_object, booster.rows)
    np.testing.assert_array_equal(
        found, artifacts.probability(booster.library_object, booster.rows)
    )
    assert opened.columns == COLUMNS
    pd.testing.assert_frame_equal(opened.tables["reference"], REFERENCE)


def test_a_pipeline_comes_back_with_its_columns(pipeline_folder: Path, pipeline: Small) -> None:
    opened = artifacts.open_sealed(pipeline_folder, artifacts.seal(pipeline_folder))
    found = artifacts.probability(opened.library_object, pipeline.rows)
    np.testing.assert_array_equal(
        found, artifacts.probability(pipeline.library_object, pipeline.rows)
    )
    assert (opened.columns, opened.tables) == (COLUMNS, {})


# ---------------------------------------------------------------- what was not registered


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / "model.lgb").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.lgb").write_bytes(data)


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (flip_a_bit, "changed: ['model.lgb'], added: [], removed: []"),
        (
            lambda folder: (folder / "extra.py").write_text("import os"),
            "changed: [], added: ['extra.py'], removed: []",
        ),
        (
            lambda folder: (folder / "tables" / "reference.parquet").unlink(),
            "changed: [], added: [], removed: ['tables/reference.parquet']",
        ),
    ],
)
def test_a_folder_that_changed_is_refused_before_anything_is_made_of_it(
    booster_folder: Path,
    tamper: Callable[[Path], object],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed = artifacts.seal(booster_folder)
    tamper(booster_folder)
    monkeypatch.setattr(artifacts, "_restore", lambda *_: pytest.fail("it was deserialised"))
    expected = (
        f"the model in {booster_folder} must be as it was registered, but {told}; "
        "restore the folder from a backup or train again"
    )
    with pytest.raises(ModelRefused, match=f"^{re.escape(expected)}$"):
        artifacts.open_sealed(booster_folder, sealed)


def test_a_link_out_of_the_folder_is_refused_even_with_the_right_content(
    booster_folder: Path, tmp_path: Path
) -> None:
    sealed = artifacts.seal(booster_folder)
    elsewhere = tmp_path / "elsewhere.lgb"
    (booster_folder / "model.lgb").rename(elsewhere)
    (booster_folder / "model.lgb").symlink_to(elsewhere)
    with pytest.raises(
        ModelRefused, match=r"must hold plain files, but model\.lgb in .* is a link"
    ):
        artifacts.open_sealed(booster_folder, sealed)


def test_a_seal_that_names_a_file_outside_is_refused(booster_folder: Path) -> None:
    sealed = artifacts.seal(booster_folder) | {"../outside": "00"}
    with pytest.raises(ModelRefused, match=r"removed: \['\.\./outside'\]"):
        artifacts.open_sealed(booster_folder, sealed)


def test_a_folder_without_seal_is_refused(booster_folder: Path) -> None:
    with pytest.raises(ModelRefused, match="must be as it was registered"):
        artifacts.open_sealed(booster_folder, {})


# ------------------------------------------- what was registered, but asks for something unsafe


@pytest.mark.parametrize(
    ("flavour", "changes", "told"),
    [
        ("sklearn", {"serialization_format": "pickle"}, "serialization_format: 'pickle'"),
        ("sklearn", {"serialization_format": "cloudpickle"}, "serialization_format: 'cloudp"),
        ("sklearn", {"skops_trusted_types": ["os.system"]}, "trusted: ['os.system']"),
        ("sklearn", {"pickled_model": "../../model.skops"}, "files: {"),
        ("sklearn", {"code": "code"}, "code: {"),
        ("python_function", {"model_path": "/etc/passwd"}, "files: {"),
        ("python_function", {"loader_module": "mlflow.pyfunc.model"}, "loader_module: 'mlflow.pyf"),
    ],
)
def test_a_description_that_loads_something_else_is_refused(
    pipeline_folder: Path, flavour: str, changes: dict[str, object], told: str
) -> None:
    changed = {name: dict(facts) for name, facts in SKLEARN_FLAVOURS.items()}
    changed[flavour] |= changes
    describe(pipeline_folder, changed)
    with pytest.raises(ModelRefused, match=re.escape(told)):
        artifacts.open_sealed(pipeline_folder, artifacts.seal(pipeline_folder))


@pytest.mark.parametrize(
    "changes", [{"model_class": "lightgbm.sklearn.LGBMClassifier"}, {"data": "../model.lgb"}]
)
def test_a_lightgbm_description_of_something_else_is_refused(
    booster_folder: Path, changes: dict[str, object]
) -> None:
    describe(booster_folder, LIGHTGBM_FLAVOURS | {"lightgbm": {"model_class": "", **changes}})
    with pytest.raises(ModelRefused, match="MLmodel must describe"):
        artifacts.open_sealed(booster_folder, artifacts.seal(booster_folder))


@pytest.mark.parametrize(
    "text", ["", "flavors:", "a: [", "!!python/object/apply:os.system ['true']", "flavors: {a: 1}"]
)
def test_a_description_that_describes_nothing_is_refused(booster_folder: Path, text: str) -> None:
    (booster_folder / "MLmodel").write_text(text)
    with pytest.raises(ModelRefused, match="MLmodel must describe one LightGBM or sklearn model"):
        artifacts.open_sealed(booster_folder, artifacts.seal(booster_folder))


def test_a_skops_file_with_a_foreign_type_is_refused(pipeline_folder: Path) -> None:
    skops.io.dump({"run": os.system}, pipeline_folder / "model.skops")
    with pytest.raises(ModelRefused, match="must hold types that skops trusts"):
        artifacts.open_sealed(pipeline_folder, artifacts.seal(pipeline_folder))


def test_a_skops_file_of_something_else_than_a_pipeline_is_refused(pipeline_folder: Path) -> None:
    skops.io.dump(LogisticRegression(), pipeline_folder / "model.skops")
    with pytest.raises(ModelRefused, match="a sklearn model must be a Pipeline"):
        artifacts.open_sealed(pipeline_folder, artifacts.seal(pipeline_folder))


def test_a_text_that_is_no_booster_is_refused(booster_folder: Path) -> None:
    (booster_folder / "model.lgb").write_text("tree\nnot a model")
    with pytest.raises(ModelRefused, match=r"model\.lgb must be LightGBM's text"):
        artifacts.open_sealed(booster_folder, artifacts.seal(booster_folder))


def test_a_model_without_its_columns_is_refused(booster_folder: Path) -> None:
    (booster_folder / "columns.json").unlink()
    with pytest.raises(ModelRefused, match=r"needs the file columns\.json"):
        artifacts.open_sealed(booster_folder, artifacts.seal(booster_folder))


# ------------------------------------------------------------------------------------ folders


def test_a_model_outside_the_home_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "home" / "mlflow" / "artifacts"
    outside = tmp_path / "outside"
    outside.mkdir()
    for source in (outside.as_uri(), f"{root.as_uri()}/../../../outside", "s3://bucket/model"):
        expected = (
            f"a model of this home must lie below {root}, but is registered at {source}; "
            "if the home folder was moved, move it back, or train again"
        )
        with pytest.raises(ModelRefused, match=f"^{re.escape(expected)}$"):
            artifacts.stored_folder(source, root)


def test_a_model_whose_folder_is_gone_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "家 100%" / "model"
    with pytest.raises(ModelRefused, match=f"^there is no {re.escape(str(folder))} any more"):
        artifacts.stored_folder(folder.as_uri(), tmp_path)
    folder.mkdir(parents=True)
    assert artifacts.stored_folder(folder.as_uri(), tmp_path) == folder


@pytest.mark.parametrize("name", ["../up.txt", "/etc/x", "", "a/../../b"])
def test_an_artifact_cannot_be_staged_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="must be a path in the run"):
        artifacts.stage(tmp_path, name, "text")


def test_texts_bytes_and_files_are_staged_under_their_names(tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(b"\x00")
    artifacts.stage(tmp_path / "run", "a/花.svg", "<svg/>")
    artifacts.stage(tmp_path / "run", "b", b"\x01")
    artifacts.stage(tmp_path / "run", "c.bin", source)
    assert (tmp_path / "run" / "a" / "花.svg").read_text(encoding="utf-8") == "<svg/>"
    assert (tmp_path / "run" / "b").read_bytes() == b"\x01"
    assert (tmp_path / "run" / "c.bin").read_bytes() == b"\x00"


@pytest.mark.parametrize("name", ["../reference", "Reference", "a b", ""])
def test_a_table_needs_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="a table's name must be like reference_quantiles"):
        artifacts.add_tables(tmp_path, COLUMNS, {name: REFERENCE})


# ------------------------------------------------------------------------------- rows and pins


def test_rows_are_ordered_and_cast_by_name() -> None:
    rows = pd.DataFrame({name: [Decimal(i), True] for i, name in enumerate(NAMES)})
    found = artifacts.doubles(rows.assign(more="text")[["more", *NAMES[::-1]]], COLUMNS)
    assert list(found.columns) == list(NAMES)
    assert found.to_numpy().tolist() == [[0.0, 1.0, 2.0, 3.0, 4.0], [1.0] * 5]


def test_rows_without_a_column_are_refused_by_its_name(booster: Small) -> None:
    rows = booster.rows.drop(columns=["is_new;"])
    expected = f"the model needs the columns {list(NAMES)}, but these are missing: ['is_new;']"
    with pytest.raises(FeaturesUnfit, match=f"^{re.escape(expected)}$"):
        artifacts.doubles(rows, COLUMNS)


def test_rows_that_hold_text_are_refused_without_being_quoted(booster: Small) -> None:
    rows = booster.rows.assign(**{"is_new;": "ann@example.org"})
    expected = "the model needs numbers, but these columns hold none: ['is_new;']"
    with pytest.raises(FeaturesUnfit, match=f"^{re.escape(expected)}$") as caught:
        artifacts.doubles(rows, COLUMNS)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_object_that_cannot_be_stored_safely_is_refused() -> None:
    expected = (
        "a registered model must be a lightgbm.Booster or a sklearn Pipeline, "
        "but this is a sklearn.linear_model._logistic.LogisticRegression"
    )
    with pytest.raises(ModelUnknown, match=f"^{re.escape(expected)}$"):
        artifacts.flavour_of(LogisticRegression())


def test_requirements_are_pinned_to_what_is_installed() -> None:
    assert artifacts.requirements("lightgbm") == [
        f"{name}=={version(name)}" for name in ("mlflow", "lightgbm", "numpy", "pandas", "scipy")
    ]
    assert f"skops=={version('skops')}" in artifacts.requirements("sklearn")
    assert not any(pin.startswith("regulars") for pin in artifacts.requirements("sklearn"))


def test_a_stored_model_that_predicts_something_else_is_refused() -> None:
    expected = (
        "a stored model must predict what was trained, but read back it differs in 1 of 2 rows"
    )
    with pytest.raises(ModelRefused, match=f"^{re.escape(expected)}$"):
        artifacts.require_equal(np.array([0.5, 0.25]), np.array([0.5, 0.2500001]), "read back")

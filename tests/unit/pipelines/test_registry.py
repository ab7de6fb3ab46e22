"""Runs, registered versions and aliases in a real local MLflow store."""

import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

from pipelines import artifacts
from pipelines.artifacts import FeaturesUnfit, ModelRefused, ModelUnknown
from pipelines.registry import Registry
from pipelines.store import StoreBusy, TrackingFailed, quietly
from pipelines.versions import Logged, NameUnfit, Version
from tests.small_models import NAMES, Small

NAME = "花店-churn"
REFERENCE = pd.DataFrame({"edge": [0.5, 1.5]})


@pytest.fixture(params=["booster", "pipeline"])
def small(request: pytest.FixtureRequest) -> Small:
    """Each kind of library object in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Small)
    return found


def expected(small: Small) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return artifacts.probability(small.library_object, small.rows)


def logged(registry: Registry, small: Small) -> Logged:
    with registry.start_run("花店/churn", "train") as run:
        return run.log_model(
            small.library_object, small.columns, small.rows, {"reference": REFERENCE}
        )


def registered(registry: Registry, small: Small) -> Version:
    return registry.register(NAME, logged(registry, small), {"kind": "churn_gbm"})


def folder_of(registry: Registry, version: Version, home: Path) -> Path:
    assert registry.version(version.name, version.number) == version
    return artifacts.stored_folder(version.source, home / "mlflow" / "artifacts")


def client(home: Path) -> mlflow.MlflowClient:
    """MLflow as any other program opens it."""
    return mlflow.MlflowClient(f"sqlite:///{home}/mlflow/mlflow.db")


# ------------------------------------------------------------------------------------- models


def test_a_version_comes_back_as_it_was_registered(registry: Registry, small: Small) -> None:
    version = registered(registry, small)
    opened = registry.load(version)
    found = artifacts.probability(opened.library_object, small.rows)
    np.testing.assert_array_equal(found, expected(small))
    assert opened.columns == small.columns
    pd.testing.assert_frame_equal(opened.tables["reference"], REFERENCE)


def test_what_a_version_is_about_is_what_mlflow_shows(
    registry: Registry, booster: Small, tracked_home: Path
) -> None:
    about = "For each customer of 花店, the chance of no purchase."
    version = registry.register(NAME, logged(registry, booster), {}, about)
    found = client(tracked_home).get_model_version(NAME, str(version.number))
    assert found.description == about


def test_plain_mlflow_gives_the_same_probabilities_from_shuffled_columns(
    registry: Registry, small: Small
) -> None:
    version = registered(registry, small)
    shuffled = small.rows.assign(unknown=1.0)[["unknown", *NAMES[::-1]]]
    with quietly():
        result = mlflow.pyfunc.load_model(version.source).predict(shuffled)
    found = np.reshape(result, (len(shuffled), -1))[:, -1]
    np.testing.assert_array_equal(found, expected(small))


def test_the_signature_is_double_throughout_and_the_requirements_are_pinned(
    registry: Registry, small: Small, tracked_home: Path
) -> None:
    folder = folder_of(registry, registered(registry, small), tracked_home)
    described = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    inputs = json.loads(described["signature"]["inputs"])
    assert [(one["name"], one["type"]) for one in inputs] == [(name, "double") for name in NAMES]
    pins = (folder / "requirements.txt").read_text().split()
    assert pins == artifacts.requirements(artifacts.flavour_of(small.library_object))
    example = json.loads((folder / "input_example.json").read_text())
    assert len(example["data"]) == 5
    assert not {"uv.lock", "pyproject.toml", "code"} & {p.name for p in folder.iterdir()}


def test_a_model_that_is_stored_as_something_else_is_never_ready(
    registry: Registry, booster: Small, tracked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, text = mlflow.lightgbm.save_model, booster.library_object.model_to_string(None, 3)

    def save_fewer_trees(_booster: object, **settings: object) -> None:
        save(lightgbm.Booster(model_str=text), **settings)

    monkeypatch.setattr(mlflow.lightgbm, "save_model", save_fewer_trees)
    with pytest.raises(ModelRefused, match=r"loaded by mlflow\.pyfunc it differs in \d+ of 300"):
        logged(registry, booster)
    found = client(tracked_home).search_logged_models(["1"])
    assert [model.status.name for model in found] == ["FAILED"]
    assert registry.challenger(NAME) is None


def test_an_object_that_cannot_be_stored_safely_is_refused(
    registry: Registry, booster: Small
) -> None:
    with (
        registry.start_run("shop/churn", "train") as run,
        pytest.raises(ModelUnknown, match=r"must be a lightgbm\.Booster or a sklearn"),
    ):
        run.log_model(object(), booster.columns, booster.rows, {})


def test_an_example_is_needed_and_checked_by_name(registry: Registry, booster: Small) -> None:
    with registry.start_run("shop/churn", "train") as run:
        with pytest.raises(FeaturesUnfit, match="needs at least one example row"):
            run.log_model(booster.library_object, booster.columns, booster.rows[:0], {})
        few = booster.rows.drop(columns="spend 28d")
        with pytest.raises(FeaturesUnfit, match=r"these are missing: \['spend 28d'\]"):
            run.log_model(booster.library_object, booster.columns, few, {})


def test_a_registered_model_does_not_quote_rows_when_it_refuses_them(
    registry: Registry, booster: Small
) -> None:
    version = registered(registry, booster)
    with quietly():
        model = mlflow.pyfunc.load_model(version.source)
    rows = booster.rows.assign(**{"is_new;": "canary@example.org"})
    with pytest.raises(mlflow.MlflowException) as caught:
        model.predict(rows)
    assert "canary" not in str(caught.value)


# ------------------------------------------------------------------- what changed is not loaded


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / "model.lgb").read_bytes())
    data[-40] ^= 1
    (folder / "model.lgb").write_bytes(data)


def add_a_pickle(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (flip_a_bit, "changed: ['model.lgb'], added: [], removed: []"),
        (add_a_pickle, "changed: [], added: ['model.pkl'], removed: []"),
        (shutil.rmtree, "any more; restore the folder from a backup or train again"),
    ],
)
def test_a_version_that_changed_since_is_refused(
    registry: Registry,
    booster: Small,
    tracked_home: Path,
    tamper: Callable[[Path], None],
    told: str,
) -> None:
    version = registered(registry, booster)
    tamper(folder_of(registry, version, tracked_home))
    with pytest.raises(ModelRefused, match=f"^version 1 of {NAME}: .*{re.escape(told)}"):
        registry.load(version)


def test_a_version_registered_without_hashes_is_refused(
    registry: Registry, booster: Small, tracked_home: Path
) -> None:
    version = registered(registry, booster)
    other = client(tracked_home).create_model_version(NAME, version.source, version.run_id)
    with pytest.raises(ModelRefused, match=f"^version 2 of {NAME}: the model in .* must be as"):
        registry.load(registry.version(NAME, int(other.version)))


def test_a_version_that_lies_elsewhere_is_refused(
    registry: Registry, booster: Small, tmp_path: Path, tracked_home: Path
) -> None:
    version = registered(registry, booster)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder_of(registry, version, tracked_home), elsewhere)
    other = client(tracked_home).create_model_version(
        NAME, elsewhere.as_uri(), version.run_id, dict(version.tags)
    )
    with pytest.raises(ModelRefused, match="must lie below"):
        registry.load(registry.version(NAME, int(other.version)))


# ------------------------------------------------------------------------- versions and aliases


def test_the_newest_version_is_the_challenger_and_the_champion_stays(
    registry: Registry, booster: Small, pipeline: Small
) -> None:
    assert (registry.champion(NAME), registry.challenger(NAME)) == (None, None)
    first = registered(registry, booster)
    assert first.aliases == ("challenger",)
    assert registry.champion(NAME) is None
    registry.move_alias(NAME, "champion", first.number)
    second = registered(registry, pipeline)
    assert (first.number, second.number) == (1, 2)
    champion, challenger = registry.champion(NAME), registry.challenger(NAME)
    assert champion is not None
    assert (champion.number, champion.aliases) == (1, ("champion",))
    assert challenger == second
    assert [version.number for version in registry.versions(NAME)] == [2, 1]


def test_an_alias_moves_back_and_away(registry: Registry, booster: Small) -> None:
    registered(registry, booster)
    registered(registry, booster)
    for number in (2, 1):
        registry.move_alias(NAME, "champion", number)
        champion = registry.champion(NAME)
        assert champion is not None
        assert champion.number == number
    registry.move_alias(NAME, "champion", None)
    assert registry.champion(NAME) is None


def test_an_alias_with_capitals_is_refused(registry: Registry, booster: Small) -> None:
    registered(registry, booster)
    with pytest.raises(NameUnfit, match=r"but is 'Champion'$"):
        registry.move_alias(NAME, "Champion", 1)


def test_an_alias_of_a_version_that_is_not_there_is_refused(
    registry: Registry, booster: Small
) -> None:
    registered(registry, booster)
    with pytest.raises(TrackingFailed, match=r"version=7\) not found$"):
        registry.move_alias(NAME, "champion", 7)


def test_a_version_keeps_its_tags_and_gets_more(registry: Registry, booster: Small) -> None:
    version = registered(registry, booster)
    tagged = registry.tag(version, {"review": "r-1", "kind": "other"})
    assert (tagged.tags["review"], tagged.tags["kind"]) == ("r-1", "other")
    assert tagged.sealed == version.sealed


def test_another_process_sees_the_same_versions(
    registry: Registry, booster: Small, tracked_home: Path
) -> None:
    version = registered(registry, booster)
    again = Registry(None, tracked_home)
    assert again.challenger(NAME) == version
    assert again.load(version).columns == booster.columns
    assert again.versions("unknown") == ()


# ---------------------------------------------------------------------------- store and server


def test_a_store_that_others_hold_is_waited_for(tracked_home: Path) -> None:
    registry = Registry(None, tracked_home, patience_seconds=10)
    other = sqlite3.connect(
        tracked_home / "mlflow" / "mlflow.db", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.4, other.close).start()
    began = time.monotonic()
    with registry.start_run("shop/churn", "train") as run:
        run.log(metrics={"auc": 0.8})
    assert time.monotonic() - began > 0.3


def test_a_store_that_others_keep_is_given_up_in_words(
    registry: Registry, tracked_home: Path
) -> None:
    database = tracked_home.resolve() / "mlflow" / "mlflow.db"
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    told = re.escape(f"the tracking store {database} is held by another process; ")
    with pytest.raises(StoreBusy, match=f"^{told}"):
        registry.champion(NAME)
    with pytest.raises(StoreBusy, match=f"^{told}"):
        Registry(None, tracked_home, patience_seconds=0.1)
    other.close()


def test_nothing_is_written_elsewhere_and_nothing_is_said(
    registry_template: Path,
    tmp_path: Path,
    booster: Small,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(registry_template, tmp_path / "home")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    registry = Registry(None, Path("../home"))
    registry.load(registered(registry, booster))
    registry.reconcile()
    assert list(work.iterdir()) == []
    assert {p.name for p in (tmp_path / "home").iterdir()} == {"locks", "mlflow"}
    assert capfd.readouterr() == ("", "")


def test_a_server_that_does_not_answer_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    registry = Registry("http://ann:canary@127.0.0.1:9", tmp_path / "home")
    with pytest.raises(TrackingFailed) as caught:
        registry.champion(NAME)
    assert str(caught.value).startswith(
        f"alias champion of {NAME} needs the tracking store http://***@127.0.0.1:9, but it answered"
    )
    assert "canary" not in str(caught.value)
    assert not (tmp_path / "home").exists()

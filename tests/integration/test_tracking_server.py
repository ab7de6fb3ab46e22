"""What MLflow's pages show of a home, and a tracking server instead of the local store."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from pipelines import artifacts
from pipelines.artifacts import ModelRefused
from pipelines.registry import Registry
from pipelines.versions import Version
from tests.small_models import Small

NAME = "shop-churn"


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """Address of a running ``mlflow`` server on this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "server.log").open("wb")
    command = [sys.executable, "-m", "mlflow", *options, "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--workers", "1"],
        cwd=folder,
        stdout=log,
        stderr=log,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)
        log.close()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ask(address, "health")
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server did not start")


def ask(address: str, page: str, **query: str) -> bytes:
    """What the server answers."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    with closing(connection):
        connection.request("GET", f"/{page}?{urlencode(query)}")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == HTTPStatus.OK, body
        return body


def ask_json(address: str, page: str, **query: str) -> Any:
    return json.loads(ask(address, f"ajax-api/2.0/mlflow/{page}", **query))


def trained(registry: Registry, small: Small) -> Version:
    with registry.start_run("花店/churn", "train 1") as run:
        run.log(metrics={"auc": 0.8475}, files={"plots/roc.svg": "<svg/>"}, params={"trials": 30})
        tables = {"reference": pd.DataFrame({"edge": [0.5]})}
        logged = run.log_model(small.library_object, small.columns, small.rows, tables)
    version = registry.register(NAME, logged, {"kind": "churn_gbm"})
    registry.move_alias(NAME, "champion", version.number)
    return registry.version(NAME, version.number)


@pytest.mark.slow
def test_the_pages_of_mlflow_show_runs_files_versions_and_aliases(
    registry: Registry, tracked_home: Path, booster: Small, tmp_path: Path
) -> None:
    version = trained(registry, booster)
    pages = tmp_path / "pages"
    pages.mkdir()
    store = f"sqlite:///{tracked_home}/mlflow/mlflow.db"
    with serving(pages, "ui", "--backend-store-uri", store) as address:
        assert b"<html" in ask(address, "")
        run = ask_json(address, "runs/get", run_id=version.run_id)["run"]
        assert (run["info"]["status"], run["info"]["run_name"]) == ("FINISHED", "train 1")
        assert run["data"]["metrics"][0]["value"] == 0.8475
        files = ask_json(address, "artifacts/list", run_id=version.run_id, path="plots")["files"]
        assert [file["path"] for file in files] == ["plots/roc.svg"]
        assert ask(address, "get-artifact", run_uuid=version.run_id, path="plots/roc.svg") == (
            b"<svg/>"
        )
        shown = ask_json(address, "model-versions/get", name=NAME, version="1")["model_version"]
        assert shown["aliases"] in (["challenger", "champion"], ["champion", "challenger"])
        model = version.tags["regulars.model_id"]
        listed = ask_json(address, f"logged-models/{model}/artifacts/directories")["files"]
        assert {"MLmodel", "model.lgb", "columns.json", "tables"} <= {f["path"] for f in listed}


@pytest.mark.slow
def test_a_server_takes_the_place_of_the_local_store(
    registry_template: Path, booster: Small, pipeline: Small, tmp_path: Path
) -> None:
    server = tmp_path / "server"
    shutil.copytree(registry_template, server)
    options = ["--backend-store-uri", f"sqlite:///{server}/mlflow/mlflow.db"]
    options += ["--artifacts-destination", str(server / "kept"), "--serve-artifacts"]
    home = tmp_path / "home"
    with serving(server, "server", *options) as address:
        registry = Registry(address, home)
        for number, small in enumerate((booster, pipeline), start=1):
            version = trained(registry, small)
            assert (version.number, set(version.aliases)) == (number, {"champion", "challenger"})
            opened = registry.load(version)
            np.testing.assert_array_equal(
                artifacts.probability(opened.library_object, small.rows),
                artifacts.probability(small.library_object, small.rows),
            )
            assert list(opened.tables) == ["reference"]
        assert registry.champion("unknown") is None
        assert [version.number for version in registry.versions(NAME)] == [2, 1]
        assert registry.reconcile().run_ids == ()
        for described in (server / "kept").rglob("MLmodel"):
            described.write_text(described.read_text() + "# changed\n")
        with pytest.raises(ModelRefused, match=r"changed: \['MLmodel'\]"):
            registry.load(registry.version(NAME, 1))
    assert not home.exists()

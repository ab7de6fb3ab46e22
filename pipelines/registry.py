"""MLflow: runs, registered versions and their aliases; alone with `model_folders` in importing it.

Without a tracking URI everything lies under the home, in ``mlflow/mlflow.db`` and
``mlflow/artifacts/``; ``mlflow ui --backend-store-uri sqlite:///HOME/mlflow/mlflow.db`` shows it.
With one, nothing is created locally. MLflow takes a second or more to import, so it is imported
when a registry is opened.

A registered version needs none of this code: ``mlflow.pyfunc.load_model`` gives (n,)
probabilities for a LightGBM model and (n, 2) for a pipeline (its ``predict_proba``), so that
``numpy.reshape(result, (len(rows), -1))[:, -1]`` is the probability of churn for both.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines import artifacts, model_folders, store, versions
from pipelines.artifacts import LibraryObject, ModelRefused, Opened
from pipelines.processes import sigterm_raises, was_stopped
from pipelines.runs import Metrics, Run, Status, Stored, after, is_orphan, owner_tags, split
from pipelines.scripted import Scripted, open_scripted
from pipelines.tables import writing
from pipelines.versions import Logged, Reconciled, Version, checked_name, version_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class _Mlflow:
    """One tracking server, or a local store when it has a ``database``: `runs.Tracking`."""

    uri: str
    client: "MlflowClient"
    database: Path | None
    patience_seconds: float

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Within the block MLflow is asked for ``what``; a store held by others is waited for."""
        if self.database:
            store.wait_until_free(self.database, self.patience_seconds)
        with (
            writing(self.database.parent if self.database else Path(what)),
            _translated(what, self.uri),
        ):
            yield

    def create_run(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> str:
        """Identity of a new run."""
        with self.asking("starting a run"):
            run = self.client.create_run(experiment_id, tags=dict(tags), run_name=name)
            return str(run.info.run_id)

    def end_run(self, run_id: str, status: Status) -> None:
        """Close the run."""
        with self.asking("ending a run"):
            self.client.set_terminated(run_id, status)

    def log_values(
        self, run_id: str, params: Mapping[str, object], metrics: Metrics, tags: Mapping[str, str]
    ) -> None:
        """Store values in as few calls as possible."""
        from mlflow.entities import Metric, Param, RunTag

        now = time.time_ns() // 1_000_000
        with self.asking("logging values"):
            for call in split(params, metrics, tags):
                self.client.log_batch(
                    run_id,
                    [Metric(name, value, now, step) for name, value, step in call.metrics],
                    [Param(name, value) for name, value in call.params],
                    [RunTag(name, value) for name, value in call.tags],
                )

    def log_files(self, run_id: str, folder: Path) -> None:
        """Store every file of the folder."""
        with self.asking("storing files"):
            self.client.log_artifacts(run_id, str(folder))

    @contextmanager
    def new_model(self, run_id: str, experiment_id: str, kind: str) -> Iterator[Stored]:
        """A place for a model: ready when the block ends well, else failed."""
        with self.asking("storing a model"):
            model = self.client.create_logged_model(experiment_id, kind, run_id)
        status: Literal["READY", "FAILED"] = "FAILED"
        try:
            yield model
            status = "READY"
        finally:
            with after(is_well=status == "READY"), self.asking("closing a model"):
                self.client.finalize_logged_model(model.model_id, status)

    def save_model(
        self, library_object: LibraryObject, folder: Path, rows: pd.DataFrame, model: Stored
    ) -> None:
        """Write the model's folder and check that it predicts the rows the same."""
        import mlflow

        with self.asking("saving a model"):
            model_folders.save_fitted(library_object, folder, rows, model)
            loaded = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True)
            result = loaded.predict(rows[rows.columns[::-1]])
        expected = artifacts.probability(library_object, rows)
        found = np.reshape(result, (len(rows), -1))[:, -1]
        artifacts.require_equal(found, expected, "loaded by mlflow.pyfunc")

    def save_script(self, scripted: Scripted, folder: Path, model: Stored) -> None:
        """Write the model's folder and check that it loads and takes the example."""
        with self.asking("saving a model"):
            model_folders.save_scripted(scripted, folder, model)

    def upload_model(self, run_id: str, model: Stored, folder: Path) -> None:
        """Store the model's folder."""
        from mlflow.entities import LoggedModelOutput

        with self.asking("storing a model"):
            self.client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
            self.client.log_model_artifacts(model.model_id, str(folder))

    @contextmanager
    def model_folder(self, source: str) -> Iterator[Path]:
        """The stored folder, for reading; a passing copy when it is on a server."""
        import mlflow

        if self.database is not None:
            yield artifacts.stored_folder(source, self.database.with_name("artifacts"))
            return
        with TemporaryDirectory(prefix="regulars-") as scratch:
            with self.asking("fetching a model"):
                path = mlflow.artifacts.download_artifacts(
                    artifact_uri=source, dst_path=scratch, tracking_uri=self.uri
                )
            yield Path(path)


class Registry:
    """Runs, registered versions and aliases of one tracking store.

    Parameters
    ----------
    tracking_uri
        Address of a tracking server, such as ``http://127.0.0.1:5000``; nothing is created
        locally then. None for the local store under the home, created when missing.
    home
        Home folder.
    patience_seconds
        How long to wait for a local store that another process holds.
    """

    def __init__(
        self, tracking_uri: str | None, home: Path, patience_seconds: float = 10.0
    ) -> None:
        store.silence()
        with store.quietly():
            import mlflow.pyfunc
        store.silence()
        database = None
        if tracking_uri is None:
            database = home.resolve() / "mlflow" / "mlflow.db"
            lock_file = home / "locks" / "mlflow.lock"
            store.ensure_store(database, lock_file, _create_tables, patience_seconds)
        uri = tracking_uri or f"sqlite:///{database}"
        with _translated("opening", uri):
            self._client = mlflow.MlflowClient(uri, registry_uri=uri)
        self._tracking = _Mlflow(uri, self._client, database, patience_seconds)

    @contextmanager
    def start_run(
        self, experiment: str, name: str, tags: Mapping[str, str] | None = None
    ) -> Iterator[Run]:
        """A new run of the experiment, which is created when missing.

        It ends with the block: FINISHED; FAILED; KILLED by Ctrl-C or SIGTERM.
        """
        with sigterm_raises():
            experiment_id = self._experiment_id(experiment)
            run_id = self._tracking.create_run(experiment_id, name, owner_tags() | dict(tags or {}))
            status: Status = "FAILED"
            try:
                yield Run(self._tracking, run_id, experiment_id)
                status = "FINISHED"
            except BaseException as error:
                status = "KILLED" if was_stopped(error) else "FAILED"
                raise
            finally:
                with after(is_well=status == "FINISHED"):
                    self._tracking.end_run(run_id, status)

    def run(self, run_id: str) -> Run:
        """An existing run, to log more to; its status stays."""
        with self._tracking.asking(f"run {run_id}"):
            info = self._client.get_run(run_id).info
        return Run(self._tracking, info.run_id, info.experiment_id)

    def reconcile(self) -> Reconciled:
        """Runs that dead processes of this machine left RUNNING, now FAILED.

        Their models that were never registered are deleted as in MLflow's pages: hidden, their
        files kept until ``mlflow gc``.
        """
        run_ids, model_ids = [], []
        with self._tracking.asking("reconciling runs"):
            experiments = [found.experiment_id for found in self._client.search_experiments()]
            for run in self._client.search_runs(experiments, "attributes.status = 'RUNNING'"):
                if is_orphan(run.data.tags):
                    self._client.set_terminated(run.info.run_id, "FAILED")
                    run_ids.append(run.info.run_id)
                    model_ids += self._delete_unregistered(run.info.run_id, run.info.experiment_id)
        return Reconciled(tuple(run_ids), tuple(model_ids))

    def register(
        self, name: str, logged: Logged, tags: Mapping[str, str], about: str = ""
    ) -> Version:
        """The new version, sealed, with the alias ``challenger``; MLflow shows ``about``."""
        every = {**tags, **logged.to_tags()}
        with self._tracking.asking(f"registering {name}"):
            with _already_there():
                self._client.create_registered_model(checked_name(name))
            found = self._client.create_model_version(
                name, logged.source, logged.run_id, every, None, about, model_id=logged.model_id
            )
            shown = json.dumps([{"name": name, "version": found.version}])
            self._client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": shown})
        self.move_alias(name, versions.CHALLENGER, int(found.version))
        return self.version(name, int(found.version))

    def champion(self, name: str) -> Version | None:
        """The version that scores customers; None before the first promotion."""
        return self._aliased(name, versions.CHAMPION)

    def challenger(self, name: str) -> Version | None:
        """The version that was registered last; None before the first."""
        return self._aliased(name, versions.CHALLENGER)

    def version(self, name: str, number: int) -> Version:
        """One registered version as it is now."""
        with self._tracking.asking(f"version {number} of {name}"):
            return version_of(self._client.get_model_version(checked_name(name), str(number)))

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every version, newest first; none when there is no such model."""
        with self._tracking.asking(f"versions of {name}"):
            found = self._client.search_model_versions(f"name = '{checked_name(name)}'")
        return tuple(sorted(map(version_of, found), key=lambda each: each.number, reverse=True))

    def move_alias(self, name: str, alias: str, number: int | None) -> None:
        """Have the alias, in lower case, point to the version; to none when ``number`` is None."""
        with self._tracking.asking(f"alias {alias} of {name}"):
            if number is None:
                self._client.delete_registered_model_alias(name, versions.checked_alias(alias))
            else:
                self._client.set_registered_model_alias(
                    name, versions.checked_alias(alias), str(number)
                )

    def tag(self, version: Version, tags: Mapping[str, str]) -> Version:
        """The version with labels added or changed."""
        name, number = version.name, str(version.number)
        with self._tracking.asking(f"tagging version {number} of {name}"):
            for key, value in tags.items():
                self._client.set_model_version_tag(name, number, key, value)
        return self.version(name, version.number)

    def load(self, version: Version) -> Opened:
        """The version's library object, columns and tables, when they are as registered.

        Raises
        ------
        ModelRefused
            When a file of it was changed, added or removed since, or its folder is gone.
        """
        with _refused(version), self._tracking.model_folder(version.source) as folder:
            return artifacts.open_sealed(folder, version.sealed)

    def load_tables(self, version: Version) -> dict[str, pa.Table]:
        """Tables of a version that is a script with tables; errors as of `load`."""
        with _refused(version), self._tracking.model_folder(version.source) as folder:
            return open_scripted(folder, version.sealed)

    def _aliased(self, name: str, alias: str) -> Version | None:
        with self._tracking.asking(f"alias {alias} of {name}"):
            found = self._client.search_registered_models(f"name = '{checked_name(name)}'")
        number = found[0].aliases.get(alias) if found else None
        return None if number is None else self.version(name, int(number))

    def _experiment_id(self, name: str) -> str:
        """Identity of the experiment, created when missing, its artifacts at a fixed place."""
        database = self._tracking.database
        with self._tracking.asking(f"experiment {name}"):
            if self._client.get_experiment_by_name(name) is None:
                with _already_there():  # another process may be first
                    location = store.fixed_location(database, name) if database else None
                    self._client.create_experiment(name, location)
            found = self._client.get_experiment_by_name(name)
        if found is None or found.lifecycle_stage == "deleted":
            raise store.TrackingFailed(f"the experiment {name} was deleted; restore it in MLflow")
        if database:
            store.require_beside(database, found.artifact_location, name)
        return str(found.experiment_id)

    def _delete_unregistered(self, run_id: str, experiment_id: str) -> list[str]:
        if self._client.search_model_versions(f"run_id = '{run_id}'"):
            return []
        where = f"source_run_id = '{run_id}'"
        models = self._client.search_logged_models([experiment_id], where)
        for model in models:
            self._client.delete_logged_model(model.model_id)
        return [str(model.model_id) for model in models]


@contextmanager
def _refused(version: Version) -> Iterator[None]:
    """Within the block, a model that is refused is called by its version."""
    try:
        yield
    except ModelRefused as error:
        raise ModelRefused(f"version {version.number} of {version.name}: {error}") from error


@contextmanager
def _already_there() -> Iterator[None]:
    """Within the block, creating something that exists is no error."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


@contextmanager
def _translated(what: str, uri: str) -> Iterator[None]:
    """Within the block MLflow is silent and fails in our terms.

    Its texts may quote rows and statements: they are cut short, and the chain of causes ends here.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    with store.quietly():
        try:
            yield
        except (MlflowException, SQLAlchemyError, shutil.Error) as error:
            raise store.tracking_failure(error, what, uri) from None


def _create_tables(database: Path) -> None:
    """Create MLflow's tables; flushing after each of a thousand steps would take five seconds."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def skip_flushes(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    with store.quietly():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        event.listen(Engine, "connect", skip_flushes)
        try:
            artifacts_root = (database.parent / "artifacts").as_uri()
            made = SqlAlchemyStore(f"sqlite:///{database}", artifacts_root)  # type: ignore[no-untyped-call]
            made.engine.dispose()
        finally:
            event.remove(Engine, "connect", skip_flushes)

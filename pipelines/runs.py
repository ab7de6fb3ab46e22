"""One tracked run: what it logs, and a model that is read back before anyone trusts it.

`Tracking` is what a run needs of a tracking store; `pipelines.registry` gives it with MLflow.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple, Protocol

import pandas as pd

from features.contract import Column
from features.errors import RegularsError
from pipelines.artifacts import (
    FeaturesUnfit,
    LibraryObject,
    add_tables,
    doubles,
    flavour_of,
    open_sealed,
    probability,
    require_equal,
    seal,
    stage,
)
from pipelines.audit import who
from pipelines.processes import Process, has_ended, this_process
from pipelines.scripted import SCRIPTED, Scripted, open_scripted, require_same_tables
from pipelines.versions import Logged, Trial

Metrics = Mapping[str, float | Mapping[int, float]]
"""Values by name; a series gives each value's step."""

Status = Literal["FINISHED", "FAILED", "KILLED"]

_PID, _HOST, _BIRTH = "regulars.pid", "regulars.host", "regulars.birth"


class Stored(Protocol):
    """A model's place in the store: its identity and the address of its folder."""

    @property
    def model_id(self) -> str:
        """Identity in the store."""

    @property
    def source_run_id(self) -> str | None:
        """Run that made it."""

    @property
    def artifact_location(self) -> str:
        """Address of the folder."""


class Tracking(Protocol):
    """What a run asks of a tracking store; every failure is a RegularsError."""

    def create_run(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> str:
        """Identity of a new run."""

    def end_run(self, run_id: str, status: Status) -> None:
        """Close the run."""

    def log_values(
        self,
        run_id: str,
        params: Mapping[str, object],
        metrics: Metrics,
        tags: Mapping[str, str],
    ) -> None:
        """Store values in as few calls as possible."""

    def log_files(self, run_id: str, folder: Path) -> None:
        """Store every file of the folder."""

    def new_model(
        self, run_id: str, experiment_id: str, kind: str
    ) -> AbstractContextManager[Stored]:
        """A place for a model: ready when the block ends well, else failed."""

    def save_model(
        self, library_object: LibraryObject, folder: Path, rows: pd.DataFrame, model: Stored
    ) -> None:
        """Write the model's folder and check that it predicts the rows the same."""

    def save_script(self, scripted: Scripted, folder: Path, model: Stored) -> None:
        """Write the model's folder and check that it loads and takes the example."""

    def upload_model(self, run_id: str, model: Stored, folder: Path) -> None:
        """Store the model's folder."""

    def model_folder(self, source: str) -> AbstractContextManager[Path]:
        """The stored folder, for reading."""


class Call(NamedTuple):
    """Values that one call stores."""

    metrics: Sequence[tuple[str, float, int]]
    params: Sequence[tuple[str, str]]
    tags: Sequence[tuple[str, str]]


def split(
    params: Mapping[str, object], metrics: Metrics, tags: Mapping[str, str]
) -> Iterator[Call]:
    """The fewest calls that hold all: MLflow takes 1,000 values in one, 100 params, 100 tags."""
    points = [
        (name, float(value), step)
        for name, found in metrics.items()
        for step, value in (found if isinstance(found, Mapping) else {0: found}).items()
    ]
    texts = [(name, str(value)) for name, value in params.items()]
    labels = list(tags.items())
    count = max(math.ceil(len(points) / 800), math.ceil(max(len(texts), len(labels)) / 100))
    for i in range(count):
        hundred = slice(i * 100, (i + 1) * 100)
        yield Call(points[i * 800 : (i + 1) * 800], texts[hundred], labels[hundred])


class Run:
    """One run that things are logged to; made by `Registry.start_run`.

    Attributes
    ----------
    id
        The run's identity in the tracking store.
    """

    def __init__(self, tracking: Tracking, run_id: str, experiment_id: str) -> None:
        self._tracking = tracking
        self._experiment_id = experiment_id
        self.id = run_id

    def log(
        self,
        *,
        params: Mapping[str, object] | None = None,
        metrics: Metrics | None = None,
        files: Mapping[str, str | bytes | Path] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Store what is given: values in one call (per 800 metrics or 100 params), files in one.

        Parameters
        ----------
        params
            Settings; the store cuts a value at 6,000 characters.
        metrics
            Values, or values by step.
        files
            Text, bytes or a file to copy, by its path in the run: ``plots/roc.svg``.
        tags
            Labels; they may be changed later.
        """
        if params or metrics or tags:
            self._tracking.log_values(self.id, params or {}, metrics or {}, tags or {})
        if files:
            with TemporaryDirectory(prefix="regulars-") as staged:
                for name, content in files.items():
                    stage(Path(staged), name, content)
                self._tracking.log_files(self.id, Path(staged))

    def log_trials(self, trials: Iterable[Trial]) -> None:
        """Store each trial as a finished run nested in this one."""
        for trial in trials:
            tags = {"mlflow.parentRunId": self.id, "regulars.trial": str(trial.number)}
            run_id = self._tracking.create_run(
                self._experiment_id, f"trial {trial.number}", tags | owner_tags()
            )
            self._tracking.log_values(run_id, trial.params, trial.metrics, {})
            self._tracking.end_run(run_id, "FAILED" if trial.has_failed else "FINISHED")

    def log_model(
        self,
        library_object: LibraryObject,
        columns: Sequence[Column],
        example: pd.DataFrame,
        tables: Mapping[str, pd.DataFrame],
    ) -> Logged:
        """The stored model, sealed, after it was read back and gave the same probabilities.

        Parameters
        ----------
        library_object
            A calibrated ``lightgbm.Booster``, or a sklearn ``Pipeline`` of types skops trusts.
        columns
            Behaviour columns in the order of the model's inputs; kept with their meanings.
        example
            Rows of features to compare probabilities on; the first five are kept.
        tables
            Tables to keep with the model, by names such as ``reference_quantiles``.

        Raises
        ------
        ModelRefused
            When the stored model predicts anything else than ``library_object``.
        """
        flavour, rows = flavour_of(library_object), doubles(example, columns)
        if rows.empty:
            raise FeaturesUnfit("a model needs at least one example row to be compared on")
        with self._tracking.new_model(self.id, self._experiment_id, flavour) as model:
            with TemporaryDirectory(prefix="regulars-") as scratch:
                folder = Path(scratch) / "model"
                self._tracking.save_model(library_object, folder, rows, model)
                add_tables(folder, columns, tables)
                sealed = seal(folder)
                self._tracking.upload_model(self.id, model, folder)
            with self._tracking.model_folder(model.artifact_location) as stored:
                read_back = open_sealed(stored, sealed).library_object
            expected = probability(library_object, rows)
            require_equal(probability(read_back, rows), expected, "read back")
            return Logged(self.id, model.model_id, model.artifact_location, sealed)

    def log_script(self, scripted: Scripted) -> Logged:
        """The stored script with its tables, sealed, after the tables were read back as they were.

        Raises
        ------
        ModelRefused
            When a stored table is not the one that was given.
        """
        with self._tracking.new_model(self.id, self._experiment_id, SCRIPTED) as model:
            with TemporaryDirectory(prefix="regulars-") as scratch:
                folder = Path(scratch) / "model"
                self._tracking.save_script(scripted, folder, model)
                sealed = seal(folder)
                self._tracking.upload_model(self.id, model, folder)
            with self._tracking.model_folder(model.artifact_location) as stored:
                require_same_tables(open_scripted(stored, sealed), scripted.tables)
            return Logged(self.id, model.model_id, model.artifact_location, sealed)


def owner_tags() -> dict[str, str]:
    """Labels that say which process a run belongs to, and whose it is in MLflow's pages."""
    me = this_process()
    return {
        _PID: str(me.pid),
        _HOST: me.host,
        _BIRTH: me.birth,
        "mlflow.user": who(),
        "mlflow.source.name": "regulars",
    }


def is_orphan(tags: Mapping[str, str]) -> bool:
    """Whether a run with these labels belongs to a process of this machine that has ended."""
    if not {_PID, _HOST, _BIRTH} <= tags.keys() or not tags[_PID].isdigit():
        return False
    return has_ended(Process(int(tags[_PID]), tags[_HOST], tags[_BIRTH]))


def after(*, is_well: bool) -> AbstractContextManager[None]:
    """A block that cleans up, and whose failure does not hide an earlier one."""
    return nullcontext() if is_well else suppress(RegularsError)

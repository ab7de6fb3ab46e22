"""What every job is given: config, home, instant, and a way to show progress."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from features.errors import RegularsError
from features.warehouse import Connection, warehouse
from pipelines.config import Business, Config
from pipelines.locks import lock
from pipelines.progress import Steps

DEFAULT_HOME = ".regulars"
DEFAULT_TASK = "churn"


class HomeUnusable(RegularsError):
    """The home folder cannot be written to."""


@dataclass(frozen=True)
class Home:
    """The one folder that holds all state; each property is a place in it."""

    root: Path

    def warehouse(self, business: str) -> Path:
        """The warehouse file of a business."""
        return self.root / "warehouse" / f"{business}.duckdb"

    def search(self, business: str) -> Path:
        """Journal of the searches of a business."""
        return self.root / "search" / f"{business}.journal"

    def scores(self, business: str, task: str, as_of: date) -> Path:
        """Partition of the scores of one day."""
        return self.root / "scores" / business / task / f"as_of={as_of}"

    def behaviour(self, business: str) -> Path:
        """Folder of the behaviour tables that were asked for."""
        return self.root / "behaviour" / business

    def reviews(self, business: str) -> Path:
        """Folder of the reviews of a business."""
        return self.root / "reviews" / business

    def reports(self, business: str) -> Path:
        """Folder of the pages about a business that no version depends on."""
        return self.root / "reports" / business

    def audit(self, business: str) -> Path:
        """Who moved which version, when and why."""
        return self.root / "audit" / f"{business}.jsonl"

    @property
    def spill(self) -> Path:
        """Where the engine puts what does not fit in memory."""
        return self.root / "spill"

    def prepare(self) -> None:
        """Make the folders that every job needs.

        Raises
        ------
        HomeUnusable
            When they cannot be made.
        """
        try:
            for folder in ("warehouse", "search", "scores", "reviews", "audit", "locks", "spill"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = (
                f"the home folder {self.root} needs to be writable, but is not: {error.strerror}; "
                f"choose another with --home or REGULARS_HOME"
            )
            raise HomeUnusable(message) from error


@dataclass(frozen=True)
class Job:
    """One call of one job.

    Attributes
    ----------
    config
        The business and where its relative paths start.
    home
        Where all state lies.
    now
        Instant of the call, in UTC: written into records, never used as an as_of.
    steps
        Shows progress.
    task
        What the model is for.
    """

    config: Config
    home: Home
    now: datetime
    steps: Steps
    task: str = DEFAULT_TASK

    @property
    def business(self) -> Business:
        """The config's content."""
        return self.config.business

    @property
    def model_name(self) -> str:
        """Name under which the models of the business and task are registered."""
        return f"{self.business.name}-{self.task}"

    @property
    def audit(self) -> Path:
        """Who moved which version of the task's model, when and why."""
        is_first = self.task == DEFAULT_TASK
        return self.home.audit(self.business.name if is_first else self.model_name)

    @property
    def spill(self) -> Path:
        """Folder for what does not fit in memory, and for passing copies.

        Raises
        ------
        HomeUnusable
            When engine.spill_folder cannot be made.
        """
        named = self.business.engine.spill_folder
        folder = Path(named) if named else self.home.spill
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"engine.spill_folder {folder} cannot be made: {error.strerror}"
            raise HomeUnusable(message) from error
        return folder

    def command(self, *words: str) -> str:
        """The command line that runs a job with the same config and home."""
        options = [] if self.config.is_default else ["--config", str(self.config.path)]
        for assignment in self.config.assignments:
            options += ["--set", assignment]
        if self.home.root != Path(DEFAULT_HOME):
            options += ["--home", str(self.home.root)]
        return shlex.join(["regulars", *words, *options])

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Refuse a second process that does the same for the same business."""
        self.home.prepare()
        with lock(self.home.root / "locks" / f"{self.business.name}-{what}.lock", what):
            yield

    @contextmanager
    def opened(self, *, read_only: bool = True) -> Iterator[Connection]:
        """Connection to the warehouse of the business."""
        self.home.prepare()
        path = self.home.warehouse(self.business.name)
        with warehouse(path, self.business.engine, self.spill, read_only=read_only) as con:
            yield con

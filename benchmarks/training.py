"""What a training costs besides fitting models, and whether it gives the same model twice.

Run as ``python -m benchmarks.training [config] [--trials N]``. A training of the config is run
twice with one seed, each with a home of its own. The clock runs for the whole of it, and for the
time in which at least one model is being fitted: trials of the search, the model of every test day,
rivals and boosted baselines. Compared are also the bytes of the registered models. The last line is
JSON.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console

from benchmarks.goals import Goal, at_least, at_most, line
from models.catalogue import CHURN_KINDS
from pipelines import build as building
from pipelines import train as training
from pipelines.artifacts import MODEL_FILE
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps

MOST_OVERHEAD = 1.15


@dataclass
class Clock:
    """Begin and end of everything that was timed, in seconds."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its calls timed, and those of a function that it returns."""

        @wraps(function)
        def call(*given: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                result = function(*given, **named)
            finally:
                self.spans.append((began, time.perf_counter()))
            return self.timed(result) if callable(result) else result

        return call

    @property
    def seconds(self) -> float:
        """Time in which something was running; what ran side by side counts once."""
        total, until = 0.0, 0.0
        for began, ended in sorted(self.spans):
            total += max(0.0, ended - max(began, until))
            until = max(until, ended)
        return total


@contextmanager
def timed_fits() -> Iterator[Clock]:
    """A clock of every fit of every kind of model."""
    clock = Clock()
    fits = [(kind, name) for kind in CHURN_KINDS.values() for name in ("fit", "fitter")]
    patches = [
        mock.patch.object(kind, name, clock.timed(getattr(kind, name))) for kind, name in fits
    ]
    for patch in patches:
        patch.start()
    try:
        yield clock
    finally:
        for patch in patches:
            patch.stop()


def trained(name: str, trials: int | None, folder: Path) -> tuple[float, float, str]:
    """Seconds of the training, seconds of fitting in it, and SHA-256 of the registered model."""
    settings = () if trials is None else (f"churn.search.trials={trials}",)
    config = load_config(None if name == "complete_journey" else name, settings)
    job = Job(config, Home(folder), datetime.now(UTC), Steps(Console(stderr=True)))
    building.run(job)
    with timed_fits() as clock:
        began = time.perf_counter()
        training.run(job)
        total = time.perf_counter() - began
    (model,) = (path for file in MODEL_FILE.values() for path in folder.rglob(f"models/**/{file}"))
    return total, clock.seconds, sha256(model.read_bytes()).hexdigest()


def main() -> None:
    """Write both trainings to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", nargs="?", default="complete_journey")
    parser.add_argument("--trials", type=int, help="of the search; the config's unless told")
    asked = parser.parse_args()
    found = []
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
            found.append(trained(asked.config, asked.trials, Path(folder)))
    for total, fitting, model in found:
        sys.stdout.write(
            f"{asked.config}: {total:.1f} s, of which {fitting:.1f} s fitting; model {model[:12]}\n"
        )
    overhead = min(total / fitting for total, fitting, _ in found)
    is_same = len({model for _, _, model in found}) == 1
    goals: dict[str, Goal] = {
        "overhead": at_most(overhead, MOST_OVERHEAD),
        "same_model": at_least(float(is_same), 1.0),
    }
    sys.stdout.write(line("training", goals))


if __name__ == "__main__":
    main()

"""What trainings of every task share: the store, one run in it, and how a run keeps what it got."""

import io
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from pipelines.config import Business
from pipelines.jobs import DEFAULT_TASK, Job
from pipelines.registry import Registry
from pipelines.runs import Run


@contextmanager
def training(job: Job) -> Iterator[Registry]:
    """The tracking store, for a training beside which no other of the task runs.

    Runs of processes that have ended without closing them are closed first.
    """
    with job.alone("-".join(_words(job))):
        with job.steps.step("tracking"):
            registry = Registry(job.business.tracking.address, job.home.root)
            registry.reconcile()
        yield registry


def training_run(
    job: Job, registry: Registry, tags: Mapping[str, str]
) -> AbstractContextManager[Run]:
    """The run of a training, called by its task and instant, among those of business and task.

    Parameters
    ----------
    job, registry
        The call, and the store of `training`.
    tags
        What the run says of itself.
    """
    name = f"{' '.join(_words(job))} {job.now:%Y-%m-%d %H:%M}"
    return registry.start_run(f"{job.business.name}/{job.task}", name, tags)


def config_file(business: Business) -> dict[str, str]:
    """The whole config that a run followed, as the file that it keeps."""
    settings = business.model_dump(mode="json")
    return {"config.yaml": yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)}


def as_parquet(table: pd.DataFrame | pa.Table) -> bytes:
    """A table as a run keeps it; a frame's column of texts that is empty stays one of texts."""
    found = (
        table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)
    )
    buffer = io.BytesIO()
    pq.write_table(found, buffer)
    return buffer.getvalue()


def _words(job: Job) -> list[str]:
    """How a training is called; of the first task, as when there was no other."""
    return ["train"] if job.task == DEFAULT_TASK else ["train", job.task]

"""Trainings of every task are tracked alike: one at a time, called by task and instant."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from mlflow import MlflowClient
from rich.console import Console

from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.locks import JobRunning
from pipelines.progress import Steps
from pipelines.tracked import as_parquet, config_file, training, training_run

NOW = datetime(2025, 6, 1, 7, 30, tzinfo=UTC)


def job(home: Path, task: str) -> Job:
    return Job(load_config(None, ()), Home(home), NOW, Steps(Console(quiet=True)), task)


@pytest.mark.parametrize(
    ("task", "name"),
    [("churn", "train 2025-06-01 07:30"), ("prices", "train prices 2025-06-01 07:30")],
)
def test_a_run_is_called_by_its_task_and_instant(tracked_home: Path, task: str, name: str) -> None:
    asked = job(tracked_home, task)
    with training(asked) as registry, training_run(asked, registry, {"kind": "any"}) as run:
        pass
    found = MlflowClient(f"sqlite:///{tracked_home}/mlflow/mlflow.db").get_run(run.id)
    assert (found.info.run_name, found.data.tags["kind"]) == (name, "any")


def test_a_second_training_of_a_task_is_refused_while_the_first_goes_on(tracked_home: Path) -> None:
    asked = job(tracked_home, "rules")
    with (
        training(asked),
        pytest.raises(JobRunning, match="train-rules"),
        training(asked),
    ):
        pass


def test_a_training_of_another_task_goes_on_beside_it(tracked_home: Path) -> None:
    with training(job(tracked_home, "rules")), training(job(tracked_home, "prices")):
        pass


def test_the_config_of_a_run_has_every_setting(tracked_home: Path) -> None:
    business = job(tracked_home, "churn").business
    (text,) = config_file(business).values()
    assert yaml.safe_load(text) == business.model_dump(mode="json")


def test_a_column_of_texts_that_is_empty_stays_one_of_texts() -> None:
    frame = pd.DataFrame({"item": pd.Series([], dtype="str")}, index=pd.Index([], dtype="int64"))
    (field,) = pq.read_schema(io.BytesIO(as_parquet(frame)))
    assert field.name == "item"
    assert pa.types.is_string(field.type) or pa.types.is_large_string(field.type)


def test_a_frame_is_kept_as_pandas_would_write_it() -> None:
    frame = pd.DataFrame({"spend_28d": [1.5, None], "probability": [0.25, 0.5]}, index=[7, 9])
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    assert as_parquet(frame) == buffer.getvalue()

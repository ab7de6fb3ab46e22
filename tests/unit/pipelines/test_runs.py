"""Runs in a real local MLflow store: what they keep, how they end, and who cleans up."""

import re
from pathlib import Path
from unittest.mock import patch

import mlflow
import pytest

from pipelines import artifacts
from pipelines.processes import Terminated
from pipelines.registry import Registry
from pipelines.runs import Run, owner_tags
from pipelines.store import StoreUnusable, TrackingFailed
from pipelines.versions import Trial
from tests.small_models import Small


def client(home: Path) -> mlflow.MlflowClient:
    """MLflow as any other program opens it."""
    return mlflow.MlflowClient(f"sqlite:///{home}/mlflow/mlflow.db")


def test_a_run_keeps_values_series_files_and_tags(registry: Registry, tracked_home: Path) -> None:
    with registry.start_run("花店/churn", "train", {"config": "shop.yaml"}) as run:
        run.log(
            params={"trials": 30, "windows": [7, 28]},
            metrics={"auc": 0.8475, "auc_at_cutoff": {0: 0.7, 1: 0.8}},
            files={"plots/roc.svg": "<svg/>", "config.yaml": b"kind: churn_gbm"},
            tags={"commit": "abc"},
        )
    found = client(tracked_home).get_run(run.id)
    assert found.info.status == "FINISHED"
    assert found.data.params == {"trials": "30", "windows": "[7, 28]"}
    assert found.data.metrics == {"auc": 0.8475, "auc_at_cutoff": 0.8}
    series = client(tracked_home).get_metric_history(run.id, "auc_at_cutoff")
    assert [(point.step, point.value) for point in series] == [(0, 0.7), (1, 0.8)]
    assert found.data.tags.items() >= {"config": "shop.yaml", "commit": "abc"}.items()
    kept = artifacts.stored_folder(found.info.artifact_uri, tracked_home.resolve())
    assert kept.is_relative_to(tracked_home / "mlflow" / "artifacts" / "花店_churn")
    assert (kept / "plots" / "roc.svg").read_text() == "<svg/>"


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (800, 1), (2500, 4)])
def test_metrics_are_stored_in_few_calls(
    registry: Registry, tracked_home: Path, count: int, calls: int
) -> None:
    with registry.start_run("shop/churn", "train") as run:
        log_batch = mlflow.MlflowClient.log_batch
        with patch.object(mlflow.MlflowClient, "log_batch", autospec=True) as spy:
            spy.side_effect = log_batch
            run.log(metrics={f"m{i}": i for i in range(count)}, params={"a": 1}, tags={"b": "c"})
        assert spy.call_count == calls
    found = client(tracked_home).get_run(run.id).data
    assert (len(found.metrics), found.params, found.tags["b"]) == (count, {"a": "1"}, "c")


def test_trials_are_finished_runs_nested_in_theirs(registry: Registry, tracked_home: Path) -> None:
    trials = [
        Trial(0, {"rate": 0.1}, {"log_loss": 0.5}),
        Trial(1, {"rate": 0.2}, has_failed=True),
    ]
    with registry.start_run("shop/churn", "train") as run:
        run.log_trials(trials)
    nested = client(tracked_home).search_runs(["1"], f"tags.`mlflow.parentRunId` = '{run.id}'")
    found = {one.info.run_name: (one.info.status, one.data.params) for one in nested}
    assert found == {
        "trial 0": ("FINISHED", {"rate": "0.1"}),
        "trial 1": ("FAILED", {"rate": "0.2"}),
    }


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (ZeroDivisionError(), "FAILED"),
        (KeyboardInterrupt(), "KILLED"),
        (Terminated(143), "KILLED"),
    ],
)
def test_a_run_that_stops_says_how(
    registry: Registry, tracked_home: Path, stop: BaseException, status: str
) -> None:
    with pytest.raises(type(stop)), registry.start_run("shop/churn", "train") as run:
        raise stop
    assert client(tracked_home).get_run(run.id).info.status == status


def test_a_store_that_fails_too_does_not_hide_why_a_run_failed(
    registry: Registry, tracked_home: Path
) -> None:
    def fail() -> None:
        with registry.start_run("shop/churn", "train"):
            (tracked_home / "mlflow" / "mlflow.db").unlink()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_a_finished_run_can_be_given_more(registry: Registry, tracked_home: Path) -> None:
    with registry.start_run("shop/churn", "train") as run:
        pass
    registry.run(run.id).log(files={"review.html": "<p>"}, tags={"review": "r-1"})
    found = client(tracked_home).get_run(run.id)
    assert (found.info.status, found.data.tags["review"]) == ("FINISHED", "r-1")


def test_a_value_that_mlflow_refuses_is_told_in_one_line(registry: Registry) -> None:
    with (
        registry.start_run("shop/churn", "train") as run,
        pytest.raises(
            TrackingFailed, match=r"^logging values needs the tracking store .*a@b"
        ) as it,
    ):
        run.log(metrics={"a@b": 1.0})
    assert "\n" not in str(it.value)
    assert it.value.__cause__ is None


def test_an_experiment_that_was_deleted_is_not_revived(
    registry: Registry, tracked_home: Path
) -> None:
    with registry.start_run("shop/churn", "train"):
        pass
    client(tracked_home).delete_experiment("1")
    with (
        pytest.raises(TrackingFailed, match=r"^the experiment shop/churn was deleted; restore it"),
        registry.start_run("shop/churn", "train"),
    ):
        pytest.fail("it ran")


def test_a_home_that_was_moved_does_not_write_to_its_old_place(
    registry: Registry, tracked_home: Path, tmp_path: Path
) -> None:
    with registry.start_run("shop/churn", "train"):
        pass
    moved = tmp_path / "moved"
    tracked_home.rename(moved)
    expected = (
        f"the files of experiment shop/churn must lie below {moved}/mlflow/artifacts, but go to "
        f"{tracked_home}/mlflow/artifacts/shop_churn: the home folder was moved; move it back, "
        "or begin with an empty one"
    )
    with (
        pytest.raises(StoreUnusable, match=f"^{re.escape(expected)}$"),
        Registry(None, moved).start_run("shop/churn", "train"),
    ):
        pytest.fail("it ran")


# ---------------------------------------------------------------------------------- reconcile


def run_of(registry: Registry, home: Path, **owner: str) -> Run:
    """A run that was left RUNNING by somebody."""
    with registry.start_run("shop/churn", "train"):
        pass
    tags = owner_tags() | {f"regulars.{name}": value for name, value in owner.items()}
    return registry.run(client(home).create_run("1", tags=tags).info.run_id)


def test_runs_of_dead_processes_are_failed_and_no_others(
    registry: Registry, tracked_home: Path
) -> None:
    dead = run_of(registry, tracked_home, birth="1")
    living = run_of(registry, tracked_home)
    elsewhere = run_of(registry, tracked_home, host="another-machine", birth="1")
    foreign = run_of(registry, tracked_home, pid="not ours")
    assert registry.reconcile().run_ids == (dead.id,)
    status = {
        run.id: client(tracked_home).get_run(run.id).info.status
        for run in (dead, living, elsewhere, foreign)
    }
    assert [status.pop(dead.id), *status.values()] == ["FAILED", "RUNNING", "RUNNING", "RUNNING"]
    assert registry.reconcile().run_ids == ()


def test_a_model_that_a_dead_process_did_not_register_is_removed(
    registry: Registry, booster: Small, tracked_home: Path
) -> None:
    lost, kept = (run_of(registry, tracked_home, birth="1") for _ in range(2))
    for run in (lost, kept):
        model = run.log_model(booster.library_object, booster.columns, booster.rows, {})
        if run is kept:
            registry.register("shop-churn", model, {})
    reconciled = registry.reconcile()
    assert set(reconciled.run_ids) == {lost.id, kept.id}
    assert len(reconciled.model_ids) == 1
    found = client(tracked_home).search_logged_models(["1"])
    assert [model.source_run_id for model in found] == [kept.id]
    version = registry.challenger("shop-churn")
    assert version is not None
    assert registry.load(version).columns == booster.columns

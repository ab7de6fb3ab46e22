"""MLflow's store is created whole, whoever comes at once and whatever is killed meanwhile."""

import signal
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from pipelines.registry import Registry

TRAIN = """
import sys
from pathlib import Path
from pipelines.registry import Registry
with Registry(None, Path(sys.argv[1])).start_run("shop/churn", "train") as run:
    run.log(metrics={"auc": 0.8})
    print(run.id, flush=True)
    if len(sys.argv) > 2:
        import time
        time.sleep(60)
"""

KILL = """
import os, random, signal, sys, time
from pathlib import Path
from pipelines.registry import Registry
folder = Path(sys.argv[1])
Registry(None, folder / "first")  # MLflow is imported before the clock starts
for seed in range(20):
    child = os.fork()
    if child == 0:
        Registry(None, folder / str(seed))
        os._exit(0)
    time.sleep(random.Random(seed).uniform(0, 1.2))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def train(home: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TRAIN, str(home), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def status_of(home: Path, run_id: str) -> str:
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlflow/mlflow.db")
    return str(client.get_run(run_id).info.status)


@pytest.mark.slow
def test_three_processes_that_come_at_once_to_an_empty_home_all_work(tmp_path: Path) -> None:
    home = tmp_path / "home"
    trainings = [train(home) for _ in range(3)]
    said = [training.communicate(timeout=300) for training in trainings]
    assert [
        (training.returncode, err) for training, (_, err) in zip(trainings, said, strict=True)
    ] == [(0, "")] * 3
    Registry(None, home)
    assert [status_of(home, out.strip()) for out, _ in said] == ["FINISHED"] * 3
    assert not list(home.rglob(".tmp-*"))


@pytest.mark.slow
def test_a_creation_that_is_killed_is_made_good_by_the_next(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILL, str(tmp_path)], check=True)
    homes = [tmp_path / str(seed) for seed in range(20)]
    assert any(list(home.rglob(".tmp-*")) for home in homes), "no kill came in the midst"
    for home in homes:
        with Registry(None, home).start_run("shop/churn", "train") as run:
            run.log(metrics={"auc": 0.8})
        assert status_of(home, run.id) == "FINISHED"
        assert not list(home.rglob(".tmp-*"))


@pytest.mark.slow
def test_a_terminated_run_is_killed_at_once_and_a_killed_one_failed_at_the_next_start(
    tracked_home: Path,
) -> None:
    terminated, killed = train(tracked_home, "wait"), train(tracked_home, "wait")
    run_ids = []
    for training in (terminated, killed):
        assert training.stdout is not None
        run_ids.append(training.stdout.readline().strip())
    terminated.terminate()
    killed.kill()
    codes = [training.wait(timeout=60) for training in (terminated, killed)]
    for training in (terminated, killed):
        training.communicate()
    assert codes == [143, -signal.SIGKILL]
    assert [status_of(tracked_home, run_id) for run_id in run_ids] == ["KILLED", "RUNNING"]
    assert Registry(None, tracked_home).reconcile().run_ids == (run_ids[1],)
    assert status_of(tracked_home, run_ids[1]) == "FAILED"

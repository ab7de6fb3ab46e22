"""Ctrl-C, SIGTERM, and a second process with the same job."""

import signal
import time
from pathlib import Path

import pytest

from tests.corner_shop import CornerShop
from tests.running import regulars, run_states, started, wait_for_a_trial


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)],
)
def test_a_stopped_training_leaves_no_champion_moved_and_its_run_closed(
    shop: CornerShop, home: Path, sent: signal.Signals, code: int
) -> None:
    process = started("train", "churn", "--set", "churn.search.trials=500", shop=shop, home=home)
    wait_for_a_trial(home / "search" / "corner_shop.journal", process)
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code, told
    assert "Traceback" not in told
    assert not list(home.rglob(".tmp-*"))
    assert run_states(home) == ["FINISHED", "KILLED"]
    assert regulars("review", "churn", shop=shop, home=home).returncode == 1


@pytest.mark.slow
def test_a_second_process_with_the_same_job_is_refused_with_the_holder(
    shop: CornerShop, home: Path
) -> None:
    process = started("train", "churn", "--set", "churn.search.trials=500", shop=shop, home=home)
    try:
        wait_for_a_trial(home / "search" / "corner_shop.journal", process)
        second = regulars("train", "churn", shop=shop, home=home)
        assert second.returncode == 1
        assert f"process {process.pid}" in second.stderr
    finally:
        process.kill()
        process.communicate()
    assert regulars("train", "churn", shop=shop, home=home).returncode == 0
    assert run_states(home).count("FAILED") == 1


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("after", [0.15, 0.6, 1.1])
def test_a_build_that_is_stopped_ends_with_the_code_of_its_signal(
    shop: CornerShop, tmp_path: Path, sent: signal.Signals, code: int, after: float
) -> None:
    process = started("build", shop=shop, home=tmp_path / "home")
    time.sleep(after)
    process.send_signal(sent)
    _, told = process.communicate(timeout=60)
    assert process.returncode in {code, 0}, told
    assert "Traceback" not in told

"""The command as a user starts it, on the corner shop, and what it leaves in a home."""

import os
import sqlite3
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

from tests.corner_shop import CornerShop


def regulars(*words: str, shop: CornerShop, home: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("regulars")), *words]
    options = ["--config", str(shop.config), "--home", str(home)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, env=os.environ
    )


def started(*words: str, shop: CornerShop, home: Path) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("regulars")), *words]
    options = ["--config", str(shop.config), "--home", str(home)]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_a_trial(journal: Path, process: subprocess.Popen[str]) -> None:
    """Return when the process has added to the journal of its search."""
    size, until = journal.stat().st_size, time.monotonic() + 60
    while journal.stat().st_size <= size + 4000:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "no trial within a minute"
        time.sleep(0.02)


def run_states(home: Path) -> list[str]:
    """States of the training runs, trials aside."""
    with sqlite3.connect(home / "mlflow" / "mlflow.db") as database:
        rows = database.execute("SELECT status FROM runs WHERE name LIKE 'train%'").fetchall()
    return sorted(status for (status,) in rows)


def scores_of(home: Path) -> Path:
    return next((home / "scores" / "corner_shop" / "churn").glob("as_of=*/scores.parquet"))


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def reviewed(home: Path) -> tuple[str, Path]:
    """Identity and evidence of the one review of a home."""
    (folder,) = (home / "reviews" / "corner_shop").iterdir()
    return folder.name, folder / "evidence.json"

"""kill -9 at random moments: what was good stays, and the next run completes the work."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from features.settings import Engine
from features.star import history
from features.warehouse import warehouse
from pipelines.check import load_config
from pipelines.registry import Registry
from pipelines.tables import content_sha256, read_manifest
from tests.corner_shop import CornerShop, open_shop, order_rows, write_lines

pytestmark = pytest.mark.slow

KILLS = 20


def start(*words: str, shop: CornerShop, home: Path) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("regulars")), *words]
    options = ["--config", str(shop.config), "--home", str(home)]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def finish(*words: str, shop: CornerShop, home: Path) -> float:
    """Seconds that an uninterrupted call takes."""
    started = time.perf_counter()
    assert start(*words, shop=shop, home=home).wait() == 0
    return time.perf_counter() - started


def killed_at_random_moments(
    call: Callable[[], subprocess.Popen[bytes]],
    seconds: float,
    check: Callable[[], None],
    restore: Callable[[], None],
) -> int:
    """How many of the calls were killed before they ended by themselves.

    Whoever ends first was quicker than was thought, and the next kill comes earlier.
    """
    random, killed = Random(17), 0
    for _ in range(KILLS):
        restore()
        started, process = time.perf_counter(), call()
        try:
            process.wait(random.uniform(0.05, seconds))
            seconds = min(seconds, time.perf_counter() - started)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        check()
    return killed


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    return open_shop(tmp_path_factory.mktemp("shop"), customers=200)


@pytest.fixture(scope="module")
def home(shop: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kills") / "home"
    finish("run", shop=shop, home=home)
    return home


def lines_in(home: Path, shop: CornerShop) -> int:
    sources = load_config(str(shop.config)).business.sources
    path = home / "warehouse" / "corner_shop.duckdb"
    with warehouse(path, Engine(), home / "spill", read_only=False) as con:
        return history(con, sources).sales_lines


def test_a_killed_build_leaves_the_old_warehouse_or_the_new_one(
    shop: CornerShop, home: Path, tmp_path: Path
) -> None:
    old = lines_in(home, shop)
    folder = home / "warehouse"
    shutil.copytree(folder, tmp_path / "old")
    more = [[f"later-{row[0]}", *row[1:]] for row in order_rows(900, seed=6)]
    second = write_lines(shop.orders.with_name("orders-2.csv"), more)

    def restore() -> None:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "old", folder)

    try:
        seconds = finish("build", shop=shop, home=home)
        new = lines_in(home, shop)
        assert new == old + len(more)
        seen: list[int] = []
        killed = killed_at_random_moments(
            lambda: start("build", shop=shop, home=home),
            seconds,
            lambda: seen.append(lines_in(home, shop)),
            restore,
        )
        assert killed >= KILLS // 2
        assert set(seen) <= {old, new}
        finish("build", shop=shop, home=home)
        assert lines_in(home, shop) == new
    finally:
        second.unlink()
        restore()


def test_a_killed_scoring_leaves_the_old_scores_or_the_new_ones(
    shop: CornerShop, home: Path
) -> None:
    words = ("score", "churn", "--as-of", "2023-11-28", "--set", "score.reasons_for=150")
    path = next((home / "scores").glob("*/churn/as_of=2023-11-28/scores.parquet"))
    old = path.read_bytes()
    seconds = finish(*words, shop=shop, home=home)
    new = sha256(path.read_bytes()).hexdigest()
    assert new != sha256(old).hexdigest()

    def restore() -> None:
        path.write_bytes(old)

    def check() -> None:
        assert sha256(path.read_bytes()).hexdigest() in {new, sha256(old).hexdigest()}
        assert content_sha256(path) == read_manifest(path).content_sha256

    killed = killed_at_random_moments(
        lambda: start(*words, shop=shop, home=home),
        seconds,
        check,
        restore,
    )
    assert killed >= KILLS // 2
    finish(*words, shop=shop, home=home)
    assert sha256(path.read_bytes()).hexdigest() == new
    assert not list((home / "scores").rglob(".tmp-*"))


def test_a_killed_promotion_leaves_the_old_champion_or_the_new_one(
    shop: CornerShop, home: Path
) -> None:
    finish("train", "churn", shop=shop, home=home)
    finish("review", "churn", shop=shop, home=home)
    registry = Registry(None, home)
    reviews = sorted((home / "reviews" / "corner_shop").iterdir(), key=lambda p: p.stat().st_mtime)
    words = ("promote", "churn", "--review", reviews[-1].name, "--override", "a test")
    seconds = finish(*words, shop=shop, home=home)

    def live() -> int | None:
        version = registry.champion("corner_shop-churn")
        return version.number if version else None

    def restore() -> None:
        if live() == 2:
            finish("rollback", "churn", shop=shop, home=home)

    def check() -> None:
        assert live() in {1, 2}

    killed = killed_at_random_moments(
        lambda: start(*words, shop=shop, home=home), seconds, check, restore
    )
    assert killed >= KILLS // 2
    finish(*words, shop=shop, home=home)
    assert live() == 2
    audit = (home / "audit" / "corner_shop.jsonl").read_text().splitlines()
    assert '"to_version":2' in audit[-1].replace(" ", "")

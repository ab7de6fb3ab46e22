"""What every test may ask for, and what none may do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.spark_cluster import cluster, what_is_missing

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile(
    "dev",
    max_examples=10,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("slow", parent=settings.get_profile("dev"), max_examples=200)
settings.load_profile("dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in tests/property, so that the slow suite finds it again."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "property"):
            item.add_marker("property")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before its fixtures start anything, skip a test on Spark where Spark cannot run."""
    reason = what_is_missing() if item.get_closest_marker("spark") else None
    if reason is not None:
        _go_without(reason)


def _go_without(reason: str) -> NoReturn:
    """Skip a test, but not where every test must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def spark_master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Spark cluster on this machine, started once, for tests marked spark."""
    with cluster(tmp_path_factory.mktemp("cluster")) as master:
        yield master


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data sets: ``../shared/data`` or ``REGULARS_SHARED_DATA``."""
    folder = Path(os.environ.get("REGULARS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if folder.is_dir():
        return folder.resolve()
    reason = f"needs the public data sets in {folder}; REGULARS_SHARED_DATA names another folder"
    _go_without(reason)


def traces(home: Path) -> dict[Path, int]:
    """When each file of a home folder was last written (nanoseconds)."""
    return {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}


@pytest.fixture(scope="session", autouse=True)
def _no_test_writes_to_the_home_of_this_folder() -> Iterator[None]:
    homes = {ROOT / ".regulars", Path.cwd() / ".regulars"}
    before = {home: traces(home) for home in homes}
    yield
    written = {home: traces(home) for home in homes} != before
    assert not written, f"a test (or a run beside the tests) wrote to one of {sorted(homes)}"


@pytest.fixture(autouse=True)
def _home_of_a_test_is_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Point the default home, also of commands that a test starts, into the test's folder."""
    monkeypatch.setenv("REGULARS_HOME", str(tmp_path / "home"))

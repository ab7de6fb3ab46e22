"""Fixtures of the tracking store, and a corner shop that has gone the whole way once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest_registry import (
    booster,
    pipeline,
    registry,
    registry_template,
    tracked_home,
)
from tests.corner_shop import CornerShop, open_shop
from tests.running import regulars

__all__ = ["booster", "pipeline", "registry", "registry_template", "tracked_home"]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> CornerShop:
    return open_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def first(shop: CornerShop, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home after one whole run, and what the run printed."""
    home = tmp_path_factory.mktemp("first") / "home"
    done = regulars("run", shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    return home, done.stdout


@pytest.fixture
def home(first: tuple[Path, str], tmp_path: Path) -> Iterator[Path]:
    """The first home itself, put back afterwards: artifact addresses in it are absolute."""
    kept = tmp_path / "kept"
    shutil.copytree(first[0], kept)
    yield first[0]
    shutil.rmtree(first[0])
    shutil.copytree(kept, first[0])

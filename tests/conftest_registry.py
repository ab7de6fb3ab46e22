"""A finished tracking store, made once a session and copied; imported by the conftest files."""

import shutil
from pathlib import Path

import pytest

from pipelines.registry import Registry
from tests.small_models import Small, small_booster, small_pipeline


@pytest.fixture(scope="session")
def registry_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty tracking store and nothing else; to be copied, not used."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # one for all of xdist
    home = shared / "registry-template"
    Registry(None, home)
    return home


@pytest.fixture
def tracked_home(registry_template: Path, tmp_path: Path) -> Path:
    """A home of its own with an empty tracking store."""
    home = tmp_path / "tracked home 家"
    shutil.copytree(registry_template, home)
    return home


@pytest.fixture
def registry(tracked_home: Path) -> Registry:
    """The registry of `tracked_home`, too impatient to make a test wait."""
    return Registry(None, tracked_home, patience_seconds=0.2)


@pytest.fixture(scope="session")
def booster() -> Small:
    """A LightGBM model and the rows it was trained on."""
    return small_booster()


@pytest.fixture(scope="session")
def pipeline() -> Small:
    """A sklearn pipeline and the rows it was trained on."""
    return small_pipeline()

"""Fixtures of the tracking store."""

from tests.conftest_registry import (
    booster,
    pipeline,
    registry,
    registry_template,
    tracked_home,
)

__all__ = ["booster", "pipeline", "registry", "registry_template", "tracked_home"]

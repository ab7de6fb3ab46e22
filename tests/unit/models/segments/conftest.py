"""What tests of segments share."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Small problems: more threads only wait for each other."""
    with threadpool_limits(limits=1):
        yield

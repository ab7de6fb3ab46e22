"""The warehouse of real households, built once for all contracts that look at it."""

from collections.abc import Iterator

import pytest

from features.schemas import Sources
from features.warehouse import Connection
from tests.builders import Shop, built
from tests.households import households as real_households


@pytest.fixture(scope="session")
def households() -> Shop:
    return real_households()


@pytest.fixture(scope="session")
def real(households: Shop) -> Iterator[tuple[Connection, Sources]]:
    with built(households) as (con, sources):
        yield con, sources

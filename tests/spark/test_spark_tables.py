"""One behaviour table, whichever engine computes it: the embedded one, Spark, a Spark cluster."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from features.behaviour import build
from features.schemas import Sources
from features.settings import Cluster, Cohort, Engine
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, Customer, Shop, built, order, returned
from tests.engines import differing
from tests.households import DAYS, REAL, households
from tests.shops import ASKED

pytestmark = pytest.mark.spark

IN_TURNS = Engine(turn_rows=1)
LOCAL = Engine(name="spark", spark=Cluster(master="local[2]", memory="1g"))

ODD = Shop(
    (
        order(AS_OF - DAY, "ann", "tea", amount=120, discount=30),
        order(AS_OF - 9 * DAY, "ann", 'a "b"', amount=99),
        returned(AS_OF - 3 * DAY, "ann"),
        order(AS_OF - 400 * DAY, "林小姐", "tea", amount=10_000),
        order(AS_OF - 2 * DAY, "0007", None, amount=1),
        order(AS_OF, "ann", "milk", amount=77),
    ),
    (Customer("ann", "gold", 40.5), Customer("nobody", "it's \\ silver")),
    (("tea", "drinks"), ("milk", "drinks"), ('a "b"', "穀物")),
    time_zone="Asia/Taipei",
)


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[Connection, Sources]]:
    with built(households()) as (con, sources):
        yield con, sources


@pytest.fixture(params=["embedded, in turns", "Spark alone", "a Spark cluster"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "embedded, in turns":
        return IN_TURNS
    if request.param == "Spark alone":
        return LOCAL
    cluster = Cluster(master=request.getfixturevalue("spark_master"), memory="512m")
    return Engine(name="spark", spark=cluster)


def require_same(expected: pa.Table, found: pa.Table) -> None:
    """Equal rows in equal order, values to nine digits."""
    assert found.schema == expected.schema
    for name in ("as_of", "customer"):
        assert found[name].to_pylist() == expected[name].to_pylist()
    assert differing(expected, found) == {}


def test_real_households_have_one_table(real: tuple[Connection, Sources], engine: Engine) -> None:
    con, sources = real
    expected = build(con, DAYS, sources, REAL)
    assert expected.num_rows > 20
    require_same(expected, build(con, DAYS, sources, REAL, engine=engine))


@pytest.mark.parametrize("contract", ["none", "active", "prospect"])
def test_odd_customers_have_one_table(contract: str) -> None:
    rule = ASKED.model_copy(update={"cohort": Cohort.model_validate({"contract": contract})})
    with built(ODD) as (con, sources):
        expected = build(con, [AS_OF], sources, rule)
        assert expected.num_rows
        require_same(expected, build(con, [AS_OF], sources, rule, engine=LOCAL))

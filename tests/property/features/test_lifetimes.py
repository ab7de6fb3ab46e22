"""Lifetimes against an oracle that goes from day to day, and against the future."""

from datetime import timedelta

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from features.lifetimes import build_lifetimes
from features.settings import ChurnDefinition
from features.warehouse import Connection
from tests.builders import AS_OF, DAY
from tests.oracles import lifetimes as oracle

LAST_DAY = 80
"""After as_of; the data go on until then."""

everybody = st.lists(st.lists(st.integers(-2, 75), max_size=12), min_size=1, max_size=6)


def star(everybody: list[list[int]]) -> Connection:
    """The part of a star that tells who bought something on which day after as_of."""
    con = duckdb.connect()
    con.execute("CREATE TABLE dim_customer (customer VARCHAR, customer_key INTEGER)")
    con.execute(
        """CREATE TABLE fact_sales (customer_key INTEGER, ordered_on DATE, "order" VARCHAR,
        is_product BOOLEAN, is_return BOOLEAN)"""
    )
    for key, days in enumerate([*everybody, [LAST_DAY]]):
        con.execute("INSERT INTO dim_customer VALUES (?, ?)", [f"c{key}", key])
        for day in days:
            line = [key, AS_OF + timedelta(days=day), f"{key} {day}"]
            con.execute("INSERT INTO fact_sales VALUES (?, ?, ?, true, false)", line)
    return con


@given(
    everybody=everybody,
    horizon=st.integers(1, 21),
    ahead=st.integers(0, 20),
    most=st.integers(1, 8),
)
def test_lifetimes_are_those_of_the_oracle_whatever_comes_later(
    everybody: list[list[int]], horizon: int, ahead: int, most: int
) -> None:
    """Several days in one call, and purchases after known_until that nothing may depend on."""
    until = AS_OF + timedelta(days=horizon + 20 + ahead)
    as_ofs = [AS_OF, AS_OF + 3 * DAY, AS_OF + 14 * DAY]
    with star(everybody) as con:
        definition = ChurnDefinition(horizon_days=horizon)
        table = build_lifetimes(con, as_ofs, definition, until, most).to_pylist()
    seen = {(row["customer"], row["as_of"]): (row["weeks"], row["ended"]) for row in table}
    for key, days in enumerate(everybody):
        known = {day for each in days if (day := AS_OF + timedelta(days=each)) < until}
        for as_of in as_ofs:
            wanted = oracle.lifetime(known, as_of, horizon, until, most)
            assert seen[f"c{key}", as_of] == wanted

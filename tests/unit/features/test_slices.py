"""Slices of work: all at once, or day by day and customers in turns."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest

from features.slices import BLOCK_KEYS, ROW_COSTS_LINES, Keys, Slice, slices
from tests.builders import AS_OF, DAY

CUSTOMERS = 3 * BLOCK_KEYS
DAYS = (AS_OF - DAY, AS_OF)
ROW = ROW_COSTS_LINES


@contextmanager
def star(lines_by_customer: dict[int, int]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Keys of customers and lines; nothing else matters here."""
    with duckdb.connect() as con:
        con.execute(f"""
            CREATE TABLE dim_customer AS
            SELECT i::INTEGER AS customer_key FROM range(1, {CUSTOMERS + 1}) AS t (i)""")
        con.execute("CREATE TABLE fact_sales (customer_key INTEGER)")
        for key, lines in lines_by_customer.items():
            con.execute(f"INSERT INTO fact_sales SELECT {key} FROM range({lines})")
        con.execute("INSERT INTO fact_sales SELECT NULL FROM range(100000)")
        yield con


def test_what_fits_is_computed_at_once() -> None:
    with star({1: 5}) as con:
        cost = 5 + ROW * CUSTOMERS * 2
        assert slices(con, DAYS, has_orders=True, budget=cost) == (
            Slice(DAYS, (Keys(1, CUSTOMERS),)),
        )


def test_what_does_not_fit_is_computed_day_by_day_and_customers_in_turns() -> None:
    with star({1: 5}) as con:
        budget = ROW * BLOCK_KEYS + 5
        turns = (Keys(1, 255), Keys(256, 511), Keys(512, 767), Keys(768, 768))
        assert slices(con, DAYS, has_orders=True, budget=budget) == (
            Slice(DAYS[:1], turns),
            Slice(DAYS[1:], turns),
        )


def test_a_block_that_exceeds_the_budget_alone_has_its_own_turn() -> None:
    with star({300: 90_000}) as con:
        budget = 2 * ROW * BLOCK_KEYS
        (only,) = slices(con, [AS_OF], has_orders=True, budget=budget)
        assert only.turns == (Keys(1, 255), Keys(256, 511), Keys(512, 768))


def test_every_customer_has_exactly_one_turn() -> None:
    with star({key: key for key in range(1, CUSTOMERS, 97)}) as con:
        for budget in (1, 7_000, 9_000, 20_000):
            (only,) = slices(con, [AS_OF], has_orders=True, budget=budget)
            keys = [key for turn in only.turns for key in range(turn.first, turn.last + 1)]
            assert keys == list(range(1, CUSTOMERS + 1))


@pytest.mark.parametrize("budget", [1, None])
def test_a_day_that_is_asked_for_twice_is_computed_once(budget: int | None) -> None:
    with star({}) as con:
        found = slices(con, [AS_OF, *DAYS], has_orders=True, budget=budget)
        assert [day for part in found for day in part.as_ofs] == list(DAYS)


def test_a_business_without_orders_has_customers_only() -> None:
    with star({}) as con:
        con.execute("DROP TABLE fact_sales")
        assert slices(con, [AS_OF], has_orders=False) == (Slice((AS_OF,), (Keys(1, CUSTOMERS),)),)


def test_keys_are_a_condition_of_both_ends() -> None:
    assert Keys(3, 9).condition == "customer_key BETWEEN 3 AND 9"

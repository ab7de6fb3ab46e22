"""Customers in turns, each small enough for memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pytest

from features import slices
from features.slices import BLOCK_KEYS, ROW_COSTS_LINES, Keys, turns

CUSTOMERS = 3 * BLOCK_KEYS
BLOCK = ROW_COSTS_LINES * BLOCK_KEYS
"""What a block costs without a row; the keys 1 to 768 lie in four: key 0 is nobody's."""

PLENTY = 2**60
FACTS = ("fact_sales", "fact_contacts", "fact_campaigns", "fact_visits")


@contextmanager
def star(
    rows_by_customer: Mapping[int, int], fact: str = "fact_sales", customers: int = CUSTOMERS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Keys of customers and rows; nothing else matters here."""
    with duckdb.connect() as con:
        con.execute(f"""
            CREATE TABLE dim_customer AS
            SELECT i::INTEGER AS customer_key FROM range(1, {customers + 1}) AS t (i)""")
        con.execute(f"CREATE TABLE {fact} (customer_key INTEGER)")
        for key, rows in rows_by_customer.items():
            con.execute(f"INSERT INTO {fact} SELECT {key} FROM range({rows})")
        con.execute(f"INSERT INTO {fact} SELECT NULL FROM range(100000)")
        yield con


def test_what_fits_is_computed_at_once() -> None:
    with star({1: 5}) as con:
        assert turns(con, budget=5 + 4 * BLOCK) == (Keys(1, CUSTOMERS),)


def test_a_row_too_many_begins_another_turn() -> None:
    with star({1: 5}) as con:
        assert turns(con, budget=4 + 4 * BLOCK) == (Keys(1, 767), Keys(768, 768))


def test_what_does_not_fit_is_computed_in_turns() -> None:
    with star({1: 5}) as con:
        assert turns(con, budget=BLOCK + 5) == (
            *(Keys(1, 255), Keys(256, 511), Keys(512, 767), Keys(768, 768)),
        )


def test_a_block_that_exceeds_the_budget_alone_has_its_own_turn() -> None:
    with star({300: 90_000}) as con:
        assert turns(con, budget=2 * BLOCK) == (Keys(1, 255), Keys(256, 511), Keys(512, 768))


def test_a_first_block_that_exceeds_the_budget_leaves_no_turn_without_customers() -> None:
    with star({1: 90_000}) as con:
        assert turns(con, budget=3 * BLOCK) == (Keys(1, 255), Keys(256, 768))


@pytest.mark.parametrize("fact", FACTS)
def test_rows_of_every_fact_count(fact: str) -> None:
    with star({300: 90_000}, fact) as con:
        assert turns(con, budget=2 * BLOCK) == (Keys(1, 255), Keys(256, 511), Keys(512, 768))


def test_rows_of_all_facts_count_together() -> None:
    with star({1: 10}) as con:
        con.execute("CREATE TABLE fact_visits AS SELECT 1 AS customer_key FROM range(10)")
        assert turns(con, budget=20 + 4 * BLOCK) == (Keys(1, CUSTOMERS),)
        assert turns(con, budget=19 + 4 * BLOCK) == (Keys(1, 767), Keys(768, 768))


def test_a_turn_has_no_more_keys_than_a_number_has_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slices, "MOST_KEYS", 2 * BLOCK_KEYS)
    with star({}) as con:
        assert turns(con, budget=PLENTY) == (Keys(1, 511), Keys(512, 768))


def test_there_are_at_most_as_many_keys_in_a_turn_as_things_allow_for() -> None:
    """Twenty bits, less the block that is never parted."""
    with star({}, customers=2 * slices.MOST_KEYS) as con:
        found = turns(con, budget=PLENTY)
    assert [turn.last - turn.first + 1 for turn in found] == [2**20 - 1, 2**20, 1]


def test_every_customer_has_exactly_one_turn() -> None:
    with star({key: key for key in range(1, CUSTOMERS, 97)}) as con:
        for budget in (1, 7_000, 9_000, 20_000):
            found = turns(con, budget=budget)
            keys = [key for turn in found for key in range(turn.first, turn.last + 1)]
            assert keys == list(range(1, CUSTOMERS + 1))


def test_without_any_fact_there_are_customers_only() -> None:
    with star({}) as con:
        con.execute("DROP TABLE fact_sales")
        assert turns(con, budget=PLENTY) == (Keys(1, CUSTOMERS),)


def test_without_customers_there_is_one_turn_of_nobody() -> None:
    with star({}, customers=0) as con:
        assert turns(con, budget=PLENTY) == (Keys(1, 0),)


def test_keys_are_a_condition_of_both_ends() -> None:
    assert Keys(3, 9).condition == "customer_key BETWEEN 3 AND 9"

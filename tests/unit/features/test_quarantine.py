from collections.abc import Iterator

import duckdb
import pytest

from features.quarantine import (
    QuarantineOverflow,
    aside,
    create_quarantine,
    forget_rejects,
    has_quote_errors,
    keep_contradicting,
    keep_rejects,
    require_few,
    rows_by_rule,
)
from tests.loading import fully


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_quarantine(connection, "orders")
        create_quarantine(connection, "customers")
        yield connection


def kept(con: duckdb.DuckDBPyConnection, name: str = "orders") -> list[tuple[object, ...]]:
    return con.execute(f"FROM quarantine_{name} ORDER BY ALL").fetchall()


def test_broken_rows_are_kept_with_their_rule(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE TABLE checked AS FROM (VALUES ('x', '{}'), (NULL, NULL)) AS t (broken_rule, raw_row)
        """)
    assert aside(con, "orders", 3) == 1
    assert kept(con) == [(3, "x", "{}")]


def rejecting(con: duckdb.DuckDBPyConnection, *lines: tuple[int, str, str]) -> None:
    con.execute(
        "CREATE TEMP TABLE rejected_lines (line INTEGER, error_type VARCHAR, csv_line VARCHAR)"
    )
    for line in lines:
        con.execute("INSERT INTO rejected_lines VALUES (?, ?, ?)", line)


def test_lines_that_are_no_rows_are_kept_once_each(con: duckdb.DuckDBPyConnection) -> None:
    rejecting(
        con,
        (2, "MISSING COLUMNS", "a"),
        (2, "MISSING COLUMNS", "a"),
        (3, "TOO MANY COLUMNS", "b"),
        (4, "UNQUOTED VALUE", "c"),
        (5, "LINE SIZE OVER MAXIMUM", "d"),
        (6, "SOMETHING NEW", "e"),
    )
    assert keep_rejects(con, "orders", 1) == 5
    assert [row[1] for row in kept(con)] == [
        "line_broken",
        "line_missing_columns",
        "line_stray_quote",
        "line_too_long",
        "line_too_many_columns",
    ]
    assert has_quote_errors(con)


def test_lines_of_an_earlier_file_are_forgotten(con: duckdb.DuckDBPyConnection) -> None:
    rejecting(con, (2, "MISSING COLUMNS", "a"))
    forget_rejects(con)
    rejecting(con)
    assert keep_rejects(con, "orders", 1) == 0
    assert not has_quote_errors(con)


def test_rows_that_share_a_key_and_differ_all_go(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE TEMP TABLE distinct_rows AS FROM (VALUES ('ann', DATE '2024-01-01', 'gold'),
            ('ann', DATE '2024-01-01', 'silver'), ('ann', DATE '2024-02-01', 'gold'),
            ('bob', NULL, 'gold'), ('bob', NULL, 'tin')) AS t (customer, valid_from_on, tier)""")
    columns = ("customer", "valid_from_on", "tier")
    assert keep_contradicting(con, "customers", 1, columns) == 4
    assert {row[1] for row in kept(con, "customers")} == {"customer_contradicts_itself"}
    left = con.execute(
        "SELECT customer, valid_from_on::VARCHAR, tier FROM distinct_rows"
    ).fetchall()
    assert left == [("ann", "2024-02-01", "gold")]


def breaking(con: duckdb.DuckDBPyConnection, *rules: str, load_id: int = 1) -> None:
    con.executemany(
        "INSERT INTO quarantine_orders VALUES (?, ?, '')", [(load_id, r) for r in rules]
    )


def test_a_share_up_to_the_limit_is_accepted(con: duckdb.DuckDBPyConnection) -> None:
    require_few(con, "orders", "file", 1, (0, 0.0))
    breaking(con, "x")
    require_few(con, "orders", "file", 1, (100, 0.01))
    require_few(con, "orders", "file", 2, (1, 0.0))


def test_a_share_over_the_limit_is_refused_with_the_commonest_rules(
    con: duckdb.DuckDBPyConnection,
) -> None:
    breaking(con, "b", "a", "b", *(f"r{number}" for number in range(9)))
    breaking(con, "of another load", load_id=2)
    text = (
        "sources.orders allows 0.5% of rows to break the contract, but 1.2% of orders.csv do (12 "
        "of 1,000): b 2, a 1, r0 1, r1 1, r2 1, r3 1, r4 1, r5 1; nothing was changed; mend the "
        "file or its mapping, or raise sources.orders.quarantine_limit"
    )
    with pytest.raises(QuarantineOverflow, match=fully(text)):
        require_few(con, "orders", "orders.csv", 1, (1000, 0.005))


def test_rows_are_counted_by_source_and_rule(con: duckdb.DuckDBPyConnection) -> None:
    breaking(con, "b", "a", "b")
    con.execute("INSERT INTO quarantine_customers VALUES (1, 'b', '')")
    assert rows_by_rule(con, ("orders", "customers")) == {
        "orders: b": 2,
        "customers: b": 1,
        "orders: a": 1,
    }

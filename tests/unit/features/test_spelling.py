"""What engines spell differently."""

from datetime import date

import duckdb
import pytest

from features.clock import day_number
from features.spelling import DuckDB, Spark

DATES = [date(1970, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(1, 1, 1), date(9999, 12, 31)]


@pytest.mark.parametrize("day", DATES)
def test_the_embedded_engine_numbers_days_as_the_calendar_does(day: date) -> None:
    sql = DuckDB().day_number("ordered_on")
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {sql} FROM (SELECT ?::DATE AS ordered_on)", [day]).fetchall()
    assert found == [(day_number(day),)]


def test_a_day_that_is_not_known_has_no_number() -> None:
    with duckdb.connect() as con:
        query = f"SELECT {DuckDB().day_number('on_')} FROM (SELECT NULL::DATE AS on_)"
        assert con.execute(query).fetchall() == [(None,)]


def test_spark_has_a_function_for_it() -> None:
    assert Spark().day_number("ordered_on") == "unix_date(ordered_on)"

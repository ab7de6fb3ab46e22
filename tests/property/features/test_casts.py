"""Values come out exactly, however they are written."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.casts import SQL_TYPE, Reading, cast_sql
from features.schemas import Type
from features.sql import literal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def cast(
    con: duckdb.DuckDBPyConnection, texts: list[str], wanted: Type, reading: Reading
) -> list[Any]:
    """What each text becomes, in order."""
    rows = ", ".join(f"({number}, {literal(text)})" for number, text in enumerate(texts))
    value = f"CAST({cast_sql('raw', 'VARCHAR', wanted, reading)} AS {SQL_TYPE[wanted]})"
    query = f"SELECT {value} FROM (VALUES {rows}) AS t (number, raw) ORDER BY number"
    return [row[0] for row in con.execute(query).fetchall()]


amounts = st.lists(st.decimals(-(10**10), 10**10, places=6), min_size=1, max_size=8)


@given(amounts, st.integers(0, 4))
def test_amounts_become_minor_units_exactly(
    con: duckdb.DuckDBPyConnection, exact: list[Decimal], digits: int
) -> None:
    found = cast(con, [f"{each:f}" for each in exact], "money", Reading("UTC", (), ".", digits))
    assert found == [int(each.scaleb(digits).to_integral_value(ROUND_HALF_UP)) for each in exact]


@given(amounts)
def test_a_decimal_comma_means_the_same(
    con: duckdb.DuckDBPyConnection, exact: list[Decimal]
) -> None:
    texts = [f"{each:,f}".translate(str.maketrans(",.", ".,")) for each in exact]
    points = cast(con, [f"{each:f}" for each in exact], "money", Reading("UTC", (), ".", 2))
    assert cast(con, texts, "money", Reading("UTC", (), ",", 2)) == points


moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001  # zones follow
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.lists(st.tuples(moments, offsets), min_size=1, max_size=8))
def test_instants_with_an_offset_are_read_to_the_microsecond(
    con: duckdb.DuckDBPyConnection, pairs: list[tuple[datetime, timezone]]
) -> None:
    instants = [moment.replace(tzinfo=offset) for moment, offset in pairs]
    wanted = [(instant - EPOCH) // MICROSECOND for instant in instants]
    for mark in ("T", " "):
        texts = [instant.isoformat(mark) for instant in instants]
        assert cast(con, texts, "instant", Reading("Asia/Taipei", (), ".", 2)) == wanted


@given(st.lists(moments, min_size=1, max_size=8))
def test_instants_without_an_offset_are_those_of_the_zone(
    con: duckdb.DuckDBPyConnection, instants: list[datetime]
) -> None:
    reading = Reading("Etc/GMT-8", (), ".", 2)  # eight hours ahead, without summer time
    wanted = [
        (each.replace(tzinfo=UTC) - EPOCH) // MICROSECOND - 28_800_000_000 for each in instants
    ]
    assert cast(con, [each.isoformat() for each in instants], "instant", reading) == wanted


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8),
    st.sampled_from(sorted(SQL_TYPE)),
    st.sampled_from([(), ("%d/%m/%Y",), ("%Y %z",), ("epoch_s",), ("epoch_ns",)]),
    st.sampled_from([".", ","]),
)
def test_no_text_stops_a_cast(
    con: duckdb.DuckDBPyConnection,
    texts: list[str],
    wanted: Type,
    formats: tuple[str, ...],
    separator: str,
) -> None:
    odd = ["", "infinity", "294247-01-10 04:00:54", "1e308", "nan", "9" * 40, "-0", "2024-01-01+99"]
    reading = Reading("America/New_York", formats, separator, 2)
    assert len(cast(con, [*odd, *texts], wanted, reading)) == len(odd) + len(texts)

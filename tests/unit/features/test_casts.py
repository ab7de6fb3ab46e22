from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from features.casts import LARGEST_AMOUNT, SQL_TYPE, Reading, cast_sql, is_number, text_sql
from features.schemas import Type

UTC = Reading("UTC", (), ".", 2)
TAIPEI = Reading("Asia/Taipei", (), ".", 2)
COMMA = Reading("UTC", (), ",", 2)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def cast(
    con: duckdb.DuckDBPyConnection, value: str, wanted: Type, reading: Reading = UTC
) -> Any:  # whatever the type
    """What a value, written in SQL, becomes."""
    found = str(con.execute(f"SELECT typeof({value})").fetchall()[0][0])
    sql = cast_sql("raw", found, wanted, reading)
    query = f"SELECT CAST({sql} AS {SQL_TYPE[wanted]}) FROM (SELECT {value} AS raw)"
    return con.execute(query).fetchall()[0][0]


def format_of(*written: str, time_zone: str = "UTC") -> Reading:
    return Reading(time_zone, written, ".", 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *(("'a'", "a"), ("' a '", " a "), ("''", None), ("' \t'", None), ("NULL::VARCHAR", None)),
        *(("7", "7"), ("7.0::DOUBLE", "7"), ("-0.0::DOUBLE", "0"), ("7.5::DOUBLE", None)),
        *(("'nan'::DOUBLE", None), ("9007199254740992::DOUBLE", None)),
        *(("16777215::FLOAT", "16777215"), ("16777216::FLOAT", None)),
        *(("7.00::DECIMAL(9,2)", "7"), ("7.50::DECIMAL(9,2)", "7.50"), ("7::DECIMAL(9,0)", "7")),
        *(("'\\xC3\\xA9'::BLOB", "é"), ("'\\xE9'::BLOB", None), ("true", "true")),
        ("DATE '2024-01-05'", "2024-01-05"),
    ],
)
def test_a_text_is_kept_exactly(
    con: duckdb.DuckDBPyConnection, value: str, text: str | None
) -> None:
    assert cast(con, value, "text") == text


@pytest.mark.parametrize(
    ("value", "reading", "hour"),
    [
        *(("'2024-01-05 10:00'", UTC, 10), ("'2024-01-05T10:00:00'", TAIPEI, 2)),
        *(("'2024-01-05 10:00+02'", TAIPEI, 8), ("'2024-01-05T10:00:00Z'", TAIPEI, 10)),
        *(("TIMESTAMP '2024-01-05 10:00:00'", TAIPEI, 2), ("DATE '2024-01-05'", UTC, 0)),
        ("TIMESTAMP_S '2024-01-05 10:00:00'", TAIPEI, 2),
        ("TIMESTAMP_NS '2024-01-05 10:00:00'", TAIPEI, 2),
        ("TIMESTAMPTZ '2024-01-05 10:00:00+02'", TAIPEI, 8),
        ("1704448800", format_of("epoch_s"), 10),
        ("'1704448800'", format_of("epoch_s"), 10),
        ("1704448800000.0::DOUBLE", format_of("epoch_ms"), 10),
        ("1704448800000000", format_of("epoch_us"), 10),
        ("1704448800000000000", format_of("epoch_ns"), 10),
        ("'05.01.2024 10'", format_of("%d.%m.%Y %H", time_zone="Asia/Taipei"), 2),
        ("'05.01.2024 10 +02'", format_of("%d.%m.%Y %H %z", time_zone="Asia/Taipei"), 8),
        ("2024010510", format_of("%Y%m%d%H"), 10),
        ("TIMESTAMP '2024-01-05 10:00:00'", format_of("%Y"), 10),
    ],
)
def test_an_instant_is_microseconds_in_utc(
    con: duckdb.DuckDBPyConnection, value: str, reading: Reading, hour: int
) -> None:
    midnight = 1_704_412_800_000_000  # 2024-01-05 in UTC
    assert cast(con, value, "instant", reading) == midnight + hour * 3_600_000_000


@pytest.mark.parametrize(
    "value",
    [
        *("'x'", "''", "NULL::VARCHAR", "'infinity'", "'2024-01-05 10:00 PM'", "'24:00'"),
        *("TIMESTAMP 'infinity'", "TIMESTAMPTZ '-infinity'", "true", "'294247-01-10 04:00:54'"),
    ],
)
def test_what_is_no_instant_is_null(con: duckdb.DuckDBPyConnection, value: str) -> None:
    assert cast(con, value, "instant", Reading("America/New_York", (), ".", 2)) is None


@pytest.mark.parametrize(
    ("value", "reading", "day"),
    [
        *(("'2024-01-05'", UTC, 5), ("'2024-01-05 23:00'", UTC, 5), ("DATE '2024-01-05'", UTC, 5)),
        *(("'05/01/2024'", format_of("%d/%m/%Y"), 5), ("'2024-01-05'", format_of("%d/%m/%Y"), 5)),
        ("TIMESTAMP '2024-01-05 23:00:00'", TAIPEI, 5),
        ("TIMESTAMPTZ '2024-01-05 23:00:00+00'", TAIPEI, 6),
        ("1704495600", format_of("epoch_s", time_zone="Asia/Taipei"), 6),
    ],
)
def test_a_day_is_one_of_the_zone(
    con: duckdb.DuckDBPyConnection, value: str, reading: Reading, day: int
) -> None:
    assert cast(con, value, "day", reading) == date(2024, 1, day)


@pytest.mark.parametrize("value", ["'x'", "''", "20240105", "true", "NULL::DATE"])
def test_what_is_no_day_is_null(con: duckdb.DuckDBPyConnection, value: str) -> None:
    assert cast(con, value, "day") is None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        *(("'12.345'", 1235), ("'-12.345'", -1235), ("' 7 '", 700), ("'1e3'", 100_000)),
        *(("'-0.0'", 0), ("'1,5'", None), ("'nan'", None), ("'1e308'", None), ("''", None)),
        *(("12.5::DOUBLE", 1250), ("'inf'::DOUBLE", None), ("1e308::DOUBLE", None)),
        *(("12.34::FLOAT", 1234), ("12.345::DECIMAL(9,3)", 1235), ("100::TINYINT", 10_000)),
        *(("2147483647::INTEGER", 214_748_364_700), ("(-9223372036854775808)::BIGINT", None)),
        *(("18446744073709551615::UBIGINT", None), ("true", None), ("DATE '2024-01-05'", None)),
        *(("9999999999999.99", 999_999_999_999_999), ("10000000000000", None)),
    ],
)
def test_money_is_whole_minor_units(
    con: duckdb.DuckDBPyConnection, value: str, amount: int | None
) -> None:
    assert cast(con, value, "money") == amount


@pytest.mark.parametrize(("digits", "amount"), [(0, 13), (1, 126), (3, 12_570), (4, 125_700)])
def test_minor_units_have_the_digits_of_the_currency(
    con: duckdb.DuckDBPyConnection, digits: int, amount: int
) -> None:
    for value in ("'12.57'", "12.57::DOUBLE", "12.57::DECIMAL(9,2)"):
        assert cast(con, value, "money", Reading("UTC", (), ".", digits)) == amount


@pytest.mark.parametrize("digits", range(5))
def test_the_largest_amount_fits_whatever_the_digits(
    con: duckdb.DuckDBPyConnection, digits: int
) -> None:
    reading = Reading("UTC", (), ".", digits)
    most = Decimal(LARGEST_AMOUNT - 1).scaleb(-digits)
    assert cast(con, f"'{most}'", "money", reading) == LARGEST_AMOUNT - 1
    assert cast(con, f"'-{most}'", "money", reading) == 1 - LARGEST_AMOUNT
    assert cast(con, f"'{Decimal(LARGEST_AMOUNT).scaleb(-digits)}'", "money", reading) is None
    assert cast(con, str(LARGEST_AMOUNT // 10**digits - 1), "money", reading) is not None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        *(("12,5", 1250), ("1.234.567,89", 123_456_789), ("-1.234", -123_400), ("+7", 700)),
        *(("12.5", None), ("1,234.5", None), ("1.23.456", None), (",5", None), ("1,", 100)),
    ],
)
def test_a_decimal_comma_leaves_points_to_thousands(
    con: duckdb.DuckDBPyConnection, text: str, amount: int | None
) -> None:
    assert cast(con, f"'{text}'", "money", COMMA) == amount
    assert cast(con, "12.5::DOUBLE", "money", COMMA) == 1250


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        *(("'2.5'", Decimal("2.5")), ("'-1'", Decimal(-1)), ("'x'", None), ("'1e20'", None)),
        *(("'nan'::DOUBLE", None), ("0.0005::DOUBLE", Decimal("0.001")), ("7", Decimal(7))),
    ],
)
def test_a_quantity_has_three_digits(
    con: duckdb.DuckDBPyConnection, value: str, quantity: Decimal | None
) -> None:
    assert cast(con, value, "quantity") == quantity


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *(("'2.5'", 2.5), ("'-1e308'", -1e308), ("'nan'", None), ("'inf'::DOUBLE", None)),
        *(("7", 7.0), ("'x'", None), ("true", None)),
    ],
)
def test_a_number_is_finite(
    con: duckdb.DuckDBPyConnection, value: str, number: float | None
) -> None:
    assert cast(con, value, "number") == number


def test_a_number_has_no_negative_zero(con: duckdb.DuckDBPyConnection) -> None:
    assert str(cast(con, "'-0.0'", "number")) == "0.0"


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        *(("'Yes'", True), ("' NO '", False), ("1", True), ("0.0::DOUBLE", False), ("true", True)),
        *(("'2'", None), ("''", None), ("NULL::BOOLEAN", None), ("'perhaps'", None)),
    ],
)
def test_a_flag_is_a_usual_word(
    con: duckdb.DuckDBPyConnection, value: str, *, flag: bool | None
) -> None:
    assert cast(con, value, "flag") is flag


@pytest.mark.parametrize(
    ("found", "is_one"),
    [
        ("BIGINT", True),
        ("DECIMAL(9,2)", True),
        ("FLOAT", True),
        ("VARCHAR", False),
        ("DATE", False),
    ],
)
def test_types_of_numbers_are_known(found: str, *, is_one: bool) -> None:
    assert is_number(found) is is_one


def test_full_width_blanks_are_no_text(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(
        f"SELECT {text_sql(chr(39) + chr(0x3000) + chr(39), 'VARCHAR')}"
    ).fetchall() == [(None,)]

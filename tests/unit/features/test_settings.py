from zoneinfo import available_timezones

import duckdb
import pytest
from pydantic import TypeAdapter, ValidationError

from features.settings import ChurnDefinition, Currency, Engine, TimeZone

ZONES: TypeAdapter[str] = TypeAdapter(TimeZone)


@pytest.mark.parametrize("name", ["Asia/Taipei", "UTC", "Europe/London", "EST5EDT"])
def test_zones_of_the_iana_database_are_known(name: str) -> None:
    assert ZONES.validate_python(name) == name


@pytest.mark.parametrize(
    "name", ["Mars/Base", "", "Europe", "../UTC", "localtime", "posixrules", "right/UTC", "a\0"]
)
def test_other_zones_are_refused(name: str) -> None:
    text = "needs a time zone of the IANA database, such as Europe/London"
    with pytest.raises(ValidationError, match=text):
        ZONES.validate_python(name)


def test_the_engine_knows_every_zone_that_is_accepted() -> None:
    with duckdb.connect() as con:
        for name in available_timezones() - {"localtime"}:
            con.execute("SELECT timezone(?, TIMESTAMP '2024-01-01')", [ZONES.validate_python(name)])


@pytest.mark.parametrize("limit", ["2GB", "512MB", "1.5GB"])
def test_memory_is_limited_in_megabytes_or_gigabytes(limit: str) -> None:
    assert Engine(memory_limit=limit).memory_limit == limit


@pytest.mark.parametrize("limit", ["2", "2 GB", "lots", "-1GB", "1e3GB", "２GB", "1234567GB"])
def test_other_limits_of_memory_are_refused(limit: str) -> None:
    with pytest.raises(ValidationError):
        Engine(memory_limit=limit)


@pytest.mark.parametrize(("code", "digits"), [("usd", 2), ("US", 2), ("USD", -1), ("USD", 5)])
def test_a_currency_has_a_code_of_three_capitals_and_up_to_four_digits(
    code: str, digits: int
) -> None:
    with pytest.raises(ValidationError):
        Currency(code=code, digits=digits)


def test_a_label_is_known_after_the_gap_and_the_horizon() -> None:
    assert ChurnDefinition(gap_days=7, horizon_days=28).label_days == 35


def test_settings_are_frozen_and_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError, match="Instance is frozen"):
        Currency().code = "EUR"  # type: ignore[misc]  # that is the point
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Currency.model_validate({"sign": "$"})

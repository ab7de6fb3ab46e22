from pathlib import Path

import pytest

from tests.guesses import guessed, mapping
from tests.till import PLAIN, Sold, sold


@pytest.mark.parametrize(
    ("written", "format_"),
    [
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M %p"),
        ("%d-%b-%Y", "%d-%b-%Y"),
        ("%Y%m%d", "%Y%m%d"),
        ("%Y年%m月%d日", "%Y年%m月%d日"),
    ],
)
def test_a_date_that_no_other_format_reads_is_sure(
    written: str, format_: str, tmp_path: Path
) -> None:
    found = guessed(tmp_path, {**PLAIN, "order_date": lambda line: line.at.strftime(written)})
    assert found.source.instant_format == (format_,)
    assert found.settings["instant_format"].confidence > 0.9


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y"])
def test_a_date_that_may_be_turned_round_says_so_and_runs_forward(
    written: str, tmp_path: Path
) -> None:
    columns = {**PLAIN, "order_date": lambda line: line.at.strftime(written)}
    found = guessed(tmp_path, columns, [line for line in sold() if line.at.day <= 12])
    guess = found.settings["instant_format"]
    assert (guess.origin, guess.confidence) == (written, 0.5)
    assert guess.reason == "day and month could also be the other way round: no day is above 12"


def test_two_ways_of_writing_are_both_read(tmp_path: Path) -> None:
    def write(line: Sold) -> str:
        return line.at.strftime("%d/%m/%Y %H:%M:%S" if line.order % 3 else "%d/%m/%Y %H:%M")

    found = guessed(tmp_path, {**PLAIN, "order_date": write})
    assert found.source.instant_format == ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
    assert found.broken == {}


@pytest.mark.parametrize(("unit", "factor"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_numbers_since_1970_are_instants(unit: str, factor: int, tmp_path: Path) -> None:
    columns = {**PLAIN, "order_date": lambda line: int(line.at.timestamp()) * factor}
    assert guessed(tmp_path, columns).source.instant_format == (unit,)


def test_years_of_the_republic_are_brought_to_common_ones(tmp_path: Path) -> None:
    def write(line: Sold) -> str:
        return f"{line.at.year - 1911}/{line.at:%m/%d}"

    found = guessed(tmp_path, {**PLAIN, "order_date": write})
    assert str(found.pace.first_on) == "2023-01-02"
    assert mapping(found)["ordered_at"].startswith("concat(try_cast(regexp_extract(order_date")


def test_the_day_of_shipping_is_not_the_day_of_the_order(tmp_path: Path) -> None:
    columns = {"Ship Date": PLAIN["order_date"], **PLAIN}
    assert mapping(guessed(tmp_path, columns))["ordered_at"] == "order_date"


def test_an_instant_beyond_all_others_does_not_stretch_the_history(tmp_path: Path) -> None:
    def write(line: Sold) -> object:
        return "2999-12-31" if line.order == 70_010 else line.at.date()

    found = guessed(tmp_path, {**PLAIN, "order_date": write})
    assert str(found.pace.last_on) == "2024-02-05"
    assert list(found.broken) == ["ordered_at_in_future"]

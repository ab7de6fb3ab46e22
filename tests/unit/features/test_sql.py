from pathlib import Path

import duckdb
import pytest

from features.sql import file_name, identifier, listing, literal

ODD = [
    "a",
    'a"b',
    "a'b",
    "a; drop table x; --",
    "",
    " ",
    "王🙂",
    "a\nb",
    "\\",
    "%",
    "{x}",
    "x" * 300,
]


@pytest.mark.parametrize("text", ODD)
def test_a_literal_is_the_text_itself(text: str) -> None:
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", [name for name in ODD if name])
def test_an_identifier_names_the_column_exactly(name: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t ({identifier(name)} INTEGER)")
        assert con.execute("DESCRIBE t").fetchall()[0][0] == name


@pytest.mark.parametrize("name", ["a*.csv", "a?.csv", "[a].csv", "it's.csv", "a{b,c}.csv"])
def test_a_file_name_reads_that_file_alone(tmp_path: Path, name: str) -> None:
    for each in (name, "ab.csv", "a.csv", "b.csv"):
        (tmp_path / each).write_text(f"x\n{'this' if each == name else 'other'}\n")
    with duckdb.connect() as con:
        rows = con.execute(f"FROM read_csv({file_name(tmp_path / name)})").fetchall()
    assert rows == [("this",)]


def test_a_listing_is_joined_with_commas() -> None:
    assert listing(["a", "b"]) == "a, b"
    assert listing([]) == ""

"""A file opened for looking at: its columns, and its first rows as text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from features.delimited import header_of
from features.errors import RegularsError
from features.guessing.encodings import Encoding, guess_encoding
from features.locations import DataFile
from features.schemas import Source
from features.sources import SourceUnreadable, first_line, opened
from features.sql import identifier, listing
from features.textfile import FileUnreadable, require_file

HEAD_ROWS = 100_000
"""Rows that are looked at closely; they stand together, so that orders stay whole."""

_FEWEST_COLUMNS = 3
_LOOKS_LIKE_A_VALUE = re.compile(r"\s*[-+]?[\d.,:/\s-]*\d[\d.,:/\s-]*|.*@.*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class NothingToGuessFrom(RegularsError):
    """A file has no rows, no header, or too few columns to be orders."""


@dataclass(frozen=True)
class Sample:
    """A file, and the table ``head`` of its first rows.

    Attributes
    ----------
    con
        Connection that holds ``head``: columns ``c0``, ``c1``, … (text, blank as NULL) and ``n``,
        the row's number.
    relation
        SQL of the whole file.
    names, types
        Its columns and their types in the engine.
    rows
        Rows of ``head``.
    encoding
        None where the file is no text.
    delimiter
        None where the file is no text.
    """

    con: duckdb.DuckDBPyConnection
    relation: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    encoding: Encoding | None
    delimiter: str | None

    @cached_property
    def _reserved(self) -> frozenset[str]:
        query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        return frozenset(row[0] for row in self.con.execute(query).fetchall())

    def quoted(self, name: str) -> str:
        """A column's name as an expression writes it, quoted only where it must be."""
        is_plain = _PLAIN.fullmatch(name) and name.lower() not in self._reserved
        return name if is_plain else identifier(name)


@contextmanager
def sampled(con: duckdb.DuckDBPyConnection, path: Path, spill: Path) -> Iterator[Sample]:
    """The file's sample for as long as the file is open.

    Parameters
    ----------
    con
        Connection to an empty database in memory.
    path
        One CSV or Parquet file.
    spill
        Folder for a copy in UTF-8.

    Raises
    ------
    FileUnreadable, SourceUnreadable
        When it is missing, empty, packed, damaged, or without a header.
    NothingToGuessFrom
        When it has no rows or too few columns.
    """
    _require_one_file(path)
    encoding = None if path.suffix.lower() == ".parquet" else guess_encoding(path)
    delimiter = _delimiter(path, encoding) if encoding else None
    source = Source(
        path=str(path), encoding=encoding.name if encoding else "utf-8", delimiter=delimiter
    )
    con.execute("SET preserve_insertion_order = true")
    file = DataFile(str(path), path, "not loaded")
    with opened(con, source, file, path.parent, spill) as relation:
        try:
            described = con.execute(f"DESCRIBE SELECT * FROM {relation.sql}").fetchall()
            names = tuple(str(row[0]) for row in described)
            rows = _make_head(con, relation.sql, names)
        except duckdb.Error as error:
            message = f"{path} cannot be read: {first_line(error)}"
            raise SourceUnreadable(message) from error
        types = tuple(str(row[1]) for row in described)
        _require_enough(path, names, rows, delimiter)
        yield Sample(con, relation.sql, names, types, rows, encoding, delimiter)


def _require_one_file(path: Path) -> None:
    try:
        if path.is_dir():
            message = f"--from needs one file, but {path} is a folder; name one of its files"
            raise FileUnreadable(message)
        require_file(path, "--from")
        with path.open("rb"):
            pass
    except OSError as error:
        message = f"--from needs a file that can be read, but {path} cannot: {error.strerror}"
        raise FileUnreadable(message) from error


def _delimiter(path: Path, encoding: Encoding) -> str:
    mark, names = header_of(path, encoding.name, None)
    values = [name for name in names if _LOOKS_LIKE_A_VALUE.fullmatch(name)]
    if len(values) * 2 >= len(names):
        message = (
            f"{path} needs a first line with the names of its columns, but {len(values)} of "
            f"{len(names)} look like values; add a line with names"
        )
        raise NothingToGuessFrom(message)
    return mark


def _make_head(con: duckdb.DuckDBPyConnection, relation: str, names: tuple[str, ...]) -> int:
    columns = listing(
        f"nullif(trim(CAST({identifier(name)} AS VARCHAR)), '') AS c{index}"
        for index, name in enumerate(names)
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE head AS SELECT {columns}, row_number() OVER () AS n
        FROM (SELECT * FROM {relation} LIMIT {HEAD_ROWS})""")
    return int(con.execute("SELECT count(*) FROM head").fetchall()[0][0])


def _require_enough(path: Path, names: tuple[str, ...], rows: int, delimiter: str | None) -> None:
    if not rows:
        message = f"{path} needs rows to guess from, but has a header only: {list(names)}"
        raise NothingToGuessFrom(message)
    if len(names) < _FEWEST_COLUMNS:
        split = f" (split at {delimiter!r})" if delimiter else ""
        message = (
            f"{path} needs columns with the instant, the customer and the amount of each order, "
            f"but has {list(names)}{split} only"
        )
        raise NothingToGuessFrom(message)

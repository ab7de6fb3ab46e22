"""Delimited text (CSV): its header, how the engine is told to read it, and quotes left open."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from features.schemas import Source
from features.sql import file_name, listing, literal
from features.textfile import (
    EncodingWrong,
    FileUnreadable,
    decoded,
    find_delimiter,
    is_plain,
    line_ends,
    require_text,
)

REJECTED = "rejected_lines"
"""Table of the lines of the last scan that are no rows."""


_VALUE = re.compile(r"@|^\s*[-+]?\d[\d.,:/\s-]*$")


@dataclass(frozen=True)
class Delimited:
    """A CSV file as the engine can read it.

    Attributes
    ----------
    path
        UTF-8, with one kind of line end.
    delimiter
        Between the columns.
    names
        Of the columns.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...]

    def sql(self, *, keeps_rejects: bool) -> str:
        """Relation with every column as text; broken lines go to `REJECTED` or are refused."""
        columns = listing(f"{literal(name)}: 'VARCHAR'" for name in self.names)
        rejects = (
            f", store_rejects = true, rejects_table = '{REJECTED}', "
            f"rejects_scan = '{REJECTED}_scans'"
            if keeps_rejects
            else ""
        )
        return (
            f"read_csv({file_name(self.path)}, header = true, auto_detect = false, "
            f"delim = {literal(self.delimiter)}, quote = '\"', escape = '\"', "
            f"null_padding = false, hive_partitioning = false, columns = {{{columns}}}{rejects})"
        )


@contextmanager
def delimited(path: Path, source: Source, spill: Path) -> Iterator[Delimited]:
    """The file itself where the engine can read it, else a copy for as long as it is read.

    Raises
    ------
    FileUnreadable
        When it is no text, has no header, or cannot be copied.
    EncodingWrong
        When it is not of the source's encoding.
    """
    require_text(path)
    mark, names = header_of(path, source.encoding, source.delimiter)
    if line_ends(path, source.encoding) <= 1 and is_plain(source.encoding):
        yield Delimited(path, mark, tuple(names))
        return
    with _copied(path, source.encoding, spill) as copy:
        yield Delimited(copy, mark, tuple(names))


@contextmanager
def _copied(path: Path, encoding: str, spill: Path) -> Iterator[Path]:
    """Copy in UTF-8 whose lines all end in LF."""
    try:
        copy = NamedTemporaryFile("w", encoding="utf-8", newline="", dir=spill, suffix=".csv")  # noqa: SIM115  # closed below
    except OSError as error:
        raise _uncopied(path, spill, error) from error
    with copy:
        one_end = io.IncrementalNewlineDecoder(None, translate=True)
        try:
            for text in decoded(path, encoding):
                copy.write(one_end.decode(text))
            copy.write(one_end.decode("", final=True))
            copy.flush()
        except UnicodeEncodeError as error:
            message = f"{path} needs to be {encoding}, but half a character stands alone in it"
            raise EncodingWrong(message) from error
        except OSError as error:
            raise _uncopied(path, spill, error) from error
        yield Path(copy.name)


def _uncopied(path: Path, spill: Path, error: OSError) -> FileUnreadable:
    return FileUnreadable(
        f"{path} needs a copy in UTF-8 with one kind of line end, but {spill} cannot hold it: "
        f"{error.strerror}; make room there, or save the file as utf-8"
    )


def header_of(path: Path, encoding: str, delimiter: str | None) -> tuple[str, list[str]]:
    """Delimiter and column names of a CSV file; a column without a name is ``column_N``.

    Raises
    ------
    FileUnreadable
        When the first line is no header, or a column stands twice in it (capitals aside).
    """
    pieces = decoded(path, encoding)
    start = next(pieces, "")
    first = next(io.StringIO(start, newline=""), "")
    if not first.strip():
        message = f"{path} needs column names in its first line, but that is blank"
        raise FileUnreadable(message)
    mark = delimiter or find_delimiter(first)
    try:
        written = next(csv.reader(io.StringIO(start, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        message = f"{path} needs column names in its first line, but it is no such line: {error}"
        raise FileUnreadable(message) from error
    is_cut = not first.endswith(("\n", "\r")) and next(pieces, None) is not None
    if is_cut or any("\0" in name for name in written):
        message = (
            f"{path} needs column names in its first line, but it is longer than any header or "
            f"holds NUL characters; is it text, and of the encoding {encoding}?"
        )
        raise FileUnreadable(message)
    names = [name or f"column_{index}" for index, name in enumerate(written, start=1)]
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if hold_values(twice):
        raise FileUnreadable(without_header(path))
    if twice:
        message = (
            f"{path} needs distinct column names (capitals aside), but its header repeats {twice}"
        )
        raise FileUnreadable(message)
    return mark, names


def hold_values(names: list[str]) -> bool:
    """Whether column names look like a row's values: addresses, numbers, dates."""
    return any(_VALUE.search(name) for name in names)


def without_header(path: Path | str) -> str:
    """Message for a file whose first line holds values, without repeating them."""
    return (
        f"{path} needs a first line with the names of its columns, but that line seems to hold "
        f"values (not shown here); add a line with names"
    )


def open_quote(text: Delimited) -> int | None:
    """Number of the first line with a quote that no later one closes as it must; None: all do.

    Such a quote swallows whole lines, which nobody could count. A quote that is wrong within its
    own line is not meant: that line alone is broken.
    """
    opened_at: int | None = None
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(file, start=1):
            if opened_at is None and '"' not in line:
                continue
            state = _after(line.rstrip("\r\n"), text.delimiter, is_open=opened_at is not None)
            if state == "broken" and opened_at is not None:
                return opened_at
            opened_at = (opened_at or number) if state == "open" else None
    return opened_at


def _after(line: str, delimiter: str, *, is_open: bool) -> str:
    """State at the end of a line: ``closed``, ``open`` (inside quotes), or ``broken`` before."""
    position = 0
    while position <= len(line):
        if not is_open:
            if not line.startswith('"', position):
                found = line.find(delimiter, position)
                if found < 0:
                    return "closed"
                position = found + 1
                continue
            position += 1
        end = _closing(line, position)
        if end < 0:
            return "open"
        is_open, position = False, end + 2
        if line[end + 1 : end + 2] not in ("", delimiter):
            return "broken"
    return "closed"


def _closing(line: str, position: int) -> int:
    """Position of the quote that closes the field; two in a row stand for one."""
    end = line.find('"', position)
    while end >= 0 and line.startswith('"', end + 1):
        end = line.find('"', end + 2)
    return end

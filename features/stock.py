"""Stock: which items can be offered, by a list that the business keeps."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa

from features.casts import Reading, cast_sql
from features.delimited import REJECTED
from features.errors import RegularsError
from features.locations import DataFile
from features.schemas import Source, Type
from features.sources import Relation, column_types, first_line, opened
from features.sql import identifier, listing
from features.suggest import nearest
from features.textfile import require_file

_COLUMNS: Final[dict[str, Type]] = {"item": "text", "in_stock": "flag", "units": "quantity"}
_NEEDED: Final = {
    "item": "an item",
    "in_stock": "true or false (yes or no, 1 or 0) in in_stock",
    "units": "a number in units",
}
"""What every row must tell, in words."""

_PLAIN: Final = Reading("UTC", (), ".", 2)
_SHOWN: Final = 3
"""Names of a list that a message repeats, at most."""


class StockUnclear(RegularsError):
    """A list of stock does not say which of the items can be offered."""


@dataclass(frozen=True)
class Stock:
    """What can be offered.

    Attributes
    ----------
    labels
        Of the items that are there, at least one.
    unknown
        Names of the list that are no item's, or several items', in the order of the list: items
        that nobody bought are among them.
    """

    labels: frozenset[str]
    unknown: tuple[str, ...]


def stock_list(path: Path, items: pa.Table, setting: str = "stock") -> Stock:
    """Items of a CSV or Parquet file that can be offered.

    The file has a column ``item``: the label or title of an item, or its name where no other item
    has it. An item is there unless ``in_stock`` (true or false, yes or no, 1 or 0) or ``units``
    (above 0) says that it is not; where both columns are there, both must say so. One that stands
    in several rows, such as of several stores, is there when any of these says so. Other columns
    are not looked at.

    Parameters
    ----------
    path
        The file, CSV in UTF-8.
    items
        One row per item: label, title, name (strings).
    setting
        Of the config, which names the file.

    Raises
    ------
    FileUnreadable, EncodingWrong, SourceUnreadable
        When the file is missing, empty, of another kind, or damaged.
    StockUnclear
        When it has no column ``item``, no row, a row that does not say what it must, no item that
        is known, or none that is there.
    """
    require_file(path, setting)
    rows = _rows(path)
    if not rows:
        message = f"{setting} needs at least one row, but {path} has none below its header"
        raise StockUnclear(message)
    known = _known(items)
    unknown = tuple(dict.fromkeys(name for name, _ in rows if name not in known))
    found = {known[name] for name, _ in rows if name in known}
    if not found:
        raise StockUnclear(_none_known(path, unknown, known))
    labels = frozenset(known[name] for name, is_there in rows if is_there and name in known)
    if not labels:
        message = (
            f"{path} needs at least one item that is there, but none of the {len(found):,} that "
            f"are known is; look at its in_stock or units"
        )
        raise StockUnclear(message)
    return Stock(labels, unknown)


def _rows(path: Path) -> list[tuple[str, bool]]:
    """Item of each row, and whether the row says that it is there."""
    file = DataFile(str(path), path, content_hash="")
    with TemporaryDirectory() as folder, duckdb.connect(":memory:") as con:
        spill = Path(folder)
        with opened(con, Source(path=str(path)), file, spill, spill) as relation:
            columns = _columns(column_types(con, relation.sql, str(path)), path)
            rows = _fetched(con, relation, columns, path)
    for at, wanted in enumerate(columns):
        silent = [number for number, row in enumerate(rows, start=1) if row[at] is None]
        if silent:
            message = (
                f"{path} needs {_NEEDED[wanted]} in every row, but {len(silent):,} of "
                f"{len(rows):,} have none, the first of them row {silent[0]:,}; fill them in or "
                f"leave these rows out"
            )
            raise StockUnclear(message)
    return [(str(row[0]).strip(), all(row[1:])) for row in rows]


def _columns(types: dict[str, str], path: Path) -> dict[str, str]:
    """SQL of each column that is looked at; capitals in its name do not matter."""
    found = {name.lower(): (name, type_) for name, type_ in types.items()}
    if "item" not in found:
        close = nearest("item", types)
        hint = f"; rename {close}, if that is it" if close else "; name the column that has them so"
        message = (
            f"{path} needs a column item with the label, title or name of each item, but has: "
            f"{', '.join(types)}{hint}"
        )
        raise StockUnclear(message)
    casts = {
        wanted: cast_sql(identifier(found[wanted][0]), found[wanted][1], type_, _PLAIN)
        for wanted, type_ in _COLUMNS.items()
        if wanted in found
    }
    return casts | {wanted: f"{casts[wanted]} > 0" for wanted in {"units"} & casts.keys()}


def _fetched(
    con: duckdb.DuckDBPyConnection, relation: Relation, columns: dict[str, str], path: Path
) -> list[tuple[object, ...]]:
    """Values of every row, in the order of the file."""
    try:
        rows = con.execute(f"SELECT {listing(columns.values())} FROM {relation.sql}").fetchall()
    except duckdb.Error as error:
        message = f"{path} cannot be read to its end: {first_line(error)}"
        raise StockUnclear(message) from error
    if relation.text is not None:
        broken = con.execute(f"SELECT count(DISTINCT line), min(line) FROM {REJECTED}").fetchall()
        ((lines, first),) = broken
        if lines:
            message = (
                f"{path} needs a value in each line for each name of its header, and quotes in "
                f"pairs, but line {first:,} has not (broken lines: {lines:,}); mend them"
            )
            raise StockUnclear(message)
    return rows


def _known(items: pa.Table) -> dict[str, str]:
    """Label by label, by title, and by a name that one item alone has; a label comes first."""
    labels: list[str] = items["label"].to_pylist()
    names: list[str] = items["name"].to_pylist()
    often = Counter(names)
    by_name = {name: at for name, at in zip(names, labels, strict=True) if often[name] == 1}
    return by_name | dict(_pairs(items["title"], labels)) | dict(_pairs(items["label"], labels))


def _pairs(column: pa.ChunkedArray, labels: list[str]) -> Iterator[tuple[str, str]]:
    return zip(column.to_pylist(), labels, strict=True)


def _none_known(path: Path, unknown: tuple[str, ...], known: dict[str, str]) -> str:
    shown = ", ".join(repr(name) for name in unknown[:_SHOWN])
    close = nearest(unknown[0], known)
    hint = f"did you mean {close!r}?" if close else f"an item is named such as {min(known)!r}"
    return (
        f"{path} needs items that were bought, by label, title or name, but none of its "
        f"{len(unknown):,} is known, such as {shown}; {hint}"
    )

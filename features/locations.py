"""Where the files of a source lie, and what each is recognised by."""

import glob
import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from features.schemas import Source
from features.textfile import FileUnreadable, content_hash, require_file

PACKAGE = "package://"
SUFFIXES = (".csv", ".txt", ".tsv", ".parquet")
"""Endings of the files that a folder is searched for."""

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class DataFile:
    """One unit of loading: a file (or a table) and what its content is recognised by.

    Attributes
    ----------
    name
        For records and messages.
    path
        None for a table of a database.
    content_hash
        Equal for equal rows, whatever the file is called.
    table
        SQL name of a table of a database.
    """

    name: str
    path: Path | None
    content_hash: str
    table: str | None = None


def find_files(name: str, source: Source, folder: Path) -> tuple[DataFile, ...]:
    """Files of a source in the order of its paths; those of a folder or glob by name.

    Parameters
    ----------
    name
        Name of the source, for messages.
    source
        Its settings; relative paths start at ``folder``.
    folder
        Where the config file lies.

    Raises
    ------
    FileUnreadable
        When a path names nothing, or something empty or unreadable.
    """
    setting = f"sources.{name}.path"
    paths = (source.path,) if isinstance(source.path, str) else source.path or ()
    try:
        lookup = (_lookup(name, source.lookup.path, folder),) if source.lookup else ()
        return tuple(
            _data_file(path, setting, lookup)
            for written in paths
            for path in _expanded(written, folder, setting)
        )
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        message = f"{setting} needs files that can be read, but {list(paths)} cannot: {cause}"
        raise FileUnreadable(message) from error


def resolved(written: str, folder: Path, setting: str) -> Path:
    """Absolute path of what a config names, package data included.

    Raises
    ------
    FileUnreadable
        When a package is not installed.
    """
    start, inner = _start(written, folder, setting)
    return start / inner


def partition(path: Path) -> dict[str, str | None]:
    """Columns that folders named ``column=value`` give to every row of a file."""
    pairs = (part.partition("=") for part in path.parent.parts)
    return {
        unquote(column): None if value == _NO_VALUE else unquote(value)
        for column, sign, value in pairs
        if column and sign
    }


def _data_file(path: Path, setting: str, lookup: tuple[Path, ...]) -> DataFile:
    require_file(path, setting)
    digest, columns = content_hash((path, *lookup)), partition(path)
    if columns:
        digest = hashlib.sha256(f"{digest} {json.dumps(columns)}".encode()).hexdigest()
    return DataFile(str(path), path, digest)


def _lookup(name: str, written: str, folder: Path) -> Path:
    setting = f"sources.{name}.lookup.path"
    path = resolved(written, folder, setting)
    require_file(path, setting)
    return path


def _expanded(written: str, folder: Path, setting: str) -> list[Path]:
    start, inner = _start(written, folder, setting)
    path = start / inner
    if path.is_dir():
        return _inside(path) or [path]
    if path.exists() or not glob.has_magic(inner):
        return [path]
    # What exists of the path is taken as it is written, brackets in folder names included.
    base = next(parent for parent in path.parents if parent.exists())
    matching = sorted(base.glob(str(path.relative_to(base))))
    found = [file for match in matching for file in (_inside(match) if match.is_dir() else [match])]
    if not found:
        message = f"{setting} needs files, but nothing matches {path}"
        raise FileUnreadable(message)
    return list(dict.fromkeys(found))


def _inside(folder: Path) -> list[Path]:
    """Data files of a folder, without what engines and systems leave beside them."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _start(written: str, folder: Path, setting: str) -> tuple[Path, str]:
    """Folder at which a path starts, and the rest of it."""
    if not written.startswith(PACKAGE):
        return folder.absolute(), written
    package, _, inner = written.removeprefix(PACKAGE).partition("/")
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        message = f"{setting} needs the package {package!r}, which is not installed: add it"
        raise FileUnreadable(message)
    return Path(spec.submodule_search_locations[0]), inner

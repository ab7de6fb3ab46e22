"""Loads: every file once, recorded with its content hash and what became of its rows."""

from dataclasses import astuple, dataclass
from datetime import datetime

import duckdb

from features.clock import micros
from features.databases import attached
from features.errors import RegularsError
from features.locations import DataFile, find_files
from features.mapped import Unit
from features.mapping import mapping_fingerprint
from features.quarantine import require_few
from features.schemas import Source, Sources
from features.staging import Loaded, Stage, create_staging, stage_file


class EarlierFileGone(RegularsError):
    """The mapping changed, and a file that was loaded under the old one is no longer there."""


@dataclass(frozen=True)
class Load:
    """One file and what became of its rows; ``is_new`` is False when it was there already."""

    source: str
    file: str
    rows: Loaded
    is_new: bool


_COLUMNS = (
    "load_id INTEGER, source VARCHAR, file VARCHAR, content_hash VARCHAR, mapping VARCHAR, "
    "loaded_at BIGINT, rows_read BIGINT, rows_kept BIGINT, rows_quarantined BIGINT, "
    "rows_duplicated BIGINT, rows_left_out BIGINT, first_at BIGINT, last_at BIGINT"
)


def load_sources(
    con: duckdb.DuckDBPyConnection,
    sources: Sources,
    stage: Stage,
    loaded_at: datetime,
) -> list[Load]:
    """Stage every file of every source that is not in the warehouse yet.

    Runs inside the caller's transaction, so that a failure changes nothing.

    Parameters
    ----------
    con
        Connection with an open transaction.
    sources
        The config's sources.
    stage
        Folders, time zone and plausible instants.
    loaded_at
        Instant of this build, written into ``loads``.

    Returns
    -------
    list of Load
        One per file, in order of the sources and their files.

    Raises
    ------
    RegularsError
        When a file is missing or cannot be read, before any is staged; when too many of its rows
        are broken; or when the mapping changed and an earlier file is gone.
    """
    con.execute(f"CREATE TABLE IF NOT EXISTS loads ({_COLUMNS})")
    given = sources.given()
    files = {name: _files(con, name, source, stage) for name, source in given.items()}
    reports = []
    for name, source in given.items():
        mapping = mapping_fingerprint(source, stage.reading(source), stage.plausible.earliest)
        _restage_when_mapped_anew(con, name, mapping, files[name])
        create_staging(con, name, source)
        for file in files[name]:
            known = _known(con, name, file)
            facts = (mapping, micros(loaded_at))
            reports.append(known or _load(con, Unit(name, source, file), stage, facts))
    return reports


def _files(
    con: duckdb.DuckDBPyConnection, name: str, source: Source, stage: Stage
) -> tuple[DataFile, ...]:
    if source.database is None:
        return find_files(name, source, stage.folder)
    return (attached(con, name, source.database, stage.folder),)


def _restage_when_mapped_anew(
    con: duckdb.DuckDBPyConnection, name: str, mapping: str, files: tuple[DataFile, ...]
) -> None:
    """Forget a source's rows when its mapping changed; all its files are read again.

    Raises
    ------
    EarlierFileGone
        When a file that was loaded is not among today's.
    """
    earlier = con.execute(
        "SELECT file, content_hash FROM loads WHERE source = ? AND mapping <> ?",
        [name, mapping],
    ).fetchall()
    if not earlier:
        return
    here = {file.content_hash for file in files}
    gone = sorted(file for file, digest in earlier if digest not in here)
    if gone:
        message = (
            f"sources.{name} is mapped differently from before, so every file must be read again, "
            f"but {gone} changed or went; bring back what was loaded, restore the mapping, or "
            f"build into a new home"
        )
        raise EarlierFileGone(message)
    con.execute(f"DROP TABLE IF EXISTS stg_{name}")
    con.execute(f"DROP TABLE IF EXISTS quarantine_{name}")
    con.execute("DELETE FROM loads WHERE source = ?", [name])


def _known(con: duckdb.DuckDBPyConnection, name: str, file: DataFile) -> Load | None:
    """What became of a file whose content an earlier load brought; None when none did."""
    known = con.execute(
        "SELECT rows_read, rows_kept, rows_quarantined, rows_duplicated, rows_left_out, first_at, "
        "last_at FROM loads WHERE source = ? AND content_hash = ?",
        [name, file.content_hash],
    ).fetchall()
    return Load(name, file.name, Loaded(*known[0]), is_new=False) if known else None


def _load(con: duckdb.DuckDBPyConnection, unit: Unit, stage: Stage, facts: tuple[str, int]) -> Load:
    """Stage a file and record it; ``facts`` are the mapping's fingerprint and the instant."""
    name, file = unit.name, unit.file
    highest = con.execute("SELECT coalesce(max(load_id), 0) FROM loads").fetchall()[0][0]
    load_id = highest + 1
    rows = stage_file(con, unit, load_id, stage)
    limit = (rows.read - rows.left_out, unit.source.quarantine_limit)
    require_few(con, name, file.name, load_id, limit)
    record = [load_id, name, file.name, file.content_hash, *facts, *astuple(rows)]
    con.execute(f"INSERT INTO loads VALUES ({', '.join('?' * len(record))})", record)
    return Load(name, file.name, rows, is_new=True)


@dataclass(frozen=True)
class Tally:
    """What became of the rows of all files of one source; instants are those of its rows."""

    source: str
    files: int
    rows: Loaded


def tallies(con: duckdb.DuckDBPyConnection) -> list[Tally]:
    """Every source that was loaded, in the order of names."""
    rows = con.execute(
        "SELECT source, count(*), sum(rows_read), sum(rows_kept), sum(rows_quarantined), "
        "sum(rows_duplicated), sum(rows_left_out), min(first_at), max(last_at) FROM loads "
        "GROUP BY source ORDER BY source"
    ).fetchall()
    return [Tally(source, files, Loaded(*counts)) for source, files, *counts in rows]


def rows_read(con: duckdb.DuckDBPyConnection) -> int:
    """Rows of all files that were loaded, broken and left out ones included."""
    return int(con.execute("SELECT coalesce(sum(rows_read), 0) FROM loads").fetchall()[0][0])


def data_fingerprint(con: duckdb.DuckDBPyConnection) -> str:
    """Digest of what was loaded: sources, contents and mappings, whatever the order."""
    row = con.execute(
        "SELECT sha256(string_agg(source || content_hash || mapping, '|' "
        "ORDER BY source, content_hash, mapping)) FROM loads"
    ).fetchall()[0]
    return str(row[0])

"""Files that are whole or absent: staged beside their place, flushed, renamed; Parquet partitions.

A partition is one Parquet file and a ``manifest.json`` beside it for people. The manifest's facts
also stand in the Parquet file itself, which is the truth: a kill between the two renames leaves a
stale ``manifest.json`` that `repair_partition` writes again.
"""

import errno
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import RegularsError
from pipelines.processes import Process, has_ended, this_process

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ROWS_PER_GROUP = 65_536
"""Rows of each Parquet row group but the last, however the batches arrive."""

Fact = str | int | float | bool | None
"""A value that a manifest may hold; never a time of writing, or equal rows would differ."""

_FACTS = b"regulars.manifest"
_MAGIC_AND_LENGTH = 8  # a Parquet file ends with the footer's length (4 bytes) and "PAR1"
_STAGED = re.compile(r"\.tmp-(\d+)-(\d*)-([0-9a-f]{8})-[0-9a-f]{8}(\..*)?")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_MISPLACED = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}


class OutputNotWritable(RegularsError):
    """A file cannot be written at its place."""


class DiskFull(RegularsError):
    """A file did not fit on its disk."""


class PartitionBroken(RegularsError):
    """A Parquet file is damaged or was not written by `write_partition`."""


@dataclass(frozen=True)
class Manifest:
    """What a partition says of itself.

    Attributes
    ----------
    rows
        Number of rows.
    content_sha256
        SHA-256 (64 hex digits) of the encoded row groups; equal rows written by equal library
        versions have equal hashes.
    facts
        What the writer added: versions, as_of, fingerprints.
    """

    rows: int
    content_sha256: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def to_json(self) -> str:
        """The manifest as one JSON object, keys in a fixed order."""
        known: dict[str, Fact] = {"rows": self.rows, "content_sha256": self.content_sha256}
        return json.dumps(known | dict(sorted(self.facts.items())), ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The manifest that `to_json` wrote."""
        facts = json.loads(text)
        return cls(rows=facts.pop("rows"), content_sha256=facts.pop("content_sha256"), facts=facts)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block, a failure to write at or below ``path`` is told in the user's terms.

    Raises
    ------
    DiskFull
        When the disk or the quota is exhausted.
    OutputNotWritable
        When the place is read-only, not ours, or taken by something else.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message = f"{path} needs more space than its disk has left; free some and run again"
            raise DiskFull(message) from error
        if not _is_about(error, path):
            raise
        if error.errno in _FORBIDDEN:
            raise OutputNotWritable(
                f"{path} must be writable, but {path.parent} does not allow it "
                f"({error.strerror}); change its permissions or choose another --home"
            ) from error
        if error.errno in _MISPLACED:
            raise OutputNotWritable(
                f"{path} must be a file in a folder, but its place is taken "
                f"({error.strerror}); move what is there or choose another --home"
            ) from error
        raise


def _is_about(error: OSError, path: Path) -> bool:
    """Whether the failure concerns ``path`` and not a file elsewhere that the block reads."""
    names = [name for name in (error.filename, error.filename2) if isinstance(name, str | Path)]
    places = [Path(name) for name in names]
    return not places or any(
        place.parent == path.parent or place in path.parents or path in place.parents
        for place in places
    )


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well, that file takes the place of ``path``.

    A reader of ``path`` sees the old file or the new one. A block that raises leaves the old one.
    """
    staged = path.with_name(_staged_name(path.suffix))
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield staged
            _flush(staged)
            staged.replace(path)
            _flush(path.parent)
        finally:
            with suppress(OSError):  # the failure before this one is what matters
                staged.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Have a text take the place of the file, as `replace_file` does."""
    with replace_file(path) as staged:
        staged.write_text(text, encoding="utf-8")


def _staged_name(suffix: str) -> str:
    me = this_process()
    return f".tmp-{me.pid}-{me.birth}-{_host_mark(me.host)}-{secrets.token_hex(4)}{suffix}"


def _host_mark(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:8]


def _flush(path: Path) -> None:
    """Have the operating system put the file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> tuple[Path, ...]:
    """Staged files below the folder whose writers have ended; they are removed.

    Files staged by running processes, and by processes of other machines, stay.
    """
    me = this_process()
    swept = []
    for path in sorted(folder.rglob(".tmp-*")):
        match = _STAGED.fullmatch(path.name)
        if match is None or match[3] != _host_mark(me.host):
            continue
        if has_ended(Process(int(match[1]), me.host, match[2])):
            with writing(path):
                path.unlink(missing_ok=True)
            swept.append(path)
    return tuple(swept)


class _HashedFile(io.BufferedWriter):
    """A file that knows the SHA-256 of what was written to it so far."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "w"))
        self.digest = hashlib.sha256()

    def write(self, data: "ReadableBuffer", /) -> int:
        self.digest.update(data)
        return super().write(data)


class Partition:
    """A Parquet file in the making: row groups of `ROWS_PER_GROUP`, however rows arrive."""

    def __init__(self, staged: Path, schema: pa.Schema) -> None:
        self._file = _HashedFile(staged)
        self._schema = schema
        texts = [field.name for field in schema if not pa.types.is_floating(field.type)]
        self._writer = pq.ParquetWriter(
            self._file, schema, compression="zstd", use_dictionary=texts, write_statistics=texts
        )
        self._held = schema.empty_table()
        self.rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; memory holds one row group and one batch."""
        self._held = pa.concat_tables([self._held, pa.Table.from_batches([batch], self._schema)])
        while self._held.num_rows >= ROWS_PER_GROUP:
            self._write_group(self._held.slice(0, ROWS_PER_GROUP))
            self._held = self._held.slice(ROWS_PER_GROUP)

    def _write_group(self, group: pa.Table) -> None:
        self._writer.write_table(group.combine_chunks(), row_group_size=ROWS_PER_GROUP)
        self.rows += group.num_rows

    def finish(self, facts: Mapping[str, Fact]) -> Manifest:
        """The manifest, which now also stands in the file."""
        if self._held.num_rows:
            self._write_group(self._held)
        manifest = Manifest(self.rows, self._file.digest.hexdigest(), dict(facts))
        self._writer.add_key_value_metadata({_FACTS: manifest.to_json().encode()})
        self.close()
        return manifest

    def close(self) -> None:
        """Let go of the file, finished or not."""
        self._writer.close()
        self._file.close()


@contextmanager
def partition(path: Path, schema: pa.Schema, facts: Mapping[str, Fact]) -> Iterator[Partition]:
    """A partition to write to; when the block ends well, it takes the place of ``path``.

    Equal rows and facts give equal bytes, wherever the batches are cut. ``manifest.json`` beside
    the file says the same as the file's own metadata.
    """
    with replace_file(path) as staged:
        made = Partition(staged, schema)
        try:
            yield made
            manifest = made.finish(facts)
        finally:
            made.close()
    _write_manifest(path, manifest)


def write_partition(
    path: Path,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    facts: Mapping[str, Fact],
) -> Manifest:
    """The manifest of the Parquet file that took the place of ``path``, rows in order of batches.

    See `partition`.
    """
    with partition(path, schema, facts) as made:
        for batch in batches:
            made.write(batch)
    return read_manifest(path)


def _write_manifest(path: Path, manifest: Manifest) -> None:
    replace_text(path.with_name("manifest.json"), manifest.to_json() + "\n")


def read_manifest(path: Path) -> Manifest:
    """What the Parquet file at ``path`` says of itself; ``manifest.json`` is not asked.

    Raises
    ------
    PartitionBroken
        When the file is missing, damaged, or carries no manifest.
    """
    try:
        facts = (pq.read_metadata(path).metadata or {}).get(_FACTS)
    except FileNotFoundError as error:
        raise PartitionBroken(f"there is no {path}; write it again") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise PartitionBroken(
            f"{path} must be a whole Parquet file, but it is damaged; delete it and write it again"
        ) from error
    if facts is None:
        raise PartitionBroken(
            f"{path} must carry a manifest, but has none: another program wrote it; "
            "move it away and write the partition again"
        )
    return Manifest.from_json(facts)


def content_sha256(path: Path) -> str:
    """SHA-256 (64 hex digits) of the row groups as they are on the disk now.

    Equal to the manifest's ``content_sha256`` as long as nothing changed the file.
    """
    left = path.stat().st_size - _MAGIC_AND_LENGTH - pq.read_metadata(path).serialized_size
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def repair_partition(path: Path) -> bool:
    """Whether ``manifest.json`` had to be written again to say what the Parquet file says."""
    manifest = read_manifest(path)
    beside = path.with_name("manifest.json")
    if beside.is_file() and beside.read_text(encoding="utf-8") == manifest.to_json() + "\n":
        return False
    _write_manifest(path, manifest)
    return True

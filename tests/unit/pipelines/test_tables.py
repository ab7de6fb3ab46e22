"""Files that are whole or absent, and Parquet partitions whose file is the truth."""

import errno
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import tables
from pipelines.tables import (
    DiskFull,
    Fact,
    Manifest,
    OutputNotWritable,
    PartitionBroken,
    content_sha256,
    read_manifest,
    repair_partition,
    replace_file,
    sweep,
    write_partition,
)

SCHEMA = pa.schema([("customer", pa.string()), ("probability", pa.float64())])
FACTS: dict[str, Fact] = {"model_version": 3, "as_of": "2024-03-01", "note": None}


def scores(rows: int = 3) -> pa.RecordBatch:
    values = [None if i % 5 == 4 else i / 7 for i in range(rows)]
    return pa.record_batch([[f"客{i:04}" for i in range(rows)], values], schema=SCHEMA)


def cut(batch: pa.RecordBatch, sizes: list[int]) -> Iterator[pa.RecordBatch]:
    start = 0
    for size in [*sizes, batch.num_rows]:
        yield batch.slice(start, size)
        start += size


def half_written(path: Path, stop: BaseException) -> None:
    with replace_file(path) as staged:
        staged.write_text("half")
        raise stop


def left_behind(folder: Path, *, host: str | None = None) -> Path:
    """A staged file whose writer had this process's number, but was born on the first tick."""
    with replace_file(folder / "any.parquet") as staged:
        staged.write_text("any")
    parts = staged.name.split("-")
    parts[2], parts[3] = "1", host or parts[3]
    (folder / "any.parquet").unlink()
    left = folder / "-".join(parts)
    left.write_text("half")
    return left


# ------------------------------------------------------------------------------- replace_file


def test_a_file_takes_its_place_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    with replace_file(path) as staged:
        staged.write_text("new")
        assert not path.exists()
        assert (staged.parent, staged.suffix) == (path.parent, ".html")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_block_that_stops_leaves_the_old_file_alone(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(stop):
        half_written(path, stop())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_taken_place_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.mkdir()
    expected = (
        f"{path} must be a file in a folder, but its place is taken (Is a directory); "
        "move what is there or choose another --home"
    )
    with (
        pytest.raises(OutputNotWritable, match=f"^{re.escape(expected)}$"),
        replace_file(path) as staged,
    ):
        staged.write_text("new")


def test_a_folder_whose_place_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scores").write_text("a file")
    with (
        pytest.raises(OutputNotWritable, match="its place is taken"),
        replace_file(tmp_path / "scores" / "page.html") as staged,
    ):
        staged.write_text("new")


def test_a_read_only_folder_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(self: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system", str(self), None, str(target))

    path = tmp_path / "page.html"
    monkeypatch.setattr(Path, "replace", read_only)
    expected = (
        f"{path} must be writable, but {tmp_path} does not allow it (Read-only file system); "
        "change its permissions or choose another --home"
    )
    with (
        pytest.raises(OutputNotWritable, match=f"^{re.escape(expected)}$"),
        replace_file(path) as staged,
    ):
        staged.write_text("new")


def test_a_full_disk_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    expected = f"{path} needs more space than its disk has left; free some and run again"
    with pytest.raises(DiskFull, match=f"^{re.escape(expected)}$"):
        half_written(path, OSError(errno.ENOSPC, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_an_input_that_the_block_cannot_read_is_not_called_an_output(tmp_path: Path) -> None:
    denied = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "in" / "a.csv"))
    with pytest.raises(PermissionError):
        half_written(tmp_path / "out" / "page.html", denied)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB; only an administrator can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_partition_that_does_not_fit_leaves_the_old_one(small_disk: Path) -> None:
    path = small_disk / "scores.parquet"
    old = write_partition(path, [scores(10)], SCHEMA, FACTS)
    many = pa.record_batch(
        [[os.urandom(8).hex() for _ in range(20_000)], [0.5] * 20_000], schema=SCHEMA
    )
    with pytest.raises(DiskFull, match="needs more space than its disk has left"):
        write_partition(path, [many], SCHEMA, FACTS)
    assert read_manifest(path) == old
    assert sorted(p.name for p in small_disk.iterdir()) == ["manifest.json", "scores.parquet"]


def test_a_file_system_that_became_read_only_is_refused(small_disk: Path) -> None:
    path = small_disk / "scores.parquet"
    old = write_partition(path, [scores(10)], SCHEMA, FACTS)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(OutputNotWritable, match=r"Read-only file system"):
        write_partition(path, [scores(11)], SCHEMA, FACTS)
    assert read_manifest(path) == old


# -------------------------------------------------------------------------------------- sweep


def test_leftovers_of_dead_processes_are_swept_at_any_depth(tmp_path: Path) -> None:
    left = left_behind(tmp_path / "a" / "b")
    assert sweep(tmp_path) == (left,)
    assert not left.exists()


def test_what_a_living_process_stages_is_not_swept(tmp_path: Path) -> None:
    with replace_file(tmp_path / "page.html") as staged:
        staged.write_text("half")
        assert sweep(tmp_path) == ()
    assert (tmp_path / "page.html").read_text() == "half"


def test_a_folder_that_is_not_there_needs_no_sweep(tmp_path: Path) -> None:
    assert sweep(tmp_path / "scores") == ()


def test_other_files_are_not_swept(tmp_path: Path) -> None:
    of_another_machine = left_behind(tmp_path, host="00000000").name
    for name in (".tmp-notes", "scores.parquet"):
        (tmp_path / name).write_text("kept")
    assert sweep(tmp_path) == ()
    kept = {".tmp-notes", "scores.parquet", of_another_machine}
    assert {p.name for p in tmp_path.iterdir()} == kept


# --------------------------------------------------------------------------------- partitions


def test_a_partition_holds_the_rows_in_order_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "as_of=2024-03-01" / "scores.parquet"
    manifest = write_partition(path, cut(scores(10), [3, 0, 4]), SCHEMA, FACTS)
    assert pq.read_table(path).to_pydict() == scores(10).to_pydict()
    assert manifest == Manifest(10, content_sha256(path), FACTS)
    assert read_manifest(path) == manifest
    beside = path.with_name("manifest.json").read_bytes()
    assert Manifest.from_json(beside) == manifest


def test_no_rows_make_a_partition_of_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    assert write_partition(path, [], SCHEMA, {}).rows == 0
    assert pq.read_table(path).schema.equals(SCHEMA)
    assert content_sha256(path) == read_manifest(path).content_sha256


@given(st.lists(st.integers(0, 40), max_size=12))
def test_the_bytes_do_not_depend_on_how_the_batches_are_cut(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "ROWS_PER_GROUP", 16)
        write_partition(folder / "whole.parquet", [scores(100)], SCHEMA, FACTS)
        sizes = [size for i, size in enumerate(sizes) if sum(sizes[: i + 1]) <= 100]
        write_partition(folder / "cut.parquet", cut(scores(100), sizes), SCHEMA, FACTS)
    assert (folder / "whole.parquet").read_bytes() == (folder / "cut.parquet").read_bytes()
    groups = pq.ParquetFile(folder / "cut.parquet").metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [16] * 6 + [4]


def test_other_rows_have_another_hash(tmp_path: Path) -> None:
    one = write_partition(tmp_path / "a.parquet", [scores(3)], SCHEMA, {})
    other = write_partition(tmp_path / "b.parquet", [scores(4)], SCHEMA, {})
    assert one.content_sha256 != other.content_sha256


def test_batches_that_fail_midway_leave_the_old_partition(tmp_path: Path) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield scores(3)
        raise ZeroDivisionError

    path = tmp_path / "scores.parquet"
    old = write_partition(path, [scores(2)], SCHEMA, FACTS)
    with pytest.raises(ZeroDivisionError):
        write_partition(path, failing(), SCHEMA, FACTS)
    assert read_manifest(path) == old
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "scores.parquet"]


def test_a_manifest_left_stale_by_a_kill_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_path: Path, _manifest: Manifest) -> None:
        raise SystemExit

    path = tmp_path / "scores.parquet"
    write_partition(path, [scores(2)], SCHEMA, FACTS)
    with monkeypatch.context() as patch:
        patch.setattr(tables, "_write_manifest", killed)
        with pytest.raises(SystemExit):
            write_partition(path, [scores(5)], SCHEMA, FACTS)
    beside = path.with_name("manifest.json")
    assert Manifest.from_json(beside.read_bytes()).rows == 2
    assert read_manifest(path).rows == 5
    assert repair_partition(path)
    assert Manifest.from_json(beside.read_bytes()).rows == 5
    assert not repair_partition(path)


def test_a_missing_manifest_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    manifest = write_partition(path, [scores(2)], SCHEMA, FACTS)
    path.with_name("manifest.json").unlink()
    assert repair_partition(path)
    assert Manifest.from_json(path.with_name("manifest.json").read_bytes()) == manifest


@pytest.mark.parametrize("damage", [b"", b"not Parquet at all", None])
def test_a_damaged_partition_is_refused_by_name(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "scores.parquet"
    write_partition(path, [scores(50)], SCHEMA, FACTS)
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    expected = (
        f"{path} must be a whole Parquet file, but it is damaged; delete it and write it again"
    )
    with pytest.raises(PartitionBroken, match=f"^{re.escape(expected)}$"):
        read_manifest(path)


def test_a_partition_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    pq.write_table(pa.table({"customer": ["1"]}), path)
    with pytest.raises(PartitionBroken, match="must carry a manifest, but has none"):
        read_manifest(path)


def test_a_partition_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    with pytest.raises(PartitionBroken, match=f"^there is no {re.escape(str(path))}; write it"):
        read_manifest(path)


def test_one_flipped_bit_of_the_rows_changes_the_content_hash(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    manifest = write_partition(path, [scores(50)], SCHEMA, FACTS)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    assert content_sha256(path) != manifest.content_sha256


def test_a_manifest_is_one_json_object_in_a_fixed_order() -> None:
    manifest = Manifest(2, "ab", {"b": 1, "a": "花"})
    assert manifest.to_json() == replace(manifest, facts={"a": "花", "b": 1}).to_json()
    assert manifest.to_json() == (
        '{\n  "rows": 2,\n  "content_sha256": "ab",\n  "a": "花",\n  "b": 1\n}'
    )

"""Who decided what, when and why: JSON lines that are only ever added."""

import getpass
import json
import logging
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipelines.audit import AuditUnreadable, Entry, history, record, who

AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


def entry(why: str = "gates passed", at: datetime = AT) -> Entry:
    return Entry(
        at=at,
        who="ann@shop",
        what="promote",
        why=why,
        review="r-1",
        from_version=1,
        to_version=2,
    )


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "shop.jsonl"
    record(path, entry("first"))
    record(path, entry("second: 花\nin two lines"))
    assert history(path) == (entry("first"), entry("second: 花\nin two lines"))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_no_file_is_no_history(tmp_path: Path) -> None:
    assert history(tmp_path / "shop.jsonl") == ()


def test_instants_are_written_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "shop.jsonl"
    record(path, entry(at=AT.astimezone(timezone(timedelta(hours=8)))))
    assert json.loads(path.read_text())["at"] == "2024-03-01T09:30:00Z"


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        entry(at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_a_torn_last_line_is_passed_over(
    tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "shop.jsonl"
    record(path, entry("whole"))
    record(path, entry("torn"))
    path.write_bytes(path.read_bytes()[:-cut])
    with caplog.at_level(logging.WARNING):
        found = history(path)
    # the line break alone may be missing: then the entry is whole
    assert found == ((entry("whole"), entry("torn")) if cut == 1 else (entry("whole"),))
    assert bool(caplog.records) == (cut > 1)


def test_an_entry_after_a_torn_line_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "shop.jsonl"
    record(path, entry("torn"))
    path.write_bytes(path.read_bytes()[:-9])
    record(path, entry("after"))
    assert history(path) == (entry("after"),)


def test_a_line_that_is_no_entry_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "shop.jsonl"
    record(path, entry())
    path.write_text(path.read_text() + '{"other": "program"}\n')
    expected = (
        f"{path} must hold one entry a line, but line 2 is none; restore the file from a backup"
    )
    with pytest.raises(AuditUnreadable, match=f"^{re.escape(expected)}$"):
        history(path)


def test_who_names_account_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "till-7")
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert who() == "ann@till-7"


def test_an_account_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("socket.gethostname", lambda: "till-7")
    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert who() == "4711@till-7"

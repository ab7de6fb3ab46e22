from pathlib import Path

import pytest

from features.delimited import Delimited, delimited, header_of, open_quote
from features.schemas import Source
from features.textfile import EncodingWrong, FileUnreadable
from tests.loading import fully


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def opens_at(folder: Path, text: str, delimiter: str = ",") -> int | None:
    path = file_of(folder, text.encode())
    return open_quote(Delimited(path, delimiter, ()))


def test_a_header_gives_its_delimiter_and_names(tmp_path: Path) -> None:
    path = file_of(tmp_path, '\ufeff"a;b";c;;c d\n1;2;3;4\n'.encode())
    assert header_of(path, "utf-8", None) == (";", ["a;b", "c", "column_3", "c d"])
    path = file_of(tmp_path, b"a;b,c\n")
    assert header_of(path, "utf-8", ";") == (";", ["a", "b,c"])


def test_plain_text_is_read_where_it_lies(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a,b\n1,2\n")
    with delimited(path, Source(path="x"), tmp_path) as text:
        assert text == Delimited(path, ",", ("a", "b"))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("a,王\n".encode("cp950"), "cp950"), ("a,王\r\n1,2\n".encode(), "utf-8")],
    ids=["encoding", "line ends"],
)
def test_other_text_is_copied_for_as_long_as_it_is_read(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    path = file_of(tmp_path, content)
    with delimited(path, Source(path="x", encoding=encoding), spill) as text:
        copied = text.path.read_bytes()
        assert text.names == ("a", "王")
        assert copied == content.decode(encoding).replace("\r\n", "\n").encode()
    assert list(spill.iterdir()) == []


def test_a_copy_that_fails_is_removed(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    path = file_of(tmp_path, b"a\n+2AA-\n")
    with (
        pytest.raises(EncodingWrong),
        delimited(path, Source(path="x", encoding="utf-7"), spill),
    ):
        pass
    assert list(spill.iterdir()) == []


def test_a_spill_folder_that_cannot_hold_the_copy_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a\r\nb\n")
    text = (
        f"{path} needs a copy in UTF-8 with one kind of line end, but {tmp_path}/spill cannot hold "
        f"it: No such file or directory; make room there, or save the file as utf-8"
    )
    with (
        pytest.raises(FileUnreadable, match=fully(text)),
        delimited(path, Source(path="x"), tmp_path / "spill"),
    ):
        pass


@pytest.mark.parametrize(
    "text",
    [
        *("a,b\n", '"a",b\n', '"a\nb",c\n', '"a""b",c\n', '"",""\n', 'a,"b"', 'a"b,c"d\n'),
        *('"a""\n""b",c\n"d"\n', '"a\r\nb",c\r\n'),
    ],
)
def test_quotes_in_pairs_are_closed(tmp_path: Path, text: str) -> None:
    assert opens_at(tmp_path, text) is None


@pytest.mark.parametrize("text", ['"a"b,c\n', 'x,"a" ,c\nd,e\n', '"a"b"c,d\n'])
def test_a_quote_that_is_wrong_within_its_line_is_not_open(tmp_path: Path, text: str) -> None:
    assert opens_at(tmp_path, text) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        *(('"', 1), ('a\nb,"c\nd\n', 2), ('a\n"b\nc"d\n', 2), ('a\n"b\n"c","d\n', 2)),
        *(('"a""\n', 1), ('"a\nb",c\n"d\ne', 3)),
    ],
)
def test_a_quote_that_no_later_one_closes_is_found_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    assert opens_at(tmp_path, text) == line


def test_quotes_begin_after_the_delimiter_that_is_used(tmp_path: Path) -> None:
    assert opens_at(tmp_path, 'a;"b\nc\n', ";") == 1
    assert opens_at(tmp_path, 'a;"b\nc\n', ",") is None

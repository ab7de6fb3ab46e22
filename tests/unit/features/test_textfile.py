import codecs
from pathlib import Path

import pytest

from features.textfile import (
    CHUNK,
    EncodingWrong,
    FileUnreadable,
    content_hash,
    decoded,
    find_delimiter,
    is_plain,
    line_ends,
    require_encoding,
    require_file,
    require_text,
)
from tests.loading import fully


def file_of(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def test_a_file_with_a_byte_is_enough(tmp_path: Path) -> None:
    require_file(file_of(tmp_path, b"x"), "--from")


def test_the_setting_is_named_as_it_was_given(tmp_path: Path) -> None:
    text = f"--from needs rows, but {tmp_path}/file.csv is empty (0 bytes)"
    with pytest.raises(FileUnreadable, match=fully(text)):
        require_file(file_of(tmp_path, b""), "--from")


def test_text_that_begins_like_a_magic_number_is_text(tmp_path: Path) -> None:
    require_text(file_of(tmp_path, b"PAR"))
    require_text(file_of(tmp_path, b"PK,order"))


def test_the_hash_of_content_is_of_the_bytes_in_order(tmp_path: Path) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"a")
    other.write_bytes(b"b")
    known = "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"  # sha256 of ab
    assert content_hash((one, other)) == known
    assert content_hash((other, one)) != known


@pytest.mark.parametrize("encoding", ["utf-8", "cp950", "utf-16", "gb18030"])
def test_characters_that_pieces_part_are_whole(tmp_path: Path, encoding: str) -> None:
    text = "a" + "王" * CHUNK
    assert "".join(decoded(file_of(tmp_path, text.encode(encoding)), encoding)) == text


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = file_of(tmp_path, codecs.BOM_UTF8 + b"a")
    assert list(decoded(path, "utf-8")) == ["a"]
    assert list(decoded(path, "UTF8")) == ["a"]


@pytest.mark.parametrize("before", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_the_first_wrong_byte_is_found_wherever_it_is(tmp_path: Path, before: int) -> None:
    path = file_of(tmp_path, b"\n" * before + b"\xff")
    with pytest.raises(EncodingWrong, match=rf"but byte {before} \(line {before + 1}\) is not"):
        list(decoded(path, "utf-8"))


def test_a_wrong_byte_after_half_a_character_of_the_piece_before_is_found(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a" * (CHUNK - 1) + b"\xe7\x8e,")
    with pytest.raises(EncodingWrong, match=rf"but byte {CHUNK - 1} \(line 1\) is not"):
        list(decoded(path, "utf-8"))


def test_half_a_character_at_the_end_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(EncodingWrong, match=r"but byte 1 \(line 1\) is not"):
        list(decoded(file_of(tmp_path, b"a\xe7"), "utf-8"))


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        *((b"", 0), (b"a", 0), (b"a\nb\n", 1), (b"a\r\nb\r\n", 1), (b"a\rb\r", 1)),
        *((b"a\nb\r\n", 2), (b"a\rb\n", 2), (b"a\rb\nc\r\n", 3), (b"a\r\r\n", 2)),
        (b"a" * (CHUNK - 1) + b"\r\n", 1),
    ],
)
def test_kinds_of_line_ends_are_counted(tmp_path: Path, content: bytes, kinds: int) -> None:
    assert line_ends(file_of(tmp_path, content), "utf-8") == kinds


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "Big5", "cp950", "latin-1", "utf-16-le"])
def test_encodings_of_text_are_known(name: str) -> None:
    assert require_encoding(name) == name


@pytest.mark.parametrize(
    "name", ["big6", "", "x\0", "\ud800", "base64", "rot13", "zlib", "unicode_escape", "idna"]
)
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    text = (
        "needs the name of an encoding, such as utf-8, cp950, big5hkscs, gb18030, cp1252, latin-1"
    )
    with pytest.raises(ValueError, match=fully(text)):
        require_encoding(name)


def test_only_utf_8_is_plain() -> None:
    assert [is_plain(name) for name in ("utf-8", "UTF8", "utf-8-sig", "ascii")] == [
        *(True, True, False, False)
    ]


@pytest.mark.parametrize(
    ("header", "mark"),
    [
        *(("a,b;c,d", ","), ("a;b", ";"), ("a\tb\tc,d", "\t"), ("a|b", "|"), ("alone", ",")),
        *(('"a,b,c";d', ";"), ("a,b;c", ",")),
    ],
)
def test_the_delimiter_stands_most_often_outside_quotes(header: str, mark: str) -> None:
    assert find_delimiter(header) == mark

"""What must be known of a text file before it is read: its encoding, delimiter and header."""

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path

from features.errors import RegularsError

CHUNK = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
GUESSES = ("utf-8", "cp950", "big5hkscs", "gb18030", "cp1252", "latin-1")


class FileUnreadable(RegularsError):
    """A file is missing, empty, of the wrong kind or damaged."""


class EncodingWrong(RegularsError):
    """A text file is not written in the encoding that the config names."""


def require_file(path: Path, setting: str) -> None:
    """Refuse a path that is missing, a folder or empty.

    Raises
    ------
    FileUnreadable
        Naming the setting and the path.
    """
    if not path.exists():
        message = f"{setting} needs a file, but {path} does not exist; correct the path"
        raise FileUnreadable(message)
    if path.is_dir():
        message = f"{setting} needs a file, but {path} is a folder without data files"
        raise FileUnreadable(message)
    if path.stat().st_size == 0:
        message = f"{setting} needs rows, but {path} is empty (0 bytes)"
        raise FileUnreadable(message)


def content_hash(paths: tuple[Path, ...]) -> str:
    """SHA-256 (64 hex digits) over the bytes of the files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """Text of a file in pieces, without a byte order mark.

    Raises
    ------
    EncodingWrong
        At the first byte that is not of the encoding; names encodings that fit.
    """
    decoder = codecs.getincrementaldecoder(_with_mark(encoding))()
    position = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                message = _advice(path, encoding, position + error.start)
                raise EncodingWrong(message) from error
            if text:
                yield text
            if not chunk:
                return
            position += len(chunk)


def require_known(encoding: str, setting: str) -> None:
    """Refuse an encoding that does not exist.

    Raises
    ------
    EncodingWrong
        Naming the setting.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        message = (
            f"{setting}.encoding needs the name of an encoding, but found {encoding!r}; "
            f"common ones: {', '.join(GUESSES)}"
        )
        raise EncodingWrong(message) from error


def is_plain(encoding: str) -> bool:
    """Whether the engine reads the encoding by itself."""
    return codecs.lookup(encoding).name == "utf-8"


def find_delimiter(header: str) -> str:
    """The delimiter that stands most often outside quotes in the first line; a comma if none."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (bare.count(mark), -DELIMITERS.index(mark)))


def _with_mark(encoding: str) -> str:
    return "utf-8-sig" if is_plain(encoding) else encoding


def _advice(path: Path, encoding: str, position: int) -> str:
    with path.open("rb") as file:
        before = file.read(position)
        sample = before[-CHUNK:] + file.read(CHUNK)
    line = before.count(b"\n") + 1
    fitting = [guess for guess in GUESSES if guess != encoding and _reads(sample, guess)]
    return (
        f"{path} needs to be {encoding}, but byte {position} (line "
        f"{line}) is not; encodings that fit: {', '.join(fitting) or 'none'}; "
        f"set encoding in the config, or save the file as utf-8"
    )


def _reads(sample: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True

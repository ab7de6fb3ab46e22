"""What must be known of a text file before it is read: its kind, encoding and line ends."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from features.errors import RegularsError

CHUNK = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
GUESSES = ("utf-8", "cp950", "big5hkscs", "gb18030", "cp1252", "latin-1")

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS = {
    b"PAR1": "Parquet: let its name end in .parquet",
    b"PK\x03\x04": "a workbook or a zip archive: export or unpack CSV files",
    b"\xd0\xcf\x11\xe0": "an old workbook: export CSV files",
    b"\x1f\x8b": "compressed: unpack it",
}
"""First bytes of what is often taken for CSV, and what to do with it."""

_OF_NO_FILE = ("unicode-escape", "raw-unicode-escape", "idna", "punycode")


class FileUnreadable(RegularsError):
    """A file is missing, empty, of the wrong kind or damaged."""


class EncodingWrong(RegularsError):
    """A text file is not written in the encoding that the config names."""


def require_file(path: Path, setting: str) -> None:
    """Refuse a path that is missing, a folder, empty, or no file on a disk.

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
    if not path.is_file():
        message = f"{setting} needs a file, but {path} is a device or a pipe; save it to a file"
        raise FileUnreadable(message)
    if path.stat().st_size == 0:
        message = f"{setting} needs rows, but {path} is empty (0 bytes)"
        raise FileUnreadable(message)


def require_text(path: Path) -> None:
    """Refuse a file that is known by its first bytes to be anything but text.

    Raises
    ------
    FileUnreadable
        Saying what it is and what to do.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, kind in _KINDS.items():
        if start.startswith(mark):
            message = f"{path} needs to be CSV, but is {kind}"
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
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                start = error.start if isinstance(error, UnicodeDecodeError) else 0
                message = _advice(path, encoding, position - len(pending) + start)
                raise EncodingWrong(message) from error
            if text:
                yield text
            if not chunk:
                return
            position += len(chunk)


def line_ends(path: Path, encoding: str) -> int:
    """How many kinds of line ends (LF, CRLF, CR) a file has; reads all of it.

    Raises
    ------
    EncodingWrong
        At the first byte that is not of the encoding.
    """
    counter = io.IncrementalNewlineDecoder(None, translate=False)
    for text in decoded(path, encoding):
        counter.decode(text)
    counter.decode("", final=True)
    found = counter.newlines
    return len(found) if isinstance(found, tuple) else int(found is not None)


def require_encoding(encoding: str) -> str:
    """The encoding, when it is one of text.

    Raises
    ------
    ValueError
        Naming common encodings.
    """
    message = f"needs the name of an encoding, such as {', '.join(GUESSES)}"
    try:
        known = codecs.lookup(encoding)
        is_text = isinstance(known.incrementaldecoder("strict").decode(b""), str)
    except (LookupError, ValueError, TypeError) as error:
        raise ValueError(message) from error
    if not is_text or known.name in _OF_NO_FILE:
        raise ValueError(message)
    return encoding


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
    line, sample = 1, b""
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        while (left := position - file.tell()) > 0:
            sample = file.read(min(CHUNK, left))
            line += sample.count(b"\n")
        sample = sample[sample.find(b"\n") + 1 :] + file.read(CHUNK)
    guesses = ("utf-16",) if start in _UTF16_MARKS else GUESSES
    fitting = [guess for guess in guesses if guess != encoding and _reads(sample, guess)]
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

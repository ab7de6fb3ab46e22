"""Which encoding a text file is written in, where several could read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from features.guessing.evidence import percent
from features.textfile import GUESSES, EncodingWrong, FileUnreadable, decoded, require_text

ENOUGH = 20_000
"""Characters beyond ASCII that decide; the rest of the file only has to be readable."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Encoding:
    """Name of an encoding, how sure it is (0..1), and why."""

    name: str
    confidence: float
    reason: str


def guess_encoding(path: Path) -> Encoding:
    """Encoding of a text file.

    UTF-8 proves itself, since other text hardly ever is valid UTF-8 by chance. Big5 and GB 18030
    read each other's bytes, and those of Western files, without complaint: what tells them apart
    is that text consists of common characters, which both keep in their first plane.

    Raises
    ------
    FileUnreadable
        When the file is no text, or none of the known encodings reads it.
    """
    require_text(path)
    with path.open("rb") as file:
        start = file.read(2)
    if start.startswith(_UTF16_MARKS):
        return Encoding("utf-16", 0.99, "byte order mark")
    if (beyond := _beyond_ascii(path, "utf-8")) is not None:
        reason = "every byte is valid UTF-8" if beyond else "ASCII only"
        return Encoding("utf-8", 0.99, reason)
    readings = {name: _beyond_ascii(path, name) for name in GUESSES[1:]}
    scores = {name: _plausible(text, name) for name, text in readings.items() if text}
    if not scores:
        message = f"{path} needs to be text, but no known encoding reads it: {', '.join(GUESSES)}"
        raise FileUnreadable(message)
    best = max(scores, key=lambda name: (round(scores[name], 2), -GUESSES.index(name)))
    share = scores[best]
    return Encoding(best, min(0.98, share), f"{percent(share)} common characters when read so")


def _beyond_ascii(path: Path, encoding: str) -> str | None:
    """Text with at least the first characters beyond ASCII and their neighbours; None: unread."""
    kept: list[str] = []
    count = 0
    try:
        for text in decoded(path, encoding):
            if count < ENOUGH:
                lines = [line for line in text.splitlines() if not line.isascii()]
                kept += lines
                count += sum(len(line) for line in lines)
    except EncodingWrong:
        return None
    return "\n".join(kept)


def _plausible(text: str, encoding: str) -> float:
    """Share of the characters beyond ASCII that are common in text of the encoding."""
    if encoding in ("cp1252", "latin-1"):
        return _share(_western(text))
    beyond = (char for char in text if not char.isascii())
    return _share(_is_common(char, encoding) for char in beyond)


def _western(text: str) -> Iterable[bool]:
    """For each character beyond ASCII: is it a letter within a word, or a currency sign."""
    padded = f" {text} "
    for before, char, after in zip(padded, padded[1:], padded[2:], strict=False):
        if not char.isascii():
            in_word = any(near.isascii() and near.isalpha() for near in (before, after))
            yield (char.isalpha() and in_word) or char in "€£°ª®™’–"


def _is_common(char: str, encoding: str) -> bool:
    """Whether a character lies in the plane of common ones: Big5 A1..C6, GB 2312 A1..D7."""
    code = char.encode(encoding, errors="replace")
    if len(code) != 2:  # noqa: PLR2004  # both write common characters as two bytes
        return False
    lead, trail = code
    if encoding == "gb18030":
        return 0xA1 <= lead <= 0xD7 and trail >= 0xA1  # noqa: PLR2004  # see above
    return 0xA1 <= lead <= 0xC6  # noqa: PLR2004  # see above


def _share(marks: Iterable[bool]) -> float:
    values = list(marks)
    return sum(values) / len(values) if values else 0.0

"""What is guessed from a made-up shop's files, in terms that a test can compare."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from features.guess import Guessed, guess_orders
from features.schemas import Expression
from features.settings import Engine
from features.warehouse import warehouse
from tests.till import PLAIN, Columns, Sold, write_csv


def look_at(path: Path) -> Guessed:
    """What is guessed from a file."""
    with TemporaryDirectory() as folder:
        spill = Path(folder)
        with warehouse(Path(":memory:"), Engine(), spill, read_only=False) as con:
            return guess_orders(con, path, spill)


def guessed(tmp_path: Path, columns: Columns, lines: Sequence[Sold] | None = None) -> Guessed:
    """What is guessed from a CSV file in UTF-8 with commas."""
    return look_at(write_csv(tmp_path / "orders.csv", columns, lines))


def mapping(found: Guessed) -> dict[str, str]:
    """Canonical column to the source column or expression."""
    return {
        guess.what: guess.origin.expression
        if isinstance(guess.origin, Expression)
        else str(guess.origin)
        for guess in found.columns
        if guess.origin is not None
    }


def sure(found: Guessed, column: str) -> float:
    """Confidence of one column's guess."""
    return next(guess.confidence for guess in found.columns if guess.what == column)


def reason(found: Guessed, column: str) -> str:
    """Reason of one column's guess."""
    return next(guess.reason for guess in found.columns if guess.what == column)


def without(name: str) -> Columns:
    """The plain columns but one."""
    return {key: write for key, write in PLAIN.items() if key != name}

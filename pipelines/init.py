"""Job: look at a file of purchases and write a commented config for it."""

import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from features.errors import RegularsError
from features.guess import Guessed, guess_orders
from features.guessing.evidence import Guess
from features.schemas import Expression
from features.settings import Engine
from features.warehouse import warehouse
from pipelines.check import load_config
from pipelines.commented import CHECKED_BELOW, Place, config_text
from pipelines.tables import replace_file
from pipelines.yamlfile import ConfigUnreadable

_IN_MEMORY = Path(":memory:")
_LONGEST_NAME = 63
_UNNAMED = "shop"


class ConfigExists(RegularsError):
    """There is something already where the config would be written."""


class GuessUnusable(RegularsError):
    """What was guessed does not make a valid config."""


@dataclass(frozen=True)
class Row:
    """One line of the table that a person is shown."""

    what: str
    found: str
    sure: str
    reason: str


@dataclass(frozen=True)
class Written:
    """A config that was written, and what it guesses.

    Attributes
    ----------
    path
        The config.
    name
        Of the business.
    guesses
        Columns in the order of the schema, then settings, currency and time zone.
    rows, customers
        Rows of the file, and customers who bought.
    first_on, last_on
        First and last day of purchases.
    quarantined
        Rows that would break the contract.
    """

    path: Path
    name: str
    guesses: tuple[Guess, ...]
    rows: int
    customers: int
    first_on: date
    last_on: date
    quarantined: int

    @property
    def table(self) -> tuple[Row, ...]:
        """What was guessed, from where, how sure, and why, as texts."""
        return tuple(_row(guess) for guess in self.guesses)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """What the config marks with CHECK."""
        return tuple(
            guess.what
            for guess in self.guesses
            if guess.origin is not None and guess.confidence < CHECKED_BELOW
        )


def run(source: Path, target: Path | None = None) -> Written:
    """A commented config for a file of purchases, written only when it is valid.

    Parameters
    ----------
    source
        One CSV or Parquet file, one row per order and item.
    target
        Where to write; None: ``NAME.yaml`` in the current folder, NAME from the file's name.

    Raises
    ------
    ConfigExists
        When there is something at the target; it stays as it is.
    RegularsError
        When the file cannot be read or does not look like purchases; nothing is written.
    """
    name = _name_of(source)
    path = Path(f"{name}.yaml") if target is None else target
    _require_free(path)
    with TemporaryDirectory(prefix="regulars-") as folder:
        spill = Path(folder)
        with warehouse(_IN_MEMORY, Engine(), spill, read_only=False) as con:
            guessed = guess_orders(con, source, spill)
    text = config_text(guessed, Place(name, _written_path(source, path), source.name))
    with replace_file(path) as staged:
        staged.write_text(text, encoding="utf-8")
        _require_valid(staged, source)
        _require_free(path)
    return _report(path, name, guessed)


def _require_free(path: Path) -> None:
    if path.exists() or path.is_symlink():
        message = (
            f"init needs a place for a new config, but {path} is there already; "
            f"name another with --to, or move it away"
        )
        raise ConfigExists(message)


def _require_valid(staged: Path, source: Path) -> None:
    """Refuse to publish what the next command would refuse to read."""
    try:
        load_config(str(staged))
    except RegularsError as error:
        problems = str(error).replace(str(staged), "the config")
        kind = "cannot be read" if isinstance(error, ConfigUnreadable) else "is not valid"
        message = (
            f"the config guessed from {source} {kind}, so nothing was written; write it by hand, "
            f"after the examples in configs:\n{problems}"
        )
        raise GuessUnusable(message) from error


def _name_of(source: Path) -> str:
    """Name for the business from the file's: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", source.stem).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    name = words if words[:1].isalpha() else f"{_UNNAMED}_{words}".rstrip("_")
    return name[:_LONGEST_NAME]


def _written_path(source: Path, target: Path) -> str:
    """The file's path as seen from the config's folder; absolute where they share no folder."""
    file, folder = source.absolute(), target.absolute().parent
    shared = Path(os.path.commonpath([file, folder]))
    return str(file) if shared == Path(file.anchor) else os.path.relpath(file, folder)


def _report(path: Path, name: str, guessed: Guessed) -> Written:
    return Written(
        path=path,
        name=name,
        guesses=(
            *guessed.columns,
            *guessed.settings.values(),
            guessed.currency,
            guessed.time_zone,
        ),
        rows=guessed.facts.rows,
        customers=guessed.pace.customers,
        first_on=guessed.pace.first_on,
        last_on=guessed.pace.last_on,
        quarantined=sum(guessed.broken.values()),
    )


def _row(guess: Guess) -> Row:
    if guess.origin is None:
        return Row(guess.what, "–", "–", guess.reason)
    is_computed = isinstance(guess.origin, Expression)
    found = guess.origin.expression if isinstance(guess.origin, Expression) else str(guess.origin)
    return Row(
        guess.what,
        f"= {found}" if is_computed else found,
        f"{guess.confidence * 100:.0f} %",
        guess.reason,
    )

"""Quoting: the only way a name or a text of the user's enters a statement."""

import glob
from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """SQL identifier for any column or table name, safe for blanks, quotes and semicolons."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """SQL string literal for any text."""
    return "'" + text.replace("'", "''") + "'"


def file_name(path: Path) -> str:
    """SQL string literal that reads this file alone, whatever characters its name has."""
    return literal(glob.escape(str(path)))


def listing(parts: Iterable[str]) -> str:
    """Parts joined for a SELECT list or an argument list."""
    return ", ".join(parts)

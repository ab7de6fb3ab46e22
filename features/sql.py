"""Quoting: the only way a name or a text of the user's enters a statement."""

from collections.abc import Iterable


def identifier(name: str) -> str:
    """SQL identifier for any column or table name, safe for blanks, quotes and semicolons."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """SQL string literal for any text."""
    return "'" + text.replace("'", "''") + "'"


def listing(parts: Iterable[str]) -> str:
    """Parts joined for a SELECT list or an argument list."""
    return ", ".join(parts)

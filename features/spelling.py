"""The few functions that engines spell differently; everything else is SQL that they share."""

from typing import Protocol


class Spelling(Protocol):
    """How one engine writes them."""

    def day_number(self, on: str) -> str:
        """SQL of the days from 1970-01-01 to a date, a whole number."""
        ...


class DuckDB:
    """The embedded engine."""

    def day_number(self, on: str) -> str:
        """SQL of the days from 1970-01-01 to a date, a whole number."""
        return f"date_diff('day', DATE '1970-01-01', {on})"


class Spark:
    """Spark SQL 4."""

    def day_number(self, on: str) -> str:
        """SQL of the days from 1970-01-01 to a date, a whole number."""
        return f"unix_date({on})"

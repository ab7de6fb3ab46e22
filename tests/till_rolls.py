"""Purchases of few customers, as the tables of worth take them, and rows of what comes back."""

from typing import Any

import pandas as pd


def bought(*rows: tuple[object, int, float]) -> pd.DataFrame:
    """Customer, day and amount of each row."""
    return pd.DataFrame(list(rows), columns=["customer", "day", "amount"])


def row(table: pd.DataFrame, key: Any, columns: list[str] | None = None) -> list[Any]:
    """Values of a row, of all columns or some."""
    found: Any = table.loc[key]
    return list(found.tolist() if columns is None else found[columns].tolist())


def cell(table: pd.DataFrame, key: Any, column: Any) -> Any:
    """One value."""
    found: Any = table.loc[key, column]
    return found

"""What a behaviour table promises: its columns, their meaning, and a fingerprint over both."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from features.errors import RegularsError

Grain = Literal["day", "product", "category", "profile"]
"""The relation a family aggregates; `features.past` defines each and never shows the future."""


KEYS = ("customer", "as_of", "customer_key")
"""Names that no feature may have; the engine does not tell upper from lower case."""


class ColumnsClash(RegularsError):
    """Two features have the same name, or one has the name of a key."""


@dataclass(frozen=True)
class Column:
    """One column of the behaviour table: definition and meaning in one place.

    Attributes
    ----------
    name
        Name with its window, such as ``spend_28d``.
    unit
        What one stands for: ``days``, ``orders``, ``minor units``, ``share`` (0..1), ``flag``.
    window_days
        Length of the half-open window ``[as_of - window_days, as_of)``; None means all history.
    null_means
        What a missing value says about the customer.
    meaning
        Short noun phrase for people, used in the data dictionary and in reasons.
    sql
        Aggregate over the family's relation, grouped by customer and as_of.
    """

    name: str
    unit: str
    window_days: int | None
    null_means: str
    meaning: str
    sql: str


@dataclass(frozen=True)
class Profile:
    """One customer attribute as the families see it.

    Attributes
    ----------
    name
        Column of ``dim_customer``.
    is_number
        Numbers become one column; categories one flag per level and one for the rest.
    levels
        Values of a category that get a flag of their own.
    meaning
        Noun phrase for people.
    """

    name: str
    is_number: bool
    levels: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Shape:
    """What decides which columns a behaviour table has, whatever the data.

    Attributes
    ----------
    windows_days
        Lengths of the windows, ascending.
    has_orders
        Whether there are orders to look back on.
    has_categories
        Whether products have a category.
    profile
        Customer attributes.
    """

    windows_days: tuple[int, ...]
    has_orders: bool
    has_categories: bool
    profile: tuple[Profile, ...]

    @property
    def longest(self) -> int:
        """Length of the longest window in days."""
        return max(self.windows_days)


@dataclass(frozen=True)
class Family:
    """Columns that share a theme and the relation they aggregate."""

    name: str
    grain: Grain
    columns: tuple[Column, ...]


def columns_of(families: Iterable[Family]) -> tuple[Column, ...]:
    """Every column in order of the families.

    Raises
    ------
    ColumnsClash
        When a name is declared twice or is that of a key.
    """
    columns = tuple(column for family in families for column in family.columns)
    names = [column.name for column in columns]
    seen = [*KEYS, *(name.lower() for name in names)]
    twice = sorted({name for name in names if seen.count(name.lower()) > 1})
    if twice:
        message = (
            f"a behaviour table needs distinct column names, but found twice: {twice}; choose "
            f"other names or levels in sources.customers.attributes"
        )
        raise ColumnsClash(message)
    return columns


def within(measure: str, days: int) -> str:
    """SQL sum of a measure over the window ``[as_of - days, as_of)``; whole numbers stay exact.

    The relation holds ``within_{days}d`` as 0 or 1 in a double. Sums of whole doubles below 2^53
    (90 million million, in minor units) are exact in any order, so they do not depend on the
    number of threads.
    """
    return f"sum({measure} * within_{days}d)"


def share(part: str, whole: str) -> str:
    """SQL quotient, NULL where there is nothing to divide by."""
    return f"{part} / nullif({whole}, 0)"


def fingerprint(columns: Sequence[Column]) -> str:
    """SHA-256 (64 hex digits) over names, units, windows and definitions, in order of columns.

    Words for people are left out, so that mending one does not ask for a new model.
    """
    promised = [(c.name, c.unit, c.window_days, c.sql) for c in columns]
    return hashlib.sha256(json.dumps(promised).encode()).hexdigest()

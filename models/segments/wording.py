"""What columns are called, and what their values are in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.contract import Column
from models.numerals import MINUS
from models.phrases import Money, said


@dataclass(frozen=True)
class Words:
    """How people call columns.

    Attributes
    ----------
    columns
        What is known of a column, by name; others are called by their name with blanks.
    money
        How amounts are written.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    money: Money = field(default_factory=Money)

    def name(self, column: str) -> str:
        """The meaning of a column."""
        known = self.columns.get(column)
        return known.meaning if known else column.replace("_", " ")

    def compared(self, column: str, *, is_more: bool) -> str:
        """That there is much or little of a number: ``few orders``, ``high average order value``.

        What is counted in the unit that its meaning begins with is many or few.
        """
        known, name = self.columns.get(column), self.name(column)
        is_count = known is not None and name.split(" ")[0] == known.unit
        much, little = ("many", "few") if is_count else ("high", "low")
        return f"{much if is_more else little} {name}"

    def value(self, column: str, value: float) -> str:
        """A value with its unit."""
        known = self.columns.get(column)
        if known is not None:
            return said(known, value, self.money)
        if np.isnan(value):
            return "not known"
        return f"{value:,.10g}".replace("-", MINUS)

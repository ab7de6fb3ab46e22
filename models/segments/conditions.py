"""Rules that a person reads: a few conditions, one or two ways to meet them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.segments.preparing import texts
from models.segments.wording import Words
from models.spec import BoolArray, numbers


@dataclass(frozen=True)
class Condition:
    """What a column must be.

    Attributes
    ----------
    column
        Name of the column.
    above, upto
        A number must be above the one and not above the other; None: no bound. No number is above
        infinity: only a missing one meets that.
    level
        Level of a category; None for numbers.
    is_level
        Whether it must be that level, or must not.
    with_missing
        Whether a missing number meets it.
    is_flag
        Whether the column is 0 or 1.
    """

    column: str
    above: float | None = None
    upto: float | None = None
    level: str | None = None
    is_level: bool = True
    with_missing: bool = False
    is_flag: bool = False

    def holds(self, table: pd.DataFrame) -> BoolArray:
        """Shape (n,): which customers meet it."""
        if self.level is not None:
            found = np.array([text == self.level for text in texts(table, self.column)], dtype=bool)
            return found if self.is_level else ~found
        values = numbers(table, [self.column])[:, 0]
        missing = np.isnan(values)
        is_so: BoolArray = ~missing
        if self.above is not None:
            is_so &= values > self.above
        if self.upto is not None:
            is_so &= values <= self.upto
        return is_so | missing if self.with_missing else is_so

    def told(self, words: Words) -> str:
        """In words."""
        name = words.name(self.column)
        if self.level is not None:
            return f"{name} is {'' if self.is_level else 'not '}{self.level}"
        if self.above == np.inf:
            return f"{name} is not known"
        if self.is_flag and (self.above, self.upto) != (None, None):
            text = f"{name}: {'yes' if self.above is not None else 'no'}"
        elif self.above is not None and self.upto is not None:
            low, high = words.value(self.column, self.above), words.value(self.column, self.upto)
            text = f"{name} above {low}, up to {high}"
        elif self.above is not None:
            text = f"{name} above {words.value(self.column, self.above)}"
        elif self.upto is not None:
            text = f"{name} up to {words.value(self.column, self.upto)}"
        else:
            return f"{name} is known"
        return f"{text} (or not known)" if self.with_missing else text


@dataclass(frozen=True)
class Rule:
    """What describes a segment.

    Attributes
    ----------
    segment
        Its number.
    ways
        Customers who meet all conditions of at least one of them are described.
    purity
        Share (0..1) of those described who are in the segment, with its 95 % interval, among
        customers whom the rule was not learnt from.
    coverage
        Share (0..1) of the segment that is described, likewise.
    is_pure
        Whether the purity reaches what was asked.
    """

    segment: int
    ways: tuple[tuple[Condition, ...], ...]
    purity: Estimate
    coverage: Estimate
    is_pure: bool

    def holds(self, table: pd.DataFrame) -> BoolArray:
        """Shape (n,): which customers it describes."""
        return any_way(self.ways, table)

    def told(self, words: Words) -> str:
        """In words: ``orders above 3 and days since order up to 20; or …``."""
        ways = [" and ".join(each.told(words) for each in way) for way in self.ways]
        return "; or ".join(ways) if ways and all(ways) else "every customer"


def any_way(ways: Sequence[Sequence[Condition]], table: pd.DataFrame) -> BoolArray:
    """Shape (n,): which customers meet all conditions of at least one way."""
    found = np.zeros(len(table), dtype=np.bool_)
    for way in ways:
        meets = np.ones(len(table), dtype=np.bool_)
        for condition in way:
            meets &= condition.holds(table)
        found |= meets
    return found

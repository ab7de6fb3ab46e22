"""How columns and groups are called in sentences, and how their values are said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from features.contract import Column
from models.numerals import decimal
from models.phrases import Money, said
from models.profile.findings import SURE, Effect

LEAST: Final = 0.001
"""Chance below which its size does not matter any more."""

KNOWN: Final = ": known or not"
"""Ends the subject of a comparison of who has a value at all."""

_PERCENT_FINE: Final = 0.1


@dataclass(frozen=True)
class Words:
    """Names for people.

    Attributes
    ----------
    columns
        Of the behaviour table, by name.
    meanings
        Of what has no such column, such as attributes, by name.
    money
        How amounts are written.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    money: Money = field(default_factory=Money)

    def meaning(self, name: str) -> str:
        """Noun phrase of a column; its name where nobody said what it means."""
        name = name.removesuffix(KNOWN)
        if name in self.columns:
            return self.columns[name].meaning
        return self.meanings.get(name, name)

    def value(self, name: str, value: float) -> str:
        """A value of a column with its unit."""
        if name in self.columns:
            return said(self.columns[name], value, self.money)
        return decimal(value, 2)

    def named(self, names: Sequence[str]) -> str:
        """``days since the last order, orders in the last 28 days and …`` of some columns."""
        return listed([self.meaning(name) for name in names])


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def per_cent(share: float) -> str:
    """``34 %``; below ten per cent with one decimal."""
    digits = 1 if 0 < abs(share) < _PERCENT_FINE else 0
    return f"{decimal(100 * share, digits)} %"


def of_hundred(share: float) -> str:
    """``78 of 100``."""
    return f"{decimal(100 * share, 0)} of 100"


def chance(p: float) -> str:
    """``p < .001``, ``p = .023``."""
    return "p < .001" if p < LEAST else f"p = {decimal(p, 3).removeprefix('0')}"


def is_sure(p: float) -> bool:
    """Whether chance, corrected for the number of questions, hardly brings it."""
    return p < SURE


def sized(effect: Effect) -> str:
    """``a large difference``."""
    return f"a {effect.size} difference"


def sentence(text: str) -> str:
    """The text with its first letter large and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:]}."

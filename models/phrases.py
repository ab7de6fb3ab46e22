"""What a column says of a customer, in words made of the column's own meaning and unit."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.contract import Column
from models.numerals import MINUS, decimal
from models.spec import FloatArray

_WINDOW: Final = re.compile(r" in the last \d+ days")
_LEVEL: Final = ": "  # between an attribute and its level in the meaning of a flag
_MONEY: Final = "minor units"
_SHARES: Final = ("share", "probability")  # said in per cent
_BARE: Final = ("number", "ratio", "index", "nats", "change", "week")  # units that are not said
_FINE_BELOW: Final = 10.0  # smaller numbers without a unit are said with two decimals
_WHOLE_FROM: Final = 100.0  # larger values are said without decimals
_PLAIN_FROM: Final = 0.1  # larger shares are said without decimals, as in reports
_LEAST: Final = 1e-4  # smaller values are hardly different from none

_SURE: Final = 1e-6  # how far from the middle of two a value lies whose rounding is no question
_LARGEST: Final = 1e8  # up to which a double times a power of ten is that sure


@dataclass(frozen=True)
class Money:
    """How amounts in minor units are written.

    Attributes
    ----------
    currency
        Code or sign put before the amount.
    digits
        Minor units are ``10 ** -digits`` of the currency.
    """

    currency: str = ""
    digits: int = 2

    def written(self, minor_units: float) -> str:
        """``USD 12.48``, ``USD 513``: from a hundred on, and where there are none, no decimals."""
        amount = minor_units / 10**self.digits
        text = decimal(amount, 0 if abs(amount) >= _WHOLE_FROM else self.digits)
        return f"{self.currency} {_trimmed(text)}".strip()


def phrase(column: Column, value: float, typical: float, money: Money) -> str:
    """``orders in the last 28 days: 1, typically 4``: a value and what is usual."""
    if np.isnan(value):
        return f"{column.meaning}: {column.null_means}"
    if column.unit == "flag" and _LEVEL in column.meaning:
        return _level(column, is_it=bool(value), typical=typical)
    told, usual = said(column, value, money), said(column, typical, money)
    return f"{column.meaning}: {told}, {_beside(told, usual)}"


def _level(column: Column, *, is_it: bool, typical: float) -> str:
    """``home: not Renter, typically Renter``: whether an attribute has a level, and usually has."""
    subject, level = column.meaning.split(_LEVEL, maxsplit=1)
    told = level if is_it else f"not {level}"
    usual = column.null_means if np.isnan(typical) else level if typical else f"not {level}"
    return f"{subject}: {told}, {_beside(told, usual)}"


def _beside(told: str, usual: str) -> str:
    return "as is typical" if told == usual else f"typically {usual}"


def said(column: Column, value: float, money: Money) -> str:
    """A value as people say it, with its unit unless the meaning has named it already."""
    if np.isnan(value):
        return column.null_means
    if column.unit == "flag":
        return "yes" if value else "no"
    if column.unit in _SHARES:
        return f"{_trimmed(decimal(value * 100, 1 if abs(value) < _PLAIN_FROM else 0))} %"
    if column.unit.startswith(_MONEY):
        return money.written(value) + column.unit.removeprefix(_MONEY)
    number = _number(value, column.unit)
    if column.unit in _BARE or _is_named(column):
        return number
    return f"{number} {_singular(column.unit) if number == '1' else column.unit}"


def said_alike(column: Column, values: FloatArray, money: Money) -> FloatArray:
    """The values, most of those that are `said` in the same words made equal; shape (n,).

    A value so close to the middle of two that arithmetic may round it otherwise than its decimals
    would be is left as it is.
    """
    if column.unit == "flag":
        return np.where(np.isnan(values), values, values != 0)
    if column.unit in _SHARES:
        return _rounded(values, np.where(np.abs(values) < _PLAIN_FROM, 1000.0, 100.0))
    if column.unit.startswith(_MONEY):
        unit = 10.0**money.digits
        is_large = np.abs(values) >= _WHOLE_FROM * unit
        return _rounded(values, np.where(is_large, 1 / unit, 1.0))
    size = np.abs(values)
    is_tiny, is_small = (size > 0) & (size < _LEAST), (size >= _LEAST) & (size < 1)
    digits = 1 - np.floor(np.log10(size, where=is_small, out=np.zeros_like(size)))
    is_fine = (size < _FINE_BELOW) & (column.unit in _BARE)
    large = np.where(is_fine, 100.0, np.where(size < _WHOLE_FROM, 10.0, 1.0))
    steps = np.where(is_small, 10.0**digits, large)
    return np.where(is_tiny, _LEAST / 2, _rounded(values, steps))


def _rounded(values: FloatArray, steps: FloatArray) -> FloatArray:
    """Values to so many steps of one, where that is no question."""
    scaled = np.where(np.abs(values) < _LARGEST, values, 0.0) * steps
    whole = np.rint(scaled)
    is_sure = np.abs(np.abs(scaled - whole) - 0.5) > _SURE
    is_meant = (np.abs(values) < _LARGEST) & (np.abs(scaled) < _LARGEST)
    return np.where(is_sure & is_meant, whole / steps, values)


def _number(value: float, unit: str) -> str:
    size = abs(value)
    if size >= _WHOLE_FROM or value.is_integer():
        return decimal(value, 0)
    if size >= 1:
        is_fine = unit in _BARE and size < _FINE_BELOW
        return _trimmed(decimal(value, 2 if is_fine else 1))
    if size < _LEAST:
        return "about 0"
    return f"{MINUS if value < 0 else ''}{size:.2g}"


def _trimmed(text: str) -> str:
    """The number without decimals that are all zero."""
    whole, _, decimals = text.partition(".")
    return text if decimals.strip("0") else whole


def _is_named(column: Column) -> bool:
    """Whether the meaning names the unit, its window aside: *orders* in the last 28 days."""
    return bool(re.search(rf"\b{re.escape(column.unit)}\b", _WINDOW.sub("", column.meaning)))


def _singular(unit: str) -> str:
    """The unit of one: ``categories`` becomes ``category``, ``days per week`` ``day per week``."""
    noun, *rest = unit.split(" ", maxsplit=1)
    one = noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")
    return " ".join([one, *rest])

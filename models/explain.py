"""Why a customer's score is high, in words made of each column's own meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.contract import Column
from models.spec import FloatArray, numbers

_WINDOW: Final = re.compile(r"_\d+d$")
_MONEY: Final = "minor units"
_BARE: Final = ("number", "ratio")  # units that are not said
_WHOLE_FROM: Final = 100.0  # larger values are said without decimals


@dataclass(frozen=True)
class Money:
    """How amounts in minor units are written.

    Attributes
    ----------
    currency
        Code or sign put behind the amount.
    digits
        Minor units are ``10 ** -digits`` of the currency.
    """

    currency: str = ""
    digits: int = 2


def reasons(
    contributions: FloatArray,
    features: pd.DataFrame,
    columns: Sequence[Column],
    medians: Mapping[str, float],
    count: int = 3,
    *,
    money: Money | None = None,
) -> list[list[str]]:
    """The columns that raised each customer's score most, in words; shape (n,) of up to ``count``.

    Columns whose names differ in the window only are one reason: their contributions are summed,
    and the one that raised the score most speaks for them.

    Parameters
    ----------
    contributions
        Shape (n, k), log-odds, from a fitted model; its columns are those of ``columns``.
    features
        The n customers' values, by name.
    columns
        What each of the k columns means, in the order of the contributions.
    medians
        The typical value of each column among the training rows, by name.
    count
        The most reasons per customer.
    money
        How amounts are written; two digits and no currency by default.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns or the rows.
    ColumnsMissing
        When the table lacks one of the columns.
    """
    values = numbers(features, [column.name for column in columns])
    if contributions.shape != values.shape:
        message = f"contributions need the shape {values.shape}, not {contributions.shape}"
        raise ValueError(message)
    groups = _groups(columns)
    spelled = money or Money()
    return [
        [
            _reason(columns[index], row[index], medians[columns[index].name], spelled)
            for index in _raising(moved, groups)[:count]
        ]
        for moved, row in zip(contributions, values, strict=True)
    ]


def _groups(columns: Sequence[Column]) -> list[list[int]]:
    """Positions of the columns whose names are equal up to the window."""
    members: dict[str, list[int]] = {}
    for index, column in enumerate(columns):
        members.setdefault(_WINDOW.sub("", column.name), []).append(index)
    return list(members.values())


def _raising(moved: FloatArray, groups: Sequence[Sequence[int]]) -> list[int]:
    """The speaker of each group that raised the score, the strongest group first."""
    raised = [(float(moved[list(group)].sum()), group) for group in groups]
    strongest = sorted((pair for pair in raised if pair[0] > 0), key=lambda pair: -pair[0])
    return [max(group, key=lambda index: float(moved[index])) for _, group in strongest]


def _reason(column: Column, value: float, typical: float, money: Money) -> str:
    if np.isnan(value):
        return f"{column.meaning}: {column.null_means}"
    said, usual = _said(column, value, money), _said(column, typical, money)
    if said == usual:
        return f"{column.meaning}: {said}, as is typical"
    return f"{column.meaning}: {said}, typically {usual}"


def _said(column: Column, value: float, money: Money) -> str:
    """A value with its unit, as people say it."""
    if np.isnan(value):
        return column.null_means
    if column.unit == "flag":
        return "yes" if value else "no"
    if column.unit == "share":
        return f"{value * 100:.0f} %"
    if column.unit.startswith(_MONEY):
        amount = f"{value / 10**money.digits:,.{money.digits}f} {money.currency}".strip()
        return amount + column.unit.removeprefix(_MONEY)
    number = _number(value)
    if column.unit in _BARE:
        return number
    return f"{number} {_singular(column.unit) if number == '1' else column.unit}"


def _number(value: float) -> str:
    if value.is_integer() or abs(value) >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _singular(unit: str) -> str:
    """The unit of one: ``categories`` becomes ``category``, ``days per week`` ``day per week``."""
    noun, *rest = unit.split(" ", maxsplit=1)
    one = noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")
    return " ".join([one, *rest])

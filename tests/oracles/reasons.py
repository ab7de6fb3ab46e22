"""Reasons and causes one customer at a time, with plain loops and plain formatting."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import numpy.typing as npt

from features.contract import Cause, Column

Doubles = npt.NDArray[np.float64]

PER_CENT = ("share", "probability")
WITHOUT_UNIT = ("number", "ratio", "index", "nats", "change", "week")


def reasons(
    contributions: Doubles,
    values: Doubles,
    columns: Sequence[Column],
    medians: Mapping[str, float],
    currency: tuple[str, int],
) -> list[list[str]]:
    """Up to three reasons for each customer, the strongest first."""
    return [
        [
            reason(columns[index], row[index], medians[columns[index].name], currency)
            for index in raising(moved, columns)[:3]
        ]
        for moved, row in zip(contributions.tolist(), values.tolist(), strict=True)
    ]


def raising(moved: Sequence[float], columns: Sequence[Column]) -> list[int]:
    """The column that speaks for each group which raised the score, the strongest group first."""
    sums = groups(moved, columns)
    strongest = sorted((pair for pair in sums if pair[0] > 0), key=lambda pair: -pair[0])
    return [max(group, key=lambda index: moved[index]) for _, group in strongest]


def groups(moved: Sequence[float], columns: Sequence[Column]) -> list[tuple[float, list[int]]]:
    """Sum and columns of each group: those whose names are equal up to the window."""
    members: dict[str, list[int]] = {}
    for index, column in enumerate(columns):
        members.setdefault(re.sub(r"_\d+d$", "", column.name), []).append(index)
    return [(sum(moved[index] for index in group), group) for group in members.values()]


def leading(moved: Sequence[float], columns: Sequence[Column]) -> tuple[str | None, float]:
    """The cause that raised the score most, and its share of what raised it."""
    rises: dict[str | None, float] = {}
    for cause in (*get_args(Cause), None):
        pairs = [(m, c) for m, c in zip(moved, columns, strict=True) if c.cause == cause]
        sums = groups([m for m, _ in pairs], [c for _, c in pairs])
        rises[cause] = sum(total for total, _ in sums if total > 0)
    most = max(get_args(Cause), key=lambda cause: rises[cause])
    return (most, rises[most] / sum(rises.values())) if rises[most] > 0 else (None, math.nan)


def reason(column: Column, value: float, typical: float, currency: tuple[str, int]) -> str:
    if math.isnan(value):
        return f"{column.meaning}: {column.null_means}"
    told, usual = said(column, value, currency), said(column, typical, currency)
    head = column.meaning
    if column.unit == "flag" and ": " in head:
        head, level = re.findall(r"(.*?): (.*)", head)[0]
        words = {"yes": level, "no": f"not {level}"}
        told, usual = words[told], words.get(usual, usual)
    return (
        f"{head}: {told}, as is typical" if told == usual else f"{head}: {told}, typically {usual}"
    )


def said(column: Column, value: float, currency: tuple[str, int]) -> str:
    unit = column.unit
    if math.isnan(value):
        return column.null_means
    if unit == "flag":
        return "no" if value == 0 else "yes"
    if unit in PER_CENT:
        return per_cent(value)
    if unit.startswith("minor units"):
        return money(value, currency) + unit.removeprefix("minor units")
    return with_unit(figure(value, unit), column)


def with_unit(number: str, column: Column) -> str:
    unit, head = column.unit, re.sub(r" in the last \d+ days", "", column.meaning)
    if unit in WITHOUT_UNIT or re.search(rf"\b{unit}\b", head):
        return number
    if number != "1":
        return f"{number} {unit}"
    words = unit.split(" ")
    words[0] = words[0][:-3] + "y" if words[0].endswith("ies") else words[0].removesuffix("s")
    return f"{number} {' '.join(words)}"


def per_cent(value: float) -> str:
    size = abs(value * 100)
    text = f"{size:,.1f}".removesuffix(".0") if abs(value) < 0.1 else f"{size:,.0f}"
    return signed(value, text) + " %"


def money(value: float, currency: tuple[str, int]) -> str:
    code, digits = currency
    amount = abs(value / 10**digits)
    text = f"{amount:,.0f}" if amount >= 100 else f"{amount:,.{digits}f}"
    text = re.sub(r"\.0+$", "", text)
    return f"{code} {signed(value, text)}".strip()


def figure(value: float, unit: str) -> str:
    size = abs(value)
    if size >= 100 or value == int(value):
        return signed(value, f"{size:,.0f}")
    if 1 <= size < 10 and unit in WITHOUT_UNIT:
        return signed(value, f"{size:.2f}".removesuffix(".00"))
    if size >= 1:
        return signed(value, f"{size:,.1f}".removesuffix(".0"))
    return "about 0" if size < 0.0001 else signed(value, f"{size:.2g}")


def signed(value: float, text: str) -> str:
    """The text with a minus sign, unless it says nothing but zero."""
    return f"−{text}" if value < 0 and re.search("[1-9]", text) else text

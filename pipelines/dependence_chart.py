"""Partial dependence as small charts on one scale, one column each, and as tables."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.contract import Column
from models.dependence import Dependence
from models.numerals import decimal
from models.phrases import Money, said
from pipelines.charts import (
    LEFT,
    RIGHT,
    Axis,
    Point,
    axes,
    band,
    dot,
    drawing,
    line,
    path,
    round_top,
    written,
)
from pipelines.rounding import percent, plain

PLOT = 130.0
MARGIN = 0.4
"""Room beside dots, in parts of their distance."""

GUTTER = 72.0
"""Room at the right for customers whose value is not known."""

FEW = 3
"""Up to so many values are dots; more are joined by a line."""

FINE_BELOW = 5.0
"""A column that spans less than that needs more than one decimal on its axis."""

SHARES = ("share", "probability")
UNSAID = ("flag", "number")
MONEY = "minor units"


@dataclass(frozen=True)
class Followed:
    """A dependence and what its column means."""

    dependence: Dependence
    column: Column
    money: Money

    @property
    def unit(self) -> str:
        """What the axis counts, where it needs to be said: ``days``, ``USD``, ``share``."""
        if self.column.unit in UNSAID:
            return ""
        return self.column.unit.replace(MONEY, self.money.currency or "money")

    def told(self, value: float) -> str:
        """A value in words."""
        return said(self.column, value, self.money)

    def tick(self, value: float) -> str:
        """A value as a number of the axis."""
        if self.column.unit in SHARES:
            return percent(value)
        if self.column.unit == "flag":
            return {0.0: "no", 1.0: "yes"}.get(value, "")
        is_money = self.column.unit.startswith(MONEY)
        scaled = value / 10**self.money.digits if is_money else value
        points = self.dependence.points
        span = float(points[-1] - points[0]) if len(points) else 0.0
        if is_money or not 0 < span < FINE_BELOW:
            return plain(scaled)
        return decimal(scaled, 1 - math.floor(math.log10(span)))


def top_of(followed: Sequence[Followed]) -> float:
    """Where the axis of chances ends, so that all charts have one scale; 0..1."""
    highest = [
        float(value)
        for each in followed
        for value in (
            *each.dependence.high,
            *([each.dependence.unknown.high] if each.dependence.unknown else []),
        )
    ]
    return min(round_top(max(highest, default=1.0)), 1.0)


def dependence_chart(each: Followed, top: float) -> str:
    """Mean chance (y) when everybody has a value of the column (x), with the band of customers."""
    found = each.dependence
    end = RIGHT - GUTTER if found.unknown else RIGHT
    low, high = (float(found.points[0]), float(found.points[-1])) if len(found.points) else (0, 0)
    if len(found.points) <= FEW:
        low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    y = Axis("mean chance of leaving", 0, top, 26 + PLOT, 26, percent)
    x = Axis(each.unit, low, high, LEFT, end, each.tick)
    body = axes(x, y) if len(found.points) else ""
    points = found.points.tolist()
    bounds = list(zip(points, found.low.tolist(), found.high.tolist(), strict=True))
    pixels = [
        (x.at(value), y.at(chance))
        for value, chance in zip(points, found.chance.tolist(), strict=True)
    ]
    if len(points) > FEW:
        body += band(bounds, x, y, "soft s1") + path(pixels, "curve s1")
    else:
        for pixel, (value, low_end, high_end) in zip(pixels, bounds, strict=True):
            body += _dot(pixel, (y.at(low_end), y.at(high_end)), each.told(value))
    if found.unknown:
        place = (RIGHT - 26, y.at(found.unknown.value))
        ends = (y.at(found.unknown.low), y.at(found.unknown.high))
        body += _dot(place, ends, each.column.null_means)
        body += written(RIGHT - 26, y.start + 16, "unknown", "num", "middle")
    told = "; ".join(f"{value}: {chance}" for value, chance, _ in rows_of(each))
    return drawing(each.column.meaning, f"Mean chance by value. {told}.", y.start + 38, body)


def rows_of(each: Followed) -> tuple[tuple[str, str, str], ...]:
    """Value, mean chance and band of each point, in words."""
    found = each.dependence
    points = [
        (each.told(value), chance, low, high)
        for value, chance, low, high in zip(
            found.points.tolist(),
            found.chance.tolist(),
            found.low.tolist(),
            found.high.tolist(),
            strict=True,
        )
    ]
    if found.unknown:
        unknown = found.unknown
        points.append((each.column.null_means, unknown.value, unknown.low, unknown.high))
    return tuple(
        (value, percent(chance), f"{percent(low)} to {percent(high)}")
        for value, chance, low, high in points
    )


def _dot(centre: Point, ends: tuple[float, float], hint: str) -> str:
    across, _ = centre
    whisker = line((across, ends[0]), (across, ends[1]), "whisker s1")
    return whisker + dot(centre, 4, "dot s1", hint)

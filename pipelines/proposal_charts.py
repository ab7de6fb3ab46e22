"""Charts of a proposal: how customers return, and label rates from day to day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.metrics import Estimate
from models.survival import Survival
from pipelines.charts import (
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    Key,
    Point,
    area,
    axes,
    band,
    clipped,
    dot,
    drawing,
    legend,
    line,
    nothing_to_draw,
    path,
    round_top,
    slot_class,
    written,
)
from pipelines.proposal import Spread
from pipelines.rounding import count, day, percent

PLOT = 190.0
POINTS = 120
"""Days at which a curve is drawn, at most."""
ROW, TALL = 56.0, 34.0
"""Height of a row of rates, and of the line in it."""


@dataclass(frozen=True)
class Line:
    """Gaps of some customers, and their place among the colours."""

    name: str
    slot: int
    survival: Survival


@dataclass(frozen=True)
class Rates:
    """Label rates of a horizon over the days; those of a marked one are filled."""

    name: str
    mark: str
    spread: Spread


def return_chart(title: str, lines: Sequence[Line], most_days: int) -> str:
    """Share of customers who are back (y) by so many days after a purchase (x).

    The bands are 95 % intervals.
    """
    drawn = [each for each in lines if each.survival.longest > 0]
    if not drawn:
        return nothing_to_draw(title, "nobody has bought often enough")
    end = min(most_days, max(each.survival.longest for each in drawn))
    names, below = legend([Key(each.name, each.slot) for each in drawn])
    y = Axis("share who are back", 0, 1, below + 26 + PLOT, below + 26, percent)
    x = Axis("days since the purchase", 0, end, LEFT, RIGHT, count)
    found = [_returned(each.survival, end) for each in drawn]
    body = names + axes(x, y)
    for each, points in zip(drawn, found, strict=True):
        intervals = [(days, share.low, share.high) for days, share in points]
        body += band(intervals, x, y, f"soft {slot_class(each.slot)}")
    for each, points in reversed(list(zip(drawn, found, strict=True))):
        pixels = [(x.at(days), y.at(share.value)) for days, share in points]
        body += path(pixels, f"curve {slot_class(each.slot)}")
    told = "; ".join(
        f"{each.name}: {percent(points[-1][1].value)} by day {points[-1][0]}"
        for each, points in zip(drawn, found, strict=True)
    )
    return drawing(title, f"{told}.", y.start + 38, body)


def _returned(survival: Survival, end: int) -> list[tuple[int, Estimate]]:
    """Days, from 0 on, and the share who are back by then, as far as it is known."""
    last = min(survival.longest, end)
    step = max(1, math.ceil(last / POINTS))
    return [(days, survival.ending(days)) for days in [*range(0, last, step), last]]


def rates_chart(title: str, rows: Sequence[Rates]) -> str:
    """Label rate of each horizon from day to day, all on one scale from 0."""
    drawn = [each for each in rows if each.spread.rates]
    if not drawn:
        return nothing_to_draw(title, "no label is over on any day")
    days = [rate.as_of for each in drawn for rate in each.spread.rates]
    top = min(round_top(max(each.spread.most for each in drawn)), 1.0)
    x = Axis("", min(days).toordinal(), max(days).toordinal(), 6, WIDTH - 6, str)
    body = "".join(_rates(each, row * ROW, x, top) for row, each in enumerate(drawn))
    end = len(drawn) * ROW
    body += written(0, end + 14, day(min(days)), "num")
    if len(set(days)) > 1:
        body += written(WIDTH, end + 14, day(max(days)), "num", "end")
    told = "; ".join(f"{each.name}: {percent(each.spread.mean)}" for each in drawn)
    return drawing(title, f"Mean label rates. {told}.", end + 20, body)


def _rates(each: Rates, top: float, x: Axis, most: float) -> str:
    y = Axis("", 0, most, top + 16 + TALL, top + 16, percent)
    css = slot_class(1)
    spread = each.spread
    found = f"{percent(spread.mean)}, {percent(spread.least)} to {percent(spread.most)}"
    name = f"{each.name} – {each.mark}" if each.mark else each.name
    pixels: list[Point] = [
        (x.at(rate.as_of.toordinal()), y.at(rate.share)) for rate in spread.rates
    ]
    dots = "".join(
        dot(at, 2.2, f"dot {css}", f"{day(rate.as_of)}: {percent(rate.share)}")
        for at, rate in zip(pixels, spread.rates, strict=True)
    )
    return (
        written(0, top + 11, clipped(name, 30), "name")
        + written(WIDTH, top + 11, found, "num", "end")
        + line((0, y.start), (WIDTH, y.start), "grid")
        + (area(_down_to(pixels, y.start), f"soft {css}") if each.mark else "")
        + path(pixels, f"curve {css}")
        + dots
    )


def _down_to(pixels: Sequence[Point], floor: float) -> list[Point]:
    """The pixels, closed along the floor."""
    return [(pixels[0][0], floor), *pixels, (pixels[-1][0], floor)]

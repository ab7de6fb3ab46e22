"""Charts of value: shares of worth, what was expected beside what came, and figures over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from models.metrics import Estimate
from models.worth.pareto import Pareto
from pipelines.charts import (
    LEFT,
    LETTER,
    RIGHT,
    WIDTH,
    Axis,
    Key,
    axes,
    band,
    box,
    clipped,
    dot,
    drawing,
    is_drawable,
    legend,
    letters,
    line,
    nothing_to_draw,
    path,
    round_top,
    slot_class,
    ticks,
    written,
)
from pipelines.curves import PLOT
from pipelines.rounding import MONTHS, Write, percent, plain, with_interval

EPOCH: Final = date(1970, 1, 1)
YEAR: Final = 400
"""Days of a span from which on days are left out of dates."""
DATES: Final = 3
SHORT_DATES: Final = 4
"""Steps between dates below a chart."""


@dataclass(frozen=True)
class Group:
    """Customers, what a forecast promised of them, and what came, with its interval."""

    name: str
    promised: float
    came: Estimate


@dataclass(frozen=True)
class Line:
    """A figure over time: (days since 1970-01-01, value) in their order, and its band."""

    name: str
    slot: int
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class OverTime:
    """Lines over dates.

    Attributes
    ----------
    title, label
        Of the chart, and of its upright axis.
    lines
        What is drawn.
    write
        How values are written.
    mark
        A day that is marked upright, and what stands beside it.
    """

    title: str
    label: str
    lines: tuple[Line, ...]
    write: Write = plain
    mark: tuple[date, str] | None = None


def pareto_chart(title: str, curve: Pareto, what: str) -> str:
    """Share of all worth (y) that the most valuable share of customers (x) makes."""
    points = list(zip(curve.share.tolist(), curve.profit_share.tolist(), strict=True))
    edges = list(
        zip(*(each.tolist() for each in (curve.share, curve.low, curve.high)), strict=True)
    )
    top = max(1.0, *(high for *_, high in edges if is_drawable(high)))
    y = Axis(f"share of all {what}", 0, top, 26 + PLOT, 26, percent)
    x = Axis("share of customers, the most valuable first", 0, 1, LEFT, RIGHT, percent)
    body = band([each for each in edges if all(map(is_drawable, each))], x, y, "soft s1")
    body += axes(x, y) + path([(x.at(0), y.at(0)), (x.at(1), y.at(1))], "curve s0")
    body += path([(x.at(share), y.at(value)) for share, value in points], "curve s1")
    told = f"{percent(curve.asked)} is made by {with_interval(curve.needed, percent)} of customers."
    if is_drawable(curve.needed.value):
        at = (x.at(curve.needed.value), y.at(curve.asked))
        body += line((at[0], y.start), at, "mark") + dot(at, 4, "dot s1", told)
        text = f"{percent(curve.needed.value)} make {percent(curve.asked)}"
        is_wide = at[0] + 8 + letters(text) * LETTER > WIDTH
        beside, anchor = ((-8, -6), "end") if is_wide else ((8, 14), "start")
        body += written(at[0] + beside[0], at[1] + beside[1], text, "", anchor)
    return drawing(title, told, y.start + 38, body)


def promise_chart(
    title: str, groups: Sequence[Group], labels: tuple[str, str], write: Write
) -> str:
    """Of each group what was promised (a bar) beside what came (a dot with its 95 % interval).

    Parameters
    ----------
    title
        Of the chart.
    groups
        In their order.
    labels
        What the groups are, and what is promised.
    write
        How amounts are written.
    """
    drawn = [each for each in groups if is_drawable(each.promised) and is_drawable(each.came.value)]
    if not drawn:
        return nothing_to_draw(title, "nothing was expected of anybody")
    ends = [end for each in drawn for end in (each.promised, *_ends(each.came))]
    y = Axis(labels[1], min(0.0, *ends), round_top(max(ends)), 44 + PLOT, 44, write)
    x = Axis(labels[0], 0, len(drawn), _left(y), RIGHT, str)
    body = box((0, 1), (14, 10), "soft s1") + written(20, 10, "expected", "key")
    body += dot((98, 6), 4, "dot s2") + written(108, 10, "came, with its 95 % interval", "key")
    body += _across(y, x) + written(x.end, y.start + 32, x.label, "axis", "end")
    every = _every([each.name for each in drawn], (x.end - x.start) / len(drawn))
    for place, each in enumerate(drawn):
        body += _promised(each, (x.at(place), x.at(place + 1)), y, write)
        if place % every == 0:
            name = clipped(each.name, 10)
            body += written(x.at(place + 0.5), y.start + 16, name, "num", "middle")
    told = "; ".join(_said(each, write) for each in drawn)
    return drawing(title, f"{told}.", y.start + 38, body)


def time_chart(asked: OverTime) -> str:
    """Lines over dates, each with its band; undrawable points are left out."""
    lines = [(each, [p for p in each.points if all(map(is_drawable, p))]) for each in asked.lines]
    drawn = [(each, points) for each, points in lines if points]
    if not drawn:
        return nothing_to_draw(asked.title, "nothing is known yet")
    keys, below = legend([Key(each.name, each.slot) for each, _ in drawn])
    days = [at for _, points in drawn for at, _ in points]
    ups = [up for _, points in drawn for _, up in points]
    ups += [high for each, _ in drawn for *_, high in each.band if is_drawable(high)]
    top = below + 26
    y = Axis(asked.label, min(0.0, *ups), round_top(max(ups)), top + PLOT, top, asked.write)
    x = Axis("", min(days), max(days), _left(y), RIGHT, str)
    body = keys + _across(y, x) + _dates(x, y)
    for each, points in reversed(drawn):
        known = [one for one in each.band if all(map(is_drawable, one))]
        body += band(known, x, y, f"soft {slot_class(each.slot)}")
        body += path([(x.at(at), y.at(up)) for at, up in points], f"curve {slot_class(each.slot)}")
        if len(points) == 1:
            body += dot((x.at(points[0][0]), y.at(points[0][1])), 3, f"dot {slot_class(each.slot)}")
    body += "" if asked.mark is None else _marked(asked.mark, x, y)
    told = "; ".join(f"{each.name}: {len(points)} points" for each, points in drawn)
    return drawing(asked.title, f"{told}.", y.start + 24, body)


def _left(y: Axis) -> float:
    """Where the plot begins, so that the numbers of the upright axis have room."""
    return max(LEFT, max(letters(y.write(tick)) for tick in ticks(y.low, y.high)) * LETTER + 8)


def _across(y: Axis, x: Axis) -> str:
    """Light lines across with their numbers, the name above, and the line below."""
    lines = [
        line((x.start, y.at(tick)), (x.end, y.at(tick)), "grid")
        + written(x.start - 6, y.at(tick) + 4, y.write(tick), "num", "end")
        for tick in ticks(y.low, y.high)
    ]
    below = line((x.start, y.start), (x.end, y.start), "rule")
    return "".join(lines) + below + written(0, y.end - 12, clipped(y.label, 56), "axis")


def _promised(group: Group, ends: tuple[float, float], y: Axis, write: Write) -> str:
    start, end = ends
    middle, gap = (start + end) / 2, min((end - start) * 0.12, 6)
    top, bottom = y.at(max(group.promised, 0.0)), y.at(min(group.promised, 0.0))
    hint, came = _said(group, write), group.came
    body = box(
        (start + gap, top),
        (end - start - 2 * gap, bottom - top),
        "soft s1",
        hint,
    )
    if is_drawable(came.low) and is_drawable(came.high):
        body += line((middle, y.at(came.low)), (middle, y.at(came.high)), "whisker s2")
    return body + dot((middle, y.at(came.value)), 3.4, "dot s2", hint)


def _ends(came: Estimate) -> list[float]:
    """What came and the ends of its interval, where these are known."""
    return [came.value, *(end for end in (came.low, came.high) if is_drawable(end))]


def _said(group: Group, write: Write) -> str:
    return (
        f"{group.name}: expected {write(group.promised)}, came {with_interval(group.came, write)}"
    )


def _every(names: Sequence[str], width: float) -> int:
    """Each so-manieth name is written, so that they do not run into each other."""
    widest = max(letters(clipped(name, 10)) for name in names) * LETTER + 4
    return max(1, -int(-widest // width))


def _dates(x: Axis, y: Axis) -> str:
    """A few days below the line; months alone where the span is longer than a year."""
    whole = x.high - x.low > YEAR
    steps = DATES if whole else SHORT_DATES
    places = (
        [x.low + (x.high - x.low) * step / steps for step in range(steps + 1)]
        if x.high > x.low
        else [x.low]
    )
    body = ""
    for at, place in enumerate(places):
        anchor = "end" if at == len(places) - 1 and at else ("start" if at == 0 else "middle")
        body += line((x.at(place), y.start), (x.at(place), y.start + 4), "tick")
        on = EPOCH + timedelta(days=round(place))
        name = (
            f"{MONTHS[on.month - 1][:3]} {on.year}"
            if whole
            else f"{on.day} {MONTHS[on.month - 1][:3]}"
        )
        body += written(x.at(place), y.start + 16, name, "num", anchor)
    return body


def _marked(mark: tuple[date, str], x: Axis, y: Axis) -> str:
    at = x.at((mark[0] - EPOCH).days)
    is_right = at > WIDTH / 2
    side, anchor = (-5, "end") if is_right else (5, "start")
    body = line((at, y.start), (at, y.end), "mark")
    return body + written(at + side, y.end + 10, clipped(mark[1], 30), "axis", anchor)

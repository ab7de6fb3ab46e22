"""Charts of segments: how stable each number is, their figures, and what tells each from others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from models.metrics import Estimate
from models.segments.judging import Candidate
from pipelines.bars import Whisker, whisker_chart
from pipelines.charts import (
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    axes,
    box,
    clipped,
    diamond,
    dot,
    drawing,
    is_drawable,
    letters,
    line,
    nothing_to_draw,
    path,
    slot_class,
    written,
)
from pipelines.rounding import (
    Write,
    fraction,
    interval,
    percent,
    plain,
    signed,
    with_interval,
)
from pipelines.segments_found import Moves

LOW: Final = 170.0
ROW: Final = 41.0
LETTERS: Final = 50
"""Of a name and its number in one line."""


@dataclass(frozen=True)
class Difference:
    """A column that tells a segment from all other customers.

    Attributes
    ----------
    name
        What the column is called.
    told
        What is typical inside, and of others.
    effect
        -1..1: Cliff's delta; of categories Cramér's V.
    ends
        Of its 95 % interval; None: not known.
    """

    name: str
    told: str
    effect: float
    ends: tuple[float, float] | None = None

    @property
    def interval(self) -> str:
        """``−.74 to −.65``; empty where it is not known."""
        if self.ends is None:
            return ""
        return interval(Estimate(self.effect, *self.ends), lambda each: signed(each, _short))


def stability_chart(
    title: str, judged: Sequence[Candidate], taken: int | None, least: float
) -> str:
    """Adjusted Rand index (y) of each number of segments (x) with its interval, and what is asked.

    A dot was kept, a diamond refused; the one that was taken has a ring.
    """
    told = [each for each in judged if _is_known(each.rand)]
    if not told:
        return nothing_to_draw(title, "every split was refused before it was drawn anew")
    counts = [each.count for each in judged]
    low, high = min(counts) - 0.5, max(counts) + 0.5
    x = Axis("segments", low, high, LEFT, RIGHT, _whole)
    bottom = min(0.0, *(each.rand.low for each in told))
    name = f"adjusted Rand index; dashed: {_short(least)}, which is asked"
    y = Axis(name, bottom, 1.0, 26 + LOW, 26, _tenth)
    asked = line((x.start, y.at(least)), (x.end, y.at(least)), "bound")
    body = "".join(_judged(each, (x, y), is_taken=each.count == taken) for each in told)
    text = "; ".join(f"{each.count}: {with_interval(each.rand, _short)}" for each in told)
    return drawing(
        title, f"With 95 % of resamples. {text}.", y.start + 38, axes(x, y) + asked + body
    )


def _is_known(estimate: Estimate) -> bool:
    return all(map(is_drawable, (estimate.value, estimate.low, estimate.high)))


def _judged(each: Candidate, plane: tuple[Axis, Axis], *, is_taken: bool) -> str:
    x, y = plane
    css = "s1" if each.reason is None else "s2"
    at = (x.at(each.count), y.at(each.rand.value))
    ends = [y.at(each.rand.low), y.at(each.rand.high)]
    body = line((at[0], ends[0]), (at[0], ends[1]), f"whisker {css}")
    body += "".join(line((at[0] - 4, end), (at[0] + 4, end), f"whisker {css}") for end in ends)
    hint = f"{each.count} segments: {with_interval(each.rand, _short)}"
    hint += f"; refused: {each.reason}" if each.reason else "; kept"
    ring = dot(at, 8.5, "ring") if is_taken else ""
    mark = dot(at, 4.5, f"dot {css}", hint)
    return body + ring + (diamond(at, 5.5, f"dot {css}", hint) if each.reason else mark)


def _whole(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else ""


def _tenth(value: float) -> str:
    return fraction(value, 1)


def _short(value: float) -> str:
    return fraction(value, 2)


def figure_chart(title: str, means: Mapping[int, Estimate], write: Write) -> str:
    """A figure of every segment with its interval."""
    rows = [Whisker(f"segment {number}", number + 1, each) for number, each in means.items()]
    return whisker_chart(title, rows, write)


def staying_chart(title: str, as_of: date, later: Sequence[Moves]) -> str:
    """Share in the same segment (y) by days since (x), with its interval, beside chance."""
    later = [each for each in later if _is_known(each.stayed)]
    if not later:
        return nothing_to_draw(title, "no customer is there on both days")
    days = [float((each.after - as_of).days) for each in later]
    x = Axis("days later", 0.0, max(days) * 1.08, LEFT, RIGHT, plain)
    y = Axis("in the same segment", 0.0, 1.0, 26 + LOW, 26, percent)
    chances = [(x.at(day), y.at(each.by_chance)) for day, each in zip(days, later, strict=True)]
    body = path([(x.start, chances[0][1]), *chances], "curve s0")
    for day, each in zip(days, later, strict=True):
        at, found = x.at(day), each.stayed
        hint = f"{day:.0f} days later: {with_interval(found, percent)}"
        body += line((at, y.at(found.low)), (at, y.at(found.high)), "whisker s1")
        body += dot((at, y.at(found.value)), 4.5, "dot s1", hint)
        body += written(at + 7, y.at(found.value) + 4, percent(found.value), "num")
    told = "; ".join(
        f"{day:.0f} days: {with_interval(each.stayed, percent)}, chance {percent(each.by_chance)}"
        for day, each in zip(days, later, strict=True)
    )
    return drawing(title, f"{told}.", y.start + 38, axes(x, y) + body)


def differences_chart(title: str, slot: int, found: Sequence[Difference]) -> str:
    """Bars from the middle: to the right where the segment has more, to the left where less."""
    if not found:
        return nothing_to_draw(title, "no column tells it from the others for certain")
    x = Axis("", -1.0, 1.0, 0, WIDTH, _short)
    body = "".join(_difference(each, slot, row * ROW, x) for row, each in enumerate(found))
    told = "; ".join(
        f"{each.name}: {signed(each.effect, _short)}"
        f"{f' ({each.interval})' if each.ends else ''}, {each.told}"
        for each in found
    )
    return drawing(title, f"{told}.", len(found) * ROW + 2, body)


def _difference(each: Difference, slot: int, top: float, x: Axis) -> str:
    number = signed(each.effect, _short)
    left, right = sorted((x.at(0), x.at(each.effect)))
    return (
        written(0, top + 11, clipped(each.name, LETTERS - letters(number)), "name")
        + written(WIDTH, top + 11, number, "num", "end")
        + written(0, top + 24, clipped(each.told, LETTERS - letters(each.interval)), "num")
        + (written(WIDTH, top + 24, each.interval, "num", "end") if each.ends else "")
        + box((0, top + 29), (WIDTH, 6), "track")
        + box((left, top + 29), (right - left, 6), f"fill {slot_class(slot)}", each.name)
        + line((x.at(0), top + 26), (x.at(0), top + 38), "rule")
        + _whisker(each, top + 32, x)
    )


def _whisker(each: Difference, middle: float, x: Axis) -> str:
    if each.ends is None:
        return ""
    low, high = (x.at(end) for end in each.ends)
    caps = "".join(line((at, middle - 4), (at, middle + 4), "ends") for at in (low, high))
    return line((low, middle), (high, middle), "ends") + caps

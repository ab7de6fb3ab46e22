"""Inline SVG written by hand: text that cannot break out, axes with round numbers, legends.

A chart is 360 units wide and is shown about that wide on paper, on a phone and beside another on a
desk, so that its text is always of a readable size. Colours come from ``templates/charts.css``.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from models.numerals import LARGEST

WIDTH = 360.0
LEFT, RIGHT = 44.0, 342.0
LETTER = 6.6
"""Average width of a Latin letter at the charts' 11.5 px; a CJK character takes two."""
SLOTS = 6
"""Colours in the palette; a sixth contestant shares the colour of the first, never its dashes."""

# Characters that XML forbids; a browser or a parser would stop at them.
FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """One axis: what it measures, its range in data and in pixels, how its numbers are written."""

    label: str
    low: float
    high: float
    start: float
    end: float
    write: Callable[[float], str]

    def at(self, value: float) -> float:
        """Pixel of a value; a value outside the range is drawn on the border."""
        span = self.high - self.low
        part = (value - self.low) / span if span > 0 else 0.5
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a contestant and its colour slot (0 is chance, drawn in grey)."""

    name: str
    slot: int


def is_drawable(value: float) -> bool:
    """Whether a number has a place on an axis: finite, and not absurdly large."""
    return math.isfinite(value) and abs(value) < LARGEST


def printable(text: str) -> str:
    """The text with every character that XML forbids replaced by a question mark in a box."""
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(text: str) -> str:
    """Text that is safe between tags and inside quoted attributes of SVG and HTML."""
    return escape(printable(text), quote=True)


def letters(text: str) -> int:
    """Width in Latin letters: wide (CJK) characters count twice, combining ones nothing."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def clipped(text: str, most: int) -> str:
    """The text, cut to a width in letters and ended by an ellipsis when it is longer."""
    if letters(text) <= most:
        return text
    kept, width = "", 1
    for sign in text:
        width += letters(sign)
        if width > most:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def written(x: float, y: float, text: str, css: str = "", anchor: str = "start") -> str:
    """A text element; ``anchor`` is start, middle or end."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escaped(text)}</text>'
    )


def line(start: Point, end: Point, css: str) -> str:
    """A straight line between two pixels."""
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def box(corner: Point, size: Point, css: str, hint: str = "") -> str:
    """A rectangle from its upper left corner; the hint appears under the pointer."""
    (x, y), (width, height) = corner, size
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
        f' class="{css}">{_hinted(hint)}</rect>'
    )


def dot(centre: Point, radius: float, css: str, hint: str = "") -> str:
    """A circle; the hint appears under the pointer."""
    x, y = centre
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{css}">{_hinted(hint)}</circle>'
    )


def diamond(centre: Point, radius: float, css: str, hint: str = "") -> str:
    """A square on its tip; the hint appears under the pointer."""
    x, y = centre
    corners = _joined([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)])
    return f'<polygon points="{corners}" class="{css}">{_hinted(hint)}</polygon>'


def bow(start: Point, middle: Point, end: Point, css: str, hint: str = "") -> str:
    """A curve (quadratic, the middle pulls it) between two pixels; the hint as of a dot."""
    (x1, y1), (x2, y2), (x3, y3) = start, middle, end
    along = f"M{x1:.1f},{y1:.1f} Q{x2:.1f},{y2:.1f} {x3:.1f},{y3:.1f}"
    return f'<path d="{along}" class="{css}">{_hinted(hint)}</path>'


def ribbon(start: Point, end: Point, thickness: float, css: str, hint: str = "") -> str:
    """A band between the upper ends of its two sides, as thick everywhere as said."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    there = f"M{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
    y3, y4 = y2 + thickness, y1 + thickness
    back = f"L{x2:.1f},{y3:.1f} C{middle:.1f},{y3:.1f} {middle:.1f},{y4:.1f} {x1:.1f},{y4:.1f} Z"
    return f'<path d="{there} {back}" class="{css}">{_hinted(hint)}</path>'


def _hinted(hint: str) -> str:
    return f"<title>{escaped(hint)}</title>" if hint else ""


def path(pixels: Sequence[Point], css: str) -> str:
    """A line through pixels in their order; nothing for fewer than two."""
    if len(pixels) < 2:  # noqa: PLR2004
        return ""
    return f'<polyline points="{_joined(pixels)}" class="{css}"/>'


def area(pixels: Sequence[Point], css: str) -> str:
    """What a closed line through pixels encloses; nothing for fewer than three."""
    if len(pixels) < 3:  # noqa: PLR2004
        return ""
    return f'<polygon points="{_joined(pixels)}" class="{css}"/>'


def band(intervals: Sequence[tuple[float, float, float]], x: Axis, y: Axis, css: str) -> str:
    """The area between the ends of intervals (place, low, high), in the order of their places."""
    above = [(x.at(place), y.at(high)) for place, _, high in intervals]
    below = [(x.at(place), y.at(low)) for place, low, _ in reversed(intervals)]
    return area([*above, *below], css)


def _joined(pixels: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)


def slot_class(slot: int) -> str:
    """Colour class of a contestant's place; chance (0) is grey."""
    return f"s{(slot - 1) % SLOTS + 1}" if slot else "s0"


def ticks(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Round numbers (1, 2 or 5 times a power of ten) inside a range, about as many as asked."""
    span = high - low
    smallest = max(abs(low), abs(high)) * 1e-9 + 1e-290
    if not math.isfinite(span) or span <= smallest:
        return (low,)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(power * by for by in (1, 2, 5, 10, 20) if power * by >= span / about * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(min(max(place * step, low), high) for place in range(first, last + 1))


def round_top(value: float) -> float:
    """The nearest round number at or above a positive value, to end an axis; 1 for nothing."""
    if not (is_drawable(value) and value > 0):
        return 1.0
    step = ticks(0.0, value)[1:2] or (value,)
    return step[0] * math.ceil(value / step[0] - 1e-9)


def axes(x: Axis, y: Axis) -> str:
    """Light lines across, numbers on both axes, the x name below and the y name above."""
    across = [
        line((x.start, y.at(tick)), (x.end, y.at(tick)), "grid")
        + written(x.start - 6, y.at(tick) + 4, y.write(tick), "num", "end")
        for tick in ticks(y.low, y.high)
    ]
    below = [
        line((x.at(tick), y.start), (x.at(tick), y.start + 4), "tick")
        + written(x.at(tick), y.start + 16, x.write(tick), "num", "middle")
        for tick in ticks(x.low, x.high)
    ]
    names = written(0, y.end - 12, clipped(y.label, 58), "axis") + written(
        x.end, y.start + 32, clipped(x.label, 52), "axis", "end"
    )
    return "".join((*across, *below, line((x.start, y.start), (x.end, y.start), "rule"), names))


def legend(keys: Sequence[Key], top: float = 0.0) -> tuple[str, float]:
    """The legend of lines in rows that fit the width, and the pixel below it."""
    return _legend(keys, top, _line_sample)


def patches(keys: Sequence[Key], top: float = 0.0) -> tuple[str, float]:
    """The legend of areas, as that of lines."""
    return _legend(keys, top, _area_sample)


def _line_sample(left: float, y: float, slot: int) -> str:
    return line((left, y - 4), (left + 20, y - 4), f"curve {slot_class(slot)}")


def _area_sample(left: float, y: float, slot: int) -> str:
    return box((left + 6, y - 9), (14, 10), f"soft {slot_class(slot)}")


def _legend(
    keys: Sequence[Key], top: float, sample: Callable[[float, float, int], str]
) -> tuple[str, float]:
    parts: list[str] = []
    left, y = 0.0, top + 10
    for key in keys:
        name = clipped(key.name, 40)
        width = 26 + letters(name) * LETTER + 14
        if left and left + width > WIDTH:
            left, y = 0.0, y + 17
        parts.append(sample(left, y, key.slot) + written(left + 26, y, name, "key"))
        left += width
    return "".join(parts), (y + 8 if keys else top)


def drawing(title: str, description: str, height: float, body: str) -> str:
    """A complete ``<svg>`` that scales with its column and can be read aloud."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'preserveAspectRatio="xMidYMid meet"><title>{escaped(title)}</title>'
        f"<desc>{escaped(description)}</desc>{body}</svg>"
    )


def nothing_to_draw(title: str, why: str) -> str:
    """A chart without data says so in its place."""
    body = written(WIDTH / 2, 40, clipped(why, 56), "axis", "middle")
    return drawing(title, why, 70, body)


def as_file(svg: str) -> str:
    """The chart as the text of an ``.svg`` file that needs no page around it."""
    css = files("pipelines").joinpath("templates", "charts.css").read_text(encoding="utf-8")
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH:.0f}"'
    head, body = svg.removeprefix("<svg").split(">", 1)
    return f"{opening}{head}><style>{css}</style>{body}\n"

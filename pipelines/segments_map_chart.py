"""The segment map: customers on two components, each segment with its own shape and number."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from models.segments.clusters import NONE
from models.spec import FloatArray
from pipelines.charts import (
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    Point,
    area,
    clipped,
    dot,
    drawing,
    escaped,
    line,
    nothing_to_draw,
    slot_class,
    written,
)
from pipelines.rounding import count, plain
from pipelines.segments_found import SegmentMap
from pipelines.segments_words import people

TALL: Final = 280.0
NAME: Final = 46
"""Letters of a name in the legend."""

_TRIMMED: Final = 0.005
_MARGIN: Final = 0.04
_FLAT: Final = 0.35
_CORE: Final = 0.5
_CORNERS: Final = 3
_SMALL: Final = 2.1
_LARGE: Final = 4.6

Shape = Callable[[float], tuple[Point, ...]]


def _polygon(corners: int, turned: float) -> Shape:
    def made(size: float) -> tuple[Point, ...]:
        angles = [turned + 2 * math.pi * each / corners for each in range(corners)]
        return tuple((size * math.cos(each), size * math.sin(each)) for each in angles)

    return made


def _star(points: int, inner: float, turned: float) -> Shape:
    def made(size: float) -> tuple[Point, ...]:
        sizes = [size if not each % 2 else size * inner for each in range(2 * points)]
        angles = [turned + math.pi * each / points for each in range(2 * points)]
        return tuple(
            (long * math.cos(at), long * math.sin(at))
            for long, at in zip(sizes, angles, strict=True)
        )

    return made


_UP: Final = -math.pi / 2
SHAPES: Final[tuple[Shape, ...]] = (
    _polygon(8, math.pi / 8),
    _polygon(3, _UP),
    _polygon(4, math.pi / 4),
    _star(4, 0.35, _UP),
    _polygon(3, -_UP),
    _polygon(4, 0.0),
    _star(5, 0.4, _UP),
)
"""Seven shapes and six colours: no two of 42 segments share both."""


def map_chart(title: str, found: SegmentMap, names: Mapping[int, str]) -> str:
    """Customers near each other are alike; the line encloses the inner half of a segment."""
    points = found.points
    places = points[["x", "y"]].to_numpy(dtype=np.float64)
    if not len(places):
        return nothing_to_draw(title, "there are no customers to draw")
    segment = points["segment"].to_numpy(dtype=np.int64)
    there = [int(each) for each in np.unique(segment) if each != NONE]
    keys = [(number, f"{number}  {names.get(number, '')}") for number in there]
    is_any_outside = NONE in segment
    if is_any_outside:
        keys = [(NONE, "in no segment" if there else "a customer"), *keys]
    head, top = _legend(keys)
    x, y = _plane(places, top)
    at = [(x.at(float(a)), y.at(float(b))) for a, b in places]
    body = "".join(
        marks([each for each, of in zip(at, segment, strict=True) if of == number], number)
        for number, _ in keys
    )
    for number in there:
        inner = outline(places[segment == number])
        corners = [(x.at(float(a)), y.at(float(b))) for a, b in inner]
        body += area(corners, f"outline {slot_class(number + 1)}")
    body += _middles(found, x, y)
    text = f"{people(len(places))} in {count(len(there))} segments."
    return drawing(title, text, y.start + 34, head + _frame(x, y) + body)


def marks(places: list[Point], number: int, size: float = _SMALL) -> str:
    """Marks of one segment as one path: its shape at every place; customers of none are grey."""
    shape = _polygon(6, 0.0) if number == NONE else SHAPES[number % len(SHAPES)]
    corners = shape(size)
    parts = []
    for a, b in places:
        first, *others = [(a + dx, b + dy) for dx, dy in corners]
        lines = " ".join(f"{c:.1f} {d:.1f}" for c, d in others)
        parts.append(f"M{first[0]:.1f} {first[1]:.1f}L{lines}Z")
    css = f"customer {slot_class(number + 1) if number != NONE else 's0'}"
    return f'<path d="{"".join(parts)}" class="{escaped(css)}"/>' if parts else ""


def badge(number: int) -> str:
    """The mark of a segment by itself, to stand beside its name."""
    body = marks([(8.0, 8.0)], number, 6.6)
    return f'<svg class="chart badge" viewBox="0 0 16 16" aria-hidden="true">{body}</svg>'


def outline(part: FloatArray) -> FloatArray:
    """Corners, shape (c, 2), around the half of the places next to their middle; none on a line."""
    away = np.linalg.norm(part - np.median(part, axis=0), axis=1)
    inner = part[away <= np.quantile(away, _CORE)]
    if len(np.unique(inner, axis=0)) < _CORNERS:
        return np.zeros((0, 2))
    try:
        found: FloatArray = inner[ConvexHull(inner).vertices]
    except QhullError:
        return np.zeros((0, 2))
    return found


def _legend(keys: list[tuple[int, str]]) -> tuple[str, float]:
    """A row for each segment: names are long."""
    parts = [
        marks([(6.0, 8 + 17.0 * row)], number, _LARGE)
        + written(18, 12 + 17.0 * row, clipped(name, NAME), "key")
        for row, (number, name) in enumerate(keys)
    ]
    return "".join(parts), 17.0 * len(keys) + 8


def _plane(places: FloatArray, top: float) -> tuple[Axis, Axis]:
    """Axes of one scale, so that distances are as they are; the few farthest lie on the border."""
    low, high = np.quantile(places, [_TRIMMED, 1 - _TRIMMED], axis=0)
    middle, across = (low + high) / 2, RIGHT - LEFT + 30
    reach = (high - low) / 2 * (1 + 2 * _MARGIN)
    unit = max(reach[0] / across, reach[1] / TALL) * 2 or 1.0
    height = min(max(2 * reach[1] / unit, _FLAT * TALL), TALL)
    half = (unit * across / 2, unit * height / 2)
    left = WIDTH - across - 2
    return (
        Axis("", float(middle[0] - half[0]), float(middle[0] + half[0]), left, WIDTH - 2, plain),
        Axis("", float(middle[1] - half[1]), float(middle[1] + half[1]), top + height, top, plain),
    )


def _frame(x: Axis, y: Axis) -> str:
    """Both axes as arrows."""
    low, middle = y.start + 6, (y.start + y.end) / 2
    return (
        line((x.start - 6, low), (x.end, low), "rule")
        + line((x.start - 6, low), (x.start - 6, y.end), "rule")
        + written(x.end, low + 18, "component 1 →", "axis", "end")
        + f'<g transform="rotate(-90 12 {middle:.1f})">'
        + written(12, middle + 4, "component 2 →", "axis", "middle")
        + "</g>"
    )


def _middles(found: SegmentMap, x: Axis, y: Axis) -> str:
    """The middle of each segment with its number."""
    body = ""
    for row in found.centres.to_dict("records"):
        number = int(row["segment"])
        at = (x.at(float(row["x"])), y.at(float(row["y"])))
        hint = f"middle of segment {number}: {people(float(row['customers']))}"
        body += dot(at, 9, f"dot {slot_class(number + 1)}", hint)
        body += written(at[0], at[1] + 4, str(number), "onmark", "middle")
    return body

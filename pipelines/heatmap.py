"""A table of numbers drawn as a heat map: the darker a cell, the larger its number."""

import math
from dataclasses import dataclass
from typing import Final

from pipelines.charts import (
    LETTER,
    WIDTH,
    box,
    clipped,
    drawing,
    is_drawable,
    letters,
    nothing_to_draw,
    written,
)
from pipelines.rounding import Write

STEPS: Final = 8
"""Depths of colour; the deepest alone carries light letters."""

ROW: Final = 22.0
NAMES_MOST: Final = 20
"""Letters of a row's name."""

COLUMN_MOST: Final = 14
FEW: Final = 8
"""Columns of which each keeps its name."""


@dataclass(frozen=True)
class Heat:
    """What is drawn.

    Attributes
    ----------
    title
        Of the chart.
    rows, columns
        Their names; of columns only as many are written as there is room for.
    values
        A tuple per row; NaN: nothing is known, and the cell stays empty.
    write
        How a number is written, in its cell where it has room, and under the pointer.
    across
        What the columns are, above their names.
    top
        Number of the deepest colour; None: the largest. 0 is the faintest.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    write: Write
    across: str = ""
    top: float | None = None


def heat_map(heat: Heat) -> str:
    """The chart; larger numbers than ``top`` are as deep as it, those below 0 as faint as 0."""
    known = [value for row in heat.values for value in row if is_drawable(value)]
    if not known:
        return nothing_to_draw(heat.title, "nothing is known yet")
    top = max(known) if heat.top is None else heat.top
    names = [clipped(name, NAMES_MOST) for name in heat.rows]
    left = max(letters(name) for name in names) * LETTER + 12
    width = (WIDTH - left) / len(heat.columns)
    heads, above = _heads(heat, left, width)
    body = heads
    for at, (name, row) in enumerate(zip(names, heat.values, strict=True)):
        y = above + at * ROW
        body += written(left - 6, y + ROW / 2 + 4, name, "", "end")
        for place, value in enumerate(row):
            if not math.isnan(value):
                hint = f"{heat.rows[at]}, {heat.columns[place]}: {heat.write(value)}"
                corner = (left + place * width, y)
                body += _cell(corner, width, (heat.write(value), hint), _step(value, top))
    told = f"{len(heat.rows)} rows and {len(heat.columns)} columns; the deeper, the larger."
    return drawing(heat.title, told, above + len(heat.rows) * ROW + 2, body)


def _cell(corner: tuple[float, float], width: float, text: tuple[str, str], step: int) -> str:
    (x, y), (number, hint) = corner, text
    drawn = box((x + 0.5, y + 0.5), (width - 1, ROW - 1), f"heat{step}", hint)
    if letters(number) * LETTER > width - 1:
        return drawn
    css = "num onheat" if step == STEPS - 1 else "num inheat"
    return drawn + written(x + width / 2, y + ROW / 2 + 4, number, css, "middle")


def _step(value: float, top: float) -> int:
    part = value / top if top > 0 else 0.0
    return min(max(int(part * STEPS), 0), STEPS - 1)


def _heads(heat: Heat, left: float, width: float) -> tuple[str, float]:
    """Names of the columns, and the pixel below them.

    Where they would run into each other, a few stand on two lines, and of many only some.
    """
    names = [clipped(name, COLUMN_MOST) for name in heat.columns]
    widest = max(letters(name) for name in names) * LETTER + 4
    is_few = len(names) <= FEW
    lines = 2 if widest > width and is_few else 1
    every = 1 if is_few else max(1, math.ceil(widest / width))
    top = 12.0 if heat.across else 0.0
    body = written(WIDTH, 11, heat.across, "axis", "end") if heat.across else ""
    for place in range(0, len(names), every):
        x, half = left + (place + 0.5) * width, letters(names[place]) * LETTER / 2
        y = top + 14 + (13 if lines == 2 and place % 2 == 0 else 0)  # noqa: PLR2004
        is_last = x + half > WIDTH
        at, anchor = (WIDTH, "end") if is_last else (x, "middle")
        body += written(at, y, names[place], "num", anchor)
    return body, top + 20 + 13 * (lines - 1)

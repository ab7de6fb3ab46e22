"""Charts of a comparison of groups: effects, a map of customers, components beside chance."""

from collections.abc import Sequence
from math import isfinite
from typing import Final

import numpy as np

from models.metrics import Estimate
from models.profile.components import Components
from models.profile.details import Mapped
from models.profile.discriminant import Discriminant
from models.profile.regression import Regression
from models.profile.single import Told
from models.profile.words import Words
from models.spec import FloatArray
from pipelines.bars import Bar, Whisker, bar_chart, whisker_chart
from pipelines.charts import (
    LEFT,
    RIGHT,
    Axis,
    Key,
    axes,
    diamond,
    dot,
    drawing,
    legend,
    path,
    slot_class,
    written,
)
from pipelines.rounding import fraction, percent, plain

PLOT: Final = 300.0
LOW: Final = 180.0
MOST: Final = 8
"""Rows of a chart, at most."""

MARGIN: Final = 0.06


def effects_chart(title: str, told: Sequence[Told], words: Words) -> str:
    """Effect sizes of columns with their intervals, whichever way they point."""
    bars = []
    for each in told:
        estimate = each.finding.effect.estimate
        ends = sorted((abs(estimate.low), abs(estimate.high)))
        is_one_sided = estimate.low * estimate.high > 0
        name = words.meaning(each.finding.subject)
        low = ends[0] if is_one_sided else 0.0
        known = (low, ends[1]) if isfinite(ends[0]) and isfinite(ends[1]) else None
        bars.append(Bar(name, abs(estimate.value), each.sentence, known))
    return bar_chart(title, bars, _short)


def _short(value: float) -> str:
    return fraction(value, 2)


def map_chart(title: str, mapped: Mapped) -> str:
    """Customers as dots near those who are alike, and the middle of each group."""
    found, groups = mapped.customers, mapped.groups
    keys = [Key(name, slot + 1) for slot, name in enumerate(groups.names)]
    head, top = legend(keys)
    x, y = _plane(found.places, top + 6)
    dots = "".join(
        dot((x.at(float(a)), y.at(float(b))), 2.4, f"dot {slot_class(int(code) + 1)}")
        for (a, b), code in zip(found.places, groups.code, strict=True)
    )
    middles = "".join(
        diamond(
            (x.at(float(part[:, 0].mean())), y.at(float(part[:, 1].mean()))),
            8,
            f"dot {slot_class(slot + 1)}",
            f"middle of {groups.names[slot]}",
        )
        for slot, part in enumerate(groups.split(found.places))
    )
    return drawing(title, f"{len(found.places)} customers.", y.start + 8, head + dots + middles)


def groups_chart(title: str, mapped: Mapped) -> str:
    """Groups as named places; the nearer, the more alike."""
    if mapped.of_groups is None:
        return ""
    places = mapped.of_groups.places
    x, y = _plane(places, 16)
    body = ""
    for slot, (name, (a, b)) in enumerate(zip(mapped.between.index, places, strict=True)):
        at = (x.at(float(a)), y.at(float(b)))
        anchor = "end" if at[0] > (LEFT + RIGHT) / 2 else "start"
        away = -9 if anchor == "end" else 9
        body += dot(at, 5, f"dot {slot_class(slot + 1)}")
        body += written(at[0] + away, at[1] + 4, str(name), "name", anchor)
    return drawing(title, f"{len(places)} groups.", y.start + 12, body)


def _plane(places: FloatArray, top: float) -> tuple[Axis, Axis]:
    """Axes of one scale, so that distances are as they are."""
    low, high = places.min(axis=0), places.max(axis=0)
    middle, reach = (low + high) / 2, float((high - low).max()) * (0.5 + MARGIN) or 1.0
    across, height = RIGHT - 8.0, PLOT
    scale = reach * height / across
    tall = max(float((high - low)[1]) * (0.5 + MARGIN), scale * 0.4)
    height = min(height, across * tall / reach)
    return (
        Axis("", float(middle[0]) - reach, float(middle[0]) + reach, 8, RIGHT, plain),
        Axis("", float(middle[1]) - tall, float(middle[1]) + tall, top + height, top, plain),
    )


def scree_chart(title: str, found: Components) -> str:
    """Variance of each component beside that of unrelated columns."""
    head, top = legend([Key("component", 1), Key("unrelated columns", 0)])
    values, chance = found.eigenvalues, found.by_chance
    highest = float(max(values.max(), chance.max())) * 1.05
    y = Axis("variance, in columns", 0, highest, top + 30 + LOW, top + 30, _tenth)
    x = Axis("component", 1, len(values), LEFT, RIGHT - 6, _whole)
    numbers = np.arange(1, len(values) + 1)
    lines = "".join(
        path([(x.at(float(a)), y.at(float(b))) for a, b in zip(numbers, each, strict=True)], css)
        for each, css in ((chance, "curve s0"), (values, "curve s1"))
    )
    dots = "".join(
        dot((x.at(float(a)), y.at(float(b))), 4, "dot s1", f"{b:.2f}")
        for a, b in zip(numbers[: found.kept], values[: found.kept], strict=True)
    )
    text = f"{found.kept} of {len(values)} components lie above chance."
    return drawing(title, text, y.start + 38, head + axes(x, y) + lines + dots)


def _tenth(value: float) -> str:
    return plain(value)


def _whole(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else ""


def marks_chart(title: str, found: Discriminant, words: Words) -> str:
    """Correlations of columns with what tells the groups apart most, whichever way they point."""
    loadings = found.structure.iloc[:, 0]
    order = np.argsort(-np.abs(loadings.to_numpy()), kind="stable")[:MOST]
    bars = [
        Bar(words.meaning(str(loadings.index[place])), abs(float(loadings.iloc[place])))
        for place in order
    ]
    return bar_chart(title, bars, _short)


def slopes_chart(title: str, found: Regression, words: Words) -> str:
    """Slopes of the strongest columns with their intervals, under a line of no slope."""
    table = found.slopes
    order = np.argsort(-np.abs(table["statistic"].to_numpy()), kind="stable")[:MOST]
    rows = [Whisker("no difference", 0, Estimate(0.0, 0.0, 0.0))]
    for place in order:
        value, low, high = (float(table[name].iloc[place]) for name in ("value", "low", "high"))
        slot = 2 if float(table["adjusted"].iloc[place]) < 0.05 else 0  # noqa: PLR2004
        name = words.meaning(str(table["column"].iloc[place]))
        rows.append(Whisker(name, slot, Estimate(value, low, high)))
    return whisker_chart(title, rows, _short)


def hits_chart(title: str, found: Discriminant) -> str:
    """Of each group, the share that is put into it."""
    bars = [
        Bar(str(name), float(row[place] / max(row.sum(), 1)))
        for place, (name, row) in enumerate(zip(found.centroids.index, found.hits, strict=True))
    ]
    return bar_chart(title, bars, percent)

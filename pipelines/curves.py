"""Charts of lines over two axes: gains, ROC, reliability, profit, and the histogram of scores."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.metrics import Estimate
from models.proportions import wilson
from pipelines.charts import (
    LEFT,
    RIGHT,
    Axis,
    Key,
    Point,
    axes,
    band,
    box,
    dot,
    drawing,
    is_drawable,
    legend,
    line,
    nothing_to_draw,
    path,
    round_top,
    slot_class,
    written,
)
from pipelines.rounding import count, percent, plain, with_interval

PLOT = 190.0
MOST_POINTS = 160
"""Enough for a line 300 pixels wide; a curve of 100,000 customers must not make the page heavy."""


@dataclass(frozen=True)
class Curve:
    """A contestant's line: points in the order they are joined, the first coordinate in 0..1."""

    name: str
    slot: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Bin:
    """Customers of similar score: mean predicted chance, share that left, how many they are."""

    predicted: float
    observed: float
    customers: int


@dataclass(frozen=True)
class Reliability:
    """A contestant's bins, in order of the predicted chance, and its calibration error."""

    name: str
    slot: int
    bins: tuple[Bin, ...]
    error: Estimate | None = None


@dataclass(frozen=True)
class Scores:
    """How many customers a contestant scored in each of equal steps from 0 to 1."""

    name: str
    slot: int
    customers: tuple[int, ...]


@dataclass(frozen=True)
class ProfitCurves:
    """Profit by the share of a list that is contacted.

    Attributes
    ----------
    curves
        Of each contestant: (share, money).
    band
        The 95 % interval of the first curve: (share, low, high).
    label
        What the money is: ``profit per customer of the list, USD``.
    best
        Share at which the first curve is highest.
    """

    curves: tuple[Curve, ...]
    band: tuple[tuple[float, float, float], ...]
    label: str
    best: float


def gains_chart(curves: Sequence[Curve], called: float | None = None) -> str:
    """Share of leavers reached (y) when calling the customers ranked first (x).

    ``called`` is the share (0..1) of customers that the business means to call, marked upright.
    """
    return _lines(
        curves,
        "Leavers reached by calling the first on the list",
        ("share of customers called", "share of all leavers reached"),
        called,
    )


def roc_chart(curves: Sequence[Curve]) -> str:
    """Leavers found (y) against stayers named by mistake (x), over every threshold."""
    return _lines(
        curves,
        "Leavers found against false alarms (ROC)",
        ("share of stayers named by mistake", "share of leavers found"),
    )


def profit_chart(profits: ProfitCurves) -> str:
    """Money earned (y) by contacting the first on the list (x), from nobody to everybody.

    The first curve has its 95 % interval shaded and its best share marked upright; a curve that
    has fallen far below zero is cut off.
    """
    title = "Profit by the share of customers contacted"
    drawn = [each for each in profits.curves if each.points]
    if not drawn:
        return nothing_to_draw(title, "no customers to draw a curve of")
    edges = [edge for _, low, high in profits.band for edge in (low, high)]
    ups = [0.0, *edges, *(up for each in drawn for _, up in each.points)]
    names, below = legend([*(Key(each.name, each.slot) for each in drawn), Key("nobody", 0)])
    y = Axis(profits.label, min(ups), round_top(max(ups)), below + 26 + PLOT, below + 26, plain)
    x = Axis("share of customers contacted", 0, 1, LEFT, RIGHT, percent)
    body = names + band(profits.band, x, y, f"soft {slot_class(drawn[0].slot)}") + axes(x, y)
    body += path([(x.at(0), y.at(0)), (x.at(1), y.at(0))], "curve s0")
    body += line((x.at(profits.best), y.start), (x.at(profits.best), y.end), "mark")
    for each in reversed(drawn):
        pixels = [(x.at(across), y.at(up)) for across, up in _thinned(each.points)]
        body += path(pixels, f"curve {slot_class(each.slot)}")
    told = f"Curves of {', '.join(each.name for each in drawn)}; at the left nobody is contacted."
    return drawing(title, told, y.start + 38, body)


def reliability_chart(contestants: Sequence[Reliability]) -> str:
    """Share that really left (y) against the predicted chance (x), the counts of bins below.

    Above it in words: the expected calibration error with its 95 % interval. A whisker is the 95 %
    interval of a share, see `models.proportions.wilson`.
    """
    title = "Predicted chance against what happened"
    drawn = [
        Reliability(each.name, each.slot, kept, each.error)
        for each in contestants
        if (kept := tuple(part for part in each.bins if _has_a_place(part)))
    ]
    if not drawn:
        return nothing_to_draw(title, "no customers to compare predictions with")
    highest = max(max(part.predicted, part.observed) for each in drawn for part in each.bins)
    top = min(round_top(highest), 1.0)
    keys = [*(Key(each.name, each.slot) for each in drawn), Key("perfectly calibrated", 0)]
    names, below = legend(keys)
    errors, below = _errors(drawn, below)
    y = Axis("share that left", 0, top, below + 26 + PLOT, below + 26, percent)
    x = Axis("predicted chance of leaving", 0, top, LEFT, RIGHT, percent)
    diagonal = path([(x.at(0), y.at(0)), (x.at(top), y.at(top))], "curve s0")
    marks = "".join(_calibration(each, x, y) for each in drawn)
    counts, end = _bin_counts(drawn, x, y.start + 46)
    told = "; ".join(f"{each.name}: {len(each.bins)} groups of customers" for each in drawn)
    body = names + errors + axes(x, y) + diagonal + marks + counts
    return drawing(title, f"Dots on the diagonal are honest. {told}.", end, body)


def score_histogram(contestants: Sequence[Scores]) -> str:
    """Share of customers (y) at each predicted chance (x): the first filled, others as lines."""
    title = "How the scores are spread"
    drawn = [each for each in contestants if sum(each.customers) > 0]
    if not drawn:
        return nothing_to_draw(title, "no customers have been scored")
    tallest = max(max(each.customers) / sum(each.customers) for each in drawn)
    names, below = legend([Key(each.name, each.slot) for each in drawn])
    y = Axis("share of customers", 0, round_top(tallest), below + 26 + 150, below + 26, percent)
    x = Axis("predicted chance of leaving", 0, 1, LEFT, RIGHT, percent)
    body = names + axes(x, y) + _filled_steps(drawn[0], x, y)
    body += "".join(_outline(each, x, y) for each in drawn)
    told = "; ".join(f"{each.name}: {count(sum(each.customers))} customers" for each in drawn)
    return drawing(title, f"{told}.", y.start + 38, body)


def _lines(
    curves: Sequence[Curve], title: str, labels: tuple[str, str], mark: float | None = None
) -> str:
    """Curves in the unit square over the diagonal of chance, and an upright line at the mark."""
    finite = [(each, [p for p in each.points if all(map(is_drawable, p))]) for each in curves]
    drawn = [(each, points) for each, points in finite if points]
    if not drawn:
        return nothing_to_draw(title, "no customers to draw a curve of")
    keys = [*(Key(each.name, each.slot) for each, _ in drawn), Key("by chance", 0)]
    names, below = legend(keys)
    y = Axis(labels[1], 0, 1, below + 26 + PLOT, below + 26, percent)
    x = Axis(labels[0], 0, 1, LEFT, RIGHT, percent)
    body = names + axes(x, y) + path([(x.at(0), y.at(0)), (x.at(1), y.at(1))], "curve s0")
    if mark is not None:
        body += line((x.at(mark), y.start), (x.at(mark), y.end), "mark")
    for each, points in reversed(drawn):
        css = slot_class(each.slot)
        pixels = [(x.at(across), y.at(up)) for across, up in _thinned(points)]
        body += path(pixels, f"curve {css}") or dot(pixels[0], 4, f"dot {css}", each.name)
    told = f"Curves of {', '.join(each.name for each, _ in drawn)}; higher is better."
    return drawing(title, told, y.start + 38, body)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """Points evenly spread over their order, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return points
    last = len(points) - 1
    return [points[place * last // (MOST_POINTS - 1)] for place in range(MOST_POINTS)]


def _has_a_place(part: Bin) -> bool:
    return part.customers > 0 and is_drawable(part.predicted) and is_drawable(part.observed)


def _calibration(each: Reliability, x: Axis, y: Axis) -> str:
    """One contestant's dots joined by a line, with whiskers."""
    css = slot_class(each.slot)
    pixels = [(x.at(part.predicted), y.at(part.observed)) for part in each.bins]
    marks = path(pixels, f"curve {css}")
    for part, (across, up) in zip(each.bins, pixels, strict=True):
        share = wilson(part.observed * part.customers, part.customers)
        hint = (
            f"{each.name}: predicted {percent(part.predicted)}, left {percent(part.observed)}, "
            f"{count(part.customers)} customers"
        )
        marks += line((across, y.at(share.low)), (across, y.at(share.high)), f"whisker {css}")
        marks += dot((across, up), 3.5, f"dot {css}", hint)
    return marks


def _errors(drawn: Sequence[Reliability], top: float) -> tuple[str, float]:
    """A line of text for each contestant whose calibration error is known."""
    lines = []
    for each in drawn:
        if each.error is not None:
            top += 14
            told = f"{each.name}: calibration error {with_interval(each.error)}"
            lines.append(written(0, top, told, "axis"))
    return "".join(lines), top


def _bin_counts(drawn: Sequence[Reliability], x: Axis, top: float) -> tuple[str, float]:
    """A strip of bars for each contestant, one bar per bin, as high as it has customers."""
    most = max(part.customers for each in drawn for part in each.bins)
    parts = [written(0, top + 8, f"customers in each group (highest bar: {count(most)})", "axis")]
    floor = top + 16
    for each in drawn:
        floor += 24
        for part in each.bins:
            tall = max(20 * part.customers / most, 1.0)
            hint = f"{each.name}: {count(part.customers)} customers"
            corner = (x.at(part.predicted) - 3, floor - tall)
            parts.append(box(corner, (6, tall), f"fill {slot_class(each.slot)}", hint))
        parts.append(line((x.start, floor), (x.end, floor), "grid"))
    return "".join(parts), floor + 8


def _filled_steps(each: Scores, x: Axis, y: Axis) -> str:
    total, steps = sum(each.customers), len(each.customers)
    bars = []
    for place, customers in enumerate(each.customers):
        left, right = x.at(place / steps), x.at((place + 1) / steps)
        up = y.at(customers / total)
        hint = f"{percent(place / steps)} to {percent((place + 1) / steps)}: {count(customers)}"
        css = f"soft {slot_class(each.slot)}"
        bars.append(box((left, up), (right - left, y.start - up), css, hint))
    return "".join(bars)


def _outline(each: Scores, x: Axis, y: Axis) -> str:
    total, steps = sum(each.customers), len(each.customers)
    pixels = [(x.at(0), y.start)]
    for place, customers in enumerate(each.customers):
        up = y.at(customers / total)
        pixels += [(x.at(place / steps), up), (x.at((place + 1) / steps), up)]
    return path([*pixels, (x.at(1), y.start)], f"curve {slot_class(each.slot)}")

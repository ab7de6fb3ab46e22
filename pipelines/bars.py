"""Charts of rows, each with its name above it: bars with a bound, and dots with whiskers."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.metrics import Estimate
from pipelines.charts import (
    LETTER,
    WIDTH,
    Axis,
    box,
    clipped,
    dot,
    drawing,
    is_drawable,
    letters,
    line,
    nothing_to_draw,
    round_top,
    slot_class,
    ticks,
    written,
)
from pipelines.rounding import Write, fraction, with_interval

ROW = 31.0
LETTERS = 50
"""Width of a row's name and its number together, in letters."""


@dataclass(frozen=True)
class Bar:
    """A named amount of at least 0; the hint (an exact column name, say) appears on pointing.

    ``ends`` are those of its 95 % interval, drawn as a whisker.
    """

    name: str
    amount: float
    hint: str = ""
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Whisker:
    """A contestant's estimate of one metric; None where the metric is not defined for it."""

    name: str
    slot: int
    estimate: Estimate | None


def bar_chart(
    title: str, bars: Sequence[Bar], write: Write = fraction, bound: float | None = None
) -> str:
    """Horizontal bars in the order given; those above the bound are marked."""
    if not bars:
        return nothing_to_draw(title, "nothing to show")
    amounts = [_drawn_amount(each) for bar in bars for each in (bar.amount, *(bar.ends or ()))]
    top = max(*amounts, bound or 0.0, 0.0) or 1.0
    x = Axis("", 0, top * 1.04, 0, WIDTH, write)
    above = 18.0 if bound is not None else 2.0
    tops = [above + row * ROW for row in range(len(bars))]
    body = "".join(
        _bar(bar, top, x, bound is not None and not bar.amount <= bound)
        for bar, top in zip(bars, tops, strict=True)
    )
    if bound is not None:
        at = x.at(bound)
        anchor = "end" if at > WIDTH / 2 else "start"
        body += written(at, 10, f"bound {write(bound)}", "axis", anchor)
        body += "".join(line((at, top + 15), (at, top + 25), "bound") for top in tops)
    told = "; ".join(f"{bar.name}: {_number(bar, write)}" for bar in bars)
    return drawing(title, f"{told}.", above + len(bars) * ROW, body)


def whisker_chart(title: str, whiskers: Sequence[Whisker], write: Write = fraction) -> str:
    """A metric's estimates as dots with 95 % intervals; the first contestant's interval shaded."""
    known = [
        (each, estimate)
        for each in whiskers
        if (estimate := each.estimate) is not None and _has_a_place(estimate)
    ]
    if not known:
        return nothing_to_draw(title, "the metric is not defined on these customers")
    x = _range_of([estimate for _, estimate in known], write)
    first = known[0][1]
    body = "".join(
        _whisker(each, estimate, row * ROW, (x, first))
        for row, (each, estimate) in enumerate(known)
    )
    end = len(known) * ROW + 2
    body += line((0, end), (WIDTH, end), "rule")
    for tick in ticks(x.low, x.high, 4):
        body += line((x.at(tick), end), (x.at(tick), end + 4), "tick")
        body += written(_within(x.at(tick), write(tick)), end + 16, write(tick), "num", "middle")
    told = "; ".join(f"{each.name}: {with_interval(found, write)}" for each, found in known)
    return drawing(title, f"Dots with 95 % intervals. {told}.", end + 22, body)


def _within(middle: float, text: str) -> float:
    """The middle of a text, moved so that no letter of it is cut off at an end of the chart."""
    half = letters(text) * LETTER / 2
    return min(max(middle, half), WIDTH - half)


def _drawn_amount(amount: float) -> float:
    return max(amount, 0.0) if is_drawable(amount) else 0.0


def _has_a_place(estimate: Estimate) -> bool:
    return all(map(is_drawable, (estimate.value, estimate.low, estimate.high)))


def _bar(bar: Bar, top: float, x: Axis, is_over: bool) -> str:  # noqa: FBT001
    number = x.write(bar.amount) + (" – over" if is_over else "")
    name = clipped(bar.name, LETTERS - letters(number))
    long = x.at(_drawn_amount(bar.amount))
    hint = f"{bar.hint or bar.name}: {_number(bar, x.write)}"
    return (
        written(0, top + 11, name, "name")
        + written(WIDTH, top + 11, number, "over" if is_over else "num", "end")
        + box((0, top + 16), (WIDTH, 7), "track")
        + box((0, top + 16), (long, 7), "fill sbad" if is_over else "fill s1", hint)
        + _ends(bar, top + 19.5, x)
    )


def _number(bar: Bar, write: Write) -> str:
    """The amount, and its interval where there is one."""
    if bar.ends is None:
        return write(bar.amount)
    return with_interval(Estimate(bar.amount, *bar.ends), write)


def _ends(bar: Bar, middle: float, x: Axis) -> str:
    """A whisker over the end of the bar; nothing without an interval."""
    if bar.ends is None or not all(map(is_drawable, bar.ends)):
        return ""
    low, high = (x.at(_drawn_amount(end)) for end in bar.ends)
    caps = "".join(line((at, middle - 4.5), (at, middle + 4.5), "ends") for at in (low, high))
    return line((low, middle), (high, middle), "ends") + caps


def _range_of(estimates: Sequence[Estimate], write: Write) -> Axis:
    """An axis over all intervals with a margin, or around the only value."""
    low = min(min(each.low, each.value) for each in estimates)
    high = max(max(each.high, each.value) for each in estimates)
    margin = (high - low) * 0.06 or round_top(abs(high)) * 0.1
    return Axis("", low - margin, high + margin, 8, WIDTH - 8, write)


def _whisker(each: Whisker, estimate: Estimate, top: float, over: tuple[Axis, Estimate]) -> str:
    """A row of the chart over the shaded interval of its first contestant."""
    x, first = over
    css = slot_class(each.slot)
    shaded = (x.at(first.high) - x.at(first.low), 11)
    number = with_interval(estimate, x.write)
    middle = top + 21.5
    caps = "".join(
        line((at, middle - 4), (at, middle + 4), f"whisker {css}")
        for at in (x.at(estimate.low), x.at(estimate.high))
    )
    return (
        written(0, top + 11, clipped(each.name, LETTERS - letters(number)), "name")
        + written(WIDTH, top + 11, number, "num", "end")
        + box((x.at(first.low), top + 16), shaded, "shade")
        + line((x.at(estimate.low), middle), (x.at(estimate.high), middle), f"whisker {css}")
        + caps
        + dot((x.at(estimate.value), middle), 4, f"dot {css}", f"{each.name}: {number}")
    )

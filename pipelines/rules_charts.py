"""Charts of kept rules: support, confidence and lift of each, and which items lead to which."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models.numerals import decimal
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
    line,
    nothing_to_draw,
    round_top,
    written,
)
from pipelines.curves import PLOT
from pipelines.rounding import NO_BREAK, count, percent, times
from pipelines.rules_told import Rule, short_names

NO_RULE: Final = "no rule was kept"
SIZES: Final = (2.4, 3.8, 5.4)
"""Radius of a mark by class of lift."""

CELL: Final = 15.0
NAMES: Final = WIDTH - 15 * CELL
MOST_ITEMS: Final = 15
"""Items along each side of the matrix."""

Mark = Callable[[tuple[float, float], float, str, str], str]
MARKS: Final[Mapping[bool, tuple[Mark, str, str]]] = {
    True: (dot, "soft mark s1", "held later"),
    False: (diamond, "soft mark s2", "did not hold"),
}


@dataclass(frozen=True)
class Pair:
    """Rules that lead from one item to another."""

    antecedent: str
    consequent: str
    lift: float
    rules: int


def measures_chart(title: str, rules: Sequence[Rule]) -> str:
    """Confidence (y) by support (x, logarithmic) of rules; the larger a mark, the higher the lift.

    A rule that held is a circle, another one a diamond.
    """
    drawn = [each for each in rules if each.support > 0 and is_drawable(each.lift)]
    if not drawn:
        return nothing_to_draw(title, NO_RULE)
    bounds = lift_bounds([each.lift for each in drawn])
    keys, below = _keys(bounds, {each.held for each in drawn})
    powers = [math.log10(each.support) for each in drawn]
    x = Axis("support (share of baskets)", *_padded(powers), LEFT, RIGHT, _share_of_power)
    top = min(round_top(max(each.confidence for each in drawn)), 1.0)
    y = Axis("confidence", 0, top, below + 26 + PLOT, below + 26, percent)
    body = keys + axes(x, y)
    for each, power in reversed(list(zip(drawn, powers, strict=True))):
        mark, css, said = MARKS[each.held]
        hint = f"{each}: confidence {percent(each.confidence)}, lift {times(each.lift)}, {said}"
        centre = (x.at(power), y.at(each.confidence))
        body += mark(centre, SIZES[size_class(each.lift, bounds)], css, hint)
    held = sum(each.held for each in drawn)
    described = f"{count(len(drawn))} rules, {count(held)} of them held later."
    return drawing(title, described, y.start + 38, body)


def lift_bounds(lifts: Sequence[float]) -> tuple[float, ...]:
    """Up to two lifts, ascending, that split rules into thirds; of two digits, as they are told."""
    ordered = sorted(lifts)
    thirds = {_two_digits(ordered[len(ordered) * part // 3]) for part in (1, 2)}
    return tuple(sorted(bound for bound in thirds if ordered[0] < bound <= ordered[-1]))


def size_class(lift: float, bounds: Sequence[float]) -> int:
    """How many of the bounds a lift reaches."""
    return sum(lift >= bound for bound in bounds)


def class_names(bounds: Sequence[float]) -> tuple[str, ...]:
    """What the classes between bounds are called."""
    if not bounds:
        return ("any lift",)
    first, *rest = (f"{bound:g}" for bound in bounds)
    between = [f"lift {first} to {each}" for each in rest]
    return (f"lift below {first}", *between, f"lift {(rest or [first])[-1]} or more")


def pairs_of(rules: Sequence[Rule]) -> list[Pair]:
    """From which items rules lead to which: the highest lift, and how many rules; ascending."""
    lifts: dict[tuple[str, str], list[float]] = {}
    for rule in rules:
        for antecedent in rule.antecedents:
            for consequent in rule.consequents:
                lifts.setdefault((antecedent, consequent), []).append(rule.lift)
    return [Pair(*names, max(found), len(found)) for names, found in sorted(lifts.items())]


def frequent_items(rules: Sequence[Rule], most: int = MOST_ITEMS) -> list[str]:
    """Items that the most rules name, on either side; the most frequent first, then by name."""
    named = Counter(item for rule in rules for item in (*rule.antecedents, *rule.consequents))
    return sorted(named, key=lambda item: (-named[item], item))[:most]


def matrix_chart(title: str, items: Sequence[str], pairs: Sequence[Pair]) -> str:
    """Items that lead (rows) by items that follow (columns): the darker, the higher the lift.

    Columns are numbered as the rows are.
    """
    shown = [each for each in pairs if {each.antecedent, each.consequent} <= set(items)]
    if not shown:
        return nothing_to_draw(title, NO_RULE)
    bounds = lift_bounds([each.lift for each in shown])
    keys, below = _shades(bounds)
    names, place = short_names(items), {name: i for i, name in enumerate(items)}
    top = below + 34
    across = [NAMES + CELL * i for i in range(len(items) + 1)]
    body = keys + written(0, below + 14, "leads to → (columns by number)", "axis")
    for i, name in enumerate(items):
        middle = top + CELL * i + 11
        body += written(across[i] + CELL / 2, top - 5, str(i + 1), "num", "middle")
        body += written(0, middle, f"{i + 1}", "num")
        body += written(18, middle, clipped(names[name], 16), "small")
        body += box((across[i], top + CELL * i), (CELL, CELL), "track")
    for each in shown:
        corner = (across[place[each.consequent]], top + CELL * place[each.antecedent])
        hint = f"{each.antecedent} → {each.consequent}: lift {times(each.lift)}"
        shade = f"shade{size_class(each.lift, bounds)} s1"
        body += box(corner, (CELL, CELL), shade, f"{hint}, rules: {count(each.rules)}")
    end = top + CELL * len(items)
    for i, left in enumerate(across):
        body += line((left, top), (left, end), "grid")
        body += line((NAMES, top + CELL * i), (across[-1], top + CELL * i), "grid")
    described = f"{len(items)} items; {count(len(shown))} pairs with a rule."
    return drawing(title, described, end + 4, body)


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def _padded(values: Sequence[float]) -> tuple[float, float]:
    """The range of values with a margin at both ends."""
    low, high = min(values), max(values)
    margin = (high - low) * 0.04 or 0.1
    return low - margin, high + margin


def _share_of_power(power: float) -> str:
    """``0.32 %`` of the logarithm of .0032: in two digits, so that every tick differs."""
    hundredfold = 100 * 10**power
    digits = max(0, 1 - math.floor(math.log10(hundredfold)))
    return f"{decimal(hundredfold, digits)}{NO_BREAK}%"


def _keys(bounds: Sequence[float], helds: set[bool]) -> tuple[str, float]:
    """What shapes and sizes mean, in two rows, and the pixel below them."""
    body, left = "", 0.0
    for held in sorted(helds, reverse=True):
        mark, css, said = MARKS[held]
        body += mark((left + 6, 6), SIZES[1], css, "") + written(left + 17, 10, said, "key")
        left += 130
    for size, name in enumerate(class_names(bounds)):
        left = size * WIDTH / len(SIZES)
        body += dot((left + 6, 23), SIZES[size], "soft mark s0")
        body += written(left + 17, 27, name, "small")
    return body, 36.0


def _shades(bounds: Sequence[float]) -> tuple[str, float]:
    """What shades mean, and the pixel below."""
    body = ""
    for place, name in enumerate(class_names(bounds)):
        left = place * WIDTH / len(SIZES)
        body += box((left, 1), (11, 11), f"shade{place} s1")
        body += written(left + 17, 10, name, "small")
    return body, 14.0

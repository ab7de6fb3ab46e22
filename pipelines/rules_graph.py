"""The strongest rules as a graph: items in boxes, and an arrow from what leads to what follows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

import numpy as np

from models.spec import FloatArray
from pipelines.charts import (
    WIDTH,
    Key,
    Point,
    area,
    bow,
    box,
    clipped,
    dot,
    drawing,
    legend,
    letters,
    nothing_to_draw,
    written,
)
from pipelines.graph_layout import placed
from pipelines.rounding import count, percent, times
from pipelines.rules_charts import NO_RULE
from pipelines.rules_told import Rule, short_names

MOST_RULES: Final = 30
MOST_ITEMS: Final = 22
"""Rules and items of a graph that can still be read on a phone."""

LINE_LETTERS: Final = 15
LINE_HEIGHT: Final = 12.0
NODE_LETTER: Final = 6.9
"""Width of a letter, many of them capital, at the 10 px of a box."""

JOINT: Final = 7.0
"""Width of the dot in which several antecedents meet."""

SPARSITY: Final = 2.2
BEND: Final = 0.14
"""How far an arrow bows out, of its length; so there and back are two arrows."""

HEAD: Final = 6.0


@dataclass(frozen=True)
class Node:
    """An item with the lines of its name, or a joint, which has none."""

    lines: tuple[str, ...]
    hint: str = ""

    @property
    def size(self) -> Point:
        """Width and height in pixels."""
        if not self.lines:
            return (JOINT, JOINT)
        longest = max(map(letters, self.lines))
        return (longest * NODE_LETTER + 10, len(self.lines) * LINE_HEIGHT + 8)


@dataclass(frozen=True)
class Arrow:
    """A line from a node to a node, by their numbers, and what it says."""

    start: int
    end: int
    rule: Rule
    has_head: bool


def drawn_rules(rules: Sequence[Rule]) -> list[Rule]:
    """The first rules, as many as can be read: those that would need one item too many are not."""
    chosen: list[Rule] = []
    items: set[str] = set()
    for rule in rules:
        needed = items | {*rule.antecedents, *rule.consequents}
        if len(needed) <= MOST_ITEMS and len(chosen) < MOST_RULES:
            chosen.append(rule)
            items = needed
    return chosen


def rule_graph(title: str, rules: Sequence[Rule]) -> str:
    """Rules as arrows between items; several antecedents meet in a dot on the way.

    A rule that held is a full line, another one is dashed.
    """
    if not rules:
        return nothing_to_draw(title, NO_RULE)
    nodes, arrows = _graph(rules)
    sizes = np.array([node.size for node in nodes])
    links = np.array([(each.start, each.end) for each in arrows], dtype=np.intp)
    keys, below = legend([Key(name, slot) for held, name, slot in _SLOTS if _any(rules, held)])
    centres = placed(sizes, links, WIDTH, SPARSITY) + np.array([0, below + 8])
    body = keys + "".join(_arrow(each, centres, sizes) for each in arrows)
    body += "".join(
        _node(node, (x, y)) for node, (x, y) in zip(nodes, centres.tolist(), strict=True)
    )
    end = float((centres + sizes / 2)[:, 1].max())
    items = sum(bool(node.lines) for node in nodes)
    described = f"{count(len(rules))} rules between {count(items)} items."
    return drawing(title, described, end + 6, body)


_SLOTS: Final = ((True, "held later", 1), (False, "did not hold", 2))


def _any(rules: Sequence[Rule], held: bool) -> bool:  # noqa: FBT001
    return any(rule.held == held for rule in rules)


def _graph(rules: Sequence[Rule]) -> tuple[list[Node], list[Arrow]]:
    """Items in the order in which rules name them, then joints; and what links them."""
    items = list(dict.fromkeys(i for rule in rules for i in (*rule.antecedents, *rule.consequents)))
    names, number = short_names(items), {item: i for i, item in enumerate(items)}
    nodes = [Node(_lines(names[item]), item) for item in items]
    arrows = []
    for rule in rules:
        starts = [number[item] for item in rule.antecedents]
        if len(starts) > 1:
            joint = len(nodes)
            nodes.append(Node(()))
            arrows += [Arrow(start, joint, rule, has_head=False) for start in starts]
            starts = [joint]
        ends = [number[item] for item in rule.consequents]
        arrows += [Arrow(start, end, rule, has_head=True) for start in starts for end in ends]
    return nodes, arrows


def _lines(name: str) -> tuple[str, ...]:
    """A name in up to two lines."""
    first, *rest = wrap(name, LINE_LETTERS) or ["?"]
    second = (" ".join(rest),) if rest else ()
    return tuple(clipped(part, LINE_LETTERS) for part in (first, *second))


def _node(node: Node, centre: Point) -> str:
    if not node.lines:
        return dot(centre, JOINT / 2, "joint")
    (x, y), (width, height) = centre, node.size
    top = y - height / 2
    texts = "".join(
        written(x, top + 13 + LINE_HEIGHT * i, text, "small", "middle")
        for i, text in enumerate(node.lines)
    )
    return box((x - width / 2, top), (width, height), "node", node.hint) + texts


def _arrow(each: Arrow, centres: FloatArray, sizes: FloatArray) -> str:
    """A bow between the borders of two boxes, its head on the second."""
    css = "s1" if each.rule.held else "s2"
    start, end = centres[each.start], centres[each.end]
    across, down = end - start
    middle = (start + end) / 2 + BEND * np.array([down, -across])
    begin = _border(start, sizes[each.start], middle)
    tip = _border(end, sizes[each.end], middle)
    hint = f"{each.rule}: confidence {percent(each.rule.confidence)}, lift {times(each.rule.lift)}"
    pull = (float(middle[0]), float(middle[1]))
    drawn = bow(begin, pull, tip, f"curve thin {css}", hint)
    return drawn + (_head(pull, tip, css) if each.has_head else "")


def _border(centre: FloatArray, size: FloatArray, towards: FloatArray) -> Point:
    """Where the line from a box's centre towards a point leaves the box."""
    way = towards - centre
    with np.errstate(divide="ignore"):
        part = min(1.0, float((size / 2 / np.abs(way)).min()))
    x, y = (centre + way * part).tolist()
    return x, y


def _head(behind: Point, tip: Point, css: str) -> str:
    """A triangle at the tip that points away from the point behind."""
    turn = math.atan2(tip[1] - behind[1], tip[0] - behind[0])
    wings = [
        (tip[0] - HEAD * math.cos(turn + side), tip[1] - HEAD * math.sin(turn + side))
        for side in (-0.45, 0.45)
    ]
    return area([tip, *wings], f"fill {css}")

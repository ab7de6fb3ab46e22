"""Flows between two columns of groups (a Sankey diagram): who moved from where to where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.charts import (
    WIDTH,
    Key,
    box,
    clipped,
    drawing,
    is_drawable,
    nothing_to_draw,
    patches,
    ribbon,
    slot_class,
    written,
)
from pipelines.rounding import Write, count

FLOWING: Final = 250.0
"""Units of height that all flows share."""

SLOT: Final = 27.0
"""Least height of a group, which two lines of text need."""

NODE: Final = 8.0
EDGES: Final = (112.0, WIDTH - 112.0)
"""Where the groups of the left and of the right end."""

GAP: Final = 3.0
THINNEST: Final = 0.4
LETTERS: Final = 17
MOST_TOLD: Final = 12


@dataclass(frozen=True)
class Flow:
    """An amount that went from a group to a group; the slot is its colour, 0 is grey."""

    source: str
    target: str
    amount: float
    slot: int = 1
    hint: str = ""


@dataclass(frozen=True)
class Sankey:
    """What is drawn.

    Attributes
    ----------
    title
        Of the chart.
    flows
        Those of nothing, or of what cannot be drawn, are left out.
    order
        Groups from above; of the others, those met first come first.
    ends
        What stands above the two columns, such as two days.
    keys
        What colours mean.
    write
        How amounts are written.
    """

    title: str
    flows: tuple[Flow, ...]
    order: tuple[str, ...] = ()
    ends: tuple[str, str] = ("before", "after")
    keys: tuple[Key, ...] = ()
    write: Write = count


@dataclass(frozen=True)
class _Group:
    """Where a group is drawn: its upper end, and the amount of it."""

    top: float
    amount: float


@dataclass(frozen=True)
class _Layout:
    """Where everything is.

    Attributes
    ----------
    flows
        Those that are drawn.
    place
        Of a group, from above.
    scale
        Units of height of an amount of 1.
    sources, targets
        Groups of the left and of the right, from above.
    """

    flows: tuple[Flow, ...]
    place: Mapping[str, int]
    scale: float
    sources: Mapping[str, _Group]
    targets: Mapping[str, _Group]


def sankey_chart(asked: Sankey) -> str:
    """Ribbons as thick as the amount, between the groups of before and of after."""
    flows = tuple(each for each in asked.flows if is_drawable(each.amount) and each.amount > 0)
    if not flows:
        return nothing_to_draw(asked.title, "nobody is there to move")
    keys, above = patches(asked.keys)
    layout = _layout(flows, asked.order, above + 22)
    left, right = EDGES
    body = keys + written(left + NODE, above + 12, clipped(asked.ends[0], 30), "axis", "end")
    body += written(right - NODE, above + 12, clipped(asked.ends[1], 30), "axis")
    body += _ribbons(layout, asked.write)
    for groups, x, anchor in ((layout.sources, left, "end"), (layout.targets, right, "start")):
        for name, group in groups.items():
            body += _group(name, group, (x, anchor), layout.scale, asked.write)
    both = [*layout.sources.values(), *layout.targets.values()]
    lowest = max(
        _middle(each, layout.scale) + max(each.amount * layout.scale, SLOT) / 2 for each in both
    )
    largest = sorted(flows, key=_falling)[:MOST_TOLD]
    told = "; ".join(_told(each, asked.write) for each in largest)
    return drawing(asked.title, f"The largest flows: {told}.", lowest + 4, body)


def _layout(flows: tuple[Flow, ...], asked: Sequence[str], top: float) -> _Layout:
    met = [name for each in flows for name in (each.source, each.target)]
    order = dict.fromkeys([*(name for name in asked if name in met), *met])
    scale = FLOWING / sum(each.amount for each in flows)
    sent, came = dict.fromkeys(order, 0.0), dict.fromkeys(order, 0.0)
    for each in flows:
        sent[each.source] += each.amount
        came[each.target] += each.amount
    place = {name: at for at, name in enumerate(order)}
    sources, targets = (_placed(order, amounts, scale, top) for amounts in (sent, came))
    return _Layout(flows, place, scale, sources, targets)


def _placed(
    order: Iterable[str], amounts: Mapping[str, float], scale: float, top: float
) -> dict[str, _Group]:
    """Groups of a side from above, each with room for its text."""
    found: dict[str, _Group] = {}
    for name in order:
        amount = amounts[name]
        if amount:
            room = max(amount * scale, SLOT)
            found[name] = _Group(top + (room - amount * scale) / 2, amount)
            top += room + GAP
    return found


def _ribbons(layout: _Layout, write: Write) -> str:
    """Ribbons leave a group in the order of where they go, and arrive in that of their sources."""
    place = layout.place
    leaving = sorted(layout.flows, key=lambda each: (place[each.source], place[each.target]))
    arriving = sorted(layout.flows, key=lambda each: (place[each.target], place[each.source]))
    starts = _tops([(each, each.source) for each in leaving], layout.sources, layout.scale)
    ends = _tops([(each, each.target) for each in arriving], layout.targets, layout.scale)
    left, right = EDGES
    return "".join(
        ribbon(
            (left + NODE, starts[each]),
            (right - NODE, ends[each]),
            max(each.amount * layout.scale, THINNEST),
            f"soft {slot_class(each.slot)}",
            _told(each, write),
        )
        for each in sorted(layout.flows, key=_falling)  # the small ones on top
    )


def _tops(
    flows: Sequence[tuple[Flow, str]], groups: Mapping[str, _Group], scale: float
) -> dict[Flow, float]:
    """Upper end of each flow at its group, one below the other."""
    reached = {name: group.top for name, group in groups.items()}
    found = {}
    for flow, name in flows:
        found[flow] = reached[name]
        reached[name] += flow.amount * scale
    return found


def _group(name: str, group: _Group, at: tuple[float, str], scale: float, write: Write) -> str:
    """A bar with its name and amount beside it."""
    x, anchor = at
    is_left = anchor == "end"
    height = max(group.amount * scale, 1.0)
    told = f"{name}: {write(group.amount)}"
    bar = box((x if is_left else x - NODE, group.top), (NODE, height), "bar", told)
    beside, middle = x - 5 if is_left else x + 5, _middle(group, scale)
    return (
        bar
        + written(beside, middle - 1, clipped(name, LETTERS), "", anchor)
        + written(beside, middle + 11, write(group.amount), "num", anchor)
    )


def _middle(group: _Group, scale: float) -> float:
    return group.top + group.amount * scale / 2


def _falling(flow: Flow) -> tuple[float, str, str]:
    return -flow.amount, flow.source, flow.target


def _told(flow: Flow, write: Write) -> str:
    return flow.hint or f"{flow.source} to {flow.target}: {write(flow.amount)}"

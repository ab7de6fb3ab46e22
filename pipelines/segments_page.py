"""Segments, or the reason why there are none, as one HTML page that needs nothing but itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.segments.portraits import Portrait
from pipelines.config import Business
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import day
from pipelines.sankey import Flow, Sankey, sankey_chart
from pipelines.segments_charts import (
    differences_chart,
    figure_chart,
    stability_chart,
    staying_chart,
)
from pipelines.segments_differences import differences
from pipelines.segments_found import Moves, SegmentsFound
from pipelines.segments_map_chart import badge, map_chart
from pipelines.segments_rows import (
    candidate_rows,
    drift_rows,
    explained_rows,
    move_rows,
    outlook_rows,
    rule_rows,
)
from pipelines.segments_words import (
    WORDS,
    axes_told,
    figure_of,
    group_name,
    headline,
    impure,
    label,
    money_moved,
    names,
    notes,
    people,
    portraits,
    reading,
    rule_of,
    size_of,
    taken,
    tiles,
    write_of,
)
from pipelines.templating import environment

PALETTE: Final = 6


@dataclass(frozen=True)
class Card:
    """What is shown of one segment.

    Attributes
    ----------
    number, badge, name, size, action
        Of the segment; the badge is its mark on the map, as SVG.
    figures
        Meaning and text of each.
    rule, warning
        The rule, and a sentence where it is not pure.
    chart
        What tells it from the others, as SVG.
    """

    number: int
    badge: str
    name: str
    size: str
    action: str
    figures: tuple[tuple[str, str], ...]
    rule: str
    warning: str
    chart: str


def segments_page(business: Business, found: SegmentsFound) -> str:
    """The whole page as HTML; the same text for the same findings."""
    page = {
        "business": business.name,
        "as_of": day(found.as_of),
        "is_good": found.kept is not None,
        "label": label(found),
        "headline": headline(found),
        "reading": reading(found),
        "tiles": tiles(found),
        "cards": [_card(found, each) for each in portraits(found)],
        "figures": list(_figures(found, business.segments.split.rand_least)),
        "tables": [each for each in _tables(found) if each.cells],
        "notes": list(notes(found)),
        "words": WORDS,
    }
    return environment().get_template("segments.html.j2").render(page)


def _card(found: SegmentsFound, each: Portrait) -> Card:
    figures = tuple(
        (meant.meaning, figure_of(found, meant, each.figures[meant.name]))
        for meant in found.figures
        if meant.name in each.figures
    )
    title = f"What tells segment {each.segment} from the others"
    return Card(
        each.segment,
        badge(each.segment),
        each.name,
        size_of(each),
        each.action.do,
        figures,
        rule_of(found, each),
        impure(each),
        differences_chart(title, each.segment + 1, differences(found, each.segment)),
    )


def _figures(found: SegmentsFound, asked: float) -> Iterator[Figure]:
    """The map, stability beside what was asked, figures of segments, and moves."""
    told = names(found)
    where = (
        "Customers near each other are alike in most. A line encloses the inner half of a segment; "
        "two that overlap here may lie apart in a direction that the map does not show."
        if told
        else "Customers near each other are alike in most."
    )
    title = "A map of customers" if not told else "The segment map"
    yield Figure(title, f"{where} {axes_told(found)}", map_chart(title, found.map, told))
    title = "How stable each number of segments is"
    best = taken(found)
    text = (
        "Agreement of a split with splits of customers drawn anew, with its interval. Dots were "
        "kept, diamonds refused: not stable, or a cut through one group."
    )
    number = best.count if best else None
    yield Figure(title, text, stability_chart(title, found.search.candidates, number, asked))
    for meant in found.figures:
        means = {
            each.segment: each.figures[meant.name].mean
            for each in portraits(found)
            if meant.name in each.figures
        }
        if means:
            heading = f"{meant.meaning[:1].upper()}{meant.meaning[1:]}"
            text = "Mean of each segment with its interval; shaded: that of the first."
            write = write_of(found, meant)
            yield Figure(heading, text, figure_chart(heading, means, write))
    if found.kept is not None and found.kept.moves is not None:
        yield _moves(found, found.kept.moves)
    if found.kept is not None and found.kept.later:
        title = "Who stays in the segment"
        text = (
            "Share of those there on both days who are in the same segment on a later day, which "
            "the split has not seen. The line says what chance would give."
        )
        yield Figure(title, text, staying_chart(title, found.as_of, found.kept.later))


def _moves(found: SegmentsFound, moves: Moves) -> Figure:
    """Customers between the segments of two days; each ribbon tells the money that moved."""
    flows = []
    for row in moves.migration.moves.to_dict("records"):
        source, target = group_name(row["source"]), group_name(row["target"])
        customers = float(row["customers"])
        hint = f"{source} to {target}: {people(customers)}"
        if moves.money_days is not None:
            moved = money_moved(found)(float(row["revenue_moved"]))
            hint += f"; what they spend: {moved}"
        slot = 0
        if row["source"] in names(found):
            slot = int(row["source"]) % PALETTE + 1
        flows.append(Flow(source, target, customers, slot, hint))
    order = (*map(group_name, names(found)), group_name(-1), "not there")
    title = "Who moved between segments"
    money = (
        ""
        if moves.money_days is None
        else " Point at a ribbon for the money that moved; the table below has it with intervals."
    )
    text = f"Ribbons are as thick as their number of customers.{money}"
    ends = (day(moves.before), day(moves.after))
    return Figure(title, text, sankey_chart(Sankey(title, tuple(flows), order, ends)))


def _tables(found: SegmentsFound) -> Iterator[Rows]:
    yield rule_rows(found)
    yield explained_rows(found)
    if found.kept is not None:
        if found.kept.moves is not None:
            yield move_rows(found, found.kept.moves)
            yield drift_rows(found.kept.moves)
        yield outlook_rows(found)
    yield candidate_rows(found)

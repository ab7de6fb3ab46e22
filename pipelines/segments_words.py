"""What a search for segments found, as sentences and rows of text for its page."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Final

from models.migration import ABSENT
from models.numerals import MINUS
from models.segments.clusters import NONE
from models.segments.judging import Candidate
from models.segments.portraits import Portrait, Told
from pipelines.rounding import (
    NO_BREAK,
    Write,
    count,
    day,
    fraction,
    percent,
    signed,
    times,
    with_interval,
)
from pipelines.segments_found import NO_SEARCH, FigureMeant, FoundBefore, Moves, SegmentsFound

HALF: Final = 0.5

MOST_OF_AXIS: Final = 3
"""Columns that an axis of the map is explained by, at most."""

LEAST_OF_AXIS: Final = 0.3
"""Rank correlation from which on a column explains an axis."""

MOST_LEFT_OUT: Final = 8

NO_CAUSE: Final = (
    "Customers were not put into segments by lot: what goes with a segment is not its cause, and "
    "what is to be done with it is a proposal that no test has proved. Try it on a part first."
)

WORDS: Final[Mapping[str, str]] = {
    "segment": "customers who are alike in the columns that were looked at. Its number is that of "
    "the scores, from 0 on, the largest first.",
    "adjusted Rand index": "how far two splits of the same customers agree: 1 is in everything, 0 "
    "is as by chance. Customers are drawn anew with replacement and split again.",
    "cut": "a split that draws a line through one group, such as through a scale from little to "
    "much. It is found again every time, and still there is no gap at the line.",
    "rule": "a short description of a segment. Purity: of those it describes, who is in the "
    "segment; coverage: of the segment, who is described; both of customers it was not learnt "
    "from.",
    "effect": "of one customer from the segment and one of the others: how much more often the "
    "first has the higher figure than the lower, from −1 to 1 (Cliff's delta); of categories how "
    "strongly they go with the segment (Cramér's V). From .15 small, from .33 medium, from .47 "
    "large.",
    "stability index": "how far shares have moved from one day to another: below .1 hardly, above "
    ".25 much.",
    "component": "a direction in which customers differ much: columns that rise and fall together "
    "as one figure.",
    "spread": "the unit of the map and of distances: how far customers usually lie from the middle "
    "in one column.",
}


def taken(found: SegmentsFound) -> Candidate | None:
    """The split that was kept, as it was judged."""
    if found.search.model is None:
        return None
    number = found.search.model.count
    kept = [each for each in found.search.candidates if each.reason is None]
    return next((each for each in kept if each.count == number), None)


def is_cut(found: SegmentsFound) -> bool:
    """Whether the split that was kept is a cut through one group."""
    best = taken(found)
    return best is not None and best.cut is not None


def label(found: SegmentsFound) -> str:
    """A word or two above the headline."""
    if found.kept is None:
        return "No stable segments"
    return "Bands on a scale" if is_cut(found) else "Segments"


def headline(found: SegmentsFound) -> str:
    """The answer in one sentence."""
    if found.kept is None and any(each.cut for each in found.search.candidates):
        return "Customers lie on one scale and do not fall into groups: treat them as one"
    if found.kept is None:
        return "Customers do not fall into groups that would show again: treat them as one"
    number = len(found.kept.gallery.portraits)
    if is_cut(found):
        return (
            f"Customers lie on one scale: these {number} segments are bands on it, not groups apart"
        )
    return f"Customers fall into {number} groups that show again when they are drawn anew"


def reading(found: SegmentsFound) -> str:
    """How stable the split is among customers and over time, or why there is none."""
    best = taken(found)
    if found.kept is None or best is None:
        return none_told(found)
    told = (
        f"Splits of customers drawn anew agree with this one by an adjusted Rand index of "
        f"{with_interval(best.rand, short)}; 1 is in everything, 0 as by chance."
    )
    parts = [told]
    if best.cut:
        parts.append(
            "But customers of one group, made up with the same spread, split as well. So the lines "
            "between the bands are a convention: who lies next to one is like who lies beyond it."
        )
    parts += told_better(found)
    moves = found.kept.moves
    if moves is not None:
        parts.append(_stayed(moves))
    elif found.kept.no_moves:
        parts.append(
            f"Whether customers stay in their segment is not known: {found.kept.no_moves}."
        )
    return " ".join(parts)


def told_better(found: SegmentsFound) -> list[str]:
    """A sentence for each figure of which bands by past spend tell more than segments."""
    meant = meanings(found)
    rows = found.kept.explained.to_dict("records") if found.kept else []
    return [
        f"To rank customers by {meant.get(str(row['figure']), str(row['figure']))}, as many bands "
        f"by past spend alone are better: they tell {percent(float(row['bands']))} of how "
        f"customers differ in it, segments {percent(float(row['segments']))}."
        for row in rows
        if float(row["gain_high"]) < 0
    ]


def none_told(found: SegmentsFound) -> str:
    """Why no split was kept, and what that means for work."""
    cuts = sum(each.cut is not None for each in found.search.candidates)
    tried = len(found.search.candidates)
    what = (
        f"Of {count(tried)} numbers of segments that were tried, none was kept"
        if tried
        else "Nothing could be tried: all customers are alike"
    )
    why = (
        f"; {count(cuts)} of them {'is' if cuts == 1 else 'are'} stable, but "
        f"{'cuts' if cuts == 1 else 'cut'} through one group: made-up customers of one group with "
        "the same spread split as well"
        if cuts
        else ""
    )
    return (
        f"{what}{why}. A campaign for invented groups would treat alike customers differently. "
        "Rank customers by a figure instead, such as value or the chance to leave; the table below "
        "says why each split was refused."
    )


def _stayed(moves: Moves) -> str:
    days = (moves.after - moves.before).days
    told = (
        f"Of customers there on both days, {with_interval(moves.stayed, percent)} were in the same "
        f"segment {count(days)} days before; by chance it would be {percent(moves.by_chance)}."
    )
    if moves.stayed.high < HALF:
        told += (
            " So most do not stay: segments say how customers buy now, and are no ground for "
            "plans over such a time."
        )
    return told


def money(found: SegmentsFound) -> Write:
    """How money is written, in one piece."""

    def write(value: float) -> str:
        return found.words.money.written(value).replace(" ", NO_BREAK)

    return write


def money_moved(found: SegmentsFound) -> Write:
    """How a difference of money is written, its sign first."""

    def write(value: float) -> str:
        sign = MINUS if value < 0 else "+" if value > 0 else ""
        return f"{sign}{money(found)(abs(value))}"

    return write


def short(value: float) -> str:
    """``.87``: an index."""
    return fraction(value, 2)


def tiles(found: SegmentsFound) -> list[tuple[str, str, str]]:
    """Customers, segments, how stable they are and who stays."""
    best = taken(found)
    told = [("customers", count(found.customers), "")]
    told.append(("segments", count(len(portraits(found))), ""))
    if best is not None:
        ends = f"{short(best.rand.low)} to {short(best.rand.high)}"
        told.append(("adjusted Rand index", short(best.rand.value), ends))
    if found.kept is not None and found.kept.moves is not None:
        stayed = found.kept.moves.stayed
        ends = f"{percent(stayed.low)} to {percent(stayed.high)}"
        told.append(("stayed in their segment", percent(stayed.value), ends))
    if found.kept is not None and found.kept.gallery.none:
        told.append(("in no segment", count(found.kept.gallery.none), ""))
    return told


def portraits(found: SegmentsFound) -> tuple[Portrait, ...]:
    """Those of the split that was kept; none without one."""
    return found.kept.gallery.portraits if found.kept else ()


def names(found: SegmentsFound) -> dict[int, str]:
    """Segment to its name."""
    return {each.segment: each.name for each in portraits(found)}


def group_name(group: object) -> str:
    """How a group of a migration is called where there is little room."""
    if group == ABSENT:
        return "not there"
    return "in no segment" if group == NONE else f"segment {group}"


def people(number: float) -> str:
    """``1 customer``, ``2,203 customers``."""
    return f"{count(number)} customer{'' if number == 1 else 's'}"


def write_of(found: SegmentsFound, meant: FigureMeant) -> Write:
    """How a figure is written."""
    return money(found) if meant.unit == "money" else percent


def size_of(each: Portrait) -> str:
    """``900 customers, 41 % (39 % to 43 %)``."""
    return f"{people(each.customers)}, {with_interval(each.share, percent)} of all"


def figure_of(found: SegmentsFound, meant: FigureMeant, told: Told) -> str:
    """``USD 283 (USD 270 to USD 296), 1.8 times everybody's``."""
    if not isfinite(told.mean.value):
        return "not known"
    write = write_of(found, meant)
    text = (
        with_interval(told.mean, write) if isfinite(told.mean.low) else write(told.mean.value)
    ).replace(NO_BREAK, " ")
    return f"{text}, {times(told.index)} times everybody's" if isfinite(told.index) else text


def rule_of(found: SegmentsFound, each: Portrait) -> str:
    """The rule, what it reaches, and a warning where it is not pure."""
    rule = each.rule
    told = rule.told(found.words)
    reached = (
        f"{told[:1].upper()}{told[1:]}. Of those it describes, "
        f"{with_interval(rule.purity, percent)} are in the segment; of the segment it describes "
        f"{with_interval(rule.coverage, percent)}."
    )
    return reached.replace(NO_BREAK, " ")


def impure(each: Portrait) -> str:
    """The sentence that says so where a rule is not pure enough; else nothing."""
    if each.rule.is_pure:
        return ""
    return (
        "This rule misses the purity that was asked: take it as a hint, and the segment of the "
        "scores for work."
    )


def meanings(found: SegmentsFound) -> dict[str, str]:
    """Name of a figure to its meaning."""
    return {each.name: each.meaning for each in found.figures}


def axes_told(found: SegmentsFound) -> str:
    """What grows to the right and what upwards, of each column one window."""
    parts = []
    ways = (("x", "Farther right"), ("y", "Farther up"))
    for (axis, where), share in zip(ways, found.map.shares, strict=True):
        rows = found.map.axes[found.map.axes["axis"] == axis]
        told: dict[str, str] = {}
        for row in rows.to_dict("records"):
            name, correlation = str(row["column"]), float(str(row["correlation"]))
            kind = re.sub(r"_\d+d?$", "", name)
            if kind not in told and len(told) < MOST_OF_AXIS and abs(correlation) >= LEAST_OF_AXIS:
                more = "more" if correlation > 0 else "less"
                told[kind] = f"{more}: {found.words.name(name)} ({signed(correlation, short)})"
        grows = "; ".join(told.values()) or "no single column grows"
        parts.append(f"{where} ({percent(share)} of the spread), {grows}.")
    return " ".join([*parts, "Behind each column: its rank correlation."])


def notes(found: SegmentsFound) -> Iterator[str]:
    """What was looked at, and what to keep in mind."""
    yield (
        f"The behaviour table of {day(found.as_of)}: {count(found.customers)} customers, "
        f"{count(len(found.columns))} columns. Nothing from that day on is in the segments."
    )
    if found.left_out:
        told = [
            f"{found.words.name(name)} ({why})"
            for name, why in list(found.left_out.items())[:MOST_LEFT_OUT]
        ]
        more = len(found.left_out) - len(told)
        yield f"Left out: {'; '.join(told)}{f'; and {count(more)} more' if more else ''}."
    kept = found.kept
    if kept is None:
        return
    for name, why in found.not_told.items():
        yield f"Not told of segments: {name}: {why}."
    yield NO_CAUSE
    if kept.gallery.none:
        yield f"In no segment, being like none of them: {people(kept.gallery.none)}."
    if kept.before is not None:
        yield _before(kept.before)
    if is_cut(found) or any(not each.rule.is_pure for each in portraits(found)):
        yield "Use the segment that the scores tell of each customer, and rules to speak of them."


def _before(before: FoundBefore) -> str:
    """What the same search would have found earlier, and what became of it."""
    when = day(before.as_of)
    if before.reason.startswith(NO_SEARCH):
        return f"The same search on {when}: {before.reason}."
    if not before.count or before.rand is None:
        return f"The same search on {when} finds no stable segments."
    told = (
        f"The same search on {when} finds {count(before.count)} segments; on the customers of this "
        f"page they agree with its segments by an adjusted Rand index of "
        f"{with_interval(before.rand, short)}"
    )
    if before.stayed is None or before.by_chance is None:
        return f"{told}."
    return (
        f"{told}, and {with_interval(before.stayed, percent)} of the customers there on both days "
        f"stayed in theirs, which had not seen the later one (by chance "
        f"{percent(before.by_chance)})."
    )

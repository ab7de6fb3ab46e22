"""Tables of what a search for segments found, as rows of text for its page."""

from collections.abc import Hashable, Mapping
from math import isfinite
from typing import Final

from models.metrics import Estimate
from models.numerals import decimal
from models.segments.judging import Candidate
from pipelines.card_parts import DASH
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, fraction, percent, signed, with_interval
from pipelines.segments_found import Moves, SegmentsFound
from pipelines.segments_words import (
    group_name,
    meanings,
    money,
    money_moved,
    portraits,
    short,
    taken,
)

MOST_MOVES: Final = 20
"""Moves in a table; the chart shows all."""

STABLE: Final = 0.1
SHIFTED: Final = 0.25
"""Bounds of the population stability index (Siddiqi 2006)."""


def candidate_rows(found: SegmentsFound) -> Rows:
    """Every number of segments that was tried, with its figures and why it was refused."""
    best = taken(found)
    cells = tuple(_candidate(each, is_taken=each is best) for each in found.search.candidates)
    text = (
        f"Judged on {count(found.search.sampled)} customers. Overlap: of the least stable segment "
        "with its like among customers drawn anew; gain: what the split takes off the spread, "
        "beside that of customers of one group with the same spread (normal, uniform)."
    )
    columns = (
        *("segments", "adjusted Rand index", "overlap", "smallest segment", "silhouette"),
        *("gain", "of one group", "what became of it"),
    )
    return Rows("What was tried", text, columns, cells)


def _candidate(each: Candidate, *, is_taken: bool) -> tuple[str, ...]:
    became = "taken" if is_taken else "kept, another is better"
    gain = each.gain
    return (
        str(each.count),
        with_interval(each.rand, short) if isfinite(each.rand.value) else DASH,
        short(min(each.jaccard)) if each.jaccard else DASH,
        percent(each.least_share) if isfinite(each.least_share) else DASH,
        short(each.silhouette) if isfinite(each.silhouette) else DASH,
        fraction(gain.own) if gain else DASH,
        f"{fraction(gain.normal[0])}, {fraction(gain.uniform[0])}" if gain else DASH,
        f"refused: {each.reason}" if each.reason else f"{became}{'; a cut' if each.cut else ''}",
    )


def move_rows(found: SegmentsFound, moves: Moves) -> Rows:
    """Who went from where to where, and the money that moved with them."""
    write = money(found)
    largest = moves.migration.moves.sort_values("customers", ascending=False, kind="stable")
    cells = []
    for row in largest.head(MOST_MOVES).to_dict("records"):
        share = _estimate(row, "share", "low", "high")
        moved = _estimate(row, "revenue_moved", "moved_low", "moved_high")
        cells.append(
            (
                f"{group_name(row['source'])} → {group_name(row['target'])}",
                count(float(row["customers"])),
                with_interval(share, percent),
                *(
                    ()
                    if moves.money_days is None
                    else (
                        write(float(row["revenue_before"])),
                        write(float(row["revenue_after"])),
                        with_interval(moved, money_moved(found)),
                    )
                ),
            )
        )
    spent = (
        ""
        if moves.money_days is None
        else f" Money: what they spent in the {count(moves.money_days)} days before each day."
    )
    more = len(largest) - len(cells)
    text = f"From {day(moves.before)} to {day(moves.after)}, by the split of this page.{spent}"
    if more > 0:
        text += f" The {MOST_MOVES} largest of {count(len(largest))} moves."
    columns: tuple[str, ...] = ("", "customers", "of those of the first")
    if moves.money_days is not None:
        columns += ("spent before", "spent after", "moved")
    return Rows("Who moved where", text, columns, tuple(cells))


def _estimate(row: Mapping[Hashable, object], value: str, low: str, high: str) -> Estimate:
    return Estimate(*(float(str(row[name])) for name in (value, low, high)))


def drift_rows(moves: Moves) -> Rows:
    """Shares and distances of the two days."""
    psi = moves.drift.psi
    size = "hardly" if psi < STABLE else "much" if psi > SHIFTED else "somewhat"
    cells = tuple(
        (
            group_name(int(row["segment"])),
            percent(float(row["share_then"])),
            with_interval(_estimate(row, "share_now", "share_now_low", "share_now_high"), percent),
            _known(row["distance_then"]),
            _known(row["distance_now"]),
            _known(row["distance_psi"]),
        )
        for row in moves.drift.rows.to_dict("records")
        if row["customers_then"] or row["customers_now"]
    )
    text = (
        f"From {day(moves.before)} to {day(moves.after)} shares have {size} moved (stability index "
        f"{short(psi)}). Distances to the middle of the own segment tell whether customers have "
        "moved away from all segments."
    )
    columns = ("", "share then", "share now", "distance then", "distance now", "index of distances")
    return Rows("What has drifted", text, columns, cells)


def _known(value: object) -> str:
    number = float(str(value))
    return decimal(number, 2) if isfinite(number) else DASH


def rule_rows(found: SegmentsFound) -> Rows:
    """The rule of each segment, how pure it is and how much of the segment it describes."""
    told = {each.segment: each for each in portraits(found)}
    cells = tuple(
        (
            f"{number}",
            each.rule.told(found.words),
            with_interval(each.rule.purity, percent),
            with_interval(each.rule.coverage, percent),
            "as pure as asked" if each.rule.is_pure else "below what was asked",
        )
        for number, each in told.items()
    )
    text = "Counted on customers whom the rules were not learnt from."
    columns = ("segment", "rule", "purity", "coverage", "")
    return Rows("Who is in which segment, in short", text, columns, cells)


def outlook_rows(found: SegmentsFound) -> Rows:
    """Of each segment, who was still in it on later days that the split has not seen."""
    later = found.kept.later if found.kept else ()
    columns = ["", *(f"{day(each.after)}" for each in later)]
    everyone = ["all", *(with_interval(each.stayed, percent) for each in later)]
    chance = ["by chance", *(percent(each.by_chance) for each in later)]
    shares = ["index of shares", *(short(each.drift.psi) for each in later)]
    numbers = [each.segment for each in portraits(found)]
    cells = [
        (f"{group_name(number)}", *(_stayed(each, number) for each in later)) for number in numbers
    ]
    text = (
        f"Share of customers of {day(found.as_of)} who are in the same segment on a later day, of "
        "those there on both days. The split has not seen these days."
    )
    rows = (*cells, tuple(everyone), tuple(chance), tuple(shares)) if later else ()
    return Rows("Who stays", text, tuple(columns), rows)


def _stayed(moves: Moves, number: int) -> str:
    rows = moves.by_segment[moves.by_segment["segment"] == number].to_dict("records")
    if not rows or not rows[0]["customers"]:
        return DASH
    return with_interval(_estimate(rows[0], "stayed", "low", "high"), percent)


def explained_rows(found: SegmentsFound) -> Rows:
    """How much of a figure segments explain, beside as many bands by past spend."""
    rows = found.kept.explained.to_dict("records") if found.kept else []
    meant = meanings(found)
    cells = tuple(
        (
            meant.get(str(row["figure"]), str(row["figure"])),
            with_interval(_estimate(row, "segments", "segments_low", "segments_high"), percent),
            with_interval(_estimate(row, "bands", "bands_low", "bands_high"), percent),
            with_interval(
                _estimate(row, "gain", "gain_low", "gain_high"), lambda each: signed(each, percent)
            ),
            _winner(row),
        )
        for row in rows
    )
    text = (
        "Share of how customers differ in a figure that lies between segments, and between as many "
        "equal bands by past spend alone, the baseline."
    )
    columns = ("", "segments", "bands by spend", "segments less bands", "")
    return Rows("What segments tell of the figures", text, columns, cells)


def _winner(row: Mapping[Hashable, object]) -> str:
    gain = _estimate(row, "gain", "gain_low", "gain_high")
    if not isfinite(gain.value):
        return "not compared"
    if gain.low > 0:
        return "segments tell more"
    return "bands by spend tell more" if gain.high < 0 else "too close to tell"

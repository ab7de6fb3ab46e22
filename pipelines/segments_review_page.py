"""A review of segments as one HTML page that needs nothing but itself."""

import numpy as np
import pandas as pd

from pipelines.bars import Whisker, whisker_chart
from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.gates_page import gates_page
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.reviewing import CHALLENGER
from pipelines.rounding import count, day, fraction, percent, with_interval
from pipelines.segments_held import RAND, Held, Newest


def review_page(business: Business, evidence: Evidence, ours: Held, newest: Newest) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose customers.
    evidence
        What the review found.
    ours
        What became of the challenger.
    newest
        The customers whom it was held against.
    """
    reading = (
        f"Judged by the {len(newest.table):,} customers of {day(newest.as_of)}: drawn anew "
        f"{business.segments.split.resamples} times, and split again each time."
    )
    title = "Agreement with splits of customers drawn anew"
    whiskers = [
        Whisker(name, 1 if name == CHALLENGER else 2, figures[RAND])
        for name, figures in evidence.estimates.items()
    ]
    text = "Adjusted Rand index: 1 is the same split each time, 0 what chance makes."
    figure = Figure(title, text, whisker_chart(title, whiskers, fraction))
    tables = [_sizes(ours)]
    if evidence.differences:
        tables.append(_agreement(evidence))
    return gates_page(business, evidence, "segments", reading, figures=[figure], tables=tables)


def _sizes(ours: Held) -> Rows:
    """Each segment then and now."""
    told = ours.version.told.set_index("segment")
    cells = tuple(_row(row, told) for row in ours.drift.rows.to_dict("records"))
    return Rows(
        "Segments then and now",
        "Then: the customers that segments were made of. The distance is to the middle of the "
        "segment, in spreads, for the middle customer; its index tells whether customers have "
        "moved away from all segments.",
        ("", "customers then", "customers now", "distance then", "distance now", "index"),
        tuple(cell for cell in cells if cell is not None),
    )


def _row(row: dict[object, float], told: pd.DataFrame) -> tuple[str, ...] | None:
    number = int(row["segment"])
    if number < 0 and not row["customers_then"] and not row["customers_now"]:
        return None
    name = told.loc[number, "name"] if number >= 0 else "in none"
    far = [row[key] for key in ("distance_then", "distance_now", "distance_psi")]
    return (
        str(name),
        f"{count(row['customers_then'])} ({percent(row['share_then'])})",
        f"{count(row['customers_now'])} ({percent(row['share_now'])})",
        *("–" if np.isnan(each) else fraction(each, 2) for each in far),
    )


def _agreement(evidence: Evidence) -> Rows:
    """How far both versions agree."""
    cells = tuple(
        (name.replace("_", " "), with_interval(each, fraction if "rand" in name else percent))
        for name, each in evidence.differences.items()
    )
    return Rows(
        "Beside what is live",
        "On today's customers. Who is told another segment or action is treated differently from "
        "the day of the promotion on.",
        ("", "found (95 % interval)"),
        cells,
    )

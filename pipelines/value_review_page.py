"""A review of value as one HTML page that needs nothing but itself."""

from datetime import date
from typing import Final

from models.value.held_out import HeldOut
from pipelines.bars import Whisker, whisker_chart
from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.gates_page import gates_page
from pipelines.page import Figure
from pipelines.reviewing import CHALLENGER
from pipelines.rounding import count, day, tenths
from pipelines.value_words import decile_rows, exact, measure_rows, named

SHOWN: Final = ("mae", "total_bias", "spearman", "top_tenth_share")
"""Measures that fit beside each other."""


def review_page(business: Business, evidence: Evidence, held: HeldOut, as_of: date) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose customers.
    evidence
        What the review found.
    held
        Versions and naive predictors beside what came.
    as_of
        Day that was told.
    """
    horizon, code = business.value.horizon_days, business.currency.code
    reading = (
        f"Judged by what {count(held.customers)} customers of {day(as_of)} spent in the {horizon} "
        f"days from then on: {code} {exact(held.came, business, whole=True)} in all."
    )
    error, total = "Error per customer", "Total promised against what came"
    figures = [
        Figure(
            error,
            f"Mean absolute error, {code}: further left is better.",
            whisker_chart(error, _whiskers(evidence, "mae"), lambda value: exact(value, business)),
        ),
        Figure(
            total,
            "At 0 the total is right; above, too much was promised.",
            whisker_chart(total, _whiskers(evidence, "total_bias"), tenths),
        ),
    ]
    tables = [measure_rows(held, business, SHOWN), decile_rows(held, CHALLENGER, business)]
    return gates_page(business, evidence, "value", reading, figures=figures, tables=tables)


def _whiskers(evidence: Evidence, measure: str) -> list[Whisker]:
    return [
        Whisker(named(name), 1 if name == CHALLENGER else 2, figures[measure])
        for name, figures in evidence.estimates.items()
    ]

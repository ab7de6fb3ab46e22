"""A review of rules as one HTML page that needs nothing but itself."""

from features.clock import Window, days_after
from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.gates_page import gates_page
from pipelines.proposal_words import Rows
from pipelines.rounding import day, with_interval


def review_page(business: Business, evidence: Evidence, days: Window) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose baskets.
    evidence
        What the review found.
    days
        Of the baskets that rules were looked for in.
    """
    reading = (
        f"Judged by the baskets from {day(days.start)} to {day(days_after(days.end, -1))}. A rule "
        f"holds when they show it once more by the exact test, and do not show its confidence "
        f"below {business.rules.confidence:g}."
    )
    return gates_page(business, evidence, "rules", reading, tables=[_rates(evidence)])


def _rates(evidence: Evidence) -> Rows:
    return Rows(
        "Figures",
        "Share of the rules that hold, with a 95 % interval (Wilson) that takes rules for "
        "independent; those that share items are not, so it is narrower than it should be.",
        ("", "share that holds"),
        tuple(
            (name, with_interval(figures["hold_rate"]))
            for name, figures in evidence.estimates.items()
        ),
    )

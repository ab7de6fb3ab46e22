"""A review of rules as one HTML page that needs nothing but itself."""

from features.clock import Window, days_after
from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.proposal_words import Rows
from pipelines.rounding import day, instant, with_interval
from pipelines.templating import environment


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
    verdict = "may be promoted" if evidence.is_passed else "may not be promoted"
    failed = [gate.name for gate in evidence.gates if not gate.is_passed]
    told = {
        "business": business.name,
        "subject": "rules",
        "review_id": evidence.review_id,
        "made_at": instant(evidence.made_at),
        "is_passed": evidence.is_passed,
        "label": f"{len(failed)} of {len(evidence.gates)} gates failed: {', '.join(failed)}"
        if failed
        else f"All {len(evidence.gates)} gates passed",
        "headline": f"Version {evidence.challenger} {verdict}",
        "reading": f"Judged by the baskets from {day(days.start)} to "
        f"{day(days_after(days.end, -1))}. A rule holds when they show it once more by the exact "
        f"test, and do not show its confidence below {business.rules.confidence:g}.",
        "figures": (),
        "gates": evidence.gates,
        "tables": [_rates(evidence)],
    }
    return environment().get_template("gates.html.j2").render(told)


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

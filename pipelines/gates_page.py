"""A review of gates, figures and tables as one HTML page that needs nothing but itself."""

from collections.abc import Sequence

from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import instant
from pipelines.templating import environment


def gates_page(
    business: Business,
    evidence: Evidence,
    subject: str,
    reading: str,
    *,
    figures: Sequence[Figure] = (),
    tables: Sequence[Rows] = (),
) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose review.
    evidence
        What the review found.
    subject
        What was reviewed, such as ``lifetimes``.
    reading
        By what it was judged, in sentences.
    figures, tables
        What follows the gates.
    """
    verdict = "may be promoted" if evidence.is_passed else "may not be promoted"
    failed = [gate.name for gate in evidence.gates if not gate.is_passed]
    told = {
        "business": business.name,
        "subject": subject,
        "review_id": evidence.review_id,
        "made_at": instant(evidence.made_at),
        "is_passed": evidence.is_passed,
        "label": f"{len(failed)} of {len(evidence.gates)} gates failed: {', '.join(failed)}"
        if failed
        else f"All {len(evidence.gates)} gates passed",
        "headline": f"Version {evidence.challenger} {verdict}",
        "reading": reading,
        "figures": figures,
        "gates": evidence.gates,
        "tables": tables,
    }
    return environment().get_template("gates.html.j2").render(told)

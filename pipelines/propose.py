"""Job: propose what churn should mean, from how customers return; before any model is trained."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.star import history
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.proposal_page import proposal_page
from pipelines.proposal_record import Defined, define, to_json
from pipelines.tables import replace_text


@dataclass(frozen=True)
class Proposed:
    """What was found, the page that shows it, and the file of all figures."""

    defined: Defined
    page: Path
    figures: Path


def run(job: Job, as_of: date | None = None, by: str | None = None) -> Proposed:
    """Look at how customers return, apply the rules, write the page and its figures.

    Parameters
    ----------
    job
        Its config says which rules hold (``propose``).
    as_of
        Only what happened before it is seen; None: all that the warehouse holds, as a review does.
    by
        What tells customers apart: an attribute, or orders; None: see `features.segments`.

    Raises
    ------
    RegularsError
        When the warehouse is not there, the day lies outside it, or nothing is called ``by``.
    """
    business = job.business
    with job.opened() as con, job.steps.step("gaps, labels of every candidate"):
        found = define(con, business, history(con, business.sources), as_of, by)
    folder = job.home.reports(business.name)
    page, figures = folder / "churn_definition.html", folder / "churn_definition.json"
    for path, text in ((page, proposal_page(business, found)), (figures, to_json(found))):
        replace_text(path, text)
    fact("proposed", business=business.name, page=page)
    return Proposed(found, page, figures)

"""A review of offers as one HTML page that needs nothing but itself."""

from datetime import date

from pipelines.bars import Whisker, whisker_chart
from pipelines.config import Business
from pipelines.evidence import Evidence
from pipelines.gates_page import gates_page
from pipelines.offers_tried import OffersTested
from pipelines.offers_words import kind_rows, offer_rows, policy_rows
from pipelines.page import Figure
from pipelines.rounding import day, tenths


def review_page(business: Business, evidence: Evidence, found: OffersTested, as_of: date) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose customers.
    evidence
        What the review found.
    found
        Offers of the challenger.
    as_of
        Day of the offers.
    """
    horizon = business.offers.horizon_days
    reading = (
        f"Judged by the offers of {day(as_of)} to {found.customers:,} customers, and by what they "
        f"bought in the {horizon} days from then on."
    )
    title = "Share of the offers that was bought"
    whiskers = [
        Whisker(name, 1 if name == "challenger" else 2, figures["bought_share"])
        for name, figures in evidence.estimates.items()
    ]
    text = "Mean over customers, under the same policies."
    figure = Figure(title, text, whisker_chart(title, whiskers, tenths))
    tables = [
        kind_rows(found),
        offer_rows(found.example, business.currency),
        policy_rows(found),
    ]
    return gates_page(business, evidence, "offers", reading, figures=[figure], tables=tables)

"""Offers, their test and their reasons as one HTML page that needs nothing but itself."""

from pipelines.bars import Whisker, whisker_chart
from pipelines.config import Business
from pipelines.offers_gathered import Material
from pipelines.offers_learning import Learning
from pipelines.offers_tried import OURS, POPULAR
from pipelines.offers_up_words import step_rows, tier_rows
from pipelines.offers_words import (
    RECOMMENDERS,
    WORDS,
    first_rows,
    headline,
    is_better,
    kind_rows,
    notes,
    offer_rows,
    policy_rows,
    reading,
    recommender_rows,
    tiles,
    used,
)
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import day, tenths
from pipelines.templating import environment

_OURS, _OTHER = 1, 2
"""Colours of what is used, and of what it is compared with."""


def offers_page(business: Business, material: Material, found: Learning) -> str:
    """The whole page as HTML; the same text for the same findings."""
    page = {
        "business": business.name,
        "as_of": day(material.days.tested),
        "is_good": is_better(found.test),
        "label": "Offers" if is_better(found.test) else "Popular items do as well",
        "headline": headline(found.test, material.days.horizon_days),
        "reading": reading(found.test),
        "tiles": tiles(material, found),
        "figures": _figures(found),
        "tables": _tables(business, found),
        "notes": [*used(found), *notes(material, found)],
        "words": WORDS,
    }
    return environment().get_template("offers.html.j2").render(page)


def _figures(found: Learning) -> list[Figure]:
    """Recall of the recommenders, what is used first, and the share of offers that was bought."""
    used, measures = found.repeat.chosen.name, found.repeat.measures
    recalls = [
        Whisker(RECOMMENDERS[name], _OURS if name == used else _OTHER, measures[name]["recall@10"])
        for name in sorted(measures, key=lambda name: name != used)
    ]
    bought = [
        Whisker("offers", _OURS, found.test.came[OURS]),
        Whisker("popular items", _OTHER, found.test.came[POPULAR]),
    ]
    first = "Recall of ten items in the next basket"
    second = "Share of the offers that was bought"
    return [
        Figure(
            first,
            "Further right: more of the basket was foreseen. Shaded: the interval of what is used.",
            whisker_chart(first, recalls),
        ),
        Figure(
            second,
            "Under the same policies, on days that nothing was learnt from.",
            whisker_chart(second, bought, tenths),
        ),
    ]


def _tables(business: Business, found: Learning) -> list[Rows]:
    of_steps = (step_rows(found.up), tier_rows(found.up))
    return [
        offer_rows(found.test.example, business.currency),
        kind_rows(found.test),
        recommender_rows(found),
        *(each for each in (first_rows(found), *of_steps) if each is not None),
        policy_rows(found.test),
    ]

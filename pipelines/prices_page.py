"""Elasticities and promotion lifts as one HTML page that needs nothing but itself."""

from typing import Final

from features.settings import Currency
from models.prices.evidence import EFFECTS
from pipelines.bars import Whisker, whisker_chart
from pipelines.page import Figure
from pipelines.prices_found import PricesFound
from pipelines.prices_words import (
    NAMES,
    POOLED,
    WORDS,
    estimate_of,
    group_rows,
    headline,
    hundredths,
    item_rows,
    notes,
    of_effect,
    overall,
    plain,
    reading,
    refused_rows,
    signed_percent,
    test_rows,
    tiles,
)
from pipelines.proposal_words import Rows
from pipelines.rounding import day
from pipelines.templating import environment

MOST_DRAWN: Final = 12
"""Groups in a chart."""

MEAN: Final = "the mean item"

SLOTS: Final = (1, *[2] * MOST_DRAWN)
"""Colours of the mean item and of the groups."""

MOST_GROUPS: Final = 40
"""Groups in a table."""


def prices_page(found: PricesFound, currency: Currency) -> str:
    """The whole page as HTML; the same text for the same findings."""
    known = overall(found, "price") is not None
    page = {
        "business": found.business,
        "as_of": day(found.as_of),
        "is_good": known and (found.test is None or found.test.is_better),
        "label": "Elasticities" if known else "Nothing told",
        "headline": headline(found),
        "reading": reading(found),
        "tiles": tiles(found),
        "figures": list(_figures(found)),
        "tables": _tables(found, currency),
        "notes": list(notes(found)),
        "words": WORDS,
    }
    return environment().get_template("prices.html.j2").render(page)


def _figures(found: PricesFound) -> list[Figure]:
    """Elasticities by the two levels below everything, and lifts by the first."""
    drawn = [("price", level) for level in found.levels[:2]]
    drawn += [(effect, level) for effect in EFFECTS[1:] for level in found.levels[:1]]
    figures = [_figure(found, effect, level) for effect, level in drawn]
    return [each for each in figures if each is not None]


def _figure(found: PricesFound, effect: str, level: str) -> Figure | None:
    """The groups with most items under the mean item; None where there are none."""
    rows = found.groups_of(level, effect).head(MOST_DRAWN).to_dict("records")
    together = overall(found, effect)
    if together is None or not rows:
        return None
    named = [(plain(str(row["group"])), estimate_of(row, POOLED)) for row in rows]
    whiskers = [
        Whisker(name, slot, of_effect(effect, each))
        for slot, (name, each) in zip(SLOTS, [(MEAN, together), *named], strict=False)
    ]
    what = "Elasticity" if effect == "price" else f"Lift of a {NAMES[effect]}"
    heading = f"{what}, by {level}"
    text = (
        f"What is expected of an item in the {len(rows)} with most items; further left: sales "
        "follow the price more. Shaded: the interval of the mean item."
        if effect == "price"
        else "How much more is sold than without. Shaded: the interval of the mean item."
    )
    write = hundredths if effect == "price" else signed_percent
    return Figure(heading, text, whisker_chart(heading, whiskers, write))


def _tables(found: PricesFound, currency: Currency) -> list[Rows]:
    """What is told, the widest first; a table without a row is left out."""
    told = [group_rows(found, level, MOST_GROUPS) for level in found.levels]
    told += [
        item_rows(found, effect, currency, strongest=strongest)
        for effect in ("price", "promotion_whole")
        for strongest in (True, False)
    ]
    told += [] if found.test is None else [test_rows(found.test)]
    return [each for each in [*told, refused_rows(found)] if each.cells]

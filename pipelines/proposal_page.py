"""A proposal as one HTML page that needs nothing but itself: no network, no scripts, no fonts."""

import math

from pipelines.bars import Bar, bar_chart
from pipelines.config import Business
from pipelines.page import Figure
from pipelines.proposal import Proposal
from pipelines.proposal_charts import Line, Rates, rates_chart, return_chart
from pipelines.proposal_record import Defined, Silent, snippet, to_json
from pipelines.proposal_words import (
    CONTRACT_HEADLINE,
    contract_rows,
    contract_words,
    headline,
    horizon_rows,
    one_time_words,
    return_rows,
    seen,
    setting_rows,
    silence_rows,
    waiting_rows,
)
from pipelines.rounding import count, day, percent
from pipelines.study import Contracts, Study
from pipelines.templating import environment

MOST_LINES = 5
"""Segments in a chart; the table has all of them."""

NEARLY_ALL = 0.98
"""Share of customers who are back where a chart of returns ends."""


def proposal_page(business: Business, defined: Defined) -> str:
    """The whole page as HTML; the same text for the same findings."""
    told = _silent(business, defined) if isinstance(defined, Silent) else _contracts(defined)
    return environment().get_template("proposal.html.j2").render(business=business.name, **told)


def definition_files(business: Business, defined: Defined) -> dict[str, str]:
    """Name to text of what is kept with a model about its definition of churn: figures and page."""
    return {
        "definition/definition.json": to_json(defined),
        "definition/definition.html": proposal_page(business, defined),
    }


def _silent(business: Business, found: Silent) -> dict[str, object]:
    study, proposal = found.study, found.proposal
    rules = business.propose
    return {
        "as_of": day(study.as_of),
        "label": "Proposal" if proposal.fits else "Nothing fits",
        "is_good": proposal.fits,
        "headline": headline(proposal),
        "reasons": proposal.reasons,
        "seen": seen(study),
        "checks": proposal.chosen.checks if proposal.chosen else (),
        "settings": setting_rows(proposal),
        "snippet": snippet(proposal),
        "one_time": one_time_words(found),
        "figures": _figures(business, found),
        "tables": [
            horizon_rows(proposal, rules.back_within_days),
            waiting_rows(study),
            return_rows(study),
            silence_rows(study),
        ],
    }


def _contracts(found: Contracts) -> dict[str, object]:
    return {
        "as_of": day(found.by_day[-1].as_of),
        "label": "Labels",
        "is_good": True,
        "headline": CONTRACT_HEADLINE,
        "reasons": (contract_words(found),),
        "seen": "",
        "checks": (),
        "settings": None,
        "snippet": "",
        "one_time": "",
        "figures": _rates(found) if found.segments.attribute else [],
        "tables": list(contract_rows(found)),
    }


def _rates(found: Contracts) -> list[Figure]:
    """Label rate of the newest day by segment."""
    heading = f"Label rate by {found.segments.meaning}"
    bars = [Bar(name, rate.share) for name, rate in found.by_segment.items()]
    return [
        Figure(heading, f"On {day(found.by_day[-1].as_of)}.", bar_chart(heading, bars, percent))
    ]


def _figures(business: Business, found: Silent) -> list[Figure]:
    return [*_returns(found.study), *_choices(business, found.proposal)]


def _returns(study: Study) -> tuple[Figure, Figure]:
    """How customers return: all of them, and by segment."""
    end = _seen_by_then(study)
    both = [
        Line(each.name, slot, each.survival)
        for slot, each in enumerate((study.everyone, study.one_time), start=1)
    ]
    largest = sorted(study.by_segment, key=lambda each: -each.gaps)[:MOST_LINES]
    shown = [each for each in study.by_segment if each in largest]
    apart = [Line(each.name, slot, each.survival) for slot, each in enumerate(shown, start=1)]
    by = study.segments.meaning
    rest = f"; the {len(shown)} largest" if len(shown) < len(study.by_segment) else ""
    return (
        Figure(
            "Who comes back, and when",
            "Of a hundred purchases, after how many the customer has bought again by then. "
            "Shaded: 95 % intervals.",
            return_chart("Who comes back, and when", both, end),
        ),
        Figure(
            f"Who comes back, by {by}",
            f"By {by} on the day of the purchase{rest}. Shaded: 95 % intervals.",
            return_chart(f"Who comes back, by {by}", apart, end),
        ),
    )


def _seen_by_then(study: Study) -> int:
    """The shortest candidate by which nearly all are back, so that a curve is seen to rise."""
    longest = study.candidates.horizons_days[-1]
    by_then = study.everyone.survival.quantile(NEARLY_ALL) or longest
    return min(
        (days for days in study.candidates.horizons_days if days >= by_then), default=longest
    )


def _choices(business: Business, proposal: Proposal) -> tuple[Figure, Figure]:
    """What each candidate would mean."""
    rules = business.propose
    bars = [
        Bar(f"silent for {each.days} days", each.back.value, f"{count(each.watched)} gaps")
        for each in proposal.horizons
        if math.isfinite(each.back.value)
    ]
    mark = "proposed" if proposal.fits else "nearest"
    rates = [
        Rates(f"{each.days} days", mark if each is proposal.chosen else "", each.spread)
        for each in proposal.horizons
    ]
    return (
        Figure(
            f"Is silence a loss: back in {rules.back_within_days} more days",
            f"Of those silent for so long already. Asked: {percent(rules.back_most)} at most.",
            bar_chart("Who comes back after silence", bars, percent, rules.back_most),
        ),
        Figure(
            "Label rate of each horizon, day by day",
            "Mean, and lowest to highest day; all lines on one scale from 0.",
            rates_chart("Label rate of each horizon", rates),
        ),
    )

"""Campaigns: what was sent, what came back, and how tired of it the customer may be."""

from features.contract import Family, Feature, Shape, feature
from features.terms import Measure
from features.wording import lately

SENT = Measure("sendings", "sent", "1")
ANSWERED = Measure("responses", "answered", "1")
_NEVER_SENT = "never sent a campaign"


def campaigns(shape: Shape) -> Family:
    """Campaigns sent and responded to per window, days since either, and fatigue."""
    if shape.campaigns is None:
        return Family("campaigns", ())
    found = [_since("campaign", _NEVER_SENT, "was sent a campaign", SENT)]
    if shape.campaigns.has_responses:
        found.append(_since("response", "never responded", "responded to one", ANSWERED))
    for days in shape.windows_days:
        found.append(_count("campaigns", _NEVER_SENT, "campaigns sent", SENT, days))
        if shape.campaigns.has_responses:
            found += _answers(days)
    return Family("campaigns", tuple(found))


def _since(name: str, null_means: str, phrase: str, measure: Measure) -> Feature:
    return feature(
        f"days_since_{name}",
        "days",
        None,
        null_means,
        f"days since the customer last {phrase}",
        term=measure.since(),
    )


def _count(name: str, null_means: str, phrase: str, measure: Measure, days: int) -> Feature:
    return feature(
        f"{name}_count_{days}d",
        name,
        days,
        null_means,
        lately(phrase, days),
        term=measure.within(days),
    )


def _answers(days: int) -> list[Feature]:
    """Responses by the day they came; fatigue is what was sent without an answer."""
    fatigue = feature(
        f"campaigns_unanswered_count_{days}d",
        "campaigns",
        days,
        _NEVER_SENT,
        lately("campaigns sent beyond those responded to", days),
        term=(SENT.within(days) - ANSWERED.within(days).or_zero()).at_least_zero(),
        cause="conflict",
    )
    answered = _count("responses", "never responded", "campaigns responded to", ANSWERED, days)
    return [answered, fatigue]

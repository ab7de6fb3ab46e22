"""Contacts: complaints and other talk with the business, and how it ended."""

from features.contract import Cause, Contacts, Family, Feature, Shape, feature
from features.sql import literal
from features.terms import Measure, Term
from features.wording import lately, slug

THOUSANDTHS = 1000
"""Satisfaction is summed in thousandths of a point, durations in whole seconds."""

CONTACTS = Measure("contacts", "contacts", "1")
UNRESOLVED = Measure("contacts", "unresolved", "CASE WHEN NOT is_resolved THEN 1 ELSE 0 END")
TIMED = Measure("contacts", "timed", "CASE WHEN duration_seconds IS NULL THEN 0 ELSE 1 END")
SECONDS = Measure("contacts", "seconds", "CAST(round(coalesce(duration_seconds, 0e0)) AS BIGINT)")
RATED = Measure("contacts", "rated", "CASE WHEN satisfaction IS NULL THEN 0 ELSE 1 END")
POINTS = Measure(
    "contacts", "points", f"CAST(round(coalesce(satisfaction, 0e0) * {THOUSANDTHS}e0) AS BIGINT)"
)
_NEVER = "never in contact"


def contacts(shape: Shape) -> Family:
    """Contacts per window and kind, days since, unresolved, duration, satisfaction, and change."""
    if shape.contacts is None:
        return Family("contacts", ())
    found = [
        feature(
            "days_since_contact",
            "days",
            None,
            _NEVER,
            "days since the last contact",
            term=CONTACTS.since(),
        )
    ]
    for kind in shape.contacts.kinds:
        found += _of_kind(kind, shape.windows_days)
    for days in shape.windows_days:
        found += _windowed(shape.contacts, days)
    return Family("contacts", tuple(found))


def _of_kind(kind: str, windows: tuple[int, ...]) -> list[Feature]:
    name = slug(kind)
    measure = Measure(
        "contacts", f"kind_{name}", f"CASE WHEN kind = {literal(kind)} THEN 1 ELSE 0 END"
    )
    since = feature(
        f"days_since_{name}",
        "days",
        None,
        "never a contact of this kind",
        f"days since the last {kind}",
        term=measure.since(),
        cause="conflict",
    )
    phrase = f"contacts of kind {kind}"
    counts = [_count(f"{name}_contacts", phrase, measure.within(d), d) for d in windows]
    return [since, *counts]


def _windowed(known: Contacts, days: int) -> list[Feature]:
    found = [_count("contacts", "contacts", CONTACTS.within(days), days), _change(days)]
    if known.has_outcomes:
        phrase, term = "contacts that ended unresolved", UNRESOLVED.within(days)
        found.append(_count("unresolved_contacts", phrase, term, days, cause="lost trust"))
    if known.has_durations:
        found.append(
            feature(
                f"contact_duration_mean_{days}d",
                "seconds",
                days,
                "no contact with a duration in the window",
                lately("average duration of a contact", days),
                term=SECONDS.within(days) / TIMED.within(days),
                cause="dissatisfaction",
            )
        )
    if known.has_satisfaction:
        found.append(
            feature(
                f"satisfaction_mean_{days}d",
                "points",
                days,
                "no rated contact in the window",
                lately("average satisfaction with contacts", days),
                term=POINTS.within(days) / RATED.within(days) / THOUSANDTHS,
                cause="dissatisfaction",
            )
        )
    return found


def _count(name: str, phrase: str, term: Term, days: int, *, cause: Cause = "conflict") -> Feature:
    return feature(
        f"{name}_count_{days}d",
        "contacts",
        days,
        _NEVER,
        lately(phrase, days),
        term=term,
        cause=cause,
    )


def _change(days: int) -> Feature:
    return feature(
        f"contacts_change_{days}d",
        "change",
        days,
        "no contact in the window and the one before",
        f"change of {lately('contacts', days)} against as many before (-1 gone, 1 new)",
        term=(CONTACTS.within(days) - CONTACTS.before(days)) / CONTACTS.between(1, 2 * days),
        cause="conflict",
    )

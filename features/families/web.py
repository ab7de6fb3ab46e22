"""Web: visits to the site, and what was looked at."""

from features.contract import Family, Feature, Shape, feature
from features.terms import Measure
from features.wording import lately

VISITS = Measure("visits", "visits")
SESSIONS = Measure("visits", "sessions")
PAGES = Measure("visits", "pages")
_NEVER = "never visited"


def web(shape: Shape) -> Family:
    """Visits, sessions and pages per window, days since the last visit."""
    if shape.visits is None:
        return Family("web", ())
    since = feature(
        "days_since_visit",
        "days",
        None,
        _NEVER,
        "days since the last visit to the site",
        term=VISITS.since(),
        cause="habit fading",
    )
    counted = [("visits", VISITS), ("pages", PAGES)]
    counted += [("sessions", SESSIONS)] if shape.visits.has_sessions else []
    return Family(
        "web",
        (since, *(_count(n, m, days) for days in shape.windows_days for n, m in counted)),
    )


def _count(name: str, measure: Measure, days: int) -> Feature:
    return feature(
        f"web_{name}_count_{days}d",
        name,
        days,
        _NEVER,
        lately(f"{name} on the site", days),
        term=measure.within(days),
        cause="need gone",
    )

"""Season: what the same weeks of last year held, and the time of the year."""

from features.contract import Family, Feature, Shape, feature
from features.measures import ORDERS, SPEND
from features.terms import Measure, given

YEAR_DAYS = 364
"""Whole weeks, so that weekdays stand opposite each other."""

AHEAD_DAYS = (28, 56, 91)


def season(shape: Shape) -> Family:
    """Orders and spend of last year in the weeks that now lie ahead; week of the year."""
    if shape.orders is None:
        return Family("season", ())
    found: list[Feature] = []
    for days in AHEAD_DAYS:
        found.append(_last_year("orders_count", "orders", "orders", ORDERS, days))
        found.append(_last_year("spend", "minor units", "spend", SPEND, days))
    found.append(_last_year_before())
    week = feature(
        "week_of_year",
        "week",
        None,
        "never missing",
        "week of the year",
        term=given("calendar", "week_of_year"),
    )
    return Family("season", (*found, week))


def _last_year_before() -> Feature:
    """Days [as_of - 364 - 91, as_of - 364)."""
    days = AHEAD_DAYS[-1]
    return feature(
        f"orders_count_last_year_past_{days}",
        "orders",
        None,
        "no customer a year ago",
        f"orders in the {days} days up to a year ago",
        term=ORDERS.between(YEAR_DAYS + 1, YEAR_DAYS + days).where(
            ORDERS.first().is_above(YEAR_DAYS)
        ),
        cause="need gone",
    )


def _last_year(name: str, unit: str, phrase: str, measure: Measure, days: int) -> Feature:
    """Days [as_of - 364, as_of - 364 + days): a year before those that come."""
    return feature(
        f"{name}_last_year_next_{days}",
        unit,
        None,
        "no customer a year ago",
        f"{phrase} a year before the coming {days} days",
        term=measure.between(YEAR_DAYS - days + 1, YEAR_DAYS).where(
            ORDERS.first().is_above(YEAR_DAYS)
        ),
        cause="need gone",
    )

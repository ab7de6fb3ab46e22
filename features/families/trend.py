"""Trend: the last window against the one before, the slope over the weeks, the longest silence."""

from features.contract import Family, Feature, Shape, feature
from features.measures import ACTIVE_DAYS, GAP_DAYS, ORDERS, SPEND
from features.terms import Measure, Term
from features.wording import lately

SLOPE_DAYS = (91, 182)
"""Windows over which a slope is told, or those of the config that are nearest."""


def trend(shape: Shape) -> Family:
    """Change of days with an order and of spend, their slopes, and the longest silence."""
    if shape.orders is None:
        return Family("trend", ())
    changes = [each for days in shape.windows_days for each in _changes(days)]
    windows = sorted({shape.nearest(days) for days in SLOPE_DAYS})
    slopes = [each for days in windows for each in _slopes(days)]
    ages = [_age(days) for days in sorted({*windows, shape.longest})]
    return Family("trend", (*changes, *slopes, *ages, *map(_silence, windows)))


def _changes(days: int) -> tuple[Feature, ...]:
    known = [
        ("active_days", "days with an order", ACTIVE_DAYS),
        ("spend", "spend", SPEND),
    ]
    return tuple(
        feature(
            f"{name}_change_{days}d",
            "change",
            days,
            "nothing in the window and the one before",
            f"change of {lately(phrase, days)} against as many before (-1 gone, 1 new)",
            term=(measure.within(days) - measure.before(days)) / measure.between(1, 2 * days),
            cause="habit fading",
        )
        for name, phrase, measure in known
    )


def _slopes(days: int) -> tuple[Feature, ...]:
    known = [
        ("active_days", "days with an order per week", "a week each week", ACTIVE_DAYS),
        ("spend", "weekly spend", "minor units a week each week", SPEND),
    ]
    return tuple(
        feature(
            f"{name}_slope_{days}d",
            unit,
            days,
            "never ordered",
            lately(f"how {phrase} grew from week to week", days),
            term=_slope(measure, days),
            cause="habit fading",
        )
        for name, phrase, unit, measure in known
    )


def _slope(measure: Measure, days: int) -> Term:
    """Least-squares slope over the days of the window, days without a row counting as 0.

    With ages a of 1 to n, mean (n + 1) / 2 and sum of squares n (n * n - 1) / 12, it is the sum of
    x (mean - a) over that sum of squares, per day and day; times 49 per week and week.
    """
    spread = days * (days * days - 1) / 12 or 1
    about_mean = measure.within(days) * ((days + 1) / 2) - measure.moment(days)
    return about_mean * (49 / spread)


def _age(days: int) -> Feature:
    return feature(
        f"active_days_age_mean_days_{days}d",
        "days",
        days,
        "no order in the window",
        lately("how long ago, on average, days with an order were,", days),
        term=ACTIVE_DAYS.moment(days) / ACTIVE_DAYS.within(days),
        cause="habit fading",
    )


def _silence(days: int) -> Feature:
    """The longest of the gaps that ended in the window and the present one.

    A gap that began before the window counts whole; none counts more than the window's length.
    """
    return feature(
        f"silence_longest_days_{days}d",
        "days",
        days,
        "never ordered",
        lately("longest time without an order", days),
        term=GAP_DAYS.most(days).at_least(ORDERS.since()).at_most(days).where(ORDERS.ever()),
        cause="habit fading",
    )

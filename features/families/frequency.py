"""Frequency: how often."""

from features.contract import Family, Feature, Shape, feature
from features.measures import ACTIVE_DAYS, ORDERS
from features.wording import lately

HALF_LIVES = (7, 14, 28, 56, 112, 224)
"""Days after which an order counts half: from fast to slow forgetting."""


def frequency(shape: Shape) -> Family:
    """Orders and days with an order per window, and orders that fade with their age."""
    if shape.orders is None:
        return Family("frequency", ())
    windowed = [each for days in shape.windows_days for each in _windowed(days)]
    return Family("frequency", (*windowed, *map(_decayed, HALF_LIVES)))


def _windowed(days: int) -> tuple[Feature, ...]:
    return (
        feature(
            f"orders_count_{days}d",
            "orders",
            days,
            "never ordered",
            lately("orders", days),
            term=ORDERS.within(days),
            cause="habit fading",
        ),
        feature(
            f"active_days_count_{days}d",
            "days",
            days,
            "never ordered",
            lately("days with an order", days),
            term=ACTIVE_DAYS.within(days),
            cause="habit fading",
        ),
    )


def _decayed(half_life: int) -> Feature:
    return feature(
        f"active_days_count_halved_in_{half_life}",
        "days",
        None,
        "never ordered",
        f"days with an order, each counting half after {half_life} days",
        term=ACTIVE_DAYS.decayed(half_life),
        cause="habit fading",
    )

"""Monetary value: how much."""

from features.contract import Family, Feature, Shape, feature
from features.measures import COST, COSTED_SPEND, ORDERS, SPEND
from features.wording import lately

HALF_LIVES = (28, 91)


def monetary(shape: Shape) -> Family:
    """Spend, average order value and margin per window, and spend that fades with its age."""
    if shape.orders is None:
        return Family("monetary", ())
    windowed = [each for days in shape.windows_days for each in _windowed(days)]
    margins = [_margin(days) for days in shape.windows_days if shape.orders.has_costs]
    return Family("monetary", (*windowed, *margins, *map(_decayed, HALF_LIVES)))


def _windowed(days: int) -> tuple[Feature, ...]:
    return (
        feature(
            f"spend_{days}d",
            "minor units",
            days,
            "never ordered",
            lately("spend", days),
            term=SPEND.within(days),
        ),
        feature(
            f"order_value_mean_{days}d",
            "minor units",
            days,
            "no order in the window",
            lately("average order value", days),
            term=SPEND.within(days) / ORDERS.within(days),
        ),
    )


def _margin(days: int) -> Feature:
    """Over lines whose product's cost is known; what others earned is not known."""
    return feature(
        f"margin_{days}d",
        "minor units",
        days,
        "never ordered",
        lately("spend less the cost of products", days),
        term=COSTED_SPEND.within(days) - COST.within(days),
    )


def _decayed(half_life: int) -> Feature:
    return feature(
        f"spend_halved_in_{half_life}",
        "minor units",
        None,
        "never ordered",
        f"spend, counting half after {half_life} days",
        term=SPEND.decayed(half_life),
        cause="habit fading",
    )

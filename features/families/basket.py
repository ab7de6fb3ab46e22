"""Basket: how large an order is, how often it is one item, and what it is made of."""

from features.contract import Family, Feature, Shape, feature
from features.measures import LINES, ORDERS, SINGLE_LINE_ORDERS
from features.sql import literal
from features.terms import Measure
from features.wording import lately, slug

MIX_DAYS = 91
"""Window over which the mix of categories is told, or that of the config that is nearest."""

_NO_ORDER = "no order in the window"
_ALL_SPEND = Measure("categories", "spend")


def basket(shape: Shape) -> Family:
    """Items per order and share of single-item orders per window; spend by listed category."""
    if shape.orders is None:
        return Family("basket", ())
    sizes = [each for days in shape.windows_days for each in _sizes(days)]
    window = shape.nearest(MIX_DAYS)
    return Family("basket", (*sizes, *(_mix(name, window) for name in shape.orders.categories)))


def _sizes(days: int) -> tuple[Feature, ...]:
    return (
        feature(
            f"lines_per_order_{days}d",
            "lines per order",
            days,
            _NO_ORDER,
            lately("items per order", days),
            term=LINES.within(days) / ORDERS.within(days),
        ),
        feature(
            f"single_item_orders_share_{days}d",
            "share",
            days,
            _NO_ORDER,
            lately("share of orders with one item", days),
            term=SINGLE_LINE_ORDERS.within(days) / ORDERS.within(days),
        ),
    )


def _mix(category: str, days: int) -> Feature:
    """Of spend in all categories; what has none counts nowhere."""
    name = slug(category)
    spend = Measure(
        "categories",
        f"spend_{name}",
        f"CASE WHEN category = {literal(category)} THEN spend ELSE 0 END",
    )
    return feature(
        f"{name}_spend_share_{days}d",
        "share",
        days,
        "no spend in a category in the window",
        lately(f"share of spend that went to {category}", days),
        term=spend.within(days) / _ALL_SPEND.within(days),
        cause="need gone",
    )

"""Frequency: how often."""

from features.contract import Column, Family, Shape, within


def frequency(shape: Shape) -> Family:
    """Orders and days with an order, per window."""
    if not shape.has_orders:
        return Family("frequency", "day", ())
    return Family("frequency", "day", tuple(c for w in shape.windows_days for c in _columns(w)))


def _columns(days: int) -> tuple[Column, ...]:
    return (
        Column(
            f"orders_count_{days}d",
            "orders",
            days,
            "never ordered",
            f"orders in the last {days} days",
            within("orders", days),
        ),
        Column(
            f"active_days_count_{days}d",
            "days",
            days,
            "never ordered",
            f"days with an order in the last {days} days",
            within("active_days", days),
        ),
    )

"""Monetary value: how much."""

from features.contract import Column, Family, Shape, share, within


def monetary(shape: Shape) -> Family:
    """Spend and average order value, per window."""
    if not shape.has_orders:
        return Family("monetary", "day", ())
    return Family("monetary", "day", tuple(c for w in shape.windows_days for c in _columns(w)))


def _columns(days: int) -> tuple[Column, ...]:
    return (
        Column(
            f"spend_{days}d",
            "minor units",
            days,
            "never ordered",
            f"spend in the last {days} days",
            within("spend", days),
        ),
        Column(
            f"order_value_mean_{days}d",
            "minor units",
            days,
            "no order in the window",
            f"average order value in the last {days} days",
            share(within("spend", days), within("orders", days)),
        ),
    )

"""Price: how much of what was bought was discounted, and how much went into one order."""

from features.contract import Column, Family, Shape, share, within


def price(shape: Shape) -> Family:
    """Discount share, share of discounted items, and items per order, per window."""
    if not shape.has_orders:
        return Family("price", "day", ())
    return Family("price", "day", tuple(c for w in shape.windows_days for c in _columns(w)))


def _columns(days: int) -> tuple[Column, ...]:
    # What was paid is net of the discount, so the full price is their sum.
    full_price = f"({within('spend', days)} + {within('discount', days)})"
    return (
        Column(
            f"discount_share_{days}d",
            "share",
            days,
            "nothing with a price in the window",
            f"share of the price taken off in the last {days} days",
            share(within("discount", days), full_price),
        ),
        Column(
            f"discounted_lines_share_{days}d",
            "share",
            days,
            "no order in the window",
            f"share of items on discount in the last {days} days",
            share(within("discounted_lines", days), within("lines", days)),
        ),
        Column(
            f"lines_per_order_{days}d",
            "lines per order",
            days,
            "no order in the window",
            f"items per order in the last {days} days",
            share(within("lines", days), within("orders", days)),
        ),
    )

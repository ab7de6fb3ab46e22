"""Breadth over products: how many different ones, and how many of them bought again."""

from features.contract import Column, Family, Shape, share


def breadth(shape: Shape) -> Family:
    """Distinct products per window, and the share of them bought on two days of it or more.

    A product has one row: the day on which it was last bought before as_of.
    """
    if not shape.has_orders:
        return Family("breadth", "product", ())
    return Family("breadth", "product", tuple(c for w in shape.windows_days for c in _columns(w)))


def _columns(days: int) -> tuple[Column, ...]:
    distinct = f"sum(within_{days}d)"
    again = f"CAST(coalesce(previous_on >= as_of - {days}, false) AS INTEGER)"
    return (
        Column(
            f"products_count_{days}d",
            "products",
            days,
            "never ordered a named product",
            f"different products in the last {days} days",
            distinct,
        ),
        Column(
            f"repeated_products_share_{days}d",
            "share",
            days,
            "no product in the window",
            f"share of products rebought in the last {days} days",
            share(f"sum({again} * within_{days}d)", distinct),
        ),
    )

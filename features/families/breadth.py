"""Breadth over products: how many different ones, and how many of them new."""

from features.contract import Column, Family, Shape, share

_NEW = "CAST(first_on = ordered_on AS INTEGER)"


def breadth(shape: Shape) -> Family:
    """Distinct products per window, and the share of them bought for the first time."""
    if not shape.has_orders:
        return Family("breadth", "product", ())
    return Family("breadth", "product", tuple(c for w in shape.windows_days for c in _columns(w)))


def _columns(days: int) -> tuple[Column, ...]:
    distinct = f"sum(within_{days}d)"
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
            f"once_bought_share_{days}d",
            "share",
            days,
            "no product in the window",
            f"share of products tried once only, of those bought in the last {days} days",
            share(f"sum({_NEW} * within_{days}d)", distinct),
        ),
    )

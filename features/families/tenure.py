"""Tenure: how long a customer, and how much of that time a buyer."""

from features.contract import Column, Family, Shape, share


def tenure(shape: Shape) -> Family:
    """Days since the first order, orders ever, orders per week since."""
    if not shape.has_orders:
        return Family("tenure", "day", ())
    first = "max(CASE WHEN is_purchase THEN age_days END)"
    never = "never ordered"
    return Family(
        "tenure",
        "day",
        (
            Column("tenure_days", "days", None, never, "days since the first order", first),
            Column("orders_count", "orders", None, never, "orders ever", "sum(orders)"),
            Column(
                "orders_per_week",
                "orders per week",
                None,
                never,
                "orders per week since the first",
                share("7 * sum(orders)", first),
            ),
        ),
    )

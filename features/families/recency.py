"""Recency: how long ago."""

from features.contract import Column, Family, Shape


def recency(shape: Shape) -> Family:
    """Days since the last order and the last return."""
    if not shape.has_orders:
        return Family("recency", "day", ())
    return Family(
        "recency",
        "day",
        (
            Column(
                "days_since_order",
                "days",
                None,
                "never ordered",
                "days since the last order",
                "min(CASE WHEN is_purchase THEN age_days END)",
            ),
            Column(
                "days_since_return",
                "days",
                None,
                "never returned anything",
                "days since the last return",
                "min(CASE WHEN returned_lines > 0 THEN age_days END)",
            ),
        ),
    )

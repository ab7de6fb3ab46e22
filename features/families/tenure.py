"""Tenure and life stage: how long a customer, and how much of that time a buyer."""

from features.contract import Family, Feature, Shape, feature
from features.measures import ACTIVE_DAYS, ORDERS
from features.terms import given

NEVER = "never ordered"


def tenure(shape: Shape) -> Family:
    """Days since the first order, orders ever, how often since, and how late in life the last."""
    if shape.orders is None:
        return Family("tenure", ())
    age = ORDERS.first()
    return Family(
        "tenure",
        (
            feature("tenure_days", "days", None, NEVER, "days since the first order", term=age),
            feature(
                "tenure_share_of_history",
                "share",
                None,
                NEVER,
                "time as a customer over the time that is known of anybody",
                term=age / given("everyone", "everyone_days"),
            ),
            feature("orders_count", "orders", None, NEVER, "orders ever", term=ORDERS.ever()),
            feature(
                "orders_per_week",
                "orders per week",
                None,
                NEVER,
                "orders per week since the first",
                term=ORDERS.ever() * 7 / age,
            ),
            *_stage(),
        ),
    )


def _stage() -> tuple[Feature, ...]:
    """Whether the customer has come back, and how much of the time since was silent."""
    return (
        feature(
            "is_one_time_buyer",
            "flag",
            None,
            NEVER,
            "one day with an order so far",
            term=ACTIVE_DAYS.ever().unless_zero().is_above(1) * -1 + 1,
            cause="novelty",
        ),
        feature(
            "silent_share_of_tenure",
            "share",
            None,
            NEVER,
            "share of the time as a customer since the last order",
            term=ORDERS.since() / ORDERS.first(),
            cause="habit fading",
        ),
    )

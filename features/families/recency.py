"""Recency: how long ago."""

from features.contract import Family, Feature, Shape, feature
from features.measures import ORDERS, RETURNED_LINES
from features.sql import literal
from features.terms import Measure
from features.wording import slug


def recency(shape: Shape) -> Family:
    """Days since the last order, the last return, and the last of each listed category."""
    if shape.orders is None:
        return Family("recency", ())
    order = feature(
        "days_since_order",
        "days",
        None,
        "never ordered",
        "days since the last order",
        term=ORDERS.since(),
        cause="habit fading",
    )
    given_back = feature(
        "days_since_return",
        "days",
        None,
        "never returned anything",
        "days since the last return",
        term=RETURNED_LINES.since(),
        cause="dissatisfaction",
    )
    return Family("recency", (order, given_back, *map(_of_category, shape.orders.categories)))


def _of_category(category: str) -> Feature:
    bought = Measure(
        "categories", slug(category), f"CASE WHEN category = {literal(category)} THEN 1 ELSE 0 END"
    )
    return feature(
        f"days_since_{slug(category)}",
        "days",
        None,
        "never bought in the category",
        f"days since {category} was last bought",
        term=bought.since(),
        cause="need gone",
    )

"""In what a basket was bought (day, store, channel, segment, promotion), and its groups."""

from typing import Final

from features.settings import BasketDefinition
from features.sql import identifier, listing, literal

KEYS: Final = {
    "order": ('"order"',),
    "visit": ("customer_key", "ordered_on", "store_key"),
    "customer_day": ("customer_key", "ordered_on"),
    "customer": ("customer_key",),
}
"""What a basket is known by, in the order in which baskets are numbered."""

_SEGMENT_HELD = """dim_customer AS c ON c.customer_key = s.customer_key
    AND c.valid_from_on <= s.ordered_on AND (c.valid_to_on IS NULL OR c.valid_to_on > s.ordered_on)
    """
"""A customer's attributes as they were on the day of the line."""

_STORE_HELD = "dim_store AS c ON c.store_key = s.store_key"


def context_query(asked: BasketDefinition, segment: str | None) -> str:
    """SELECT of basket, level (kind of context) and name, distinct, over ``basket_lines``.

    A basket has the context of each of its lines, those without a product too.

    Parameters
    ----------
    asked
        Which kinds.
    segment
        Attribute that is the segment.
    """
    column = identifier(segment) if segment else "NULL"
    by_kind = {
        "weekday": _distinct("weekday", "dayname(ordered_on)", "ordered_on"),
        "store": _distinct("store", "store", "store_key", _STORE_HELD),
        "channel": _distinct("channel", "channel", "channel"),
        "segment": _distinct(
            segment or "", f"c.{column}", "customer_key, ordered_on", _SEGMENT_HELD
        ),
        "promotion": "SELECT DISTINCT basket, 'promotion' AS level, 'discount' AS name "
        "FROM basket_lines WHERE is_discounted",
    }
    parts = [by_kind[kind] for kind in asked.context if kind != "promoted"]
    if not parts:
        return "SELECT 0::BIGINT AS basket, '' AS level, '' AS name WHERE false"
    return " UNION ALL ".join(parts)


def _distinct(level: str, name: str, columns: str, joined: str | None = None) -> str:
    """Distinct numbers of things first, their names afterwards: there are fewer of them."""
    things = f"(SELECT DISTINCT basket, {columns} FROM basket_lines) AS s"
    if joined is not None:
        things += f" JOIN {joined}"
    return f"""SELECT DISTINCT basket, {literal(level)} AS level, {name} AS name
        FROM {things} WHERE {name} IS NOT NULL"""


def group_columns(asked: BasketDefinition, segment: str | None) -> dict[str, str]:
    """Column of the group of each basket to a SELECT of basket and value.

    A basket of several is of the one of most of its lines, of equal ones the first by name; one of
    which nothing is known has no row.
    """
    found = {}
    if "segment" in asked.splits and segment is not None:
        value = f"c.{identifier(segment)}"
        found["in_segment"] = _mostly(value, "customer_key, ordered_on", _SEGMENT_HELD)
    if "store" in asked.splits:
        found["in_store"] = _mostly("store", "store_key", _STORE_HELD)
    return found


def _mostly(value: str, columns: str, joined: str) -> str:
    ranked = "row_number() OVER (PARTITION BY basket ORDER BY sum(lines) DESC, value) AS place"
    return f"""
        SELECT basket, value FROM (
            SELECT basket, value, {ranked} FROM (
                SELECT basket, lines, {value} AS value FROM (
                    SELECT basket, {columns}, count(*) AS lines FROM basket_lines
                    GROUP BY basket, {columns}) AS s JOIN {joined})
            WHERE value IS NOT NULL GROUP BY basket, value)
        WHERE place = 1"""


def baskets_query(asked: BasketDefinition, segment: str | None) -> str:
    """SELECT of one row per basket, see `features.baskets.Bought`."""
    named = {
        "order": '"order"',
        "visit": "customer, ordered_on, store",
        "customer_day": "customer, ordered_on",
        "customer": "customer",
    }[asked.basket]
    keys = listing(KEYS[asked.basket])
    names = "(SELECT DISTINCT customer_key, customer FROM dim_customer) AS c"
    joins = [] if asked.basket == "order" else [f"JOIN {names} USING (customer_key)"]
    joins += ["LEFT JOIN dim_store USING (store_key)"] if asked.basket == "visit" else []
    columns = [f"b.basket, {named}"]
    for name, query in group_columns(asked, segment).items():
        joins.append(f"LEFT JOIN ({query}) AS {name} ON {name}.basket = b.basket")
        columns.append(f"{name}.value AS {name}")
    return f"""
        SELECT {listing(columns)} FROM (SELECT DISTINCT basket, {keys} FROM basket_lines) AS b
        {" ".join(joins)} ORDER BY b.basket"""

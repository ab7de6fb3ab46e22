"""Relations: the rows that terms look at, one SELECT each, in SQL that all engines share.

Each row belongs to a customer and a day (``day``: days since 1970-01-01) and says only what was
known on that day. Relations of things (products, categories, stores) have ``thing``, a whole
number. What differs between engines comes from `features.spelling`.
"""

from dataclasses import dataclass

from features.contract import Orders, Shape
from features.daily import PURCHASE
from features.spelling import Spelling
from features.sql import identifier


@dataclass(frozen=True)
class Relation:
    """Rows of customers and days.

    Attributes
    ----------
    name
        Name that atoms use.
    rows
        SELECT that gives customer_key, day, perhaps thing, and what measures are made of.
    has_things
        Whether there is a thing.
    """

    name: str
    rows: str
    has_things: bool = False


def relations(shape: Shape, spelling: Spelling) -> dict[str, Relation]:
    """Every relation that the shape has, by name.

    Parameters
    ----------
    shape
        Which sources there are.
    spelling
        Of the engine that will read them.
    """
    found: list[Relation] = []
    if shape.orders is not None:
        found += _of_orders(shape.orders, spelling)
    if shape.contacts is not None:
        day = spelling.day_number("contacted_on")
        columns = "kind, is_resolved, duration_seconds, satisfaction"
        rows = f"SELECT customer_key, {day} AS day, {columns} FROM fact_contacts"
        found.append(Relation("contacts", rows))
    if shape.campaigns is not None:
        for name, on in (("sendings", "sent_on"), ("responses", "responded_on")):
            day = spelling.day_number(on)
            rows = f"SELECT customer_key, {day} AS day FROM fact_campaigns WHERE {on} IS NOT NULL"
            found.append(Relation(name, rows))
    if shape.visits is not None:
        rows = f"""SELECT customer_key, {spelling.day_number("visited_on")} AS day,
            count(*) AS visits, count(DISTINCT session) AS sessions, sum(pages) AS pages
            FROM fact_visits GROUP BY customer_key, visited_on"""
        found.append(Relation("visits", rows))
    return {relation.name: relation for relation in found}


def _of_orders(orders: Orders, spelling: Spelling) -> list[Relation]:
    """Days with a line; and each line by its product, its category, its store."""
    day = spelling.day_number("ordered_on")
    found = [Relation("purchases", "SELECT * FROM customer_day")]
    lines = f"SELECT customer_key, {day} AS day, 1 AS lines"
    if orders.has_products:
        rows = f"{lines}, product_key AS thing FROM fact_sales WHERE {PURCHASE} AND product_key > 0"
        found.append(Relation("products", rows, has_things=True))
    if orders.category is not None:
        rows = f"""{lines}, amount AS spend, category, category_key AS thing
            FROM fact_sales JOIN ({categories(orders.category)}) AS c USING (product_key)
            WHERE {PURCHASE}"""
        found.append(Relation("categories", rows, has_things=True))
    if orders.has_stores:
        rows = f"{lines}, store_key AS thing FROM fact_sales WHERE {PURCHASE} AND store_key > 0"
        found.append(Relation("stores", rows, has_things=True))
    return found


def categories(level: str) -> str:
    """SELECT of the category of each product that has one, with a whole number for it."""
    column = identifier(level)
    return (
        f"SELECT product_key, {column} AS category, "
        f"dense_rank() OVER (ORDER BY {column}) AS category_key "
        f"FROM dim_product WHERE {column} IS NOT NULL"
    )

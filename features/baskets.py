"""Baskets from the warehouse: which items were bought together, of a half-open window of days.

The embedded engine makes them, whatever engine computes behaviour tables: the warehouse is its own.
Every number that leaves is an integer or a sum of decimals, so neither threads nor the order of
rows change a byte.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from features.basket_context import KEYS, baskets_query, context_query
from features.bought import ANONYMOUS, NOT_BOUGHT, counted, lines_by_reason, nothing_found
from features.clock import Window
from features.errors import RegularsError
from features.items import (
    PRODUCT_ITEMS,
    Items,
    ancestors_sql,
    levels_of,
    product_items,
    require_known,
    segment_of,
)
from features.levels import Level, require_labels_apart
from features.schemas import Sources
from features.settings import BasketDefinition
from features.sql import listing
from features.warehouse import Connection, temporary

_OF_LINE: Final = {
    "quantity": "quantity",
    "amount": "amount",
    "margin": "CASE WHEN unit_cost IS NULL THEN 0 ELSE "
    "amount - CAST(round(CAST(quantity AS DOUBLE) * unit_cost) AS BIGINT) END",
}
_TYPE: Final = {"quantity": "DOUBLE", "amount": "BIGINT", "margin": "BIGINT"}
"""Weights are added up exactly; a quantity becomes a double at the end."""

_TEMPORARY = ("basket_lines", "basket_product_items", "basket_context", "basket_items")


class NoBaskets(RegularsError):
    """Nothing was bought in a window."""


@dataclass(frozen=True)
class LinesSeen:
    """Lines of the window, and what became of them.

    Attributes
    ----------
    counted
        In baskets. Those without a product, or of one that has no item at any level, count for
        the basket alone.
    without_product
        Of the counted ones, those that name no product.
    without_cost
        Of the counted ones with a product, those whose unit cost is not known; 0 where no margin
        was asked for.
    returned, no_products, of_quantity_0, anonymous
        Left out, each for the first of these reasons that it has: given back, a fee or postage,
        only a coupon, nobody's where a basket is a customer's.
    """

    counted: int
    without_product: int
    without_cost: int
    returned: int
    no_products: int
    of_quantity_0: int
    anonymous: int


@dataclass(frozen=True)
class Bought:
    """What was bought together.

    Attributes
    ----------
    rows
        One row per basket and item, sorted by both: basket (int64, from 0), item (int32, see
        `Items`); with weights of the definition: quantity (double), amount, margin (int64, minor
        units), 0 for items of the context.
    baskets
        One row per basket in order of its number, also those without an item: basket (int64), what
        it is known by: order (string), or customer (string), ordered_on (date32), store (string);
        as far as the definition splits them, in_segment, in_store (string; null: not known).
    items
        Everything that the rows hold.
    lines
        What the baskets are made of.
    """

    rows: pa.Table
    baskets: pa.Table
    items: Items
    lines: LinesSeen

    @property
    def count(self) -> int:
        """Number of baskets, the empty ones included."""
        return len(self.baskets)


def build_baskets(
    con: Connection, asked: BasketDefinition, window: Window, sources: Sources
) -> Bought:
    """Baskets of the days ``[window.start, window.end)``, and nothing of any other day.

    What a product belongs to is taken as it is known now, for products have no dates; a customer's
    segment is that of the day of the line.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    asked
        What a basket is, and an item.
    window
        The days, the last of them the one before ``window.end``.
    sources
        Of the config.

    Raises
    ------
    ItemsUnclear
        When the definition asks for what the sources do not tell, or names cannot be told apart.
    NoBaskets
        When nothing was bought in the window.
    """
    require_known(asked, sources)
    levels, segment = levels_of(asked, sources), segment_of(asked, sources)
    with temporary(con, *_TEMPORARY):
        con.execute(_lines_table(asked, window))
        _require_some(con, window)
        items = _build_items(con, asked, levels, segment)
        return Bought(
            con.sql(_rows_query(asked)).to_arrow_table(),
            con.sql(baskets_query(asked, segment)).to_arrow_table(),
            items,
            _lines_seen(con, asked, window),
        )


def _lines_table(asked: BasketDefinition, window: Window) -> str:
    """Statement: lines that count, with the number of their basket."""
    keys = KEYS[asked.basket]
    same = " AND ".join(f"k.{key} IS NOT DISTINCT FROM s.{key}" for key in keys)
    order = listing(f"{key} NULLS FIRST" for key in keys)
    return f"""
        CREATE OR REPLACE TEMP TABLE basket_lines AS
        WITH seen AS MATERIALIZED (
            SELECT customer_key, ordered_on, "order", product_key, store_key, channel,
                quantity, amount, discount > 0 AS is_discounted
            FROM fact_sales WHERE {counted(window, _left_out(asked))}),
        keys AS (
            SELECT {listing(keys)}, row_number() OVER (ORDER BY {order}) - 1 AS basket
            FROM (SELECT DISTINCT {listing(keys)} FROM seen))
        SELECT basket, s.* FROM seen AS s JOIN keys AS k ON {same}"""


def _left_out(asked: BasketDefinition) -> dict[str, str]:
    """Reason to condition over a line; nobody's lines stay where a basket is an order."""
    return NOT_BOUGHT if asked.basket == "order" else NOT_BOUGHT | ANONYMOUS


def _lines_seen(con: Connection, asked: BasketDefinition, window: Window) -> LinesSeen:
    told = {"anonymous": 0} | lines_by_reason(con, window, _left_out(asked))
    without_cost = "0"
    if "margin" in asked.weights:
        costless = "SELECT product_key FROM dim_product WHERE unit_cost IS NULL"
        without_cost = f"count(*) FILTER (WHERE product_key IN ({costless}))"
    ((without_product, unknown_cost),) = con.execute(
        f"SELECT count(*) FILTER (WHERE product_key IS NULL), {without_cost} FROM basket_lines"
    ).fetchall()
    return LinesSeen(without_product=without_product, without_cost=unknown_cost, **told)


def _require_some(con: Connection, window: Window) -> None:
    if con.execute("SELECT count(*) FROM basket_lines").fetchall() == [(0,)]:
        needed = ("baskets of the days", "something that was bought")
        raise NoBaskets(nothing_found(con, needed, window))


def _build_items(
    con: Connection, asked: BasketDefinition, levels: tuple[Level, ...], segment: str | None
) -> Items:
    """Number all items by label: ``basket_items``, and in it what products and context are."""
    with_promoted = "promoted" in asked.context
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE basket_product_items AS
        {product_items(levels, with_promoted=with_promoted)}""")
    require_labels_apart(con)
    con.execute(f"CREATE OR REPLACE TEMP TABLE basket_context AS {context_query(asked, segment)}")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE basket_items AS
        SELECT CAST(row_number() OVER (ORDER BY label) - 1 AS INTEGER) AS item, *,
            CASE WHEN NOT is_context AND count(*) OVER (PARTITION BY name, is_context) = 1
                THEN name ELSE label END AS title
        FROM (
            SELECT DISTINCT label, level, name, is_promoted AS is_context
            FROM basket_product_items
            UNION ALL SELECT DISTINCT level || ':' || name, level, name, true FROM basket_context)
        """)
    table = con.sql("""
        SELECT item, label, level, name, title, is_context FROM basket_items ORDER BY item""")
    return Items(
        table.to_arrow_table(),
        con.sql(ancestors_sql(levels, with_promoted=with_promoted)).to_arrow_table(),
    )


def _rows_query(asked: BasketDefinition) -> str:
    """SELECT of one row per basket and item with its weights, sorted."""
    names = listing(["", *asked.weights])
    of_line = listing(["", *(f"{_OF_LINE[name]} AS {name}" for name in asked.weights)])
    sums = listing(["", *(f"sum({name}) AS {name}" for name in asked.weights)])
    nothing = listing(["", *(f"0 AS {name}" for name in asked.weights)])
    total = listing(["", *(f"CAST(sum({n}) AS {_TYPE[n]}) AS {n}" for n in asked.weights)])
    lines = "basket_lines"
    if "margin" in asked.weights:
        lines += " LEFT JOIN (SELECT product_key, unit_cost FROM dim_product) USING (product_key)"
    known = f"products JOIN ({PRODUCT_ITEMS}) AS i USING (product_key)"
    parts = [f"SELECT basket, item{names} FROM {known} WHERE NOT is_promoted"]
    if "promoted" in asked.context:
        parts.append(
            f"SELECT basket, item{nothing} FROM {known} WHERE is_promoted AND is_discounted"
        )
    if asked.context:
        context = "basket_context JOIN basket_items USING (level, name)"
        parts.append(f"SELECT basket, item{nothing} FROM {context}")
    return f"""
        WITH products AS MATERIALIZED (
            SELECT basket, product_key, bool_or(is_discounted) AS is_discounted{sums}
            FROM (SELECT basket, product_key, is_discounted{of_line} FROM {lines}
                WHERE product_key IS NOT NULL)
            GROUP BY basket, product_key)
        SELECT basket, item{total} FROM ({" UNION ALL ".join(parts)})
        GROUP BY basket, item ORDER BY basket, item"""

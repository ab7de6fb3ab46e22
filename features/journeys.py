"""Journeys: what each customer bought of each item on each day, and what is known of the items.

For whatever looks at a customer's days one after the other: next baskets, sequences, cross-sell,
up-sell, offers. Every sum is one of whole numbers or decimals and becomes a double at the end, so
neither threads nor the order of rows change a byte.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from features.asked import refuse, unknown_of_item
from features.bought import (
    ANONYMOUS,
    NOT_BOUGHT,
    counted,
    lines_by_reason,
    nothing_found,
    without_item,
)
from features.clock import Window, days_after
from features.errors import RegularsError
from features.levels import (
    IN,
    PRODUCT,
    Level,
    belongs_sql,
    labelled,
    level_of,
    levels_above,
    require_labels_apart,
)
from features.schemas import Sources
from features.settings import JourneyDefinition
from features.slices import Keys, turns
from features.sql import identifier, listing
from features.warehouse import Connection, temporary

RECENT_DAYS: Final = 91
"""Days at the end of a window whose prices count, where an item was bought in them."""

_LEFT_OUT: Final = NOT_BOUGHT | ANONYMOUS
_PRODUCTS, _ITEMS = "journey_products", "journey_items"

_LINES_AT_ONCE: Final = 1_000_000
"""Whose purchases are added up at a time, so that memory stays bounded; it changes no result."""


class JourneysUnclear(RegularsError):
    """Journeys were asked for that the sources do not tell."""


class NoJourneys(RegularsError):
    """No customer that is known bought any item in a window."""


@dataclass(frozen=True)
class LinesCounted:
    """Lines of the window, and what became of them.

    Attributes
    ----------
    counted
        In purchases.
    returned, no_products, of_quantity_0, anonymous, without_item
        Left out, each for the first of these reasons that it has: given back, a fee or postage,
        only a coupon, nobody's, of no product or of one whose level is not known.
    """

    counted: int
    returned: int
    no_products: int
    of_quantity_0: int
    anonymous: int
    without_item: int


@dataclass(frozen=True, eq=False)
class Journeys:
    """What customers bought, day by day.

    Attributes
    ----------
    purchases
        One row per customer, day and item with something bought, sorted by these; customers that
        are known only: customer (string), day (date32, in the business's zone), item (int32,
        position in ``items``), quantity (double, above 0), amount (int64, minor units, what was
        paid), discount (int64, minor units), margin (double, minor units: amount less quantity
        times unit cost; null where any of the costs is not known).
    items
        One row per item of the purchases, by label: label (string), name (string: without its
        parents), title (string: the name where no other item has it, else the label), what it
        belongs to, in a column for each of ``levels`` (``in_department``: string, with a question
        mark for what is not known); of products, is_private_label (bool; null: not known); and, in
        minor units a unit, price (double, what was paid on average), list_price (double, before
        discount), unit_margin (double, the price less the mean unit cost; null where any of the
        costs is not known).
    levels
        Names of the levels above the item, the widest first; of products, of the groups after
        these.
    window
        Days that the items are told of; of the purchases too, unless later ones were asked for.
    lines
        What the purchases of the window are made of.

    Notes
    -----
    The three of a unit are means over units, of the purchases of the newest `RECENT_DAYS` of the
    window; of an item that nobody known bought in these, of the whole window.
    """

    purchases: pa.Table
    items: pa.Table
    levels: tuple[str, ...]
    window: Window
    lines: LinesCounted

    def named(self, column: Literal["label", "title"] = "label") -> pa.Table:
        """Purchases with the label or title of each item (string) in the place of its number."""
        names = pc.take(self.items[column].combine_chunks(), self.purchases["item"])
        at = self.purchases.schema.get_field_index("item")
        return self.purchases.set_column(at, "item", names)


def unknown_journeys(asked: JourneyDefinition, sources: Sources) -> Iterator[tuple[str, str]]:
    """Each setting that asks for what the sources do not tell, and a sentence that says so."""
    yield from unknown_of_item("journeys", asked.item, sources)


def require_journeys(asked: JourneyDefinition, sources: Sources, section: str = "journeys") -> None:
    """Refuse a definition that asks for what the sources do not tell.

    Parameters
    ----------
    asked
        What counts as an item.
    sources
        Of the config.
    section
        Of the config, where the definition stands.

    Raises
    ------
    JourneysUnclear
        Naming each setting and what it needs.
    """
    refuse(unknown_journeys(asked, sources), section, JourneysUnclear)


def build_journeys(
    con: Connection,
    asked: JourneyDefinition,
    window: Window,
    sources: Sources,
    *,
    until: date | None = None,
) -> Journeys:
    """What each customer bought on the days ``[window.start, window.end)``, and on no other day.

    What a product belongs to, what it costs and whose brand it is are taken as they are known now,
    for products have no dates.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    asked
        What counts as an item.
    window
        The days; its end is the as_of.
    sources
        Of the config.
    until
        The day up to which purchases are told, of the items of the window alone, to judge by; it
        changes nothing that is said of the items. None: the end of the window.

    Raises
    ------
    JourneysUnclear
        When the sources do not tell what is asked for.
    ItemsUnclear
        When names cannot be told apart.
    NoJourneys
        When no customer that is known bought any item.
    """
    require_journeys(asked, sources)
    level = level_of(asked.item, sources)
    require_labels_apart(con, labelled(level))
    reasons = _LEFT_OUT | without_item(labelled(level))
    lines = LinesCounted(**lines_by_reason(con, window, reasons))
    with _items_on(con, level, window, sources) as items:
        told = Window(window.start, until or window.end)
        levels = tuple(each.name for each in _belongs(level, sources))
        return Journeys(_purchases(con, told, sources), items, levels, window, lines)


def build_items(
    con: Connection, asked: JourneyDefinition, window: Window, sources: Sources
) -> pa.Table:
    """Items of the journeys of some days, see `Journeys`, without the purchases.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    asked
        What counts as an item.
    window
        The days; its end is the as_of.
    sources
        Of the config.

    Raises
    ------
    JourneysUnclear, ItemsUnclear, NoJourneys
        See `build_journeys`.
    """
    require_journeys(asked, sources)
    level = level_of(asked.item, sources)
    require_labels_apart(con, labelled(level))
    with _items_on(con, level, window, sources) as items:
        return items


@contextmanager
def _items_on(
    con: Connection, level: Level, window: Window, sources: Sources
) -> Iterator[pa.Table]:
    """Items of a window; within, tables of the connection number them."""
    with temporary(con, _PRODUCTS, _ITEMS):
        con.execute(_products_table(level))
        con.execute(_items_table(level, _belongs(level, sources), window, sources))
        found = con.sql(
            f"SELECT * EXCLUDE (number, item) FROM {_ITEMS} ORDER BY item"
        ).to_arrow_table()
        if not len(found):
            needed = ("journeys of the days", "an item that a known customer bought")
            raise NoJourneys(nothing_found(con, needed, window))
        yield found


def _belongs(level: Level, sources: Sources) -> tuple[Level, ...]:
    """What an item belongs to: levels above it, and of a product the groups."""
    products = sources.products
    groups = () if level.name != PRODUCT or products is None else tuple(products.groups)
    return (*levels_above(level, sources), *(level_of(name, sources) for name in groups))


def _products_table(level: Level) -> str:
    """Statement: products that are items, with the rank of their label among those of all."""
    return f"""
        CREATE OR REPLACE TEMP TABLE {_PRODUCTS} AS
        SELECT product_key, unit_cost,
            CAST(dense_rank() OVER (ORDER BY label) AS INTEGER) AS number
        FROM {labelled(level, "unit_cost")} AS p"""


def _items_table(level: Level, belongs: tuple[Level, ...], window: Window, sources: Sources) -> str:
    """Statement: items in order of their labels, with the prices of the newest days.

    Of an item that was not bought in these, the days before them are the whole window.
    """
    own = ["is_private_label"] if level.name == PRODUCT else []
    of_product = listing(["", *(identifier(IN + each.name) for each in belongs), *own])
    recent = f"ordered_on >= DATE '{days_after(window.end, -RECENT_DAYS)}'"
    return f"""
        CREATE OR REPLACE TEMP TABLE {_ITEMS} AS
        WITH periods AS (
            SELECT number, {recent} AS is_recent, {_sums(sources)}
            FROM fact_sales JOIN {_PRODUCTS} USING (product_key)
            WHERE {counted(window, _LEFT_OUT)} GROUP BY number, is_recent
            QUALIFY row_number() OVER (PARTITION BY number ORDER BY {recent} DESC) = 1),
        described AS (
            SELECT DISTINCT number, label, name{of_product}
            FROM {labelled(level, *belongs_sql(belongs), *own)} AS p
            JOIN (SELECT product_key, number FROM {_PRODUCTS}) AS n USING (product_key))
        SELECT CAST(row_number() OVER (ORDER BY number) - 1 AS INTEGER) AS item, number, label,
            name, CASE WHEN count(*) OVER (PARTITION BY name) = 1 THEN name ELSE label END AS title
            {of_product}, {_per_unit("amount")} AS price,
            {_per_unit("amount + discount")} AS list_price, {_per_unit("margin")} AS unit_margin
        FROM described JOIN periods USING (number)"""


def _per_unit(total: str) -> str:
    return f"CAST({total} AS DOUBLE) / CAST(quantity AS DOUBLE)"


def _sums(sources: Sources) -> str:
    """SQL of what lines come to, exactly: quantity, amount, discount, margin."""
    products = sources.products
    has_costs = products is not None and products.columns.unit_cost is not None
    margin = "sum(amount - quantity * unit_cost)" if has_costs else "NULL"
    return f"""sum(quantity) AS quantity, sum(amount) AS amount, sum(discount) AS discount,
        CASE WHEN count(unit_cost) = count(*) THEN {margin} END AS margin"""


def _purchases(con: Connection, window: Window, sources: Sources) -> pa.Table:
    """One row per customer, day and item, see `Journeys`; some of the customers at a time."""
    return pa.concat_tables(
        con.sql(_purchases_query(turn, window, sources)).to_arrow_table()
        for turn in turns(con, _LINES_AT_ONCE)
    )


def _purchases_query(turn: Keys, window: Window, sources: Sources) -> str:
    return f"""
        WITH sums AS (
            SELECT customer_key, ordered_on, item, {_sums(sources)}
            FROM fact_sales JOIN (
                SELECT product_key, unit_cost, item
                FROM {_PRODUCTS} JOIN (SELECT number, item FROM {_ITEMS}) AS i USING (number)
            ) AS p USING (product_key)
            WHERE {turn.condition} AND {counted(window, _LEFT_OUT)}
            GROUP BY customer_key, ordered_on, item)
        SELECT customer, ordered_on AS day, item, CAST(quantity AS DOUBLE) AS quantity,
            CAST(amount AS BIGINT) AS amount, CAST(discount AS BIGINT) AS discount,
            CAST(margin AS DOUBLE) AS margin
        FROM sums JOIN (
            SELECT DISTINCT customer_key, customer FROM dim_customer WHERE {turn.condition}
        ) AS c USING (customer_key)
        ORDER BY customer_key, ordered_on, item"""

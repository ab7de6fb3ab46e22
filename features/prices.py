"""Prices and promotions: what was sold of each item in each week, and for how much a unit.

Weeks are seven days counted back from the end of a window, so that the last one is whole. A price
is seen where something was sold: a week in which nobody bought an item has no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from features.asked import refuse, unknown_of_item
from features.bought import NOT_BOUGHT, counted, lines_by_reason, nothing_found, without_item
from features.clock import Window, days_after, days_between
from features.errors import RegularsError
from features.levels import (
    Level,
    belongs_sql,
    labelled,
    level_of,
    levels_above,
    require_labels_apart,
)
from features.schemas import Sources
from features.settings import PriceDefinition
from features.spelling import DuckDB
from features.sql import listing
from features.warehouse import Connection

WEEK: Final = 7
"""Days."""


class PricesUnclear(RegularsError):
    """Prices were asked for that the sources do not tell."""


class NoPrices(RegularsError):
    """Nothing was sold in any whole week of a window."""


@dataclass(frozen=True)
class LinesPriced:
    """Lines of the weeks, and what became of them.

    Attributes
    ----------
    counted
        Bought by anybody, customers that are not known included.
    returned, no_products, of_quantity_0, without_item
        Left out, each for the first of these reasons that it has: given back, a fee or postage,
        only a coupon, of no product or of one whose level is not known.
    """

    counted: int
    returned: int
    no_products: int
    of_quantity_0: int
    without_item: int


@dataclass(frozen=True)
class PriceWeeks:
    """What was sold and at which price.

    Attributes
    ----------
    rows
        One row per item, store (where asked for) and week with a sale, sorted by these: item
        (string, its label), store (string; null: not known), week (int32, from 0), units (double,
        above 0), lines (int64), revenue and list_revenue (int64, minor units: what was paid, and
        before discount), price_paid and list_price (double, minor units a unit), promoted_share
        (double, 0..1: of the units, those with a discount).
    items
        One row per item of the rows, by label: item, name (string: without its parents), and the
        label of what it belongs to, in a column for each of ``levels`` (``in_department``).
    levels
        Names of the levels above the item, the widest first.
    weeks
        Days of the rows, whole weeks: week w begins ``7 * w`` days after ``weeks.start``.
    lines
        What the rows are made of.
    """

    rows: pa.Table
    items: pa.Table
    levels: tuple[str, ...]
    weeks: Window
    lines: LinesPriced

    @property
    def count(self) -> int:
        """Number of weeks."""
        return days_between(self.weeks.start, self.weeks.end) // WEEK


def unknown_prices(asked: PriceDefinition, sources: Sources) -> Iterator[tuple[str, str]]:
    """Each setting that asks for what the sources do not tell, and a sentence that says so."""
    yield from unknown_of_item("prices", asked.item, sources)
    if asked.by_store and sources.orders is not None and sources.orders.columns.store is None:
        yield "by_store", "needs sources.orders.columns.store"


def require_prices(asked: PriceDefinition, sources: Sources) -> None:
    """Refuse a definition that asks for what the sources do not tell.

    Raises
    ------
    PricesUnclear
        Naming each setting and what it needs.
    """
    refuse(unknown_prices(asked, sources), "prices", PricesUnclear)


def build_price_weeks(
    con: Connection, asked: PriceDefinition, window: Window, sources: Sources
) -> PriceWeeks:
    """Units and prices of the whole weeks of ``[window.start, window.end)``, and of no other day.

    What a product belongs to is taken as it is known now, for products have no dates. A line counts
    as promoted where it has a discount, whoever gave it. A line that was given away has the price
    0 and counts with its units.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    asked
        What has a price.
    window
        The days; its end is the as_of, and days before the first whole week are not looked at.
    sources
        Of the config.

    Raises
    ------
    PricesUnclear
        When the sources do not tell what is asked for.
    ItemsUnclear
        When names cannot be told apart.
    NoPrices
        When nothing was sold in any whole week.
    """
    require_prices(asked, sources)
    count = days_between(window.start, window.end) // WEEK
    weeks = Window(days_after(window.end, -WEEK * count), window.end)
    level = level_of(asked.item, sources)
    above = levels_above(level, sources)
    rows = con.sql(_rows_query(level, weeks, by_store=asked.by_store)).to_arrow_table()
    if not len(rows):
        needed = ("prices of the whole weeks", "something that was sold")
        raise NoPrices(nothing_found(con, needed, window))
    require_labels_apart(con, labelled(level))
    items = con.sql(_items_query(level, above, weeks)).to_arrow_table()
    names = tuple(each.name for each in above)
    lines = lines_by_reason(con, weeks, NOT_BOUGHT | without_item(labelled(level)))
    return PriceWeeks(rows, items, names, weeks, LinesPriced(**lines))


def _rows_query(level: Level, weeks: Window, *, by_store: bool) -> str:
    """SELECT of one row per item, store and week, see `PriceWeeks`."""
    spelled = DuckDB()
    begins = spelled.day_number(f"DATE '{weeks.start}'")
    since = f"{spelled.day_number('ordered_on')} - {begins}"
    keys = listing(["item", *(["store"] if by_store else []), "week"])
    order = keys.replace("store", "store NULLS FIRST")
    products = f"(SELECT product_key, label AS item FROM {labelled(level)}) AS p"
    stores = "LEFT JOIN dim_store USING (store_key)" if by_store else ""
    return f"""
        WITH lines AS (
            SELECT *, CAST(floor(({since}) / {WEEK}e0) AS INTEGER) AS week,
                CASE WHEN discount > 0 THEN quantity ELSE 0 END AS promoted
            FROM fact_sales JOIN {products} USING (product_key) {stores}
            WHERE {counted(weeks)}),
        sums AS (
            SELECT {keys}, CAST(sum(quantity) AS DOUBLE) AS units, count(*) AS lines,
                CAST(sum(amount) AS BIGINT) AS revenue,
                CAST(sum(amount + discount) AS BIGINT) AS list_revenue,
                CAST(sum(promoted) AS DOUBLE) AS promoted
            FROM lines GROUP BY {keys})
        SELECT {keys}, units, lines, revenue, list_revenue, revenue / units AS price_paid,
            list_revenue / units AS list_price, promoted / units AS promoted_share
        FROM sums ORDER BY {order}"""


def _items_query(level: Level, above: tuple[Level, ...], weeks: Window) -> str:
    """SELECT of one row per item that was sold, with what it belongs to."""
    return f"""
        SELECT DISTINCT label AS item, * EXCLUDE (product_key, label, path)
        FROM {labelled(level, *belongs_sql(above))} AS p
        WHERE product_key IN (SELECT product_key FROM fact_sales WHERE {counted(weeks)})
        ORDER BY item"""

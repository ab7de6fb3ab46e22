"""Prices and promotions: what was sold of each item in each week, and for how much a unit.

Weeks are seven days counted back from the end of a window, so that the last one is whole. A price
is seen where something was sold: a week in which nobody bought an item has no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from features.clock import Window, days_after, days_between
from features.errors import RegularsError
from features.items import PRODUCT, Level, group_sql, label_sql, require_labels_apart
from features.schemas import Sources
from features.settings import PriceDefinition
from features.spelling import DuckDB
from features.sql import identifier, listing, literal
from features.suggest import nearest
from features.warehouse import Connection

WEEK: Final = 7
"""Days."""

IN: Final = "in_"
"""Stands before the name of a level in the column that says what an item belongs to."""

_LEFT_OUT: Final = {
    "returned": "is_return",
    "no_products": "NOT is_product",
    "of_quantity_0": "quantity <= 0",
}
"""Reason to condition over a line: returns, fees, coupons by themselves."""


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
    if sources.orders is None:
        given = ", ".join(sources.given()) or "none"
        yield "item", f"prices need sources.orders, but the sources are: {given}"
        return
    columns, products = sources.orders.columns, sources.products
    levels = [] if products is None else [*products.hierarchy, *products.groups]
    offered = [PRODUCT, *levels]
    if asked.item not in offered:
        close = nearest(asked.item, offered)
        hint = f"; did you mean {close}?" if close else ""
        yield "item", f"needs one of {', '.join(offered)}, but found {asked.item}{hint}"
    if columns.product is None:
        yield "item", "needs sources.orders.columns.product, which says what was bought"
    if columns.quantity is None:
        yield "item", "needs sources.orders.columns.quantity, which a price is divided by"
    if asked.by_store and columns.store is None:
        yield "by_store", "needs sources.orders.columns.store"


def require_prices(asked: PriceDefinition, sources: Sources) -> None:
    """Refuse a definition that asks for what the sources do not tell.

    Raises
    ------
    PricesUnclear
        Naming each setting and what it needs.
    """
    wrong = [f"prices.{field}: {text}" for field, text in unknown_prices(asked, sources)]
    if wrong:
        raise PricesUnclear("\n".join(wrong))


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
    level, above = _levels(asked, sources)
    rows = con.sql(_rows_query(level, weeks, by_store=asked.by_store)).to_arrow_table()
    if not len(rows):
        _refuse_none(con, window)
    require_labels_apart(con, f"({_paths(level)})")
    items = con.sql(_items_query(level, above, weeks)).to_arrow_table()
    names = tuple(each.name for each in above)
    return PriceWeeks(rows, items, names, weeks, _lines_priced(con, level, weeks))


def _levels(asked: PriceDefinition, sources: Sources) -> tuple[Level, tuple[Level, ...]]:
    """The level of the items, and those above it, the widest first."""
    products = sources.products
    hierarchy = () if products is None else tuple(products.hierarchy)
    below = hierarchy.index(asked.item) if asked.item in hierarchy else len(hierarchy)
    above = tuple(Level(hierarchy[at], hierarchy[: at + 1]) for at in range(below))
    if asked.item == PRODUCT:
        return Level(PRODUCT, (PRODUCT,)), above
    if asked.item in hierarchy:
        return Level(asked.item, hierarchy[: below + 1]), above
    return Level(asked.item, (asked.item,)), ()


def _within(weeks: Window) -> str:
    return f"ordered_on >= DATE '{weeks.start}' AND ordered_on < DATE '{weeks.end}'"


def _labelled(level: Level) -> str:
    """SQL of product_key and item of the products that have one."""
    label = label_sql(level)
    return f"(SELECT product_key, {label} AS item FROM dim_product WHERE {label} IS NOT NULL) AS p"


def _counted(weeks: Window) -> str:
    counts = " AND ".join(f"NOT ({condition})" for condition in _LEFT_OUT.values())
    return f"{_within(weeks)} AND {counts}"


def _rows_query(level: Level, weeks: Window, *, by_store: bool) -> str:
    """SELECT of one row per item, store and week, see `PriceWeeks`."""
    spelled = DuckDB()
    begins = spelled.day_number(f"DATE '{weeks.start}'")
    since = f"{spelled.day_number('ordered_on')} - {begins}"
    keys = listing(["item", *(["store"] if by_store else []), "week"])
    order = keys.replace("store", "store NULLS FIRST")
    stores = "LEFT JOIN dim_store USING (store_key)" if by_store else ""
    return f"""
        WITH lines AS (
            SELECT *, CAST(floor(({since}) / {WEEK}e0) AS INTEGER) AS week,
                CASE WHEN discount > 0 THEN quantity ELSE 0 END AS promoted
            FROM fact_sales JOIN {_labelled(level)} USING (product_key) {stores}
            WHERE {_counted(weeks)}),
        sums AS (
            SELECT {keys}, CAST(sum(quantity) AS DOUBLE) AS units, count(*) AS lines,
                CAST(sum(amount) AS BIGINT) AS revenue,
                CAST(sum(amount + discount) AS BIGINT) AS list_revenue,
                CAST(sum(promoted) AS DOUBLE) AS promoted
            FROM lines GROUP BY {keys})
        SELECT {keys}, units, lines, revenue, list_revenue, revenue / units AS price_paid,
            list_revenue / units AS list_price, promoted / units AS promoted_share
        FROM sums ORDER BY {order}"""


def _paths(level: Level) -> str:
    """SQL of the label and the path of each product."""
    columns = listing(map(identifier, level.path))
    label = label_sql(level)
    return (
        f"SELECT {label} AS label, [{columns}] AS path FROM dim_product WHERE {label} IS NOT NULL"
    )


def _items_query(level: Level, above: tuple[Level, ...], weeks: Window) -> str:
    """SELECT of one row per item that was sold, with what it belongs to."""
    parents = listing(
        ["", *(f"{group_sql(each)} AS {identifier(IN + each.name)}" for each in above)]
    )
    own = identifier(level.path[-1])
    return f"""
        SELECT DISTINCT {label_sql(level)} AS item, {own} AS name{parents}
        FROM dim_product JOIN (
            SELECT DISTINCT product_key FROM fact_sales WHERE {_counted(weeks)}) AS sold
        USING (product_key)
        WHERE {own} IS NOT NULL ORDER BY item"""


def _lines_priced(con: Connection, level: Level, weeks: Window) -> LinesPriced:
    known = f"(SELECT product_key FROM {_labelled(level)})"
    reasons = _LEFT_OUT | {"without_item": f"NOT coalesce(product_key IN {known}, false)"}
    cases = " ".join(f"WHEN {test} THEN {literal(name)}" for name, test in reasons.items())
    found = con.execute(
        f"SELECT CASE {cases} ELSE 'counted' END AS reason, count(*) FROM fact_sales "
        f"WHERE {_within(weeks)} GROUP BY reason"
    ).fetchall()
    return LinesPriced(**(dict.fromkeys((*reasons, "counted"), 0) | dict(found)))


def _refuse_none(con: Connection, window: Window) -> None:
    ((first, last),) = con.execute(
        "SELECT min(ordered_on), max(ordered_on) FROM fact_sales"
    ).fetchall()
    message = (
        f"prices of the whole weeks from {window.start} to {days_after(window.end, -1)} need "
        f"something that was sold in them, but there is nothing; the warehouse has orders from "
        f"{first} to {last}"
    )
    raise NoPrices(message)

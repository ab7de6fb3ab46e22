"""Lines of purchases in memory, in order of customer and day, and what their products tell.

For the embedded engine, which adds them up (`features.days`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features import kernels
from features.contract import Orders
from features.daily import CATEGORY_PRICE, line_measures, order_measures
from features.kernels import Days, Doubles, Whole
from features.relations import categories
from features.slices import Keys
from features.spelling import DuckDB
from features.sql import listing
from features.warehouse import Connection

Lines = Mapping[str, pa.Array]
"""Columns of lines, by name."""

_SPELLING = DuckDB()
_OF_FACT = {
    "amount": "amount",
    "discount": "discount",
    "coupon": "coupon",
    "quantity": "CAST(quantity AS DOUBLE) AS quantity",
}
_OF_PRODUCT = ("unit_cost", "is_private_label")
_LOOKED_UP = frozenset({*_OF_PRODUCT, "usual"})


@dataclass(frozen=True)
class Recipe:
    """Which measures of a day are wanted.

    Attributes
    ----------
    of_line, of_order
        Measure to its SQL over a line, and over an order; the latter with ``orders`` always.
    """

    of_line: Mapping[str, str]
    of_order: Mapping[str, str]

    @property
    def told(self) -> dict[str, str]:
        """Measures of lines that the line tells by itself."""
        return {name: sql for name, sql in self.of_line.items() if not _words([sql]) & _LOOKED_UP}

    @property
    def looked_up(self) -> dict[str, str]:
        """Measures of lines for which something is looked up by the product."""
        return {name: sql for name, sql in self.of_line.items() if _words([sql]) & _LOOKED_UP}

    @property
    def of_both(self) -> list[str]:
        """Measures of lines that an order is measured by."""
        named = _words(self.of_order.values())
        return [name for name in self.of_line if name in named]

    def needs(self, name: str) -> bool:
        """Whether a column of lines is looked at by an order, or with what is looked up."""
        of_order = name in ("hour", "channel")
        return name in _words((self.of_order if of_order else self.looked_up).values())


def recipe(orders: Orders, wanted: Iterable[str] | None = None) -> Recipe:
    """The measures that are wanted, and those that they are made of.

    Parameters
    ----------
    orders
        What the sources tell.
    wanted
        SQL over the columns of `features.daily.customer_day`; None: all of them.
    """
    of_line, of_order = line_measures(orders), order_measures(orders)
    if wanted is None:
        return Recipe(of_line, of_order)
    named = _words(wanted) | {"orders"}
    chosen = {name: sql for name, sql in of_order.items() if name in named}
    named |= _words(chosen.values())
    return Recipe({name: sql for name, sql in of_line.items() if name in named}, chosen)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"\w+", text)}


def lines(con: Connection, keys: Keys, chosen: Recipe, condition: str = "true") -> pa.Table:
    """Lines of products of some customers, in the order of the fact.

    Parameters
    ----------
    con
        Connection to a warehouse with a star, set to preserve the order of rows.
    keys
        The customers.
    chosen
        The measures: those that a line tells are columns (of_spend), and so is all that the others
        need; customer_key, day, order (a number) and is_return are always there.
    condition
        Over ``fact_sales``.
    """
    columns = [f"CAST({sql} AS BIGINT) AS of_{name}" for name, sql in chosen.told.items()]
    columns += [sql for name, sql in _OF_FACT.items() if chosen.needs(name)]
    columns += [name for name in ("hour", "channel") if chosen.needs(name)]
    columns += ["product_key"] if chosen.looked_up else []
    return con.sql(f"""
        SELECT customer_key, CAST({_SPELLING.day_number("ordered_on")} AS INTEGER) AS day,
            hash("order") AS "order", is_return {listing(["", *columns])}
        FROM fact_sales WHERE is_product AND {keys.condition} AND {condition}""").to_arrow_table()


@dataclass(frozen=True)
class Sorted:
    """Lines by customer and day, those of an order together.

    Attributes
    ----------
    columns
        By name.
    runs
        Position of each order's first line, shape (o,).
    days
        Position in ``runs`` of the first order of each customer and day, shape (d,).
    """

    columns: Lines
    runs: Whole
    days: Whole


def in_runs(table: pa.Table) -> Sorted:
    """Lines in any order as runs; those of a fact mostly are.

    Parameters
    ----------
    table
        Of `lines`.
    """
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    keys = [columns[name].to_numpy() for name in ("customer_key", "day", "order")]
    runs, days, is_sorted = kernels.runs_of(*keys)
    if is_sorted and not kernels.is_apart(keys[2], runs, days):
        return Sorted(columns, runs, days)
    return in_runs(table.take(np.lexsort(keys[::-1])))


@dataclass(frozen=True)
class Products:
    """What measures look up for a line by its product.

    Attributes
    ----------
    rows
        Row of ``told`` by key of the product.
    told
        Costs and private labels as far as they are wanted; and ``category``, a number from 0 on,
        where prices are.
    begins
        Position of each category's first price, and the number of prices, shape (categories + 1,).
    priced
        Day before which each price was usual, ascending within a category, shape (p,).
    usual
        That price, in minor units a piece, shape (p,).
    """

    rows: Whole
    told: pa.Table
    begins: Whole
    priced: Days
    usual: Doubles

    def of(self, found: Lines) -> Lines:
        """The columns of each line; null where nothing is known."""
        key = found["product_key"]
        is_missing = key.is_null().to_numpy(zero_copy_only=False)
        rows = pa.array(self.rows[key.fill_null(0).to_numpy()], mask=is_missing)
        told = {name: pc.take(self.told[name], rows) for name in self.told.column_names}
        if "category" in told:
            category = told.pop("category").fill_null(-1).to_numpy()
            place = kernels.places(self.begins, self.priced, category, found["day"].to_numpy())
            usual = np.append(self.usual, np.nan)  # for a place of -1
            told["usual"] = pa.array(usual[place], from_pandas=True)
        return told


def products(con: Connection, orders: Orders, chosen: Recipe) -> Products | None:
    """What the measures look up; None: nothing.

    Parameters
    ----------
    con
        Connection to a warehouse with a star, and ``category_day`` where prices are wanted.
    orders
        What the sources tell.
    chosen
        The measures.
    """
    names = [name for name in _OF_PRODUCT if chosen.needs(name)]
    joined, prices = "dim_product", (np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0))
    if orders.category is not None and chosen.needs("usual"):
        joined += f" LEFT JOIN ({categories(orders.category)}) AS c USING (product_key)"
        names.append("category_key - 1 AS category")
        prices = _prices(con, orders.category)
    if not names:
        return None
    told = con.sql(f"SELECT product_key, {listing(names)} FROM {joined}").to_arrow_table()
    keys = told["product_key"].to_numpy()
    rows = np.zeros(keys.max(initial=0) + 1, dtype=np.int64)
    rows[keys] = np.arange(len(keys))
    return Products(rows, told.drop_columns("product_key"), *prices)


def _prices(con: Connection, level: str) -> tuple[Whole, Days, Doubles]:
    """``begins``, ``priced`` and ``usual`` of `Products`."""
    names = f"(SELECT DISTINCT category, category_key FROM ({categories(level)}) AS c) AS names"
    found = con.sql(f"""
        SELECT category_key, CAST(day AS INTEGER) AS day, usual
        FROM ({CATEGORY_PRICE}) AS p JOIN {names} USING (category)
        ORDER BY category_key, day""").to_arrow_table()
    count = con.execute(f"SELECT count(*) FROM {names}").fetchall()[0][0]
    begin = np.searchsorted(found["category_key"].to_numpy(), np.arange(1, count + 2))
    return begin, found["day"].to_numpy(), found["usual"].to_numpy()

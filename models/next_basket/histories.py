"""Baskets of customers as whole numbers: customer by customer, day by day, item by item (CSR)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from features.errors import RegularsError

WholeArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]


class HistoriesUnclear(RegularsError):
    """Rows that do not say who bought what on which day."""


@dataclass(frozen=True, eq=False)
class Histories:
    """Distinct items of every basket of every customer; a basket is what one bought on one day.

    Attributes
    ----------
    customers, items
        Their names.
    firsts
        Shape (customers + 1,): where the baskets of each customer begin, and the last one's end. A
        customer may have none.
    days
        Shape (baskets,): days since 1970-01-01 (UTC), ascending within a customer.
    starts
        Shape (baskets + 1,): where the items of each basket begin; no basket is empty.
    codes
        Shape (entries,): items as positions in ``items``, ascending within a basket.
    """

    customers: pd.Index
    items: pd.Index
    firsts: WholeArray
    days: WholeArray
    starts: WholeArray
    codes: Codes

    @cached_property
    def lengths(self) -> WholeArray:
        """Baskets of each customer, shape (customers,)."""
        return np.diff(self.firsts)

    @cached_property
    def sizes(self) -> WholeArray:
        """Items of each basket, shape (baskets,)."""
        return np.diff(self.starts)

    @cached_property
    def customer_of_basket(self) -> WholeArray:
        """Shape (baskets,)."""
        return np.repeat(np.arange(len(self.customers)), self.lengths)

    @cached_property
    def basket_of_entry(self) -> WholeArray:
        """Shape (entries,)."""
        return np.repeat(np.arange(len(self.days)), self.sizes)

    @cached_property
    def ago(self) -> WholeArray:
        """How many baskets of the same customer came after each one, shape (baskets,)."""
        return self.firsts[1:][self.customer_of_basket] - 1 - np.arange(len(self.days))

    @cached_property
    def popularity(self) -> WholeArray:
        """Baskets that hold each item, shape (items,)."""
        return np.bincount(self.codes, minlength=len(self.items)).astype(np.int64)

    def matrix(self, worth: Doubles) -> sparse.csr_array:
        """Customers × items: the sum of what the baskets that hold an item are worth each.

        Parameters
        ----------
        worth
            Shape (baskets,).
        """
        owner = self.customer_of_basket[self.basket_of_entry]
        values = worth[self.basket_of_entry]
        shape = (len(self.customers), len(self.items))
        made = sparse.csr_array((values, (owner, self.codes)), shape=shape)
        made.sum_duplicates()
        return made

    def taken(self, rows: WholeArray) -> "Histories":
        """Some of the customers, in the order asked for."""
        return self._cut(rows, self.firsts[:-1][rows], self.lengths[rows])

    def until(self, lengths: WholeArray) -> "Histories":
        """The first baskets of each customer, so many as told, shape (customers,)."""
        rows = np.arange(len(self.customers))
        return self._cut(rows, self.firsts[:-1], np.minimum(lengths, self.lengths))

    def before(self, day: int) -> "Histories":
        """The baskets of days before that day."""
        return self.until(
            np.bincount(self.customer_of_basket[self.days < day], minlength=len(self.customers))
        )

    def between(self, first: int, end: int) -> "Histories":
        """The baskets of days from the first on and before the end."""
        count = len(self.customers)
        skipped = np.bincount(self.customer_of_basket[self.days < first], minlength=count)
        until = np.bincount(self.customer_of_basket[self.days < end], minlength=count)
        return self._cut(np.arange(count), self.firsts[:-1] + skipped, until - skipped)

    def _cut(self, rows: WholeArray, begins: WholeArray, lengths: WholeArray) -> "Histories":
        baskets = ranges(begins, lengths)
        sizes = self.sizes[baskets]
        return replace(
            self,
            customers=self.customers[rows],
            firsts=ends(lengths),
            days=self.days[baskets],
            starts=ends(sizes),
            codes=self.codes[ranges(self.starts[:-1][baskets], sizes)],
        )


def histories_of(frame: pd.DataFrame, customer: str, day: str, item: str) -> Histories:
    """Histories of a table with rows of customer, day and item.

    An item counts once per customer and day, however many rows say so.

    Parameters
    ----------
    frame
        The table, in any order.
    customer, item
        Columns of identifiers of any one type that sorts.
    day
        Column of instants, whose UTC day counts (those without a zone are UTC), or of whole days.

    Raises
    ------
    HistoriesUnclear
        When a column is missing, a row lacks one of the three, or days are no days.
    """
    for column in (customer, day, item):
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"histories need a column {column!r}, but the table has: {found}"
            raise HistoriesUnclear(message)
        missing = int(frame[column].isna().sum())
        if missing:
            message = (
                f"every row needs a customer, a day and an item, but {missing:,} of "
                f"{len(frame):,} rows have nothing in {column!r}; leave them out or fill them in"
            )
            raise HistoriesUnclear(message)
    customer_codes, customers = pd.factorize(frame[customer], sort=True)
    item_codes, items = pd.factorize(frame[item], sort=True)
    days = days_of(frame[day])
    order = np.lexsort([item_codes, days, customer_codes])
    owner, when, what = customer_codes[order], days[order], item_codes[order]
    is_new_basket = _changes(owner, when)
    is_new_entry = is_new_basket | _changes(what)
    baskets = np.cumsum(is_new_basket) - 1
    return Histories(
        customers=pd.Index(customers),
        items=pd.Index(items),
        firsts=ends(np.bincount(owner[is_new_basket], minlength=len(customers))),
        days=when[is_new_basket],
        starts=ends(np.bincount(baskets[is_new_entry], minlength=int(is_new_basket.sum()))),
        codes=what[is_new_entry].astype(np.int32),
    )


def without_rare(histories: Histories, least: int) -> Histories:
    """Histories of the items that are in so many baskets at least; those left empty are gone.

    Customers whom nothing is left of stay, without a basket.
    """
    is_kept = histories.popularity >= least
    position = np.cumsum(is_kept) - 1
    entries = is_kept[histories.codes]
    sizes = np.bincount(histories.basket_of_entry[entries], minlength=len(histories.days))
    is_full = sizes > 0
    lengths = np.bincount(histories.customer_of_basket[is_full], minlength=len(histories.customers))
    return Histories(
        customers=histories.customers,
        items=histories.items[is_kept],
        firsts=ends(lengths),
        days=histories.days[is_full],
        starts=ends(sizes[is_full]),
        codes=position[histories.codes[entries]].astype(np.int32),
    )


def ends(lengths: npt.NDArray[np.integer]) -> WholeArray:
    """Where parts of these lengths begin in one row, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def ranges(begins: WholeArray, lengths: WholeArray) -> WholeArray:
    """Positions of parts, one part after the other."""
    after = np.cumsum(lengths)
    total = int(after[-1]) if len(after) else 0
    found: WholeArray = np.arange(total) + np.repeat(begins - (after - lengths), lengths)
    return found


def _changes(*columns: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Where any of the columns differs from the row before."""
    is_new = np.zeros(len(columns[0]), dtype=bool)
    is_new[:1] = True
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    return is_new


def days_of(values: pd.Series) -> WholeArray:
    """Days since 1970-01-01 (UTC) of instants or whole days, shape (rows,).

    Raises
    ------
    HistoriesUnclear
        When they are neither.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        whole: WholeArray = values.to_numpy().astype("datetime64[D]").astype(np.int64)
        return whole
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy(dtype=np.int64)
    message = (
        f"days need instants or whole numbers of days, but {values.name!r} holds {values.dtype}; "
        "convert it with pandas.to_datetime"
    )
    raise HistoriesUnclear(message)

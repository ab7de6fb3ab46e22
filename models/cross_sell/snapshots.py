"""What is known of customers and categories on one day and, for learning, what came after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from features.errors import RegularsError
from models.spec import FloatArray

Flags = npt.NDArray[np.bool_]
Wholes = npt.NDArray[np.int64]


class SnapshotUnclear(RegularsError):
    """Parts of a snapshot do not fit together, or its purchases cannot be read."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is known on one as_of, and what came in the horizon from then on.

    Attributes
    ----------
    customers
        Those of the cohort, one row each.
    categories
        All that may be offered; the same in every snapshot of a model.
    behaviour
        Row per customer, in their order; numbers, null where there is nothing to say.
    counts
        Customers × categories: days before as_of on which the customer bought of the category.
    recent
        The same of the days of one horizon before as_of alone. It tells what was bought for the
        first time of late, and with it how fast customers take up a category.
    bought
        Customers × categories: 1 where the customer bought of it in ``[as_of, as_of + horizon)``;
        None where that is not known yet.
    as_of, horizon
        The day in days since 1970-01-01, and how many days from it on count; None: not told.

    Raises
    ------
    SnapshotUnclear
        When a shape differs, or more days are recent than there are days.
    """

    customers: pd.Index
    categories: pd.Index
    behaviour: pd.DataFrame
    counts: sparse.csr_array
    recent: sparse.csr_array
    bought: sparse.csr_array | None = None
    as_of: int | None = None
    horizon: int | None = None

    def __post_init__(self) -> None:
        """Nothing, when all parts fit together."""
        wanted = (len(self.customers), len(self.categories))
        given = {"counts": self.counts, "recent": self.recent, "bought": self.bought}
        for name, matrix in given.items():
            if matrix is not None and matrix.shape != wanted:
                message = (
                    f"a snapshot of {wanted[0]:,} customers and {wanted[1]:,} categories needs "
                    f"{name} of that shape, but it has {matrix.shape}; make all parts from the "
                    "same customers and categories"
                )
                raise SnapshotUnclear(message)
        if len(self.behaviour) != wanted[0]:
            message = (
                f"behaviour needs a row for each of {wanted[0]:,} customers, in their order, but "
                f"it has {len(self.behaviour):,}; reindex it by the customers"
            )
            raise SnapshotUnclear(message)
        if (self.recent > self.counts).nnz:
            message = (
                "recent days are some of the days before as_of, but a customer has more of them "
                "than days in all; count both from the same purchases"
            )
            raise SnapshotUnclear(message)

    @property
    def known_until(self) -> int | None:
        """First day after its horizon, in days since 1970-01-01; None where that is not told."""
        return None if self.as_of is None or self.horizon is None else self.as_of + self.horizon

    @cached_property
    def has(self) -> Flags:
        """Whether the customer ever bought of the category, shape (customers, categories)."""
        found: Flags = (self.counts > 0).toarray()
        return found

    @cached_property
    def had(self) -> Flags:
        """Whether the customer had one horizon before as_of, shape (customers, categories)."""
        found: Flags = ((self.counts - self.recent) > 0).toarray()
        return found

    @cached_property
    def is_known(self) -> Flags:
        """Customers who had bought anything one horizon before as_of, shape (customers,)."""
        found: Flags = np.asarray(self.had.any(axis=1))
        return found

    def outcome(self, purpose: str) -> Flags:
        """What was bought in the horizon from as_of on, shape (customers, categories).

        Raises
        ------
        SnapshotUnclear
            When it is not known yet.
        """
        if self.bought is None:
            message = (
                f"{purpose} needs what was bought after as_of, but a snapshot has no bought; use "
                "one whose horizon is over"
            )
            raise SnapshotUnclear(message)
        found: Flags = (self.bought > 0).toarray()
        return found


def snapshot_of(
    purchases: pd.DataFrame,
    behaviour: pd.DataFrame,
    categories: pd.Index,
    *,
    as_of: date,
    horizon_days: int,
    is_over: bool = True,
) -> Snapshot:
    """The snapshot of one day, of purchases in rows.

    Parameters
    ----------
    purchases
        Columns ``customer``, ``category`` and ``bought_on`` (days); more columns do not matter.
        Many rows take less time and memory where names are categorical.
        Rows of other customers or categories, and those without a day, are left out.
    behaviour
        Row per customer of the cohort, by index, as known on as_of.
    categories
        All that may be offered.
    as_of
        Day; what is bought on it came after.
    horizon_days
        Days from as_of on in which a purchase counts.
    is_over
        Whether the purchases reach to the end of the horizon.

    Raises
    ------
    SnapshotUnclear
        When a column is missing, a customer has two rows of behaviour, or purchases name none of
        the customers or of the categories.
    """
    missing = [name for name in ("customer", "category", "bought_on") if name not in purchases]
    if missing:
        message = (
            f"purchases need the columns customer, category and bought_on, but lack {missing}; "
            "rename the columns that hold them"
        )
        raise SnapshotUnclear(message)
    day = int(np.datetime64(as_of, "D").astype(np.int64))
    dates = purchases["bought_on"].to_numpy().astype("datetime64[D]")
    bought = purchases[~np.isnat(dates)]
    customer = _places("customer", behaviour.index, bought["customer"])
    category = _places("category", categories, bought["category"])
    bought_on = dates[~np.isnat(dates)].astype(np.int64)
    shape = (len(behaviour), len(categories))

    def days(first: int | None, end: int) -> sparse.csr_array:
        is_wanted = (customer >= 0) & (category >= 0) & (bought_on < end)
        if first is not None:
            is_wanted &= bought_on >= first
        return _days(customer[is_wanted], category[is_wanted], bought_on[is_wanted], shape)

    return Snapshot(
        customers=behaviour.index,
        categories=categories,
        behaviour=behaviour.reset_index(drop=True),
        counts=days(None, day),
        recent=days(day - horizon_days, day),
        bought=days(day, day + horizon_days).sign() if is_over else None,
        as_of=day,
        horizon=horizon_days,
    )


def _places(column: str, names: pd.Index, values: pd.Series) -> Wholes:
    """Place of each value among the names, -1 where it is none of them."""
    if not names.is_unique:
        message = (
            f"a snapshot needs every {column} once, but "
            f"{names[names.duplicated()].tolist()[0]!r} is there twice or more; leave one row of "
            "each"
        )
        raise SnapshotUnclear(message)
    if isinstance(values.dtype, pd.CategoricalDtype):  # of each name once, not of each row
        place = np.append(names.get_indexer(values.cat.categories), -1)
        found = place[values.cat.codes.to_numpy()]
    else:
        found = names.get_indexer(pd.Index(values))
    if (found < 0).all() and _is_text(names) + _is_text(values.dropna()) == 1:
        message = (
            f"none of {len(found):,} purchases is of a {column} that is known: purchases hold such "
            f"as {values.tolist()[0]!r}, but known are such as {names.tolist()[0]!r}; name them "
            "alike in both"
        )
        raise SnapshotUnclear(message)
    return np.asarray(found, dtype=np.int64)


def _is_text(values: pd.Index | pd.Series) -> int:
    """Whether all values are text: 1 or 0, and 2 where there are none, which is like both."""
    kind = pd.api.types.infer_dtype(values.astype("object"))
    return 2 if kind == "empty" else int(kind == "string")


def require_one_list(earlier: Sequence[Snapshot]) -> None:
    """Nothing, when all snapshots have the same categories in the same order.

    Raises
    ------
    SnapshotUnclear
        When one differs from the newest.
    """
    for place, each in enumerate(earlier[:-1]):
        if not each.categories.equals(earlier[-1].categories):
            message = (
                f"snapshots need the same categories in the same order, but number {place + 1} "
                f"of {len(earlier)} has {len(each.categories):,} that differ from the newest one's "
                f"{len(earlier[-1].categories):,}; make all snapshots with one list of categories"
            )
            raise SnapshotUnclear(message)


def _days(
    customer: Wholes, category: Wholes, bought_on: Wholes, shape: tuple[int, int]
) -> sparse.csr_array:
    """Days on which each customer bought of each category."""
    if not len(bought_on):
        return sparse.csr_array(shape, dtype=np.int64)
    # One number for each customer, category and day: sorting these is quicker than sorting rows.
    first = int(bought_on.min())
    span = int(bought_on.max()) - first + 1
    cells = np.unique((customer * shape[1] + category) * span + (bought_on - first)) // span
    place, days = np.unique(cells, return_counts=True)
    starts = np.searchsorted(place, np.arange(shape[0] + 1) * shape[1])
    return sparse.csr_array((days.astype(np.int64), place % shape[1], starts), shape=shape)


def share(part: FloatArray, whole: FloatArray | float) -> FloatArray:
    """Quotient; 0 where there is nothing to divide by."""
    below = np.broadcast_to(np.asarray(whole, dtype=np.float64), part.shape)
    found: FloatArray = np.divide(part, below, out=np.zeros(part.shape), where=below > 0)
    return found

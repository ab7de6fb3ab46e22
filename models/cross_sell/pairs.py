"""Customers and the categories that each never bought, with all that is known of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from models.cross_sell.affinity import AFFINITY_COLUMNS, Affinity, affinities
from models.cross_sell.snapshots import Snapshot, Wholes, share
from models.spec import FloatArray, IntArray, numbers

Singles = npt.NDArray[np.float32]

CATEGORY_COLUMNS: Final = (
    "category_first_rate",
    "category_share",
    "category_recent_share",
    "category_trend",
)
"""Of a category: share of customers without it who took it up in the horizon before as_of
(smoothed); share who have it; share who bought of it in that horizon; the latter over the former,
smoothed."""
CUSTOMER_COLUMNS: Final = (
    "categories_count",
    "new_categories_count",
    "category_days_count",
    "recent_category_days_count",
    "new_categories_share",
)
"""Of a customer: categories bought ever; for the first time in the horizon before as_of; sum over
the categories of days with a purchase, ever and in that horizon; new ones over those of it."""
SIZE_COLUMNS: Final = ("same_size_share", "same_size_first_rate")
"""Among the tenth of the customers with a like number of categories: the share who have this one,
and of those without it the share who took it up, smoothed by all customers' rates."""

JOINT_COLUMNS: Final = (
    "affinity_relative",
    "affinity_rate",
    "affinity_rank",
    "affinity_rate_rank",
)
"""Of a pair: affinity over its mean of all customers; that times ``category_first_rate``; and the
places of affinity and of that product among the customer's new categories, from 1."""

_RATE_PRIOR: Final = 50.0
_SHARE_PRIOR: Final = 20.0
"""Customers that all categories', or all customers', rate counts for."""
_LEVEL_PRIOR: Final = 0.02
"""What is added to a mean affinity, below which categories have hardly any."""
_SIZES: Final = 10
_PAIRS_AT_ONCE: Final = 100_000


@dataclass(frozen=True, eq=False)
class CrossPairs:
    """Customers and categories that they never bought.

    Attributes
    ----------
    customer, category
        Shape (pairs,): positions in the snapshot; ascending by customer, then by category.
    columns
        Names of the figures.
    figures
        Shape (pairs, columns).
    """

    customer: IntArray
    category: IntArray
    columns: tuple[str, ...]
    figures: Singles


@dataclass(frozen=True, eq=False)
class Known:
    """All that a snapshot says before any pair is looked at.

    Attributes
    ----------
    snapshot
        What is known on as_of.
    behaviour
        Names of its columns that are used.
    affinity
        What customers have in common.
    of_category
        Shape (categories, `CATEGORY_COLUMNS`).
    of_customer
        Shape (customers, `CUSTOMER_COLUMNS` and behaviour).
    size
        Shape (customers,): tenth by number of categories.
    of_size
        Shape (tenths, categories, `SIZE_COLUMNS`).
    """

    snapshot: Snapshot
    behaviour: tuple[str, ...]
    affinity: Affinity
    of_category: FloatArray
    of_customer: FloatArray
    size: IntArray
    of_size: FloatArray

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the figures of a pair."""
        ours = (*CATEGORY_COLUMNS, *SIZE_COLUMNS, *AFFINITY_COLUMNS, *JOINT_COLUMNS)
        return (*ours, *CUSTOMER_COLUMNS, *self.behaviour)

    def blocks(self) -> Iterator[IntArray]:
        """Positions of all customers, so many at a time that their pairs fit into memory."""
        count = len(self.snapshot.customers)
        step = max(1, _PAIRS_AT_ONCE // max(1, len(self.snapshot.categories)))
        for first in range(0, count, step):
            yield np.arange(first, min(first + step, count))

    def pairs(self, rows: IntArray, is_wanted: npt.NDArray[np.bool_] | None = None) -> CrossPairs:
        """Categories that some customers never bought.

        Parameters
        ----------
        rows
            Positions of the customers, ascending.
        is_wanted
            Shape (rows, categories): which of their pairs; all without it.
        """
        is_new = ~self.snapshot.has[rows]
        place, category = np.nonzero(is_new if is_wanted is None else is_new & is_wanted)
        customer = rows[place]
        scores = self.affinity.scores(rows)
        parts = [
            self.of_category[category],
            self.of_size[self.size[customer], category],
            *(score[place, category, None] for score in scores),
            *(joint[place, category, None] for joint in self._joint(scores[0], is_new)),
            self.of_customer[customer],
        ]
        figures = np.concatenate([part.astype(np.float32) for part in parts], axis=1)
        return CrossPairs(customer, category, self.columns, figures)

    def _joint(self, affinity: FloatArray, is_new: npt.NDArray[np.bool_]) -> list[FloatArray]:
        """`JOINT_COLUMNS` of some customers, each of shape (rows, categories)."""
        relative = affinity / (np.maximum(self.affinity.level, 0.0) + _LEVEL_PRIOR)
        rate = relative * self.of_category[:, 0]
        return [relative, rate, _places(affinity, is_new), _places(rate, is_new)]


def known(snapshot: Snapshot, behaviour: Sequence[str] = (), seed: int = 0) -> Known:
    """All that a snapshot says; what was bought after its as_of is not looked at.

    Parameters
    ----------
    snapshot
        What is known on as_of.
    behaviour
        Names of the columns of its behaviour to be used; none named: all.
    seed
        Of the draw of customers that others are compared with, see `affinities`.

    Raises
    ------
    ColumnsMissing
        When the behaviour lacks a column.
    ColumnsNotNumbers
        When a column holds text or infinite values.
    """
    columns = tuple(behaviour) or tuple(map(str, snapshot.behaviour.columns))
    size = _sizes(snapshot.has.sum(axis=1))
    return Known(
        snapshot=snapshot,
        behaviour=columns,
        affinity=affinities(snapshot, seed),
        of_category=_of_category(snapshot),
        of_customer=np.column_stack(
            [_of_customer(snapshot), numbers(snapshot.behaviour, list(columns))]
        ),
        size=size,
        of_size=_of_size(snapshot, size),
    )


def pairs(snapshot: Snapshot, behaviour: Sequence[str] = (), seed: int = 0) -> CrossPairs:
    """Every customer and category that the customer never bought, see `known`."""
    everybody = np.arange(len(snapshot.customers))
    return known(snapshot, behaviour, seed).pairs(everybody)


def _of_category(snapshot: Snapshot) -> FloatArray:
    customers = max(1, len(snapshot.customers))
    has = snapshot.has.mean(axis=0) if len(snapshot.customers) else np.zeros(_width(snapshot))
    recent = (snapshot.recent.toarray() > 0).sum(axis=0) / customers
    trend = (recent + 1 / customers) / (has + 5 / customers)
    return np.column_stack([_first_rate(snapshot), has, recent, trend])


def _first_rate(snapshot: Snapshot) -> FloatArray:
    """Share of customers without the category who took it up in the horizon before as_of."""
    taken, free = _taken_up(snapshot)
    overall = share(taken.sum(keepdims=True), free.sum())
    rate: FloatArray = (taken + _RATE_PRIOR * overall) / (free + _RATE_PRIOR)
    return rate


def _taken_up(snapshot: Snapshot) -> tuple[FloatArray, FloatArray]:
    """Of customers known before: how many took a category up of late, and how many could.

    A customer whose first purchase of all was of late had all categories new.
    """
    new = snapshot.has & ~snapshot.had & snapshot.is_known[:, None]
    free = ~snapshot.had & snapshot.is_known[:, None]
    return new.sum(axis=0).astype(np.float64), free.sum(axis=0).astype(np.float64)


def _of_customer(snapshot: Snapshot) -> FloatArray:
    count = snapshot.has.sum(axis=1).astype(np.float64)
    new = (snapshot.has & ~snapshot.had).sum(axis=1).astype(np.float64)
    days = np.asarray(snapshot.counts.sum(axis=1), dtype=np.float64)
    recent_days = np.asarray(snapshot.recent.sum(axis=1), dtype=np.float64)
    of_late = (snapshot.recent.toarray() > 0).sum(axis=1).astype(np.float64)
    return np.column_stack([count, new, days, recent_days, share(new, of_late)])


def _sizes(counts: Wholes) -> IntArray:
    """Tenth of each customer by a count; those of one count are of one tenth."""
    least = np.searchsorted(np.sort(counts), counts, side="left")
    tenth: IntArray = (_SIZES * least // max(1, len(counts))).astype(np.int64)
    return tenth


def _of_size(snapshot: Snapshot, size: IntArray) -> FloatArray:
    customers = max(1, len(snapshot.customers))
    has = snapshot.has.sum(axis=0) / customers
    first = _first_rate(snapshot)
    found = np.empty((_SIZES, _width(snapshot), len(SIZE_COLUMNS)))
    for tenth in range(_SIZES):
        is_of = size == tenth
        some = snapshot.has[is_of].sum(axis=0)
        found[tenth, :, 0] = (some + _SHARE_PRIOR * has) / (is_of.sum() + _SHARE_PRIOR)
        is_known = is_of & snapshot.is_known
        free = (~snapshot.had[is_known]).sum(axis=0)
        taken = (snapshot.has[is_known] & ~snapshot.had[is_known]).sum(axis=0)
        found[tenth, :, 1] = (taken + _RATE_PRIOR * first) / (free + _RATE_PRIOR)
    return found


def _places(score: FloatArray, is_new: npt.NDArray[np.bool_]) -> FloatArray:
    """Place of each score among the new categories of its row, from 1; equal ones share one."""
    falling = np.where(is_new, -score, np.inf)
    found: FloatArray = rankdata(falling, method="min", axis=1)
    return found


def _width(snapshot: Snapshot) -> int:
    return len(snapshot.categories)

"""Recommenders that count: what everybody buys, what the customer buys, and how long ago."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from features.compiled import filling
from models.next_basket.histories import Doubles, Histories
from models.next_basket.offers import NEVER, Recommender

DECAY: Final = 0.95
"""What a basket is worth less than the one after it, in decayed frequency."""


@dataclass(frozen=True, eq=False)
class Popular:
    """G-TopFreq: the baskets that hold an item, the same for every customer.

    Attributes
    ----------
    popularity
        Shape (items,).
    """

    popularity: Doubles

    def scores(self, asked: Histories) -> Doubles:
        """Baskets per item."""
        return np.tile(self.popularity, (len(asked.customers), 1))


def popular(known: Histories) -> Popular:
    """Popularity counted on the histories."""
    return Popular(known.popularity.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Personal:
    """P-TopFreq: a customer's own items by count, of equal counts the one seen first."""

    def scores(self, asked: Histories) -> Doubles:
        """Count per own item, and less than 1 more the earlier it was first bought."""
        return dense(by_count(asked), NEVER)


def personal(known: Histories) -> Personal:  # noqa: ARG001  nothing to be learnt from others
    """Needs nothing but the customer's own history."""
    return Personal()


@dataclass(frozen=True, eq=False)
class Filled:
    """Own items by some figure, then what others buy most.

    Attributes
    ----------
    popularity
        Shape (items,), 0 <= p < 1: share of the greatest, of those that the customer has not.
    decay
        What a basket is worth less than the one after it; None counts, ties by first seen.
    """

    popularity: Doubles
    decay: float | None

    def scores(self, asked: Histories) -> Doubles:
        """The figure of own items, plus 1; the popularity of others, less than 1."""
        own = by_count(asked) if self.decay is None else decayed_frequency(asked, self.decay)
        found = np.tile(self.popularity, (len(asked.customers), 1))
        own = own.tocoo()
        found[own.row, own.col] = own.data + 1
        return found


def combined(known: Histories) -> Filled:
    """GP-TopFreq (Hu et al. 2020): own items by count, filled up by popularity."""
    return Filled(_share(known), None)


def decayed(known: Histories) -> Filled:
    """Own items by the sum of `DECAY` to the power of baskets ago, filled up by popularity."""
    return Filled(_share(known), DECAY)


@dataclass(frozen=True, eq=False)
class Behind:
    """What a recommender knows something of, then what others buy most.

    Attributes
    ----------
    recommender
        Its scores are above 0 where it knows something.
    popularity
        Shape (items,), 0 <= p < 1: share of the greatest, of items that it knows nothing of.
    """

    recommender: Recommender
    popularity: Doubles

    def scores(self, asked: Histories) -> Doubles:
        """Scores above 0 as they are; elsewhere the popularity less 1, which is below 0."""
        found = self.recommender.scores(asked)
        _fill(found, self.popularity - 1)
        return found


def with_popularity(made: Callable[[Histories], Recommender]) -> Callable[[Histories], Recommender]:
    """How a recommender is made whose offers are filled up by popularity."""

    def filled_up(known: Histories) -> Behind:
        return Behind(made(known), _share(known))

    return filled_up


def decayed_frequency(histories: Histories, decay: float) -> sparse.csr_array:
    """Customers × items: the sum of the decay to the power of baskets ago (0 for the newest)."""
    return histories.matrix(decay ** histories.ago.astype(np.float64))


def by_count(histories: Histories) -> sparse.csr_array:
    """Customers × items: counts, plus less than 1, the more the earlier first bought.

    First is by basket, then by name.
    """
    counts = histories.matrix(np.ones(len(histories.days)))
    owner = histories.customer_of_basket[histories.basket_of_entry]
    cell = owner * len(histories.items) + histories.codes
    cells, first = np.unique(cell, return_index=True)
    order = np.empty(len(cells), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(cells))
    own = np.diff(counts.indptr)
    place = order - np.repeat(counts.indptr[:-1], own)
    counts.data = counts.data + 1 - (place + 1) / np.repeat(own + 1, own)
    return counts


def dense(matrix: sparse.csr_array, elsewhere: float) -> Doubles:
    """All cells; those that the matrix does not hold have the value told."""
    found = np.full(matrix.shape, elsewhere)
    held = matrix.tocoo()
    found[held.row, held.col] = held.data
    return found


@filling
def _fill(scores: Doubles, elsewhere: Doubles) -> None:
    """Put the value of the item where there is no score above 0, shape (customers, items)."""
    for row in range(scores.shape[0]):
        for item in range(scores.shape[1]):
            if not scores[row, item] > 0:
                scores[row, item] = elsewhere[item]


def _share(known: Histories) -> Doubles:
    share: Doubles = known.popularity / (known.popularity.max(initial=0) + 1)
    return share

"""Which categories go together, over customers, and how well one fits what a customer has."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from models.cross_sell.snapshots import Snapshot, share
from models.spec import FloatArray, IntArray

AFFINITY_COLUMNS: Final = (
    "affinity",
    "affinity_days",
    "affinity_lift",
    "affinity_lift_recent",
    "affinity_alike",
    "customers_alike_share",
    "customers_alike_new_share",
)
"""Names of what `Affinity.scores` gives, in order."""

_RIDGE: Final = 200.0
_RIDGE_DAYS: Final = 300.0
"""What is added to the customers a category has (or their days, logged) before it counts: little
is believed of categories with fewer."""
_LIFT_PRIOR: Final = 10.0
_MOST_PEERS: Final = 5_000
_PEER_POWER: Final = 4
"""Weight of a customer alike is the similarity to this power: the nearest decide."""


@dataclass(frozen=True, eq=False)
class Affinity:
    """What customers have in common on one as_of.

    Attributes
    ----------
    snapshot
        Customers and what they have.
    by_category
        Shape (categories, categories): what having one says of another, as weights of a regression
        of each category on all others.
    by_days
        The same of the logarithm of days.
    lift
        Shape (categories, categories): logarithm of the lift of having both, shrunk to 0.
    cosine
        Shape (categories, categories): customers of both over the root of those of each.
    peers
        Positions of the customers that others are compared with.
    rarity
        Shape (categories,): logarithm of how few customers have it.
    """

    snapshot: Snapshot
    by_category: FloatArray
    by_days: FloatArray
    lift: FloatArray
    cosine: FloatArray
    peers: IntArray
    rarity: FloatArray

    @cached_property
    def level(self) -> FloatArray:
        """Mean over all customers of the first of the scores, shape (categories,)."""
        found: FloatArray = self.snapshot.has.sum(axis=0) @ self.by_category
        return found / max(1, len(self.snapshot.customers))

    @cached_property
    def theirs(self) -> FloatArray:
        """What the peers have, shape (peers, categories)."""
        return self.snapshot.has[self.peers].astype(np.float64)

    @cached_property
    def theirs_new(self) -> FloatArray:
        """What the peers took up of late, shape (peers, categories)."""
        snapshot = self.snapshot
        return (snapshot.has & ~snapshot.had)[self.peers].astype(np.float64)

    @cached_property
    def theirs_direction(self) -> FloatArray:
        """Where the peers point, shape (peers, categories)."""
        return self._direction(self.peers)

    def scores(self, rows: IntArray) -> list[FloatArray]:
        """`AFFINITY_COLUMNS` of some customers, each of shape (rows, categories)."""
        own = self.snapshot.has[rows].astype(np.float64)
        days = self.snapshot.counts[rows].astype(np.float64).log1p().toarray()
        recent = (self.snapshot.recent[rows] > 0).toarray().astype(np.float64)
        return [
            own @ self.by_category,
            days @ self.by_days,
            share(own @ self.lift, own.sum(axis=1, keepdims=True)),
            share(recent @ self.lift, recent.sum(axis=1, keepdims=True)),
            own @ self.cosine,
            *self._alike(rows),
        ]

    def _alike(self, rows: IntArray) -> list[FloatArray]:
        """Shares of the customers alike who have each category, and who took it up of late."""
        weight = (self._direction(rows) @ self.theirs_direction.T) ** _PEER_POWER
        weight[rows[:, None] == self.peers[None, :]] = 0.0
        total = weight.sum(axis=1, keepdims=True)
        return [share(weight @ self.theirs, total), share(weight @ self.theirs_new, total)]

    def _direction(self, rows: IntArray) -> FloatArray:
        """What customers have, rare categories counting for more, scaled to length 1."""
        worth = self.snapshot.has[rows] * self.rarity
        return share(worth, np.linalg.norm(worth, axis=1, keepdims=True))


def affinities(snapshot: Snapshot, seed: int) -> Affinity:
    r"""What customers of a snapshot have in common.

    The weights of ``by_category`` and ``by_days`` are of a linear model without its diagonal

    .. math:: B_{ij} = -P_{ij} / P_{jj} \; (i \ne j), \quad P = (X^\top X + \lambda I)^{-1}

    (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", EASE), ``cosine`` is
    item-kNN's (Sarwar et al. 2001), and customers alike are weighed by the cosine of what they
    have, rare categories counting for more. Where there are more than 5,000 customers, a drawn
    5,000 of them are the ones that all are compared with.

    Parameters
    ----------
    snapshot
        What customers have; nothing after its as_of is looked at.
    seed
        Of that draw.
    """
    has = snapshot.has.astype(np.float64)
    days = snapshot.counts.astype(np.float64).log1p()
    customers, both = len(has), has.T @ has
    each = np.diag(both)
    expected = np.outer(each, each) / max(1, customers)
    lift = np.log((both + _LIFT_PRIOR) / (expected + _LIFT_PRIOR))
    return Affinity(
        snapshot=snapshot,
        by_category=_regression(both, _RIDGE),
        by_days=_regression((days.T @ days).toarray(), _RIDGE_DAYS),
        lift=_others(lift),
        cosine=_others(share(both, np.sqrt(np.outer(each, each)))),
        peers=_peers(customers, seed),
        rarity=np.log((customers + 1) / (each + 1)),
    )


def _regression(both: FloatArray, ridge: float) -> FloatArray:
    inverse = np.linalg.inv(both + ridge * np.eye(len(both)))
    return _others(-inverse / np.diag(inverse))


def _others(weights: FloatArray) -> FloatArray:
    """The weights with nothing on the diagonal."""
    found = weights.copy()
    np.fill_diagonal(found, 0.0)
    return found


def _peers(customers: int, seed: int) -> IntArray:
    if customers <= _MOST_PEERS:
        return np.arange(customers)
    drawn = np.random.default_rng(seed).choice(customers, _MOST_PEERS, replace=False)
    return np.sort(drawn).astype(np.int64)

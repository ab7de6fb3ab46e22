"""Recommenders by customers alike: TIFU-KNN, UP-CF@r and plain user-kNN, on a pool of customers."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse

from models.next_basket.frequency import decayed_frequency
from models.next_basket.histories import Doubles, Histories
from models.next_basket.offers import POOL, best

GROUPS: Final = 7
WITHIN: Final = 0.9
BETWEEN: Final = 0.7
OWN: Final = 0.7
NEIGHBOURS: Final = 300
"""Of TIFU-KNN: groups of baskets, decay within and between them, weight of the customer's own
vector, and neighbours: the values that the paper found best on Ta-Feng. It has others on Instacart
(3, .9, .7, .9 and 900) and on Dunnhumby (3, .9, .6, .2 and 900)."""

RECENT: Final = 25
ASYMMETRY: Final = 0.25
LOCALITY: Final = 5.0
"""Of UP-CF@r: newest baskets that count, whose size weighs in a likeness, and its power."""

ALIKE: Final = 100
"""Neighbours of plain user-kNN."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Customers among whom neighbours are sought.

    Attributes
    ----------
    customers
        Who they are; nobody is one's own neighbour.
    vectors
        Customers × items: what likeness is taken from.
    worth
        Customers × items: what neighbours say of items.
    """

    customers: pd.Index
    vectors: sparse.csr_array
    worth: sparse.csr_array

    def opinion(self, likeness: Doubles, asked: Histories, most: int, power: float) -> Doubles:
        """Mean of what the nearest say, weighted by their likeness to a power, (asked, items).

        Parameters
        ----------
        likeness
            Shape (asked, pool). Those not above 0 have no say where there is a power; they do
            where it is 0.
        asked
            Who asks.
        most
            How many neighbours are heard.
        power
            0 hears all of them alike.
        """
        itself = self.customers.get_indexer(asked.customers)
        rows = np.flatnonzero(itself >= 0)
        likeness = likeness.copy()
        likeness[rows, itself[rows]] = -np.inf
        near = best(likeness, most)
        owner, place = np.nonzero(near >= 0)
        whom = near[owner, place]
        like = likeness[owner, whom]
        weight = np.ones(len(like)) if power == 0 else np.maximum(like, 0.0) ** power
        total = np.bincount(owner, weight, minlength=len(near))
        weight /= np.where(total > 0, total, 1.0)[owner]
        shape = (len(near), len(self.customers))
        found: Doubles = (
            sparse.csr_array((weight, (owner, whom)), shape=shape) @ self.worth
        ).toarray()
        return found


@dataclass(frozen=True, eq=False)
class Tifu:
    """TIFU-KNN: own decayed frequency in groups of baskets, and that of the nearest customers."""

    pool: Pool

    def scores(self, asked: Histories) -> Doubles:
        r"""Own vector and the mean of the nearest ones.

        .. math:: \alpha v_u + (1 - \alpha) \frac{1}{k} \sum_{n \in N(u)} v_n

        Nearest by Euclidean distance, of which 2 a·b − b·b is what differs between neighbours.
        Source: Hu et al. 2020, "Modeling personalized item frequency information for next-basket
        recommendation", SIGIR.
        """
        own = asked.matrix(grouped_worth(asked))
        product = (own @ self.pool.vectors.T).toarray()
        near = 2 * product - (self.pool.vectors**2).sum(axis=1)[None, :]
        found: Doubles = OWN * own.toarray()
        found += (1 - OWN) * self.pool.opinion(near, asked, NEIGHBOURS, 0.0)
        return found


def tifu(known: Histories, seed: int = 0) -> Tifu:
    """TIFU-KNN on a pool of the customers."""
    pool = _sampled(known, seed)
    vectors = pool.matrix(grouped_worth(pool))
    return Tifu(Pool(pool.customers, vectors, vectors))


@dataclass(frozen=True, eq=False)
class PopularityCF:
    """UP-CF@r: how often the customers alike bought an item in their newest baskets."""

    pool: Pool

    def scores(self, asked: Histories) -> Doubles:
        r"""Own recent share, and that of others by their likeness.

        .. math:: \sum_v w_{uv}^q \, p_r(v, i), \quad
                  w_{uv} = \frac{|I_u \cap I_v|}{|I_u|^a |I_v|^{1 - a}}

        with p_r the share of the newest r baskets that hold the item, I the set of items ever
        bought, and w = 1 for the customer. All customers of the pool are heard. Source: Faggioli,
        Polato and Aiolli 2020, "Recency aware collaborative filtering for next basket
        recommendation", UMAP.
        """
        ever = _sets(asked)
        both = (ever @ self.pool.vectors.T).toarray()
        own, other = ever.sum(axis=1), self.pool.vectors.sum(axis=1)
        scale = np.outer(own**ASYMMETRY, other ** (1 - ASYMMETRY))
        likeness = np.divide(both, scale, out=np.zeros_like(both), where=scale > 0)
        itself = self.pool.customers.get_indexer(asked.customers)
        rows = np.flatnonzero(itself >= 0)
        likeness[rows, itself[rows]] = 0.0
        found: Doubles = likeness**LOCALITY @ self.pool.worth
        found += recent_share(asked, RECENT).toarray()
        return found


def popularity_cf(known: Histories, seed: int = 0) -> PopularityCF:
    """UP-CF@r on a pool of the customers."""
    pool = _sampled(known, seed)
    return PopularityCF(Pool(pool.customers, _sets(pool), recent_share(pool, RECENT)))


@dataclass(frozen=True, eq=False)
class UserKnn:
    """What the customers with the most similar items buy, the customer's own past aside.

    Attributes
    ----------
    pool
        With vectors of length 1.
    rarity
        Shape (items,): logarithm of customers per customer who ever bought it.
    """

    pool: Pool
    rarity: Doubles

    def scores(self, asked: Histories) -> Doubles:
        """Mean decayed frequency among the nearest by cosine, weighted by its square."""
        return self.pool.opinion(self.likeness(asked), asked, ALIKE, 2.0)

    def likeness(self, asked: Histories) -> Doubles:
        """Cosine of the items ever bought, the rare ones counting for more, (asked, pool)."""
        found: Doubles = (_unit(_sets(asked), self.rarity) @ self.pool.vectors.T).toarray()
        return found


def user_knn(known: Histories, seed: int = 0) -> UserKnn:
    """User-kNN on a pool of the customers."""
    pool = _sampled(known, seed)
    ever = _sets(pool)
    buyers = np.bincount(ever.indices, minlength=ever.shape[1])
    rarity = np.log((len(pool.customers) + 1) / (buyers + 1))
    return UserKnn(Pool(pool.customers, _unit(ever, rarity), decayed_frequency(pool, 0.9)), rarity)


def grouped_worth(histories: Histories) -> Doubles:
    """What TIFU-KNN counts a basket for, shape (baskets,).

    A customer's baskets are `GROUPS` groups, the newest of which hold one more where they do not
    divide; of fewer baskets each is a group. Weights decay within and between groups, and are
    averaged over both.
    """
    length = histories.lengths[histories.customer_of_basket]
    ago = histories.ago
    groups = np.minimum(length, GROUPS)
    size, more = np.divmod(length, np.maximum(groups, 1))
    in_larger = ago < more * (size + 1)
    beyond = ago - more * (size + 1)
    group_ago = np.where(in_larger, ago // (size + 1), more + beyond // size)
    within = np.where(in_larger, ago % (size + 1), beyond % size)
    members = np.where(in_larger, size + 1, size)
    worth: Doubles = WITHIN**within / members * BETWEEN**group_ago / groups
    return worth


def recent_share(histories: Histories, newest: int) -> sparse.csr_array:
    """Customers × items: the share of the customer's newest baskets that hold the item."""
    heard = np.minimum(histories.lengths, newest)[histories.customer_of_basket]
    found = histories.matrix((histories.ago < newest) / heard)
    found.eliminate_zeros()
    return found


def _sampled(known: Histories, seed: int) -> Histories:
    """At most `POOL` of the customers who bought anything."""
    buyers = np.flatnonzero(known.lengths > 0)
    if len(buyers) > POOL:
        buyers = np.sort(np.random.default_rng(seed).choice(buyers, POOL, replace=False))
    return known.taken(buyers)


def _sets(histories: Histories) -> sparse.csr_array:
    """Customers × items: 1 where ever bought."""
    found = histories.matrix(np.ones(len(histories.days)))
    found.data[:] = 1.0
    return found


def _unit(ever: sparse.csr_array, rarity: Doubles) -> sparse.csr_array:
    """Rows of rarities with length 1."""
    found = ever.copy()
    found.data = rarity[found.indices]
    length = np.sqrt((found**2).sum(axis=1))
    found.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(found.indptr))
    return found

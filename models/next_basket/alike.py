"""How many of the customers most alike ever bought an item: a reason that a person understands."""

from dataclasses import dataclass

import numpy as np

from models.next_basket.histories import Doubles, Histories
from models.next_basket.neighbours import ALIKE, UserKnn, user_knn
from models.next_basket.offers import best


@dataclass(frozen=True, eq=False)
class Alike:
    """Customers among whom those alike are sought.

    Attributes
    ----------
    knn
        Where they are, and how rare each item is.
    """

    knn: UserKnn

    def shares(self, asked: Histories) -> Doubles:
        """Share of the `ALIKE` customers with the most similar items that bought each, 0..1.

        Only customers who share an item with the one who asks are alike: of fewer than `ALIKE`, the
        others count as if they had bought nothing. Shape (customers, items).
        """
        likeness = self.knn.likeness(asked)
        itself = self.knn.pool.customers.get_indexer(asked.customers)
        rows = np.flatnonzero(itself >= 0)
        likeness[rows, itself[rows]] = 0.0
        near = best(np.where(likeness > 0, likeness, -np.inf), ALIKE)
        heard = np.zeros(likeness.shape)
        owner, place = np.nonzero(near >= 0)
        heard[owner, near[owner, place]] = 1.0
        ever = self.knn.pool.worth.sign()
        found: Doubles = heard @ ever / ALIKE
        return found


def alike(known: Histories, seed: int = 0) -> Alike:
    """The pool of `models.next_basket.neighbours.user_knn`."""
    return Alike(user_knn(known, seed))

"""The baseline: how many of those without a category took it up in one horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.cross_sell.pairs import CrossPairs
from models.cross_sell.snapshots import Snapshot, SnapshotUnclear, require_one_list
from models.spec import FloatArray

_PRIOR: Final = 50.0
"""Customers that the rate of all categories counts for."""


@dataclass(frozen=True, eq=False)
class Popularity:
    """The same probability for every customer without the category.

    Attributes
    ----------
    rates
        Shape (categories,), 0..1.
    """

    rates: FloatArray

    def propensity(self, pairs: CrossPairs) -> FloatArray:
        """Probability of a first purchase within the horizon, shape (pairs,)."""
        found: FloatArray = self.rates[pairs.category]
        return found


def popularity(earlier: Sequence[Snapshot], newest: int = 3) -> Popularity:
    r"""Share of customers without the category who bought it first within the horizon, smoothed.

    .. math:: \hat p_c = \frac{k_c + m \bar p}{n_c + m}, \quad m = 50

    over the customers without it of the newest snapshots, with :math:`\bar p` the rate of all
    categories: the mean of a beta distribution after the fact.

    Parameters
    ----------
    earlier
        Snapshots with their outcome, the oldest first.
    newest
        How many of the last of them count.

    Raises
    ------
    SnapshotUnclear
        When there is none, their categories differ, or the outcome of one is not known.
    """
    if not earlier or newest < 1:
        message = (
            f"popularity needs 1 snapshot or more whose horizon is over, but {len(earlier)} are "
            f"given and the newest {newest} of them are to count; give it earlier ones"
        )
        raise SnapshotUnclear(message)
    require_one_list(earlier)
    taken = np.zeros(len(earlier[-1].categories))
    free = np.zeros(len(earlier[-1].categories))
    for snapshot in earlier[-newest:]:
        bought = snapshot.outcome("popularity")
        taken += (bought & ~snapshot.has).sum(axis=0)
        free += (~snapshot.has).sum(axis=0)
    overall = taken.sum() / max(1.0, free.sum())
    return Popularity((taken + _PRIOR * overall) / (free + _PRIOR))

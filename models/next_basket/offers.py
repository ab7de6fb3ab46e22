"""From scores to offers: the best items of each customer, and what every recommender can do."""

from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np

from features.compiled import compiled
from features.errors import RegularsError
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray

NEVER: Final = -np.inf
"""Score of an item that is not offered at all."""

NOTHING: Final = -1
"""Stands where a customer gets fewer offers than asked for."""

POOL: Final = 5_000
"""Customers among whom neighbours are sought; of more, a sample. The share of the pool that is
near somebody hardly depends on its size, and what is searched would grow with its square."""

_CELLS: Final = 4_000_000
"""Customers x items, or x `POOL` where that is more, that are scored at once: 32 MB a matrix."""


class NothingToOffer(RegularsError):
    """Fewer than one offer is asked for."""


class Recommender(Protocol):
    """What knows the past of all customers, and tells of some of them what each may buy next."""

    def scores(self, asked: Histories) -> Doubles:
        """Shape (customers, items): the higher the sooner; `NEVER` is never offered.

        Parameters
        ----------
        asked
            Histories over the same items as those the recommender was made from; of the same
            customers or of others.
        """
        ...


def blocks(histories: Histories) -> Iterator[WholeArray]:
    """Positions of all customers, as many at once as memory should hold scores of."""
    count = len(histories.customers)
    at_once = max(1, _CELLS // max(POOL, len(histories.items)))
    for first in range(0, count, at_once):
        yield np.arange(first, min(count, first + at_once))


def offers(recommender: Recommender, asked: Histories, most: int) -> Codes:
    """Items for each customer, the best first, shape (customers, most); `NOTHING` behind the last.

    Of equal scores the item that comes first by name is first. A customer of whom a recommender
    knows nothing, such as one without a history, is offered what others buy most by those of
    `models.next_basket.catalogue`, ``personal`` and ``tifu_knn`` aside; one made by hand may score
    every item 0.

    Raises
    ------
    NothingToOffer
        When `most` is below 1.
    """
    refuse_none(most)
    found = [best(recommender.scores(asked.taken(rows)), most) for rows in blocks(asked)]
    return np.concatenate([np.empty((0, most), np.int32), *found])


def refuse_none(most: int) -> None:
    """Refuse to make fewer offers than one."""
    if most < 1:
        message = f"offers need room for 1 item or more, but most is {most}; ask for 1 or more"
        raise NothingToOffer(message)


@compiled
def best(scores: Doubles, most: int) -> Codes:
    """Positions of the highest scores of each row, shape (rows, most), most >= 1, see `offers`."""
    found = np.full((scores.shape[0], most), -1, np.int32)
    kept = np.empty(most, np.float64)
    for row in range(scores.shape[0]):
        count = 0
        for item in range(scores.shape[1]):
            score = scores[row, item]
            if score == -np.inf or (count == most and score <= kept[most - 1]):
                continue
            place = min(count, most - 1)
            while place > 0 and kept[place - 1] < score:
                kept[place] = kept[place - 1]
                found[row, place] = found[row, place - 1]
                place -= 1
            kept[place] = score
            found[row, place] = item
            count = min(count + 1, most)
    return found

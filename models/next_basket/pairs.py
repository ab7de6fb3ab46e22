"""Customers and the items that each may be offered, with all that is known of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.next_basket.catalogue import RECOMMENDERS
from models.next_basket.facts import BY_OTHERS, Dated, Facts
from models.next_basket.groups import GROUP_COLUMNS, ByGroup, by_group
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray
from models.next_basket.offers import NEVER, Recommender, best
from models.next_basket.own_past import OWN_COLUMNS, own_past
from models.next_basket.surroundings import (
    CUSTOMER_COLUMNS,
    ITEM_COLUMNS,
    customer_figures,
    item_figures,
)
from models.next_basket.timing import timed

Singles = npt.NDArray[np.float32]

CANDIDATES: Final[Mapping[str, int]] = {
    "popular": 40,
    "decayed": 150,
    "timed": 60,
    "tifu_knn": 120,
    "up_cf": 60,
    "user_knn": 60,
    "item_knn": 60,
    "basket_knn": 40,
}
"""How many of its best items each recommender puts forward."""

BY_GROUP: Final = 60
"""How many items each kind of groups puts forward."""

Groups = Mapping[str, WholeArray]
"""Of each kind of groups, such as the type of a product: shape (items,), the group of each item."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidates of some customers.

    Attributes
    ----------
    starts
        Shape (customers + 1,): where the candidates of each customer begin.
    items
        Shape (pairs,): ascending within a customer.
    figures
        Shape (pairs, columns), see `Past.columns`.
    """

    starts: WholeArray
    items: Codes
    figures: Singles


@dataclass(frozen=True, eq=False)
class Past:
    """All that was learnt of everybody's histories, to be asked about any customer.

    Attributes
    ----------
    recommenders
        By name, those of `CANDIDATES` and those that facts bring along.
    groups
        By kind of groups.
    item_figures
        Shape (items, len(ITEM_COLUMNS)).
    facts
        What is known beside the baskets.
    """

    recommenders: Mapping[str, Recommender]
    groups: Mapping[str, ByGroup]
    item_figures: Doubles
    facts: Facts = field(default_factory=Facts)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what is known of each pair."""
        scored = (*self.recommenders, *self.groups)
        return (
            *OWN_COLUMNS,
            *CUSTOMER_COLUMNS,
            *ITEM_COLUMNS,
            *(f"{kind}_{name}" for kind in self.groups for name in GROUP_COLUMNS),
            *(f"score_{name}" for name in scored),
            *(f"rank_{name}" for name in scored),
            *_columns("item_fact", self.facts.items),
            *_columns("customer_fact", self.facts.customers),
        )

    def pairs(self, asked: Histories, as_of: WholeArray) -> Pairs:
        """Candidates of a block of customers, with their figures.

        Parameters
        ----------
        asked
            Histories of the customers.
        as_of
            Shape (customers,): day, since 1970-01-01, that their next basket is predicted on.
        """
        asking: list[Recommender] = [*self.recommenders.values(), *self.groups.values()]
        most = [CANDIDATES.get(name, BY_OTHERS) for name in self.recommenders]
        most += [BY_GROUP] * len(self.groups)
        scores = [each.scores(asked) for each in asking]
        lists = [best(found, count) for found, count in zip(scores, most, strict=True)]
        starts, items = _united(np.concatenate(lists, axis=1), len(asked.items))
        owner = np.repeat(np.arange(len(asked.customers)), np.diff(starts))
        parts: list[npt.NDArray[np.floating]] = [
            own_past(asked, as_of, starts, items),
            customer_figures(asked, as_of)[owner],
            self.item_figures[items],
            *(each.figures(asked, owner, items) for each in self.groups.values()),
            *(_known(found[owner, items])[:, None] for found in scores),
            *(_ranks(found, starts, items, len(asked.items))[:, None] for found in lists),
            *self._dated(asked, as_of, owner, items),
        ]
        figures = np.concatenate([part.astype(np.float32) for part in parts], axis=1)
        return Pairs(starts, items, figures)

    def _dated(
        self, asked: Histories, as_of: WholeArray, owner: WholeArray, items: Codes
    ) -> list[Doubles]:
        """What facts say before each customer's day, shape (pairs, columns) each."""
        found = []
        if self.facts.items is not None:
            places = self.facts.items.places(asked.items)
            found.append(self.facts.items.on(places[items], as_of[owner]))
        if self.facts.customers is not None:
            places = self.facts.customers.places(asked.customers)
            found.append(self.facts.customers.on(places, as_of)[owner])
        return found


def past(known: Histories, groups: Groups | None = None, facts: Facts | None = None) -> Past:
    """What all customers' histories say.

    Parameters
    ----------
    known
        The histories.
    groups
        What the items belong to, if that is known.
    facts
        What is known beside the baskets, if anything. A recommender of theirs that has the name
        of one of `CANDIDATES` takes its place.

    Raises
    ------
    GroupsUnclear
        When an item has no group.
    """
    facts = facts or Facts()
    makers = {name: RECOMMENDERS[name] for name in CANDIDATES} | dict(facts.recommenders)
    return Past(
        {name: made(known) for name, made in makers.items()},
        {kind: by_group(known, of_item) for kind, of_item in (groups or {}).items()},
        item_figures(known, timed(known).rates[:, 0]),
        facts,
    )


def _columns(kind: str, known: Dated | None) -> list[str]:
    """Names that no other figure has."""
    return [] if known is None else [f"{kind}_{name}" for name in known.columns]


def _known(scores: Doubles) -> Doubles:
    """Scores of pairs; that of what is never offered is not known (NaN)."""
    return np.where(scores == NEVER, np.nan, scores)


@compiled
def _united(lists: Codes, items: int) -> tuple[WholeArray, Codes]:
    """Items that are on any list of a row, ascending, and where those of each row begin."""
    rows = lists.shape[0]
    starts = np.zeros(rows + 1, np.int64)
    found = np.empty(lists.size, np.int32)
    seen = np.full(items, -1, np.int64)
    used = 0
    for row in range(rows):
        begin = used
        for item in lists[row]:
            if item >= 0 and seen[item] != row:
                seen[item] = row
                found[used] = item
                used += 1
        found[begin:used] = np.sort(found[begin:used])
        starts[row + 1] = used
    return starts, found[:used].copy()


@compiled
def _ranks(lists: Codes, starts: WholeArray, items: Codes, count: int) -> Singles:
    """Place of each pair's item on the list of its row, from 1; behind the last if not on it."""
    found = np.empty(items.size, np.float32)
    rank = np.full(count, lists.shape[1] + 1, np.int64)
    for row in range(lists.shape[0]):
        for place in range(lists.shape[1]):
            if lists[row, place] >= 0:
                rank[lists[row, place]] = place + 1
        for pair in range(starts[row], starts[row + 1]):
            found[pair] = rank[items[pair]]
        for item in lists[row]:
            if item >= 0:
                rank[item] = lists.shape[1] + 1
    return found

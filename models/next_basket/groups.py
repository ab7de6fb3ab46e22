"""What items belong to, such as types of products: a customer's past of the whole group."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from features.errors import RegularsError
from models.next_basket.frequency import decayed_frequency
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray

GROUP_COLUMNS: Final = ("decayed_0.7", "decayed_0.95", "own_share", "item_share")
"""Columns of `ByGroup.figures`: the customer's decayed purchases of the group at two rates, the
item's part of the latter, and the item's part of what everybody bought of the group of late."""

_RECENT_DAYS: Final = 56


class GroupsUnclear(RegularsError):
    """Groups that do not say for each item which one it belongs to."""


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Items by how much the customer buys of their group, and others buy of them within it.

    Attributes
    ----------
    of_item
        Shape (items,): group of each item, from 0.
    share
        Shape (items,), 0..1: part of the group's newest purchases that were of the item.
    """

    of_item: WholeArray
    share: Doubles

    def scores(self, asked: Histories) -> Doubles:
        """Decayed purchases of the group times the item's part, shape (customers, items)."""
        found: Doubles = self._bought(decayed_frequency(asked, 0.95))[:, self.of_item]
        found *= self.share
        return found

    def figures(self, asked: Histories, owner: WholeArray, items: Codes) -> Doubles:
        """`GROUP_COLUMNS` of customers (by position) and items, shape (pairs, 4)."""
        group = self.of_item[items]
        slow = decayed_frequency(asked, 0.95)
        soon = self._bought(decayed_frequency(asked, 0.7))[owner, group]
        late = self._bought(slow)[owner, group]
        own = slow.toarray()[owner, items]
        part = np.divide(own, late, out=np.zeros(len(own)), where=late > 0)
        return np.column_stack([soon, late, part, self.share[items]])

    def _bought(self, own: sparse.csr_array) -> Doubles:
        """Sums over the items of each group, shape (customers, groups)."""
        shape = (len(self.of_item), int(self.of_item.max(initial=-1)) + 1)
        cells = (np.arange(len(self.of_item)), self.of_item)
        belongs = sparse.csr_array((np.ones(len(self.of_item)), cells), shape=shape)
        found: Doubles = (own @ belongs).toarray()
        return found


def by_group(known: Histories, of_item: WholeArray) -> ByGroup:
    """Parts of groups by the purchases of the newest 56 days, each item counting as once bought.

    Raises
    ------
    GroupsUnclear
        When an item has no group.
    """
    if len(of_item) != len(known.items) or int(of_item.min(initial=0)) < 0:
        grouped = int(np.count_nonzero(of_item >= 0))
        message = (
            f"groups need a whole number from 0 for each of {len(known.items):,} items, but "
            f"{grouped:,} have one; give each of the others a group of its own"
        )
        raise GroupsUnclear(message)
    is_recent = known.days[known.basket_of_entry] > known.days.max(initial=0) - _RECENT_DAYS
    counts = np.bincount(known.codes[is_recent], minlength=len(known.items)) + 1.0
    return ByGroup(of_item, counts / np.bincount(of_item, counts)[of_item])

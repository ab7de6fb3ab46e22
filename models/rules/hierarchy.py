"""What items belong to: a tree given as rows of item and parent, and baskets that hold both."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled, interpreted
from features.errors import RegularsError
from models.rules.baskets import Baskets, Codes, WholeArray, gathered
from models.rules.itemsets import Itemsets

NONE = -1
"""Parent of an item that belongs to nothing known."""

_FEW: Final = 5_000
"""Items of all baskets together, up to which compiled loops are not worth loading."""


class HierarchyUnclear(RegularsError):
    """A hierarchy with a loop, with two parents of one item, or of other items than the baskets."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A tree, or several.

    Attributes
    ----------
    labels
        Names of items and of what they belong to, ascending, shape (n,).
    parent
        Shape (n,): position of each one's parent; `NONE` where nobody said.
    """

    labels: pd.Index
    parent: Codes

    def ancestors(self) -> tuple[Codes, Codes]:
        """Every item and whatever it belongs to, near or far: two columns of positions, sorted."""
        items, above = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        at, up = np.arange(len(self.parent), dtype=np.int32), self.parent
        while (is_there := up >= 0).any():
            at, up = at[is_there], up[is_there]
            items.append(at)
            above.append(up)
            up = self.parent[up]
        found, belongs = np.concatenate(items), np.concatenate(above)
        order = np.lexsort([belongs, found])
        return found[order], belongs[order]


def hierarchy_of(frame: pd.DataFrame, item: str, parent: str) -> Hierarchy:
    """The tree of a table with a row per item and parent.

    An item whose parent is null, and a parent that has no row of its own, stand at the top; rows
    that say the same twice count once.

    Parameters
    ----------
    frame
        The table, in any order.
    item, parent
        Columns that name both; identifiers of one type that sorts.

    Raises
    ------
    HierarchyUnclear
        When a column is missing, a row names no item, an item has two parents, or items belong to
        themselves by a loop.
    """
    for column in (item, parent):
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            message = f"a hierarchy needs a column {column!r}, but the table has: {found}"
            raise HierarchyUnclear(message)
    if unnamed := int(frame[item].isna().sum()):
        message = (
            f"every row of a hierarchy needs an item, but {unnamed:,} of {len(frame):,} have none"
        )
        raise HierarchyUnclear(message)
    said = _said(frame[[item, parent]]).drop_duplicates()
    _require_one_parent(said, item, parent)
    labels = _sorted(pd.concat([frame[item], said[parent]]), item, parent)
    up = np.full(len(labels), NONE, dtype=np.int32)
    up[labels.get_indexer(pd.Index(said[item]))] = labels.get_indexer(pd.Index(said[parent]))
    _require_no_loop(labels, up)
    return Hierarchy(labels, up)


def generalised(baskets: Baskets, hierarchy: Hierarchy) -> tuple[Baskets, tuple[Codes, Codes]]:
    """Baskets that also hold what their items belong to; and who must not stand beside whom.

    Items that the hierarchy does not know belong to nothing. The weight of what items belong to is
    the sum of theirs; how many items filled a basket is told, see `leaves`. Source: R. Srikant and
    R. Agrawal, Mining generalized association rules, VLDB 1995 (algorithm Cumulate: extended
    transactions, no itemset with an item and its ancestor).

    Parameters
    ----------
    baskets
        Of items alone.
    hierarchy
        With labels of the same type.

    Returns
    -------
    tuple
        The baskets, and every item with each of its ancestors as two columns of positions in their
        labels, sorted by both.

    Raises
    ------
    HierarchyUnclear
        When names of both are not of one type.
    """
    names = pd.Series([*baskets.labels, *hierarchy.labels], dtype=object)
    labels = _sorted(names, "items of baskets", "the hierarchy")
    parent = np.full(len(labels), NONE, dtype=np.int32)
    place = labels.get_indexer(hierarchy.labels).astype(np.int32)
    parent[place] = np.where(hierarchy.parent >= 0, place[hierarchy.parent], NONE)
    owner = baskets.owners
    items = labels.get_indexer(baskets.labels)[baskets.codes]
    rows, codes, weights = [owner], [items], [baskets.weights]
    at = np.arange(len(owner))
    while len(at := at[parent[items[at]] >= 0]):
        items = items.copy()
        items[at] = parent[items[at]]
        rows.append(owner[at])
        codes.append(items[at])
        weights.append(None if baskets.weights is None else baskets.weights[at])
    summed = [each for each in weights if each is not None]
    whole = gathered(
        np.concatenate(rows),
        np.concatenate(codes).astype(np.int64),
        baskets.count,
        labels,
        np.concatenate(summed) if summed else None,
    )
    belongs = Hierarchy(labels, parent).ancestors()
    return replace(whole, bought=leaves(whole, belongs)), belongs


def leaves(
    baskets: Baskets, belongs: tuple[Codes, Codes], context: Codes | None = None
) -> WholeArray:
    """Distinct items of each basket that no other one of it belongs to, shape (baskets,).

    That is what was put into it. What these belong to is in it because they are, and does not make
    it larger; nor does the context.

    Parameters
    ----------
    baskets
        With what their items belong to.
    belongs
        Items and what they belong to, near and far, as positions in the labels, sorted by both.
    context
        Positions of items that say when, where or how the others were bought; they fill nothing,
        and what they belong to is not there because of them.
    """
    lower, upper = belongs
    fills = np.ones(len(baskets.labels), dtype=bool)
    fills[np.empty(0, np.int32) if context is None else context] = False
    begins = np.searchsorted(lower, np.arange(len(fills) + 1)).astype(np.int64)
    loop = interpreted(_leaves) if len(baskets.codes) <= _FEW else _leaves
    return loop(baskets.starts, baskets.codes, (begins, upper), fills)


@compiled
def _leaves(
    starts: WholeArray,
    codes: Codes,
    above: tuple[WholeArray, Codes],
    fills: npt.NDArray[np.bool_],
) -> WholeArray:
    """See `leaves`; ``above`` are where the ancestors of each item begin, and these."""
    begins, ancestors = above
    found = np.zeros(starts.size - 1, np.int64)
    last = np.full(fills.size, -1, np.int64)  # the last basket with an item that belongs to each
    for basket in range(found.size):
        for entry in range(starts[basket], starts[basket + 1]):
            item = codes[entry]
            if fills[item]:
                for place in range(begins[item], begins[item + 1]):
                    last[ancestors[place]] = basket
        for entry in range(starts[basket], starts[basket + 1]):
            item = codes[entry]
            if fills[item] and last[item] != basket:
                found[basket] += 1
    return found


def is_apart(itemsets: Itemsets, belongs: tuple[Codes, Codes]) -> npt.NDArray[np.bool_]:
    """Whether no item of a node belongs to another of it, shape (nodes,).

    What a node that is apart is made of is apart as well, so those nodes are a trie again.

    Parameters
    ----------
    itemsets
        All nodes are looked at, also those that are not meant.
    belongs
        Items and what they belong to, near and far, as positions in the labels, sorted by both.
    """
    width = len(itemsets.labels)
    lower, upper = (codes.astype(np.int64) for codes in belongs)
    keys = np.sort(np.concatenate([lower * width + upper, upper * width + lower]))
    apart = np.ones(len(itemsets.parent), dtype=bool)
    at, above = np.arange(len(apart)), itemsets.parent.astype(np.int64)
    while len(at := at[is_below := above >= 0]):
        above = above[is_below]
        pairs = itemsets.item[at].astype(np.int64) * width + itemsets.item[above]
        place = np.searchsorted(keys, pairs)
        is_pair = np.zeros(len(pairs), dtype=bool)
        is_known = place < len(keys)
        is_pair[is_known] = keys[place[is_known]] == pairs[is_known]
        apart[at[is_pair]] = False
        above = itemsets.parent[above].astype(np.int64)
    for length in range(2, int(itemsets.lengths.max(initial=1)) + 1):
        nodes = np.flatnonzero(itemsets.lengths == length)
        apart[nodes] &= apart[itemsets.parent[nodes]]
    return apart


def _said(pairs: pd.DataFrame) -> pd.DataFrame:
    """Rows with a parent; whole numbers that nulls had turned into floats are whole again."""
    said = pairs.dropna()
    items, parents = (said.iloc[:, at] for at in (0, 1))
    if items.dtype.kind in "iu" and parents.dtype.kind == "f":
        whole = parents.astype(items.dtype)
        if whole.eq(parents).all():
            return said.assign(**{str(parents.name): whole})
    return said


def _sorted(names: pd.Series, *where: str) -> pd.Index:
    """Distinct names, ascending."""
    kinds = sorted({type(name).__name__ for name in names})
    try:
        ascending: list[object] = sorted(set(names))
    except TypeError as error:
        message = (
            f"names in {' and '.join(map(repr, where))} need to be of one type, but are of "
            f"{', '.join(kinds)}"
        )
        raise HierarchyUnclear(message) from error
    return pd.Index(ascending, dtype=object if kinds == ["str"] else None)


def _require_one_parent(said: pd.DataFrame, item: str, parent: str) -> None:
    several = said[said[item].duplicated(keep=False)]
    if not len(several):
        return
    names = list(dict.fromkeys(several[item]))
    first = several[several[item] == names[0]][parent].tolist()
    more = len(names) - 1
    others = f" (and {more:,} more {'items' if more > 1 else 'item'})" if more else ""
    message = (
        f"an item of a hierarchy needs one parent, but {names[0]!r} has {len(first)}: "
        f"{', '.join(map(repr, first))}{others}; name it by its path, or leave out all but one"
    )
    raise HierarchyUnclear(message)


def _require_no_loop(labels: pd.Index, parent: Codes) -> None:
    """Walk up from each; what was seen to end at the top is not walked again."""
    up, ends = parent.tolist(), bytearray(len(parent))
    for start in range(len(up)):
        path, on_path, at = [], set(), start
        while at != NONE and not ends[at] and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = up[at]
        if at != NONE and not ends[at]:
            loop = [*path[path.index(at) :], at]
            message = (
                f"a hierarchy needs items that do not belong to themselves, but there is a loop: "
                f"{' -> '.join(repr(labels[each]) for each in loop)}; leave out one of its rows"
            )
            raise HierarchyUnclear(message)
        for each in path:
            ends[each] = True

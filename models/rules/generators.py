"""Which itemsets lose no item without gaining a basket."""

import numpy as np
import numpy.typing as npt

from models.rules.baskets import Codes, WholeArray

_NOWHERE = -1


def are_generators(
    members: tuple[WholeArray, Codes], counts: Codes, baskets: int, items: int
) -> npt.NDArray[np.bool_]:
    """Itemsets of which every proper subset is in more baskets, shape (itemsets,).

    Every subset of a generator is one (Pasquier et al. 1999), so each length needs only those of
    the length before: an itemset is one where each of its subsets of one item less is, and is in
    more baskets. Subsets are found by exact keys, not by hashes.

    Parameters
    ----------
    members
        Where each itemset begins, shape (itemsets + 1,), and its items ascending. All generators
        are among them.
    counts
        Shape (itemsets,).
    baskets
        Number of all, which is how many hold no item in particular.
    items
        Number of all items.
    """
    starts, codes = members
    lengths = np.diff(starts)
    is_one = np.zeros(len(lengths), dtype=bool)
    keys: list[WholeArray] = []  # by length - 1: of each generator, ascending
    below = np.array([baskets], dtype=np.int64)
    for length in range(1, int(lengths.max(initial=0)) + 1):
        rows = np.flatnonzero(lengths == length)
        table = codes[starts[rows][:, None] + np.arange(length)].astype(np.int64)
        is_more = np.ones(len(rows), dtype=bool)
        for left_out in range(length):
            places = _places(np.delete(table, left_out, axis=1), keys, items)
            is_more &= (places != _NOWHERE) & (below[places] > counts[rows])
        rows, table = rows[is_more], table[is_more]
        is_one[rows] = True
        made = _places(table[:, :-1], keys, items) * items + table[:, -1]
        order = np.argsort(made)
        keys.append(made[order])
        below = counts[rows][order].astype(np.int64)
    return is_one


def _places(table: WholeArray, keys: list[WholeArray], items: int) -> WholeArray:
    """Position of each row's itemset among the generators of its length; `_NOWHERE`: none."""
    places = np.zeros(len(table), dtype=np.int64)
    for known, column in zip(keys, table.T, strict=False):
        wanted = np.where(places == _NOWHERE, _NOWHERE, places * items + column)
        found = np.searchsorted(known, wanted)
        is_there = found < len(known)
        is_there[is_there] = known[found[is_there]] == wanted[is_there]
        places = np.where(is_there, found, _NOWHERE)
    return places

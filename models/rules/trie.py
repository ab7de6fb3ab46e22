"""Itemsets that stand as lists, in any order, put into a trie."""

import numpy as np

from features.errors import RegularsError
from models.rules.baskets import Codes, WholeArray
from models.tries import ROOT


class PartsMissing(RegularsError):
    """Itemsets that do not come with all of their parts."""


def trie_of(
    starts: WholeArray, codes: Codes, counts: WholeArray
) -> tuple[Codes, Codes, Codes, Codes]:
    """Nodes of a trie in one order, whatever order the itemsets come in.

    Shorter itemsets come first; those of one length are ordered by their items. An itemset's
    parent lacks the item of the highest number.

    Parameters
    ----------
    starts
        Shape (itemsets + 1,): where the items of each begin, and the last one's end.
    codes
        Items as numbers from 0, in any order, each once in an itemset.
    counts
        Shape (itemsets,): baskets of each.

    Returns
    -------
    tuple
        Parent, item, count and length, each of shape (itemsets,).

    Raises
    ------
    PartsMissing
        When an itemset is there, but not the one without its last item.
    """
    lengths = np.diff(starts)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    ordered = codes[np.lexsort((codes, owner))].astype(np.int64)
    width = int(ordered.max(initial=0)) + 1
    keys: list[WholeArray] = []
    levels = []
    first = 0
    for length in range(1, int(lengths.max(initial=0)) + 1):
        rows = np.flatnonzero(lengths == length)
        above = np.zeros(len(rows), dtype=np.int64)
        for depth in range(length - 1):
            above = _places(keys[depth], above * width + ordered[starts[rows] + depth])
        added = ordered[starts[rows] + length - 1]
        order = np.lexsort((added, above))
        above, added = above[order], added[order]
        parent = above + first if length > 1 else np.full(len(rows), ROOT)
        first += len(keys[-1]) if keys else 0
        keys.append(above * width + added)
        levels.append((parent, added, counts[rows[order]], np.full(len(rows), length)))
    columns = zip(*levels, strict=True) if levels else [[np.empty(0)]] * 4
    parent, item, count, size = (np.concatenate(each).astype(np.int32) for each in columns)
    return parent, item, count, size


def _places(keys: WholeArray, wanted: WholeArray) -> WholeArray:
    """Where each of some keys stands among ascending ones."""
    places = np.searchsorted(keys, wanted)
    if not len(wanted):
        return places
    if not len(keys) or (keys[np.minimum(places, len(keys) - 1)] != wanted).any():
        message = (
            "itemsets need every part of theirs, but of some a part is not there; mine all "
            "frequent itemsets, those of one item included"
        )
        raise PartsMissing(message)
    return places

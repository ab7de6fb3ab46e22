"""Every subset of a frequent itemset found in one step, exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import numpy as np

from features.compiled import interpreted
from features.errors import RegularsError
from models.rules.baskets import Codes
from models.rules.itemsets import Itemsets
from models.rules.rule_kernels import Index, Trie, first_gap, keyed, placed

P = ParamSpec("P")
R = TypeVar("R")

_SEEDS: Final = (1, 2, 3)
"""Of the random keys; one is enough unless two of some billions of itemsets happen to share one."""

_SMALL: Final = 4_000
"""Subsets of all itemsets together below which Python is quicker than loading what is compiled."""


class ItemsetsIncomplete(RegularsError):
    """Itemsets that lack subsets of others, so that rules between them have no counts."""


@dataclass(frozen=True, eq=False)
class Subsets:
    """A table of all itemsets by what they hold.

    Attributes
    ----------
    trie
        Parents, items and counts of the nodes.
    index
        Random keys of the items, keys of the nodes, and nodes by key; see `rule_kernels`.
    is_small
        Whether loops over these itemsets are not worth loading machine code.
    """

    trie: Trie
    index: Index
    is_small: bool

    def loop(self, compiled_loop: Callable[P, R]) -> Callable[P, R]:
        """The loop as machine code; for a few itemsets as it was written."""
        return interpreted(compiled_loop) if self.is_small else compiled_loop


def subsets_of(itemsets: Itemsets) -> Subsets:
    """A table of all frequent itemsets, after making sure that every subset is there.

    Raises
    ------
    ItemsetsIncomplete
        When only some of them are meant, one is there twice, or a subset of one is not there.
    """
    nodes = len(itemsets.parent)
    if len(itemsets) != nodes:
        message = (
            f"rules need every frequent itemset, but of {nodes:,} here only {len(itemsets):,} are "
            "meant, such as closed or maximal ones; mine all of them"
        )
        raise ItemsetsIncomplete(message)
    lengths = np.bincount(itemsets.lengths) if nodes else np.zeros(1, dtype=np.int64)
    is_small = bool(lengths @ 2.0 ** np.arange(len(lengths)) < _SMALL)
    trie = (itemsets.parent, itemsets.item, itemsets.count.astype(np.int64))
    subsets = Subsets(trie, _index(itemsets, is_small=is_small), is_small)
    gap = subsets.loop(first_gap)(itemsets.parent, itemsets.item, subsets.index)
    if gap >= 0:
        message = (
            f"rules need every frequent itemset, but a subset of {_named(itemsets, gap)} is not "
            "there; mine all of them, from length 1 on"
        )
        raise ItemsetsIncomplete(message)
    return subsets


def _index(itemsets: Itemsets, *, is_small: bool) -> Index:
    key, place = (interpreted(keyed), interpreted(placed)) if is_small else (keyed, placed)
    for seed in _SEEDS:
        keys = np.random.default_rng(seed).integers(
            1, 2**64, len(itemsets.labels), dtype=np.uint64, endpoint=False
        )
        found = key(itemsets.parent, itemsets.item, keys)
        table: Codes = place(found)
        if len(table):
            return keys, found, table
    message = (
        "rules need every frequent itemset once, but some are there twice among "
        f"{len(itemsets):,}; leave out the second of each"
    )
    raise ItemsetsIncomplete(message)


def _named(itemsets: Itemsets, node: int) -> str:
    names = []
    while node >= 0:
        names.append(str(itemsets.labels[itemsets.item[node]]))
        node = int(itemsets.parent[node])
    return " + ".join(sorted(names))

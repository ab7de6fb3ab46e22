"""Rules against those that they are made of: with fewer conditions, and with more conclusions."""

from typing import Final

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from features.errors import RegularsError
from models.rules.association import Rules, sides_of
from models.rules.baskets import Codes, WholeArray
from models.rules.rule_kernels import MAY_FOLLOW, Flags, Index, Trie, node_of

LONGEST: Final = 12
"""Items of an antecedent whose generalisations are all looked at: 4,095 of them."""


class AntecedentTooLong(RegularsError):
    """Antecedents of more items than all their parts can be tested for."""


def generalised(rules: Rules) -> tuple[WholeArray, Codes]:
    """Rules with a part of each one's antecedent, and the same consequent.

    Returns
    -------
    starts
        Where those of each rule begin, shape (rules + 1,); the one without a condition is first.
    nodes
        Node of the part, and of the part with the consequent, shape (generalisations, 2); without a
        condition the number of nodes, and the consequent.

    Raises
    ------
    AntecedentTooLong
        When an antecedent has more than `LONGEST` items.
    """
    lengths = rules.itemsets.lengths[rules.antecedent]
    longest = int(lengths.max(initial=1))
    if longest > LONGEST:
        message = (
            f"rules are compared with all their generalisations up to {LONGEST} items of an "
            f"antecedent, but one has {longest}; ask for shorter antecedents"
        )
        raise AntecedentTooLong(message)
    starts = np.concatenate([[0], np.cumsum((1 << lengths.astype(np.int64)) - 1)])
    subsets = rules.subsets
    loop = subsets.loop(generalisations)
    return starts, loop(subsets.trie, subsets.index, rules.antecedent, rules.consequent, starts)


@compiled
def generalisations(
    trie: Trie, index: Index, leads: Codes, follows: Codes, starts: WholeArray
) -> Codes:
    """See `generalised`."""
    parent, item, _ = trie
    keys, found, _ = index
    pairs = np.empty((starts[-1], 2), np.int32)
    parts = np.zeros(1 << LONGEST, np.uint64)
    for rule in range(len(leads)):
        size, above = 1, int(leads[rule])
        while above >= 0:  # keys of all parts, by the bits of their items
            for part in range(size):
                parts[size + part] = parts[part] ^ keys[item[above]]
            size, above = 2 * size, int(parent[above])
        at = starts[rule]
        pairs[at, 0], pairs[at, 1] = len(parent), follows[rule]
        for part in range(1, size - 1):
            pairs[at + part, 0] = node_of(parts[part], index)
            pairs[at + part, 1] = node_of(parts[part] ^ found[follows[rule]], index)
    return pairs


def is_redundant(rules: Rules) -> npt.NDArray[np.bool_]:
    """Whether a rule says nothing that a rule of the same baskets does not say, shape (rules,).

    Redundant is a rule beside which there is another of the same support and the same confidence,
    whose antecedent is the same or a part and whose consequent is the same or more. The others have
    an antecedent that loses baskets with any item less, no part that is, which is a generator, and
    lose baskets with any item more in the consequent. Rules that the lengths and labels that were
    asked for leave out make no other one redundant; those that some choice among the rules left out
    still do.

    Source: Bastide, Pasquier, Taouil, Stumme and Lakhal 2000, "Mining minimal non-redundant
    association rules using frequent closed itemsets", definition 7.
    """
    subsets, wanted = rules.subsets, rules.wanted
    sides = sides_of(rules.itemsets.labels, wanted)
    is_shorter, is_longer = subsets.loop(equals)(subsets.trie, subsets.index, sides)
    lengths = rules.itemsets.lengths
    shrinks = is_shorter[rules.antecedent] & (lengths[rules.antecedent] > wanted.least_antecedent)
    most = wanted.most_consequent or len(lengths) + 1
    grows = is_longer[rules.itemset] & (lengths[rules.consequent] < most)
    return np.asarray(shrinks | grows)


@compiled
def equals(
    trie: Trie, index: Index, sides: Flags
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether a node is in as many baskets as with an item less, and as with an item more.

    Only items that may be in a consequent count as more; shape (nodes,) each.
    """
    parent, item, count = trie
    keys, found, _ = index
    is_shorter, is_longer = np.zeros(len(parent), np.bool_), np.zeros(len(parent), np.bool_)
    for node in range(len(parent)):
        if parent[node] < 0:
            continue
        above = node
        while above >= 0:
            part = node_of(found[node] ^ keys[item[above]], index)
            if count[part] == count[node]:
                is_shorter[node] = True
                if sides[item[above]] & MAY_FOLLOW:
                    is_longer[part] = True
            above = int(parent[above])
    return is_shorter, is_longer

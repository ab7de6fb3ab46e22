"""Rules in baskets whose antecedent was bought at full price, and in those where it was promoted.

Whether an item is on promotion is known of those baskets only that hold it: a line tells its
discount, and what was not bought has no line. So baskets are told apart by what the *antecedent*
cost. By the consequent, every basket with its promotion would hold it; by any line of the basket,
those with the consequent would count as promoted more often by that alone, whatever it has to do
with the rule.
"""

import numpy as np
import pandas as pd

from models.rules.association import Rules
from models.rules.baskets import Baskets, Codes, gathered
from models.rules.changes import BoolArray, counts_in
from models.rules.counting import counted
from models.rules.itemsets import Itemsets
from models.rules.measures import Counts, FloatArray
from models.tries import ROOT


def promoted_counts(rules: Rules, baskets: Baskets, promoted: Baskets) -> tuple[Counts, Counts]:
    """Numbers of baskets without a promotion of the antecedent, and with one.

    The first are those where all items of the antecedent were bought at full price, the second
    those where one or more were promoted; and in both those that do not hold it, so that each set
    has a lift and an odds ratio of its own. Every basket with the antecedent is in one of them.

    Parameters
    ----------
    rules
        Mined from these or other baskets.
    baskets
        Where to count.
    promoted
        Of each of the same baskets, in their order, the items that were promoted; what no basket
        has of it counts for nothing.
    """
    every = counts_in(rules, baskets)
    both, lead = _at_full_price(rules, baskets, promoted)
    without = Counts(
        both,
        lead,
        every.consequent - (every.both - both),
        every.baskets - (every.antecedent - lead),
    )
    with_one = Counts(
        every.both - both,
        every.antecedent - lead,
        every.consequent - both,
        every.baskets - lead,
    )
    return without, with_one


def _at_full_price(
    rules: Rules, baskets: Baskets, promoted: Baskets
) -> tuple[FloatArray, FloatArray]:
    """Baskets that hold all of a rule, and its antecedent, with the latter at full price."""
    trie, antecedent, itemset = _trie(rules, baskets.labels)
    held = counted(trie, _marked(baskets, promoted)).sum(axis=1).astype(np.float64)
    return held[itemset], held[antecedent]


def _names(labels: pd.Index) -> pd.Index:
    """Numbers of items; as many more for the same at full price; and one that no basket has."""
    return pd.RangeIndex(2 * len(labels) + 1)


def _marked(baskets: Baskets, promoted: Baskets) -> Baskets:
    """The baskets with each item once more, by another number, where it had its full price."""
    items, owners = len(baskets.labels), baskets.owners
    less = baskets.labels.get_indexer(promoted.labels)[promoted.codes]
    is_known = less >= 0
    taken = promoted.owners[is_known] * items + less[is_known]
    is_full = ~np.isin(owners * items + baskets.codes, taken)
    return gathered(
        np.concatenate([owners, owners[is_full]]),
        np.concatenate([baskets.codes, baskets.codes[is_full] + items]),
        baskets.count,
        _names(baskets.labels),
    )


def _trie(rules: Rules, labels: pd.Index) -> tuple[Itemsets, Codes, Codes]:
    """Antecedents at full price and, each below its own, consequents at any.

    Returns
    -------
    tuple
        The trie, and of each rule the node of its antecedent and of all of it, shape (rules,).
    """
    itemsets, names = rules.itemsets, _names(labels)
    code = labels.get_indexer(itemsets.labels)[itemsets.item]
    lead = _with_parents(itemsets, rules.antecedent)
    place = np.cumsum(lead) - 1
    above = itemsets.parent[lead]
    parents = [np.where(above < 0, ROOT, place[above])]
    codes = [np.where(code[lead] < 0, len(names) - 1, code[lead] + len(labels))]
    antecedent, size = place[rules.antecedent], int(lead.sum())
    itemset, rest = antecedent.copy(), rules.consequent.astype(np.int64)
    while len(left := np.flatnonzero(rest >= 0)):
        parents.append(itemset[left])
        codes.append(np.where(code[rest[left]] < 0, len(names) - 1, code[rest[left]]))
        itemset[left] = size + np.arange(len(left))
        rest[left] = itemsets.parent[rest[left]]
        size += len(left)
    trie = Itemsets(
        parent=np.concatenate(parents).astype(np.int32),
        item=np.concatenate(codes).astype(np.int32),
        count=np.zeros(size, dtype=np.int32),
        labels=names,
        total=0,
        least=0,
    )
    return trie, antecedent.astype(np.int32), itemset.astype(np.int32)


def _with_parents(itemsets: Itemsets, nodes: Codes) -> BoolArray:
    """The nodes and all that lead to them, shape (nodes of the itemsets,)."""
    found = np.zeros(len(itemsets.parent), dtype=bool)
    above = nodes
    while len(above):
        found[above] = True
        above = itemsets.parent[above]
        above = np.unique(above[above >= 0])
    return found

"""Itemsets and rules as Arrow tables, whose columns of items are lists of labels."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from models.rules.association import Rules
from models.rules.baskets import Codes
from models.rules.itemsets import Itemsets
from models.tries import lists_of


def itemsets_table(itemsets: Itemsets) -> pa.Table:
    """Arrow table with a row per itemset: ``items`` (list of labels), ``count``, ``support``."""
    nodes = itemsets.nodes
    columns = {"count": itemsets.count[nodes], "support": itemsets.support[nodes]}
    return pa.table({"items": _lists(itemsets), **columns})


def rules_table(
    rules: Rules, columns: Iterable[str] = ("support", "confidence", "lift")
) -> pa.Table:
    """Arrow table with a row per rule: ``antecedent`` and ``consequent`` as lists of labels.

    Parameters
    ----------
    rules
        To write.
    columns
        As of `Rules.frame`.
    """
    sides = {
        name: _named(rules.itemsets, nodes)
        for name, nodes in (("antecedent", rules.antecedent), ("consequent", rules.consequent))
    }
    return pa.table(sides | {name: pa.array(rules.column(name)) for name in columns})


def _named(itemsets: Itemsets, nodes: Codes) -> pa.Array:
    """Items of each node, which may come again and again."""
    is_asked = np.zeros(len(itemsets.parent), dtype=bool)
    is_asked[nodes] = True
    places = np.cumsum(is_asked) - 1
    return _lists(replace(itemsets, is_asked=is_asked)).take(pa.array(places[nodes]))


def _lists(itemsets: Itemsets) -> pa.Array:
    """Lists of labels of the itemsets that are meant."""
    starts, found = itemsets.members()
    labels = pa.array(itemsets.labels.to_numpy(dtype=object).tolist())
    return lists_of(starts, labels.take(pa.array(found)))

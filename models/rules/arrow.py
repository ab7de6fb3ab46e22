"""Itemsets and rules as Arrow tables, whose columns of items are lists of labels."""

from collections.abc import Iterable

import pyarrow as pa

from models.rules.association import Rules
from models.rules.itemsets import Itemsets


def itemsets_table(itemsets: Itemsets) -> pa.Table:
    """Arrow table with a row per itemset: ``items`` (list of labels), ``count``, ``support``."""
    starts, found = itemsets.members()
    labels = pa.array(itemsets.labels.to_numpy(dtype=object).tolist())
    items = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), labels.take(pa.array(found)))
    nodes = itemsets.nodes
    columns = {"items": items, "count": itemsets.count[nodes], "support": itemsets.support[nodes]}
    return pa.table(columns)


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
    frame = rules.frame(columns)
    sides = {
        name: pa.array(map(list, frame[name]), pa.list_(_label_type(rules.itemsets)))
        for name in ("antecedent", "consequent")
    }
    others = {name: pa.array(frame[name].to_numpy()) for name in frame.columns[2:]}
    return pa.table(sides | others)


def _label_type(itemsets: Itemsets) -> pa.DataType:
    return pa.array(itemsets.labels.to_numpy(dtype=object).tolist()).type

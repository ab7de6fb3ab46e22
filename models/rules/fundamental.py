"""Changes of rules that a shorter rule tells as well."""

import numpy as np
import pandas as pd

from models.rules.association import Rules
from models.rules.baskets import Codes, WholeArray
from models.rules.changes import CHANGES, BoolArray
from models.rules.generalisations import generalised

_TURNED, _STEADY = CHANGES[0], CHANGES[-1]
_CROSSING = CHANGES[:3]
"""Turned, appeared, faded."""


def is_implied(rules: Rules, table: pd.DataFrame) -> BoolArray:
    """Whether a change is told by a shorter rule that changed the same way, shape (rules,).

    A shorter rule has a part of the antecedent and the same consequent. It changed the same way if
    its confidence rose, or fell, as that of the longer rule did; what turned is told by a rule that
    turned, appeared or faded, and not by one that only strengthened or weakened.

    Parameters
    ----------
    rules
        All that were compared.
    table
        Of `changed` or `compared`, a row for each.

    Raises
    ------
    AntecedentTooLong
        See `generalised`.

    Notes
    -----
    Liu, Hsu and Ma 2001, "Discovering the set of fundamental rule changes", leave out what follows
    from shorter rules by its size; here the direction is enough, so that a list is short and every
    rule of it is true.
    """
    if not len(rules):
        return np.zeros(0, dtype=bool)
    starts, parts = generalised(rules)
    owner = np.repeat(np.arange(len(rules)), np.diff(starts))
    nodes = len(rules.itemsets.parent)
    shorter = _places(
        _keys(rules.antecedent, rules.itemset, nodes), _keys(parts[:, 0], parts[:, 1], nodes)
    )
    is_there = (shorter >= 0) & (parts[:, 0] < nodes)
    owner, shorter = owner[is_there], shorter[is_there]
    change = table["change"].to_numpy(dtype=object)
    way = np.sign((table["later_confidence"] - table["earlier_confidence"]).to_numpy())
    tells = (change[owner] != _STEADY) & (change[shorter] != _STEADY) & (way[owner] == way[shorter])
    tells &= (change[owner] != _TURNED) | np.isin(change[shorter], _CROSSING)
    found = np.zeros(len(rules), dtype=bool)
    found[owner[tells]] = True
    return found


def _keys(antecedent: Codes, itemset: Codes, nodes: int) -> WholeArray:
    """A number for each rule: its antecedent and all of it tell the consequent."""
    return antecedent.astype(np.int64) * nodes + itemset


def _places(known: WholeArray, wanted: WholeArray) -> WholeArray:
    """Where each wanted number stands among the known ones, all distinct; -1 where it does not."""
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    return np.where(known[order[at]] == wanted, order[at], -1)

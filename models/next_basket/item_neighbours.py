"""Recommenders by items alike: what is bought by those who buy the same, and rules made of that."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse

from features.errors import RegularsError
from models.next_basket.frequency import decayed_frequency
from models.next_basket.histories import Doubles, Histories
from models.next_basket.offers import NEVER, best

KEPT: Final = 50
"""Neighbours of an item that are kept."""

_AT_ONCE: Final = 256


class RulesUnclear(RegularsError):
    """A table of rules that recommenders cannot read."""


@dataclass(frozen=True, eq=False)
class ItemKnn:
    """Items that are alike to those of the customer.

    Attributes
    ----------
    likeness
        Items × items: cosine, of each item with its nearest others.
    decay
        What a basket is worth less than the one after it.
    """

    likeness: sparse.csr_array
    decay: float

    def scores(self, asked: Histories) -> Doubles:
        """Sum over own items of their decayed frequency times the likeness, (asked, items)."""
        found: Doubles = (decayed_frequency(asked, self.decay) @ self.likeness).toarray()
        return found


def item_knn(known: Histories) -> ItemKnn:
    """Cosine between the customers of two items, who count with the log of 1 and their baskets.

    Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms".
    """
    counts = known.matrix(np.ones(len(known.days)))
    counts.data = np.log1p(counts.data)
    return ItemKnn(_nearest(counts), 0.95)


def basket_knn(known: Histories) -> ItemKnn:
    """Cosine between the baskets of two items; asked of the newest baskets above all."""
    shape = (len(known.days), len(known.items))
    ones = np.ones(len(known.codes))
    return ItemKnn(_nearest(sparse.csr_array((ones, known.codes, known.starts), shape=shape)), 0.7)


@dataclass(frozen=True, eq=False)
class ByRules:
    """Items that rules say follow from what the customer has bought.

    Attributes
    ----------
    antecedents
        Rules × items: 1 where the rule asks for the item.
    consequents
        Shape (rules,): positions of items.
    confidences
        Shape (rules,), 0..1.
    newest
        How many of the newest baskets a rule is held against.
    """

    antecedents: sparse.csr_array
    consequents: np.ndarray[tuple[int], np.dtype[np.int64]]
    confidences: Doubles
    newest: int

    def scores(self, asked: Histories) -> Doubles:
        """The highest confidence of the rules whose antecedent the customer has bought."""
        held = asked.matrix((asked.ago < self.newest).astype(np.float64))
        held.data = (held.data > 0).astype(np.float64)
        matched = (held @ self.antecedents.T).tocoo()
        wanted = np.diff(self.antecedents.indptr)
        is_whole = matched.data == wanted[matched.col]
        rule = matched.col[is_whole]
        found = np.full((len(asked.customers), len(asked.items)), NEVER)
        cells = (matched.row[is_whole], self.consequents[rule])
        np.maximum.at(found, cells, self.confidences[rule])
        return found


def by_rules(rules: pd.DataFrame, items: pd.Index, newest: int = 1) -> ByRules:
    """A recommender of association rules, or of sequential ones.

    Rules that name an item which is not among the items say nothing here.

    Parameters
    ----------
    rules
        Columns ``antecedent`` (a list of items), ``consequent`` (an item), ``confidence`` (0..1).
    items
        Of the histories that it is asked about.
    newest
        How many of a customer's newest baskets, taken together, must hold the antecedent.

    Raises
    ------
    RulesUnclear
        When a column is missing, an antecedent is empty, or a confidence is out of 0..1.
    """
    for column in ("antecedent", "consequent", "confidence"):
        if column not in rules.columns:
            found = ", ".join(map(str, rules.columns)) or "none"
            message = f"rules need a column {column!r}, but the table has: {found}"
            raise RulesUnclear(message)
    confidence = rules["confidence"].to_numpy(dtype=np.float64, na_value=np.nan)
    odd = int(np.count_nonzero(~((confidence >= 0) & (confidence <= 1))))
    lengths = rules["antecedent"].map(len).to_numpy(dtype=np.int64)
    empty = int(np.count_nonzero(lengths == 0))
    if odd or empty:
        message = (
            f"rules need an antecedent of 1 item or more and a confidence of 0 to 1, but of "
            f"{len(rules):,} rules {empty:,} have an empty antecedent and {odd:,} another "
            "confidence; leave them out"
        )
        raise RulesUnclear(message)
    named = items.get_indexer(pd.Index([one for each in rules["antecedent"] for one in each]))
    owner = np.repeat(np.arange(len(rules)), lengths)
    consequent = items.get_indexer(pd.Index(rules["consequent"]))
    unknown = np.bincount(owner[named < 0], minlength=len(rules))
    is_known = (unknown == 0) & (consequent >= 0)
    place = np.cumsum(is_known) - 1
    entries = is_known[owner]
    shape = (int(is_known.sum()), len(items))
    cells = (place[owner[entries]], named[entries])
    antecedents = sparse.csr_array((np.ones(len(cells[0])), cells), shape=shape)
    antecedents.sum_duplicates()
    antecedents.data[:] = 1.0
    return ByRules(antecedents, consequent[is_known], confidence[is_known], newest)


def _nearest(matrix: sparse.csr_array) -> sparse.csr_array:
    """Cosine of each column with the `KEPT` others that are nearest."""
    length = np.sqrt((matrix**2).sum(axis=0))
    scaled = matrix @ sparse.diags_array(1 / np.where(length > 0, length, 1.0))
    columns = scaled.tocsc()
    count = matrix.shape[1]
    owners, others, values = [], [], []
    for first in range(0, count, _AT_ONCE):
        some = np.arange(first, min(count, first + _AT_ONCE))
        likeness = (columns[:, some].T @ scaled).toarray()
        likeness[np.arange(len(some)), some] = NEVER
        likeness[likeness <= 0] = NEVER
        near = best(likeness, KEPT)
        row, place = np.nonzero(near >= 0)
        owners.append(some[row])
        others.append(near[row, place])
        values.append(likeness[row, near[row, place]])
    cells = (np.concatenate(owners), np.concatenate(others))
    return sparse.csr_array((np.concatenate(values), cells), shape=(count, count))

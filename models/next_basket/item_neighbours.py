"""Recommenders by items alike: what is bought by those who buy the same, and rules made of that."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse

from features.compiled import compiled
from features.errors import RegularsError
from models.next_basket.frequency import decayed_frequency
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray
from models.next_basket.offers import NEVER

KEPT: Final = 50
"""Neighbours of an item that are kept."""

HEARD: Final = 150
"""Items of a customer, those bought most, from which likeness is taken: who bought thousands says
little of any two of them, and would cost millions of products."""


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

    Of each customer the `HEARD` items bought most, of equal ones the first by name, are heard.
    Source: Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms".
    """
    counts = known.matrix(np.ones(len(known.days)))
    owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    order = np.lexsort((counts.indices, -counts.data, owner))
    place = np.arange(len(order)) - counts.indptr[owner]
    counts.data[order[place >= HEARD]] = 0.0
    counts.eliminate_zeros()
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
        When a column is missing, an antecedent is empty or no list (a bare string is none), or a
        confidence is out of 0..1.
    """
    lengths, confidence = _clear(rules)
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


def _clear(rules: pd.DataFrame) -> tuple[WholeArray, Doubles]:
    """Items of each antecedent, and confidences, shape (rules,) each."""
    for column in ("antecedent", "consequent", "confidence"):
        if column not in rules.columns:
            found = ", ".join(map(str, rules.columns)) or "none"
            message = f"rules need a column {column!r}, but the table has: {found}"
            raise RulesUnclear(message)
    confidence = rules["confidence"].to_numpy(dtype=np.float64, na_value=np.nan)
    odd = int(np.count_nonzero(~((confidence >= 0) & (confidence <= 1))))
    lengths = np.array(
        [len(each) if pd.api.types.is_list_like(each) else 0 for each in rules["antecedent"]],
        dtype=np.int64,
    )
    empty = int(np.count_nonzero(lengths == 0))
    if odd or empty:
        message = (
            "rules need an antecedent that is a list of 1 item or more and a confidence of 0 to 1, "
            f"but of {len(rules):,} rules {empty:,} have another antecedent and {odd:,} another "
            "confidence; mend them or leave them out"
        )
        raise RulesUnclear(message)
    return lengths, confidence


def _nearest(matrix: sparse.csr_array) -> sparse.csr_array:
    """Cosine of each column with the `KEPT` others that are nearest."""
    length = np.sqrt((matrix**2).sum(axis=0))
    rows = (matrix @ sparse.diags_array(1 / np.where(length > 0, length, 1.0))).tocsr()
    columns = rows.tocsc()
    others, values = _products(
        (columns.indptr, columns.indices, columns.data),
        (rows.indptr, rows.indices, rows.data),
        KEPT,
    )
    owner, place = np.nonzero(others >= 0)
    cells = (owner, others[owner, place])
    shape = (matrix.shape[1], matrix.shape[1])
    return sparse.csr_array((values[owner, place], cells), shape=shape)


@compiled
def _products(
    columns: tuple[Codes, Codes, Doubles], rows: tuple[Codes, Codes, Doubles], most: int
) -> tuple[Codes, Doubles]:
    """Of each column the others with the highest inner products above 0, and these, (items, most).

    Of equal ones the column that comes first is kept; -1 stands behind the last.
    """
    starts, owners, weights = columns
    begins, items, values = rows
    count = starts.size - 1
    found = np.full((count, most), -1, np.int32)
    kept = np.zeros((count, most))
    total = np.zeros(count)
    touched = np.empty(count, np.int32)
    for column in range(count):
        used = 0
        for place in range(starts[column], starts[column + 1]):
            row, weight = owners[place], weights[place]
            for entry in range(begins[row], begins[row + 1]):
                item = items[entry]
                if total[item] == 0:
                    touched[used] = item
                    used += 1
                total[item] += weight * values[entry]
        _keep(found[column], kept[column], np.sort(touched[:used]), total, column)
        for item in touched[:used]:
            total[item] = 0
    return found, kept


@compiled
def _keep(found: Codes, kept: Doubles, touched: Codes, total: Doubles, itself: int) -> None:
    """The highest totals of those touched, by insertion."""
    most = found.size
    for item in touched:
        value = total[item]
        if item == itself or value <= kept[most - 1]:
            continue
        place = most - 1
        while place > 0 and kept[place - 1] < value:
            kept[place] = kept[place - 1]
            found[place] = found[place - 1]
            place -= 1
        kept[place] = value
        found[place] = item

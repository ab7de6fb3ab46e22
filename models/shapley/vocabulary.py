"""Codes for the values of columns: all that the decisions of a forest tell apart."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from models.shapley.forest import NotSupported, Tree
from models.shapley.kernels import CATEGORICAL, Codes, Doubles, Flags, Whole, coded

MOST_CODES = 1 << 16
_NO_DECISION = -1


@dataclass(frozen=True)
class Vocabulary:
    """What the decisions about each column are.

    Attributes
    ----------
    kind
        Of each column, as `kernels.coded` knows them, shape (columns,).
    thresholds, categories
        Of each column, ascending; one of the two is empty.
    """

    kind: Whole
    thresholds: Sequence[Doubles]
    categories: Sequence[Whole]

    def codes(self, values: Doubles) -> Codes:
        """Code of each value, shape (columns, rows), of values of shape (rows, columns)."""
        known = [_codes_of(each) for each in self.categories]
        return coded(values, self.kind, _joined(self.thresholds), _joined(known))

    def size(self, column: int) -> int:
        """How many codes there are; 0 is that of a missing value, or of an unknown category."""
        if self.kind[column] == CATEGORICAL:
            return len(self.categories[column]) + 1
        return len(self.thresholds[column]) + 2

    def classes(self, tree: Tree, column: int, nodes: Whole) -> tuple[Whole, Flags]:
        """Values that a tree tells apart by a column.

        Parameters
        ----------
        tree, column, nodes
            The nodes of the tree that are about the column.

        Returns
        -------
        of_code
            Class of each code, shape (size,).
        lefts
            1 where values of a class go left, shape (nodes, classes).
        """
        if self.kind[column] == CATEGORICAL:
            chosen = [tree.categories[int(tree.threshold[node])] for node in nodes]
            known = self.categories[column]
            by_code = np.array([np.isin(known, each) for each in chosen])
            by_code = np.hstack([np.zeros((len(nodes), 1), dtype=bool), by_code])
            lefts, of_code = np.unique(by_code, axis=1, return_inverse=True)
            return of_code, lefts.astype(np.uint8)
        bounds = np.searchsorted(self.thresholds[column], tree.threshold[nodes]) + 1
        known, rank = np.unique(bounds, return_inverse=True)
        of_code = np.searchsorted(known, np.arange(self.size(column))) + 1
        of_code[0] = 0
        lefts = np.arange(len(known) + 1) <= rank[:, None]
        return of_code, np.hstack([tree.missing_left[nodes, None], lefts]).astype(np.uint8)


def vocabulary(trees: Iterable[Tree], width: int) -> Vocabulary:
    """The vocabulary of trees over so many columns.

    Raises
    ------
    NotSupported
        When trees do not agree on what is missing in a column, or tell very many values apart.
    """
    kind = np.full(width, _NO_DECISION, dtype=np.int64)
    thresholds: dict[int, list[Doubles]] = defaultdict(list)
    categories: dict[int, list[Whole]] = defaultdict(list)
    for tree in trees:
        for column in np.unique(tree.column).tolist():
            nodes = np.flatnonzero(tree.column == column)
            kinds = {*tree.kind[nodes].tolist(), *({int(kind[column])} - {_NO_DECISION})}
            if len(kinds) > 1:
                raise NotSupported("its trees do not agree on what is missing in a column")
            (kind[column],) = kinds
            if kind[column] == CATEGORICAL:
                categories[column] += [tree.categories[int(i)] for i in tree.threshold[nodes]]
            else:
                thresholds[column].append(tree.threshold[nodes])
    found = Vocabulary(
        kind,
        [_all(thresholds[column], np.float64) for column in range(width)],
        [_all(categories[column], np.int64) for column in range(width)],
    )
    if max((found.size(column) for column in range(width)), default=0) > MOST_CODES:
        raise NotSupported("its trees tell very many values of a column apart")
    return found


def _all(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, dtype), *parts]))


def _codes_of(categories: Whole) -> Whole:
    """Code of each category up to the largest; 0 for those that no decision names."""
    found = np.zeros(categories[-1] + 1 if len(categories) else 0, dtype=np.int64)
    found[categories] = np.arange(1, len(categories) + 1)
    return found


def _joined(parts: Sequence[np.ndarray]) -> tuple[Whole, np.ndarray]:
    """Where each part begins, and the end of the last; and all of them."""
    begins = np.cumsum([0, *map(len, parts)])
    return begins, np.array([*chain.from_iterable(parts)], dtype=parts[0].dtype)

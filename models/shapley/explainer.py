"""Contributions of columns for many rows: tables are made once of the trees, rows are looked up.

Leaves of a subtree ask about much the same columns. For a group of them there is a table: by what a
row meets of all they ask, the sum of what they give to each column. A leaf that asks about too many
columns for a table has its integral worked out row by row. So a row costs about as much as there
are columns in all groups, however deep the trees are.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from models.shapley.forest import NotSupported, forest
from models.shapley.grouping import Group, groups
from models.shapley.kernels import Codes, Doubles, Whole
from models.shapley.lookups import Steps, of_groups, of_subtrees
from models.shapley.vocabulary import Vocabulary, vocabulary

ROWS_AT_ONCE = 2048
"""Rows for which all tables are read once."""

MOST_BYTES = 256_000_000
"""Memory that tables may take; models of more are left to LightGBM."""


@dataclass(frozen=True)
class Tables:
    """Groups of one kind, laid out as `kernels.of_groups` or `kernels.of_subtrees` want them."""

    ends: tuple[Whole, Whole, Whole]
    columns: Whole
    lookups: tuple[Whole, Steps]
    sizes: tuple[Whole, Whole]
    cells: tuple[Whole, Doubles]

    def given(self, codes: Codes) -> Doubles:
        """What each column of each row is given, shape of ``codes``."""
        first, _, last = self.ends
        if not len(first):
            return np.zeros(codes.shape)
        if self.sizes[0][0]:
            cells = (*self.cells, *self.sizes)
            return of_subtrees(codes, self.ends, self.columns, self.lookups, cells)
        return of_groups(codes, (first, last), self.columns, self.lookups, self.cells)


@dataclass(frozen=True)
class Explainer:
    """A Booster's trees as tables.

    Attributes
    ----------
    width
        Columns of a row.
    vocabulary
        What codes rows.
    tables
        Of each class, of groups and of single leaves.
    base
        Mean over the training rows, of each class.
    """

    width: int
    vocabulary: Vocabulary
    tables: Sequence[tuple[Tables, Tables]]
    base: Doubles

    @property
    def nbytes(self) -> int:
        """Memory that the tables take."""
        each = (one for pair in self.tables for one in pair)
        return sum(one.cells[1].nbytes + one.lookups[1].nbytes for one in each)

    def contributions(self, values: Doubles, threads: int) -> Doubles:
        """What each column adds to a row's raw score, as ``Booster.predict(pred_contrib=True)``.

        Parameters
        ----------
        values
            Shape (n, width).
        threads
            Blocks of rows at a time.

        Returns
        -------
        numpy.ndarray
            Shape (n, classes * (width + 1)): of each class the columns, then its base.
        """
        found = np.empty((len(values), len(self.base), self.width + 1))
        found[:, :, self.width] = self.base

        def fill(begin: int) -> None:
            block = slice(begin, begin + ROWS_AT_ONCE)
            codes = self.vocabulary.codes(np.ascontiguousarray(values[block], dtype=np.float64))
            for number, (grouped, single) in enumerate(self.tables):
                found[block, number, :-1] = (grouped.given(codes) + single.given(codes)).T

        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(fill, range(0, len(values), ROWS_AT_ONCE)):
                pass
        return found.reshape(len(values), len(self.base) * (self.width + 1))


def explainer(text: str) -> Explainer:
    """Tables of a model.

    Parameters
    ----------
    text
        Of ``Booster.model_to_string``.

    Raises
    ------
    NotSupported
        When the model has to be left to LightGBM: linear leaves, leaves without a training row, a
        column whose missing values are told in two ways, or tables above `MOST_BYTES`.
    """
    known = forest(text)
    spoken = vocabulary((tree for _, tree in known.trees), known.width)
    found: list[list[Group]] = [[] for _ in range(known.classes)]
    base = known.base.copy()
    room = MOST_BYTES
    for number, tree in known.trees:
        base[number] += tree.expected
        made = list(groups(tree, spoken))
        room -= sum(group.nbytes for group in made)
        if room < 0:
            message = f"its tables would take more than {MOST_BYTES:,} bytes"
            raise NotSupported(message)
        found[number] += made
    tables = [
        (_tables([g for g in of if not g.points]), _tables([g for g in of if g.points]))
        for of in found
    ]
    return Explainer(known.width, spoken, tables, base)


def _tables(of: Sequence[Group]) -> Tables:
    """Groups one after the other; of one kind."""
    lengths, inner, points, size = (
        np.array(each, dtype=np.int64)
        for each in (
            [len(group.columns) for group in of],
            [group.inner for group in of],
            [group.points for group in of],
            [group.size for group in of],
        )
    )
    last = np.cumsum(lengths)
    steps = [step for group in of for step in group.steps]
    parts = [part for group in of for part in group.parts]
    return Tables(
        (last - lengths, last - lengths + inner, last),
        _flat([group.columns for group in of], np.int64),
        (_begins(steps), _flat(steps, np.uint32)),
        (points, size),
        (_begins(parts), _flat(parts, np.float64)),
    )


def _begins(parts: Sequence[np.ndarray]) -> Whole:
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    return np.cumsum(lengths) - lengths


def _flat(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype), *parts]).astype(dtype, copy=False)

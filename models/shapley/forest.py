"""The trees of a LightGBM Booster as arrays, read from its text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.shapley.kernels import CATEGORICAL, Doubles, Whole

_IS_CATEGORICAL, _GOES_LEFT, _MISSING_SHIFT, _MISSING_MASK = 1, 2, 2, 3


@dataclass(frozen=True)
class Tree:
    """A tree with at least one split.

    Children are numbers of nodes; leaf i is ``~i``, as LightGBM writes it.

    Attributes
    ----------
    column, threshold, kind, missing_left
        Of each node, shape (leaves - 1,). Kinds are those of `kernels.coded`; the threshold of a
        categorical node is a position in ``categories``.
    left, right
        Children of each node, shape (leaves - 1,).
    value, weight
        Of each leaf, shape (leaves,): what it adds, and the training rows in it.
    node_weight
        Training rows below each node, shape (leaves - 1,).
    categories
        The categories that go left, of each categorical node.
    """

    column: Whole
    threshold: Doubles
    kind: Whole
    missing_left: npt.NDArray[np.bool_]
    left: Whole
    right: Whole
    value: Doubles
    weight: Doubles
    node_weight: Doubles
    categories: Sequence[Whole]

    @property
    def expected(self) -> float:
        """Mean over the training rows."""
        return float((self.weight / self.node_weight[0] * self.value).sum())


@dataclass(frozen=True)
class Forest:
    """All trees.

    Attributes
    ----------
    width
        Columns of a row.
    classes
        Of a multiclass model; 1 otherwise.
    base
        What trees without a split add to each class, shape (classes,).
    trees
        Those with a split, and the class of each.
    """

    width: int
    classes: int
    base: Doubles
    trees: Sequence[tuple[int, Tree]] = field(repr=False)


MOST_LEAVES = 512
"""Of a tree; trees of more are left to LightGBM."""


class NotSupported(Exception):
    """Why a Booster has to be left to LightGBM's own contributions."""


def forest(text: str) -> Forest:
    """The trees of a model.

    Parameters
    ----------
    text
        Of ``Booster.model_to_string``.

    Raises
    ------
    NotSupported
        When leaves are linear, hold no training row, or are very many.
    """
    head, *blocks = text.split("\nend of trees", 1)[0].split("\nTree=")
    told = _pairs(head)
    width, classes = int(told["max_feature_idx"]) + 1, int(told["num_tree_per_iteration"])
    base, trees = np.zeros(classes), []
    for number, block in enumerate(blocks):
        lines = _pairs(block)
        if lines.get("is_linear", "0") != "0":
            raise NotSupported("its leaves are linear models")
        if int(lines["num_leaves"]) > MOST_LEAVES:
            raise NotSupported("its trees are very large")
        if int(lines["num_leaves"]) == 1:
            base[number % classes] += float(lines["leaf_value"])
        else:
            trees.append((number % classes, _tree(lines)))
    return Forest(width, classes, base, trees)


def _pairs(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.split("\n") if "=" in line)


def _tree(lines: Mapping[str, str]) -> Tree:
    decision = _whole(lines["decision_type"])
    kind = decision >> _MISSING_SHIFT & _MISSING_MASK
    tree = Tree(
        column=_whole(lines["split_feature"]),
        threshold=_doubles(lines["threshold"]),
        kind=np.where(decision & _IS_CATEGORICAL, CATEGORICAL, kind),
        missing_left=(decision & _GOES_LEFT) > 0,
        left=_whole(lines["left_child"]),
        right=_whole(lines["right_child"]),
        value=_doubles(lines["leaf_value"]),
        weight=_doubles(lines["leaf_count"]),
        node_weight=_doubles(lines["internal_count"]),
        categories=list(_categories(lines)),
    )
    if min(tree.weight.min(), tree.node_weight.min()) <= 0:
        raise NotSupported("a leaf holds no training row")
    return tree


def _categories(lines: Mapping[str, str]) -> Iterator[Whole]:
    """Categories are bits of 32-bit words."""
    if lines["num_cat"] != "0":
        words = np.array(lines["cat_threshold"].split(" "), dtype="<u4")
        begins = _whole(lines["cat_boundaries"])
        for first, last in pairwise(begins):
            bits = np.unpackbits(words[first:last].view(np.uint8), bitorder="little")
            yield np.flatnonzero(bits)


def _whole(values: str) -> Whole:
    return np.array(values.split(" "), dtype=np.int64)


def _doubles(values: str) -> Doubles:
    return np.array(values.split(" "), dtype=np.float64)

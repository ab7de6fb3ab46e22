"""Trees as groups of leaves, each small enough for a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from models.shapley.forest import Tree
from models.shapley.kernels import (
    Doubles,
    Flags,
    Whole,
    conditions,
    group_table,
    inner_table,
    leaf_table,
    masks,
    states,
)
from models.shapley.lookups import TOGETHER, Steps
from models.shapley.vocabulary import Vocabulary

TABLE_CELLS = 6_000
"""Numbers of one table, at most, so that it stays in the cache."""

GROUP_COST = 2.0
"""What a group costs a row beside its columns, in lookups."""

POINT_COST, INNER_COST = 0.35, 0.8
"""What a point of Gauss's rule costs for an outer and for an inner column, in lookups."""


@dataclass(frozen=True)
class Group:
    """Leaves of one tree.

    Attributes
    ----------
    columns
        That they ask about, shape (n,); of a subtree first the outer ones.
    steps
        By code of each column: what it adds to the index of a table; of an outer one, 1 where it
        is met.
    parts
        Of each column its part of the table; of a subtree the one part for all its columns.
    points, inner, size
        Of a subtree: points of Gauss's rule, place of the first inner column, length of an inner
        table; else 0.
    """

    columns: Whole
    steps: Sequence[Steps]
    parts: Sequence[Doubles]
    points: int = 0
    inner: int = 0
    size: int = 0

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return sum(part.nbytes for part in self.parts) + sum(step.nbytes for step in self.steps)


@dataclass(frozen=True)
class _Leaves:
    """Leaves of a tree from left to right, and what they ask.

    Attributes
    ----------
    values
        What each adds to the score.
    columns
        Columns of the tree, ascending; the other attributes count these.
    of_code
        Of each column, class of each code.
    met, asked, share
        Of `kernels.conditions`.
    """

    values: Doubles
    columns: Whole
    of_code: Sequence[Whole]
    met: Flags
    asked: Flags
    share: Doubles


Span = tuple[int, int]
"""First leaf, and the one after the last."""


def groups(tree: Tree, vocabulary: Vocabulary) -> Iterator[Group]:
    """The leaves of a tree in groups that cost a row the least."""
    order, paths = _walk(tree)
    leaves = _leaves(tree, vocabulary, order, paths)
    for span, is_table in _chosen(tree, leaves, order):
        yield _table(leaves, span) if is_table else _subtree(leaves, span)


def _walk(tree: Tree) -> tuple[list[int], list[list[int]]]:
    """Leaves from left to right, and the children that lead to each of them."""
    order, paths = [], []
    waiting: list[tuple[int, list[int]]] = [(0, [0])]
    while waiting:
        child, path = waiting.pop()
        if child < 0:
            order.append(~child)
            paths.append(path)
            continue
        both = int(tree.right[child]), int(tree.left[child])
        waiting += [(below, [*path, below]) for below in both]
    return order, paths


def _leaves(
    tree: Tree, vocabulary: Vocabulary, order: Sequence[int], paths: Sequence[Sequence[int]]
) -> _Leaves:
    columns, feature = np.unique(tree.column, return_inverse=True)
    of_code, found = [], []
    for i, column in enumerate(columns.tolist()):
        nodes = np.flatnonzero(feature == i)
        classes, of_nodes = vocabulary.classes(tree, column, nodes)
        of_code.append(classes)
        found.append((nodes, of_nodes))
    lefts = np.zeros((len(feature), max(each.shape[1] for _, each in found)), dtype=np.uint8)
    for nodes, of_nodes in found:
        lefts[nodes] = of_nodes[:, :1]  # classes that there are not are as the first
        lefts[nodes, : of_nodes.shape[1]] = of_nodes
    depth = max(map(len, paths)) - 1
    ways = np.full((len(paths), depth), -1, dtype=np.int64)
    is_left, passing = np.zeros(ways.shape, dtype=np.uint8), np.ones(ways.shape)
    for leaf, path in enumerate(paths):
        for step, (node, below) in enumerate(pairwise(path)):
            ways[leaf, step] = node
            is_left[leaf, step] = tree.left[node] == below
            weight = tree.node_weight[below] if below >= 0 else tree.weight[~below]
            passing[leaf, step] = weight / tree.node_weight[node]
    told = conditions((ways, is_left, passing), feature, lefts, len(columns))
    return _Leaves(tree.value[list(order)], columns, of_code, *told)


def _chosen(tree: Tree, leaves: _Leaves, order: Sequence[int]) -> list[tuple[Span, bool]]:
    """Spans of leaves, below a node each, that cost the least in all; whether each is a table."""
    place = {leaf: i for i, leaf in enumerate(order)}

    def best(child: int) -> tuple[float, list[tuple[Span, bool]], Span]:
        if child < 0:
            span, cost, spans = (place[~child], place[~child] + 1), np.inf, []
        else:
            left, right = best(int(tree.left[child])), best(int(tree.right[child]))
            span, cost, spans = (left[2][0], right[2][1]), left[0] + right[0], left[1] + right[1]
        for together, is_table in ((_table_cost(leaves, span), True), (_cost(leaves, span), False)):
            if together <= cost and together < np.inf:
                cost, spans = together, [(span, is_table)]
        return cost, spans, span

    return best(0)[1]


def _table_cost(leaves: _Leaves, span: Span) -> float:
    """Lookups of a table of the leaves; infinite where it would be too large."""
    columns, _, counts = states(leaves.met[slice(*span)], leaves.asked[slice(*span)])
    cells = len(columns) * np.prod(counts.astype(np.float64))
    return len(columns) + GROUP_COST if cells <= TABLE_CELLS else np.inf


def _cost(leaves: _Leaves, span: Span) -> float:
    """The same of a subtree; one leaf fits always."""
    outer, columns, _, counts = _parted(leaves, span)
    points = (int(leaves.asked[slice(*span)].sum(axis=1).max()) + 1) // 2
    cells = (len(columns) + 1) * points * np.prod(counts.astype(np.float64))
    if cells > TABLE_CELLS and span[1] - span[0] > 1:
        return np.inf
    cost = len(outer) * (2 + POINT_COST * points) + len(columns) * (1 + INNER_COST * points)
    return float(cost + (-(-len(outer) // TOGETHER) + 1) * INNER_COST * points + 2 * GROUP_COST)


def _parted(leaves: _Leaves, span: Span) -> tuple[Whole, Whole, Whole, Whole]:
    """Columns about which all leaves ask the same; and `states` of the others."""
    met, asked = leaves.met[slice(*span)], leaves.asked[slice(*span)].copy()
    share = leaves.share[slice(*span)]
    is_same = (met == met[0]).all(axis=(0, 2)) & (share == share[0]).all(axis=0)
    outer = np.flatnonzero(is_same & asked.all(axis=0))
    asked[:, outer] = 0
    return outer, *states(met, asked)


def _table(leaves: _Leaves, span: Span) -> Group:
    """The group of a table."""
    first, last = span
    met, asked = leaves.met[first:last], leaves.asked[first:last]
    columns, state, counts = states(met, asked)
    tables = [_leaf_table(leaves, leaf).ravel() for leaf in range(first, last)]
    begins = np.cumsum([0, *map(len, tables[:-1])])
    bits = masks(met, asked, columns, state, counts)
    found = group_table(counts, bits, begins, np.concatenate(tables))
    steps = _steps(leaves, columns, state, counts)
    return Group(leaves.columns[columns], steps, list(found))


def _steps(leaves: _Leaves, columns: Whole, state: Whole, counts: Whole) -> list[Steps]:
    """What each code of each column adds to the index; states of the first change quickest."""
    strides = np.cumprod([1, *counts])
    return [
        (state[i, leaves.of_code[column]] * strides[i]).astype(np.uint32)
        for i, column in enumerate(columns)
    ]


def _leaf_table(leaves: _Leaves, leaf: int) -> Doubles:
    share = leaves.share[leaf][leaves.asked[leaf] > 0]
    return leaf_table(float(leaves.values[leaf]), share, *_gauss((len(share) + 1) // 2))


def _subtree(leaves: _Leaves, span: Span) -> Group:
    """The group of leaves below a deep node; its one part is that of `kernels.of_subtrees`."""
    outer, columns, state, counts = _parted(leaves, span)
    met, asked = leaves.met[slice(*span)], leaves.asked[slice(*span)]
    points, weights = _gauss((int(asked.sum(axis=1).max()) + 1) // 2)
    share = leaves.share[span[0], outer][:, None]
    unmet = share * (1 - points)
    factors = np.stack([unmet, unmet + points], axis=2)  # (columns, points, met)
    products = []
    for begin in range(0, len(outer), TOGETHER):
        product = np.ones((len(points), 1 << TOGETHER))
        for bit, factor in enumerate(factors[begin : begin + TOGETHER]):
            product *= factor[:, np.arange(1 << TOGETHER) >> bit & 1]
        products.append(product.ravel())
    in_state = _in_state(met, columns, state, counts)
    weighted = leaves.values[slice(*span), None] * weights
    inside = in_state, asked[:, columns], leaves.share[slice(*span)][:, columns]
    within = inner_table(counts, inside, weighted, points)
    if_met = (1 - share) / factors[:, :, 1]
    part = np.concatenate([*products, within.ravel(), -1 / (1 - points), if_met.ravel()])
    is_met = [
        leaves.met[span[0], column, leaves.of_code[column]].astype(np.uint32) for column in outer
    ]
    steps = [*is_met, *_steps(leaves, columns, state, counts)]
    every = leaves.columns[np.concatenate([outer, columns])]
    return Group(every, steps, [part], len(points), len(outer), int(counts.prod()))


def _in_state(met: Flags, columns: Whole, state: Whole, counts: Whole) -> Flags:
    """1 where a leaf's condition about a column is met in a state, shape (leaves, n, states)."""
    found = np.zeros((len(met), len(columns), counts.max(initial=1)), dtype=np.uint8)
    for i, column in enumerate(columns):
        found[:, i, state[i]] = met[:, column]
    return found


@cache
def _gauss(count: int) -> tuple[Doubles, Doubles]:
    """Points and weights of Gauss's rule on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return (points + 1) / 2, weights / 2

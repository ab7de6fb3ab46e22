"""Closed patterns among all frequent ones."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled, interpreted
from models.coding import Codes, WholeArray

_FEW = 300
"""Patterns up to which loading a compiled loop takes longer than Python."""


def are_closed(parent: Codes, item: Codes, count: Codes) -> npt.NDArray[np.bool_]:
    """Which patterns are in no longer one of as many sequences, shape (nodes,).

    A pattern that is in a longer one of the same count is in one with a single item more, since
    those between have that count, too. So of every pattern each item is taken out once, and what is
    left is looked up.

    Parameters
    ----------
    parent, item, count
        Of all frequent patterns; see `models.sequences.patterns.Patterns`. The children of a node
        have ascending items, those that join before those that do not.
    """
    order = np.argsort(parent, kind="stable").astype(np.int64)
    sizes = np.bincount(parent + 1, minlength=len(parent) + 1)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    loop = _are_closed if len(parent) > _FEW else interpreted(_are_closed)
    return loop(parent, item, count, order, ends)


@compiled
def _are_closed(
    parent: Codes, item: Codes, count: Codes, order: WholeArray, ends: WholeArray
) -> npt.NDArray[np.bool_]:
    found = np.ones(parent.size, np.bool_)
    path = np.empty(1 << 10, np.int64)
    for node in range(parent.size):
        length, above = 0, np.int64(node)
        while above >= 0:
            if length == path.size:
                longer = np.empty(2 * length, np.int64)
                longer[:length] = path
                path = longer
            path[length] = above
            length += 1
            above = np.int64(parent[above])
        for out in range(length if length > 1 else 0):
            at = np.int64(parent[path[out]])
            begins = item[path[out]] >= 0
            for step in range(out - 1, -1, -1):
                added = item[path[step]]
                if step == out - 1 and begins and added < 0:
                    added = ~added  # it begins the element whose first item is taken out
                at = _child(item, order, (ends[at + 1], ends[at + 2]), added)
            if count[at] == count[node]:
                found[at] = False
    return found


@compiled
def _child(item: Codes, order: WholeArray, part: tuple[int, int], added: int) -> np.int64:
    """The child that adds an item; those that join come first, each kind by its item."""
    begin, end = part
    while end - begin > 1:
        middle = (begin + end) // 2
        other = item[order[middle]]
        if (added < 0) != (other < 0):
            is_before = other < 0
        else:
            is_before = other <= added if added >= 0 else ~other <= ~added
        if is_before:
            begin = middle
        else:
            end = middle
    found: np.int64 = order[begin]
    return found

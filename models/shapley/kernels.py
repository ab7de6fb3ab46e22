r"""Loops of the fast contributions: codes of rows, conditions of leaves, and tables of them.

A column counts as met by a row, for one leaf, where the row passes all decisions about it on the
way to that leaf. What a leaf of value v gives to its columns depends on which of them are met:

.. math:: \phi_j = v (o_j - z_j) \int_0^1 \prod_{i \ne j} (z_i (1 - t) + o_i t) dt

with o = 1 where met and 0 elsewhere, and z the share of training rows that pass. That is the
Shapley value of path-dependent trees (Lundberg, Erion and Lee 2018, "Consistent individualized
feature attribution for tree ensembles") written as an integral over the chance t that a column is
known (Owen 1972, "Multilinear extensions of games"). Gauss's rule with half as many points as there
are columns gives it exactly, and adds numbers of one sign only.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Whole = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]

CATEGORICAL, ZERO_IS_MISSING, NAN_IS_MISSING = 3, 1, 2
"""Kinds of columns; 0: nothing is missing, -1: no decision is about it."""

ZERO = float(np.float32(1e-35))
"""LightGBM takes values that are no further from 0 for 0."""


@compiled
def coded(
    values: Doubles, kind: Whole, thresholds: tuple[Whole, Doubles], categories: tuple[Whole, Whole]
) -> Codes:
    """Code of each value, shape (columns, rows): 0 for a missing one or an unknown category.

    Others count the thresholds below them, from 1 on; categories have a code each.

    Parameters
    ----------
    values
        Shape (rows, columns).
    kind
        Of each column.
    thresholds
        Position of each column's first, and the number of all; they ascend in a column.
    categories
        Position of each column's first category, and the number of all; code of each category.
    """
    begins, first = thresholds[0], categories[0]
    rows, columns = values.shape
    found = np.zeros((columns, rows), np.uint16)
    for column in range(columns):
        for row in range(rows):
            x = values[row, column]
            if kind[column] == CATEGORICAL:
                if -1.0 < x < first[column + 1] - first[column]:
                    found[column, row] = categories[1][first[column] + int(x)]
                continue
            if abs(x) <= ZERO or (np.isnan(x) and kind[column] != NAN_IS_MISSING):
                x = 0.0
            if kind[column] < 0 or np.isnan(x) or (x == 0 and kind[column] == ZERO_IS_MISSING):
                continue
            low, high = begins[column], begins[column + 1]
            while low < high:
                middle = (low + high) // 2
                if thresholds[1][middle] < x:
                    low = middle + 1
                else:
                    high = middle
            found[column, row] = low - begins[column] + 1
    return found


@compiled
def conditions(
    steps: tuple[Whole, Flags, Doubles], feature: Whole, lefts: Flags, count: int
) -> tuple[Flags, Flags, Doubles]:
    """What leaves ask of the columns of their tree.

    Parameters
    ----------
    steps
        Nodes on the way to each leaf, shape (leaves, depth), -1 behind the last; 1 where that way
        goes left; and the share of training rows that go that way.
    feature
        Column of each node, a number below ``count``.
    lefts
        1 where values of a class of the node's column go left, shape (nodes, classes).

    Returns
    -------
    met
        1 where a class meets all that a leaf asks of a column, shape (leaves, count, classes).
    asked
        1 where a leaf asks something of a column, shape (leaves, count).
    share
        Share of training rows that pass what it asks, shape (leaves, count).
    """
    paths, ways, passing = steps
    leaves, classes = len(paths), lefts.shape[1]
    met = np.ones((leaves, count, classes), np.uint8)
    asked = np.zeros((leaves, count), np.uint8)
    share = np.ones((leaves, count))
    for leaf in range(leaves):
        for step in range(paths.shape[1]):
            node = paths[leaf, step]
            if node < 0:
                break
            column = feature[node]
            asked[leaf, column] = 1
            share[leaf, column] *= passing[leaf, step]
            for i in range(classes):
                if lefts[node, i] != ways[leaf, step]:
                    met[leaf, column, i] = 0
    return met, asked, share


@compiled
def states(met: Flags, asked: Flags) -> tuple[Whole, Whole, Whole]:
    """What can be told apart of a row by some leaves.

    Parameters
    ----------
    met, asked
        Of `conditions`, for these leaves.

    Returns
    -------
    columns
        Those that a leaf asks about, shape (n,).
    state
        Of each class, shape (n, classes): classes of one state meet what the same leaves ask.
    counts
        Different states, shape (n,).
    """
    _, count, classes = met.shape
    columns, counts = np.empty(count, np.int64), np.zeros(count, np.int64)
    state = np.zeros((count, classes), np.int64)
    n = 0
    for column in range(count):
        if not asked[:, column].any():
            continue
        for i in range(classes):
            known = -1
            for other in range(i):
                if (met[:, column, i] == met[:, column, other]).all():
                    known = state[n, other]
                    break
            if known < 0:
                known = counts[n]
                counts[n] += 1
            state[n, i] = known
        columns[n] = column
        n += 1
    return columns[:n].copy(), state[:n].copy(), counts[:n].copy()


@compiled
def leaf_table(value: float, share: Doubles, points: Doubles, weights: Doubles) -> Doubles:
    """What a leaf gives to each of its d columns, shape (2 ** d, d).

    Bit j of the row says whether column j is met. Points and weights are those of Gauss's rule on
    [0, 1], half as many as columns.
    """
    depth, count = len(share), len(points)
    unmet = np.empty((depth, count))
    for j in range(depth):
        unmet[j] = share[j] * (1 - points)
    product = np.empty((1 << depth, count))
    product[0] = value * weights
    for j in range(depth):
        product[0] *= unmet[j]
    found = np.empty((1 << depth, depth))
    high = 0
    for mask in range(1 << depth):
        if mask:
            while mask >> (high + 1):
                high += 1
            before = mask ^ (1 << high)
            product[mask] = product[before] * ((unmet[high] + points) / unmet[high])
        for j in range(depth):
            is_met = (mask >> j) & 1
            total = 0.0
            for q in range(count):
                total += product[mask, q] / (unmet[j, q] + is_met * points[q])
            found[mask, j] = total * (is_met - share[j])
    return found


@compiled
def masks(
    met: Flags, asked: Flags, columns: Whole, state: Whole, counts: Whole
) -> tuple[Whole, Whole, Whole]:
    """Which bit of each leaf's mask is set in which state of a column.

    Parameters
    ----------
    met, asked, columns, state, counts
        Of `conditions` for some leaves, and of their `states`.

    Returns
    -------
    bits
        Shape (leaves, n, most states); 0 where the leaf asks for something else.
    places
        Place among the n columns of those that a leaf asks about, in the order of its bits.
    depths
        How many these are, shape (leaves,).
    """
    leaves, n = len(met), len(columns)
    bits = np.zeros((leaves, n, counts.max()), np.int64)
    places, depths = np.zeros((leaves, n), np.int64), np.zeros(leaves, np.int64)
    for leaf in range(leaves):
        for i in range(n):
            if asked[leaf, columns[i]]:
                for j in range(state.shape[1]):
                    is_met = np.int64(met[leaf, columns[i], j])
                    bits[leaf, i, state[i, j]] = is_met << depths[leaf]
                places[leaf, depths[leaf]] = i
                depths[leaf] += 1
    return bits, places, depths


@compiled
def group_table(
    counts: Whole, masks: tuple[Whole, Whole, Whole], begins: Whole, tables: Doubles
) -> Doubles:
    """What some leaves together give to their n columns, shape (n, product of counts).

    Parameters
    ----------
    counts
        States of each column; those of the first column change quickest.
    masks
        Of `masks`.
    begins, tables
        Position of each leaf's table of `leaf_table`, and all of them, flat.
    """
    bits, places, depths = masks
    n, size = len(counts), counts.prod()
    found, digits = np.zeros((n, size)), np.zeros(n, np.int64)
    for index in range(size):
        for leaf in range(len(depths)):
            mask, depth = np.int64(0), depths[leaf]
            for j in range(depth):
                column = places[leaf, j]
                mask |= bits[leaf, column, digits[column]]
            for j in range(depth):
                found[places[leaf, j], index] += tables[begins[leaf] + mask * depth + j]
        for column in range(n):
            digits[column] += 1
            if digits[column] < counts[column]:
                break
            digits[column] = 0
    return found


@compiled
def inner_table(
    counts: Whole, conditions: tuple[Flags, Flags, Doubles], weighted: Doubles, points: Doubles
) -> Doubles:
    """Leaves of a subtree at the points of Gauss's rule, shape (n + 1, points, product of counts).

    First the sum over the leaves of value, weight and the factors of their inner columns; then for
    each inner column the same with ``(o - z) / factor`` of it.

    Parameters
    ----------
    counts
        States of each of the n inner columns; those of the first change quickest.
    conditions
        1 where a leaf's condition is met in a state, shape (leaves, n, most states); whether a leaf
        asks about a column, and the share of training rows that pass, shape (leaves, n).
    weighted
        Value of each leaf times weight of each point, shape (leaves, points).
    points
        Of Gauss's rule.
    """
    met, asked, share = conditions
    n, size = len(counts), counts.prod()
    found, digits = np.zeros((n + 1, len(points), size)), np.zeros(n, np.int64)
    factor, part = np.ones(n), np.zeros(n)
    for index in range(size):
        for leaf in range(len(met)):
            for q in range(len(points)):
                product = weighted[leaf, q]
                for j in range(n):
                    factor[j], part[j] = 1.0, 0.0
                    if asked[leaf, j]:
                        is_met = met[leaf, j, digits[j]]
                        factor[j] = share[leaf, j] * (1 - points[q]) + is_met * points[q]
                        part[j] = (is_met - share[leaf, j]) / factor[j]
                        product *= factor[j]
                found[0, q, index] += product
                for j in range(n):
                    found[j + 1, q, index] += product * part[j]
        for j in range(n):
            digits[j] += 1
            if digits[j] < counts[j]:
                break
            digits[j] = 0
    return found

"""Loops over rows: what each column is given, looked up in the tables of groups and subtrees."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.shapley.kernels import Codes, Doubles, Whole

Steps = npt.NDArray[np.uint32]

TOGETHER = 6
"""Columns above a deep node whose factors are multiplied in advance."""

ROWS_TOGETHER = 256
"""Rows whose products at all points stay in the nearest cache."""


@compiled
def step(index: Steps, code: Codes, steps: Steps, shift: int) -> None:
    """Add to each row's index what its code says, moved by so many bits."""
    for row in range(len(index)):
        index[row] += steps[code[row]] << np.uint32(shift)


@compiled
def times(into: Doubles, factor: Doubles, index: Steps) -> None:
    """Multiply each row's number by the factor of its index."""
    for row in range(len(index)):
        into[row] *= factor[index[row]]


@compiled
def plus_product(into: Doubles, by: Doubles, factor: Doubles, index: Steps) -> None:
    """Add to each row its number of ``by`` times the factor of its index."""
    for row in range(len(index)):
        into[row] += by[row] * factor[index[row]]


@compiled
def plus_weighted(into: Doubles, by: Doubles, weight: float) -> None:
    """Add to each row its number of ``by`` times the weight."""
    for row in range(len(into)):
        into[row] += by[row] * weight


@compiled
def plus_chosen(into: Doubles, code: Codes, is_met: Steps, given: tuple[Doubles, Doubles]) -> None:
    """Add to each row its number of the second array where its code is met, else of the first."""
    for row in range(len(into)):
        into[row] += given[1][row] if is_met[code[row]] else given[0][row]


@compiled
def of_groups(
    codes: Codes,
    ends: tuple[Whole, Whole],
    columns: Whole,
    lookups: tuple[Whole, Steps],
    tables: tuple[Whole, Doubles],
) -> Doubles:
    """What groups of leaves give to each column of each row, shape of ``codes``.

    Parameters
    ----------
    codes
        Of `coded`.
    ends
        Position in ``columns`` of each group's first, and the one after its last.
    columns
        Of all groups, one after the other.
    lookups
        Position of each such column's first code, and by code what it adds to the index.
    tables
        Position of each such column's part of its group's table, and all of them: by index, what
        the column is given.
    """
    first, last = ends
    found = np.zeros(codes.shape)
    index = np.empty(codes.shape[1], np.uint32)
    for group in range(len(first)):
        index[:] = 0
        for i in range(first[group], last[group]):
            step(index, codes[columns[i]], lookups[1][lookups[0][i] :], 0)
        for i in range(first[group], last[group]):
            given, part = found[columns[i]], tables[1][tables[0][i] :]
            for row in range(len(index)):
                given[row] += part[index[row]]
    return found


@compiled
def times_outer(
    into: Doubles,
    codes: Codes,
    rows: tuple[int, int],
    lookups: tuple[Whole, Whole, Steps],
    parts: Doubles,
) -> int:
    """Multiply rows' products at all points by the factors of outer columns; where parts go on.

    ``lookups`` are the columns, and of each its first code's position; and all lookups.
    """
    columns, begins, is_met = lookups
    at, index = 0, np.empty(rows[1] - rows[0], np.uint32)
    for begin in range(0, len(columns), TOGETHER):
        index[:] = 0
        for i in range(begin, min(begin + TOGETHER, len(columns))):
            step(index, codes[columns[i], rows[0] : rows[1]], is_met[begins[i] :], i - begin)
        for q in range(len(into)):
            times(into[q], parts[at:], index)
            at += 1 << TOGETHER
    return at


@compiled
def of_subtrees(
    codes: Codes,
    ends: tuple[Whole, Whole, Whole],
    columns: Whole,
    lookups: tuple[Whole, Steps],
    tables: tuple[Whole, Doubles, Whole, Whole],
) -> Doubles:
    """What leaves below deep nodes give to each column of each row, shape of ``codes``.

    Parameters
    ----------
    codes
        Of `coded`.
    ends
        Position in ``columns`` of each subtree's first, of its first inner one (that is asked about
        below the node), and the one after its last.
    columns
        Of all subtrees, one after the other.
    lookups
        Position of each such column's first code, and by code 1 where the column is met; or, of an
        inner one, what it adds to the index.
    tables
        Position of each subtree's part, and all of them; then of each subtree the points of Gauss's
        rule and the length of an inner table. A part has, of `TOGETHER` outer columns at a time and
        for each point, the product of their factors by mask; the inner table; for each point what
        an outer column is given that is not met; and for each outer column and point what it is
        given where it is met.
    """
    first, inner, last = ends
    found = np.zeros(codes.shape)
    for subtree in range(len(first)):
        n, size = tables[2][subtree], tables[3][subtree]
        outer = slice(first[subtree], inner[subtree])
        for begin in range(0, codes.shape[1], ROWS_TOGETHER):
            rows = begin, min(begin + ROWS_TOGETHER, codes.shape[1])
            parts = tables[1][tables[0][subtree] :]
            outside = np.ones((n, rows[1] - begin))
            shown = columns[outer], lookups[0][outer], lookups[1]
            at = times_outer(outside, codes, rows, shown, parts)
            index = np.zeros(rows[1] - begin, np.uint32)
            for i in range(inner[subtree], last[subtree]):
                code = codes[columns[i], begin : rows[1]]
                step(index, code, lookups[1][lookups[0][i] :], 0)
            product = outside.copy()
            for q in range(n):
                times(product[q], parts[at + q * size :], index)
            at += n * size
            for i in range(inner[subtree], last[subtree]):
                given = found[columns[i], begin : rows[1]]
                for q in range(n):
                    plus_product(given, outside[q], parts[at:], index)
                    at += size
            unmet = np.zeros(rows[1] - begin)
            for q in range(n):
                plus_weighted(unmet, product[q], parts[at + q])
            for i in range(first[subtree], inner[subtree]):
                met = np.zeros(rows[1] - begin)
                at += n
                for q in range(n):
                    plus_weighted(met, product[q], parts[at + q])
                code, is_met = codes[columns[i], begin : rows[1]], lookups[1][lookups[0][i] :]
                plus_chosen(found[columns[i], begin : rows[1]], code, is_met, (unmet, met))
    return found

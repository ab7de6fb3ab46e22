"""Ways to look at sequences of single items: tables that the search by prefixes walks on.

A table has a row per entry and one behind each sequence, whose item is -1. Beside the item it tells
the entry of the same item before it, and the *last* entries, those whose item does not come again:
what may still follow a prefix is what has its last entry behind it (Yang, Wang and Kitsuregawa
2007, "LAPIN: effective sequential pattern mining algorithms by last position induction"), so
nothing is looked at twice to count a sequence once.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Whole32 = npt.NDArray[np.int32]
Whole64 = npt.NDArray[np.int64]

ITEM, PREVIOUS, TAIL, LAST, WHERE = 0, 1, 2, 3, 4
"""Rows of a table: the item of each entry; the entry of the same item before it in its sequence, -1
where there is none; where in the next row the last entries behind it begin; the items of the last
entries, -1 behind each sequence; and which entries these are."""

Parts = tuple[Whole64, Whole64, Whole32]
"""Elements, starts and codes of sequences."""


@compiled
def entries(parts: Parts, ranks: Whole32) -> tuple[Whole32, Whole64, bool]:
    """Ranks of the frequent items in order, -1 behind each sequence.

    Parameters
    ----------
    parts
        Of the sequences.
    ranks
        Rank of each item; -1 where it is not frequent.

    Returns
    -------
    tuple
        The ranks; where each sequence begins, shape (sequences + 1,); whether no element has two.
    """
    elements, starts, codes = parts
    found = np.empty(codes.size + elements.size, np.int32)
    heads = np.zeros(elements.size, np.int64)
    used, is_single = 0, True
    for number in range(elements.size - 1):
        for element in range(elements[number], elements[number + 1]):
            before = used
            for entry in range(starts[element], starts[element + 1]):
                if ranks[codes[entry]] >= 0:
                    found[used] = ranks[codes[entry]]
                    used += 1
            is_single &= used <= before + 1
        found[used] = -1
        used += 1
        heads[number + 1] = used
    return found[:used].copy(), heads, is_single


@compiled
def table_of(items: Whole32, frequent: int) -> Whole32:
    """Table of entries, see above; shape (5, rows)."""
    table = np.empty((5, items.size), np.int32)
    table[ITEM] = items
    finish(table, items.size, np.full(frequent, -1, np.int32))
    return table


@compiled
def finish(table: Whole32, rows: int, seen: Whole32) -> None:
    """Fill in a table whose items are there.

    ``seen`` has -1 for every item, before and after.
    """
    begin, used = 0, 0
    for end in range(rows):
        if table[ITEM, end] >= 0:
            item = table[ITEM, end]
            table[PREVIOUS, end] = seen[item]
            seen[item] = end
            continue
        table[PREVIOUS, end] = -1
        for row in range(begin, end):
            item = table[ITEM, row]
            if seen[item] == row:
                table[LAST, used] = item
                table[WHERE, used] = row
                used += 1
                seen[item] = -1
            table[TAIL, row] = used
        table[LAST, used], table[WHERE, used] = -1, -1
        used += 1
        table[TAIL, end] = used  # a row between two sequences stands before the next one's entries
        begin = end + 1


@compiled
def first_entries(table: Whole32, heads: Whole64, frequent: int) -> tuple[Whole64, Whole32]:
    """The first entry of each item in each sequence that has it.

    Returns
    -------
    tuple
        Where those of each item begin, shape (frequent + 1,), and the entries.
    """
    begins = np.zeros(frequent + 1, np.int64)
    for row in range(table.shape[1]):
        if table[ITEM, row] >= 0 and table[PREVIOUS, row] < 0:
            begins[table[ITEM, row] + 1] += 1
    for rank in range(frequent):
        begins[rank + 1] += begins[rank]
    found = np.empty(begins[frequent], np.int32)
    after = begins[:frequent].copy()
    for number in range(heads.size - 1):
        for row in range(heads[number], heads[number + 1] - 1):
            if table[PREVIOUS, row] < 0:
                found[after[table[ITEM, row]]] = row
                after[table[ITEM, row]] += 1
    return begins, found


@compiled
def narrow(
    table: Whole32, chosen: Whole32, part: tuple[int, int], kept: Whole32, into: Whole32
) -> int:
    """Write the items that come behind some entries, -1 before each sequence and behind the last.

    Parameters
    ----------
    table
        Of `table_of`.
    chosen
        Entries, of which the part from the first number up to the second is meant.
    part
        Both numbers.
    kept
        New number of each item; -1 where it is left out.
    into
        Table whose items are written.

    Returns
    -------
    int
        Rows that are used.
    """
    into[ITEM, 0] = -1
    used = 1
    for place in range(part[0], part[1]):
        row = chosen[place] + 1
        while table[ITEM, row] >= 0:
            item = kept[table[ITEM, row]]
            if item >= 0:
                into[ITEM, used] = item
                used += 1
            row += 1
        into[ITEM, used] = -1
        used += 1
    return used

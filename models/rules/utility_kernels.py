"""Loops that find the itemsets which bring most, for `models.rules.utility_search`.

An itemset is grown by items of higher rank, depth first. Of each itemset P its rows are known: one
for every basket that holds P and an item behind it, with what P brings there and where the items
behind it begin. Growing P looks through these rows three times:

- The *local* bound of an item is the sum, over the rows that hold it, of what P brings and of all
  that is above 0 behind it. No itemset that grows from P and holds the item brings more, so items
  whose bound is too low are left out of the copy of the rows that is made. For P of one item that
  is the pruning by co-occurrence of FHM (Fournier-Viger, Wu, Zida and Tseng 2014), made tighter.
- The bound of the *subtree* of an item counts what is behind that item only; where it is too low,
  neither P with the item nor anything that grows from it brings enough.
- The rows of every child that is left are dealt out in one walk.

These are the bounds of EFIM (Zida, Fournier-Viger, Lin, Wu and Tseng 2017, "EFIM: a fast and
memory efficient algorithm for high-utility itemset mining"). An item may bring a loss: what is
below 0 counts in what an itemset brings, but not in what may still come, and a row cannot pull a
bound down, since what grows from P need not be in it. That is sound whether an item always brings
a loss, as in FHN (Lin, Fournier-Viger and Gan 2016), or in some baskets only.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Whole = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

Level = tuple[Whole, Whole, Whole]
"""Entries, rows and children of an itemset, see below."""

CODE, WORTH = 0, 1
"""Of an entry, an item in a basket: its rank, and what it brings. A rank of `END` ends a row."""

END = -1

AT, HELD = 0, 1
"""Of a row: position of its first entry, and what the itemset brings there."""

ITEM, COUNT, UTILITY, BEGIN, BEHIND, BOUND = 0, 1, 2, 3, 4, 5
"""Of a child: the item that is added, baskets, what they bring, the position of its rows, and the
bound of its subtree."""

PARENT, LENGTH = 3, 4
"""Of an itemset that is found, beside `ITEM`, `COUNT` and `UTILITY`."""

_LOCAL, _SUBTREE, _SLOT = 0, 3, 4
"""Sums by item, beside `COUNT` and `UTILITY`; and where its next row goes."""

_NEXT, _STOP, _ENTRIES, _ROWS, _NODE, _CHILD = 0, 1, 2, 3, 4, 5
"""Of each depth: children that are left, what is in use, and the itemset that is looked at."""


@compiled
def first_level(
    baskets: tuple[Whole, Codes, Whole, Whole], ranks: Whole, items: int, least: int
) -> Level:
    """Entries, rows and children of the itemset that all others grow from.

    Parameters
    ----------
    baskets
        Where the items of each begin; the items; what each brings; and what each basket holds at
        the outset.
    ranks, items
        Rank of each item, -1 where it is left out; and how many have one.
    least
        What an itemset is to bring.
    """
    starts, codes, worths, held = baskets
    count = starts.size - 1
    entries = np.empty((codes.size + count, 2), np.int64)
    rows = np.empty((count, 2), np.int64)
    begins = np.zeros(items + 1, np.int64)
    basket_of = np.empty(codes.size, np.int64)
    for basket in range(count):
        rows[basket, AT], rows[basket, HELD] = 0, held[basket]
        for entry in range(starts[basket], starts[basket + 1]):
            basket_of[entry] = basket
            if ranks[codes[entry]] >= 0:
                begins[ranks[codes[entry]] + 1] += 1
                rows[basket, AT] += 1
    for rank in range(items):
        begins[rank + 1] += begins[rank]
    by_rank = np.empty(begins[items], np.int64)
    for entry in range(codes.size):
        rank = ranks[codes[entry]]
        if rank >= 0:
            by_rank[begins[rank]] = entry
            begins[rank] += 1
    top = 0
    for basket in range(count):
        size = rows[basket, AT]
        rows[basket, AT] = top
        top += size + 1
        entries[top - 1, CODE] = END
    after = rows[:, AT].copy()
    for entry in by_rank:
        basket = basket_of[entry]
        entries[after[basket], CODE] = ranks[codes[entry]]
        entries[after[basket], WORTH] = worths[entry]
        after[basket] += 1
    level = (entries, rows, np.empty((items + 1, 6), np.int64))
    sums, seen = np.zeros((items, 5), np.int64), np.empty(items, np.int64)
    entries, rows, children, _, _, last = _grown(
        level, (0, count), (0, 0, 0), (sums, seen), (least, 1)
    )
    return entries, rows, children[:last].copy()


@compiled
def bundles(
    firsts: Whole, level: Level, items: int, lengths: tuple[int, int], bounds: tuple[int, ...]
) -> tuple[Whole, bool]:
    """Itemsets that bring enough and begin with one of some items; or what the best of them bring.

    Parameters
    ----------
    firsts
        Positions of these items among the children of the first level.
    level, items
        Of `first_level`.
    lengths
        Items of an itemset, at least and at most.
    bounds
        What an itemset is to bring; how many of the best to look for, or 0 for all itemsets;
        itemsets that bring it, and itemsets in all with those that only lead to one, after which
        to give up.

    Returns
    -------
    tuple
        `ITEM`, `COUNT`, `UTILITY`, `PARENT` (`END` where there is none) and `LENGTH` of each, shape
        (itemsets, 5), a parent before its children; of the best, what each brings, in the first
        column of a heap. And whether nothing was given up.
    """
    shortest, longest = lengths
    least, best, most, most_nodes = bounds
    entries, rows = np.empty((1 << 12, 2), np.int64), np.empty((1 << 10, 2), np.int64)
    children, found = np.empty((1 << 10, 6), np.int64), np.empty((1 << 10, 5), np.int64)
    scratch = (np.zeros((items, 5), np.int64), np.empty(items, np.int64))
    frames = np.empty((min(longest, items) + 1, 6), np.int64)
    nodes, enough = 0, 0
    for first in firsts:
        if level[2][first, BOUND] < least:
            continue
        entries, rows, top, last = _taken(level, first, entries, rows)
        children[0], depth = level[2][first], 0
        children[0, BEGIN], children[0, BEHIND] = 0, last
        _framed(frames[0], 0, 1, (top, last))
        while depth >= 0:
            frame, child = frames[depth], frames[depth, _NEXT]
            if child == frame[_STOP]:
                depth -= 1
                continue
            frame[_NEXT], frame[_CHILD], frame[_NODE] = child + 1, child, END
            if children[child, UTILITY] >= least and depth + 1 >= shortest:
                if best == 0:
                    found, nodes = _told(found, nodes, children, frames, depth)
                else:
                    found, nodes = _ranked(found, nodes, children[child, UTILITY], best)
                    least = max(least, found[0, 0] + 1) if nodes == best else least
                enough += 1
                if enough > most or nodes > most_nodes:
                    return found[:nodes].copy(), False
            span = (children[child, BEGIN], children[child, BEHIND])
            if depth + 1 < longest and span[0] < span[1] and children[child, BOUND] >= least:
                tops = (frame[_ENTRIES], frame[_ROWS], frame[_STOP])
                bound = (least, longest - depth - 2)
                entries, rows, children, top, last, stop = _grown(
                    (entries, rows, children), span, tops, scratch, bound
                )
                depth += 1
                _framed(frames[depth], frame[_STOP], stop, (top, last))
    return found[:nodes].copy(), True


@compiled
def _framed(frame: Whole, begin: int, stop: int, ends: tuple[int, int]) -> None:
    """Write where the children of a depth are, and where its entries and rows end."""
    frame[_NEXT], frame[_STOP] = begin, stop
    frame[_ENTRIES], frame[_ROWS] = ends


@compiled
def _ranked(heap: Whole, size: int, value: int, most: int) -> tuple[Whole, int]:
    """The heap, its least value first, with the value where that is among the best; its size."""
    at = size
    if size == most:
        at = 0
        while 2 * at + 1 < size:
            below = 2 * at + 1
            if below + 1 < size and heap[below + 1, 0] < heap[below, 0]:
                below += 1
            if heap[below, 0] >= value:
                break
            heap[at, 0] = heap[below, 0]
            at = below
        heap[at, 0] = value
        return heap, size
    heap = _longer(heap, size, size + 1)
    while at > 0 and heap[(at - 1) // 2, 0] > value:
        heap[at, 0] = heap[(at - 1) // 2, 0]
        at = (at - 1) // 2
    heap[at, 0] = value
    return heap, size + 1


@compiled
def _taken(level: Level, first: int, entries: Whole, rows: Whole) -> tuple[Whole, Whole, int, int]:
    """Entries and rows of a child of the first level, to be grown, and how many there are."""
    begin, behind = level[2][first, BEGIN], level[2][first, BEHIND]
    rows = _longer(rows, 0, behind - begin)
    top = 0
    for row in range(begin, behind):
        rows[row - begin, AT], rows[row - begin, HELD] = top, level[1][row, HELD]
        at = level[1][row, AT]
        while True:
            if top == len(entries):
                entries = _longer(entries, top, 2 * top)
            entries[top, CODE], entries[top, WORTH] = level[0][at, CODE], level[0][at, WORTH]
            top += 1
            if level[0][at, CODE] == END:
                break
            at += 1
    return entries, rows, top, behind - begin


@compiled
def _grown(
    level: Level,
    span: tuple[int, int],
    tops: tuple[int, int, int],
    scratch: tuple[Whole, Whole],
    bound: tuple[int, int],
) -> tuple[Whole, Whole, Whole, int, int, int]:
    """Copy of some rows, children of their itemset and rows of these; and where each of them ends.

    ``tops`` says from where on each may be written, which may be onto the rows that are copied.
    ``bound`` is what an itemset is to bring, and 0 where rows of the children are not needed.
    """
    entries, rows, children = level
    sums, seen = scratch
    least, more = bound
    touched, size = _measured(entries, rows, span, sums, seen)
    entries = _longer(entries, tops[0], tops[0] + size)
    rows = _longer(rows, tops[1], tops[1] + span[1] - span[0])
    top, last = _copied(entries, rows, (span, tops), sums, least)
    copies = (tops[1], last)
    seen[:touched].sort()
    stop = tops[2]
    children = _longer(children, stop, stop + touched)
    for item in seen[:touched]:
        sums[item, _SLOT] = -1
        if sums[item, _LOCAL] >= least and sums[item, _SUBTREE] >= least:
            children[stop, ITEM], children[stop, COUNT] = item, sums[item, COUNT]
            children[stop, UTILITY] = sums[item, UTILITY]
            children[stop, BOUND] = sums[item, _SUBTREE]
            children[stop, BEGIN], children[stop, BEHIND] = last, last
            if more != 0:
                sums[item, _SLOT] = last
                last += sums[item, COUNT]
            stop += 1
    if more != 0:
        rows = _longer(rows, copies[1], last)
        _dealt(entries, rows, copies, sums)
        for child in range(tops[2], stop):
            children[child, BEHIND] = sums[children[child, ITEM], _SLOT]
    for item in seen[:touched]:
        sums[item] = 0
    return entries, rows, children, top, last, stop


@compiled
def _measured(
    entries: Whole, rows: Whole, span: tuple[int, int], sums: Whole, seen: Whole
) -> tuple[int, int]:
    """How many items there are in some rows, and how many entries; counts and local bounds."""
    touched, size = 0, 0
    for row in range(span[0], span[1]):
        bound, at = rows[row, HELD], rows[row, AT]
        while entries[at, CODE] != END:
            bound += max(entries[at, WORTH], 0)
            at += 1
        size += at + 1 - rows[row, AT]
        bound = max(bound, 0)
        for entry in range(rows[row, AT], at):
            item = entries[entry, CODE]
            if sums[item, COUNT] == 0:
                seen[touched] = item
                touched += 1
            sums[item, COUNT] += 1
            sums[item, _LOCAL] += bound
    return touched, size


@compiled
def _copied(
    entries: Whole,
    rows: Whole,
    where: tuple[tuple[int, int], tuple[int, int, int]],
    sums: Whole,
    least: int,
) -> tuple[int, int]:
    """Where copies of some rows end, without items of too low a bound; utilities and bounds."""
    (begin, behind), (top, last, _) = where
    for row in range(begin, behind):
        held, at, rest = rows[row, HELD], rows[row, AT], 0
        rows[last, AT], rows[last, HELD] = top, held
        while entries[at, CODE] != END:
            if sums[entries[at, CODE], _LOCAL] >= least:
                entries[top, CODE], entries[top, WORTH] = entries[at, CODE], entries[at, WORTH]
                rest += max(entries[at, WORTH], 0)
                top += 1
            at += 1
        if top == rows[last, AT]:
            continue
        for entry in range(rows[last, AT], top):
            item, worth = entries[entry, CODE], entries[entry, WORTH]
            rest -= max(worth, 0)
            sums[item, UTILITY] += held + worth
            sums[item, _SUBTREE] += max(held + worth + rest, 0)
        entries[top, CODE] = END
        top += 1
        last += 1
    return top, last


@compiled
def _dealt(entries: Whole, rows: Whole, copies: tuple[int, int], sums: Whole) -> None:
    """Write the rows of every child that has a slot, where something is behind its item."""
    for row in range(copies[0], copies[1]):
        held, at = rows[row, HELD], rows[row, AT]
        while entries[at + 1, CODE] != END:
            slot = sums[entries[at, CODE], _SLOT]
            if slot >= 0:
                rows[slot, AT], rows[slot, HELD] = at + 1, held + entries[at, WORTH]
                sums[entries[at, CODE], _SLOT] = slot + 1
            at += 1


@compiled
def _told(
    found: Whole, nodes: int, children: Whole, frames: Whole, depth: int
) -> tuple[Whole, int]:
    """What is found and the itemset at some depth, with those that lead to it."""
    found = _longer(found, nodes, nodes + depth + 1)
    for level in range(depth + 1):
        if frames[level, _NODE] == END:
            child = frames[level, _CHILD]
            for column in (ITEM, COUNT, UTILITY):
                found[nodes, column] = children[child, column]
            found[nodes, PARENT] = frames[level - 1, _NODE] if level else END
            found[nodes, LENGTH] = level + 1
            frames[level, _NODE] = nodes
            nodes += 1
    return found, nodes


@compiled
def _longer(table: Whole, used: int, needed: int) -> Whole:
    """The table, or one twice as long as needed that begins with what is used of it."""
    if needed <= len(table):
        return table
    longer = np.empty((2 * needed, table.shape[1]), np.int64)
    longer[:used] = table[:used]
    return longer

"""Frequent sequences of single items, grown one item at a time: loops that numba compiles.

A prefix is looked at where its first match in every sequence ends, and what is frequent behind
these entries makes the longer ones (Pei et al. 2004, "Mining sequential patterns by
pattern-growth: the PrefixSpan approach"). For each first item the sequences that hold it are looked
at alone, without what is not frequent in them. Where most of the items that are left are in most of
the sequences, the rest is grown in rows of positions: see `models.sequences.rows`.
"""

import numpy as np

from features.compiled import compiled
from models.sequences.found import ADDED, COUNT, LENGTH, PARENT, longer, wider
from models.sequences.layout import (
    ITEM,
    LAST,
    PREVIOUS,
    TAIL,
    Whole32,
    Whole64,
    finish,
    narrow,
)
from models.sequences.rows import FARTHEST, in_rows, rows_of

BEGIN, END, AT, NODE, TOP = 0, 1, 2, 3, 4
"""Of a frame: where the candidates of a prefix begin and end on the stack, the one that is next,
the prefix's node, and where in the pool the entries of all candidates end."""

DEPTH, LOW, HIGH, GROWS, ROWS_WANTED, FOUND_WANTED, POOL_WANTED = 0, 1, 2, 3, 4, 5, 6
"""Of the state: the frame that is looked at; the part of the pool that belongs to the prefix that
is to be grown; whether one is; whether it is to be grown in rows; the room that is wanted."""

CANDIDATE, SHARED, FROM = 0, 1, 2
"""Rows of the stack: item, number of sequences, and where in the pool its entries begin."""

Bounds = tuple[int, int, int]
"""Least count, most patterns, most items of a pattern."""


@compiled
def grown_singles(
    firsts: Whole32, table: Whole32, heads: tuple[Whole64, Whole32], bounds: Bounds, worth: int
) -> tuple[Whole32, bool]:
    """Sequences that begin with one of some ranks.

    Parameters
    ----------
    firsts
        Ranks.
    table
        Of `models.sequences.layout.table_of`.
    heads
        Of `models.sequences.layout.first_entries`.
    bounds
        See `Bounds`.
    worth
        Positions that rows compare in the time in which one entry is counted; 0 makes no rows.

    Returns
    -------
    tuple
        Parent, rank, count and length of every pattern, shape (patterns, 4), a parent before its
        children, and whether it was given up.
    """
    least, most, longest = bounds
    frequent = heads[0].size - 1
    near = np.empty((5, table.shape[1] + 1), np.int32)
    counts, kept = np.zeros(frequent, np.int64), np.full(frequent, -1, np.int32)
    seen, names = np.full(frequent, -1, np.int32), np.empty(frequent, np.int32)
    found, used = np.empty((1 << 12, 4), np.int32), 0
    pool = np.empty(1 << 12, np.int32)
    for first in firsts:
        begin, end = heads[0][first], heads[0][first + 1]
        if used + 1 > found.shape[0]:
            found = longer(found, used, used + 1)
        found[used, PARENT], found[used, ADDED] = -1, first
        found[used, COUNT], found[used, LENGTH] = end - begin, 1
        used += 1
        if longest == 1 or used > most:
            continue
        _tally(table, heads[1], (begin, end), counts)
        width = _kept(counts, least, kept, names)
        if width:
            rows = narrow(table, heads[1], (begin, end), kept, near)
            finish(near, rows, seen)
            if pool.size < end - begin:
                pool = np.empty(2 * (end - begin), np.int32)
            _roots(near, rows, pool)
            start = (end - begin, width, worth if _longest(near, rows) <= FARTHEST else 0)
            found, used, pool = _below(found, used, (near, pool, names), start, bounds)
        for place in range(width):
            kept[names[place]] = -1
        if used > most:
            break
    return found[:used].copy(), used > most


@compiled
def _tally(table: Whole32, chosen: Whole32, part: tuple[int, int], counts: Whole64) -> None:
    """Count what comes behind some entries, once for each of them."""
    for place in range(part[0], part[1]):
        last = table[TAIL, chosen[place]]
        while table[LAST, last] >= 0:
            counts[table[LAST, last]] += 1
            last += 1


@compiled
def _kept(counts: Whole64, least: int, kept: Whole32, names: Whole32) -> int:
    """Number what is frequent, ascending, and forget the counts."""
    width = 0
    for item in range(counts.size):
        if counts[item] >= least:
            names[width] = item
            kept[item] = width
            width += 1
        counts[item] = 0
    return width


@compiled
def _longest(near: Whole32, rows: int) -> int:
    """Entries of a sequence, at most."""
    before, longest = 0, 0
    for row in range(rows):
        if near[ITEM, row] < 0:
            longest = max(longest, row - before)
            before = row
    return longest


@compiled
def _roots(near: Whole32, rows: int, pool: Whole32) -> None:
    """The row before each sequence."""
    used = 0
    for row in range(rows - 1):
        if near[ITEM, row] < 0:
            pool[used] = row
            used += 1


@compiled
def _more(pool: Whole32, used: int, wanted: int) -> Whole32:
    made = np.empty(2 * wanted, np.int32)
    made[:used] = pool[:used]
    return made


@compiled
def _below(
    found: Whole32,
    used: int,
    near: tuple[Whole32, Whole32, Whole32],
    start: tuple[int, int, int],
    bounds: Bounds,
) -> tuple[Whole32, int, Whole32]:
    """All that grows from the pattern that was found last."""
    table, pool, names = near
    sequences, width, worth = start
    counts, starts = np.zeros(width, np.int32), np.empty(width, np.int64)
    stack, frames = np.empty((3, 8 * width), np.int64), np.zeros((5, 64), np.int64)
    state = np.array([-1, 0, sequences, 1, 0, 0, 0], np.int64)
    while True:
        tables = (table, names, counts, starts)
        used = _walked((found, used), tables, (pool, stack, frames), state, (bounds, worth))
        if used > bounds[1] or (state[DEPTH] < 0 and not state[GROWS]):
            return found, used, pool
        if state[ROWS_WANTED]:
            begin = frames[END, state[DEPTH]] if state[DEPTH] >= 0 else 0
            end, node = frames[END, state[DEPTH] + 1], frames[NODE, state[DEPTH] + 1]
            part = (state[LOW], state[HIGH])
            rows = rows_of(table, pool, part, stack[:2, begin:end].copy(), node)
            found, used = in_rows(found, used, names, rows, bounds)
            state[ROWS_WANTED], state[GROWS] = 0, 0
        if state[FOUND_WANTED] > found.shape[0]:
            found = longer(found, used, state[FOUND_WANTED])
        if state[POOL_WANTED] > pool.size:
            pool = _more(pool, pool.size, state[POOL_WANTED])
        top = frames[END, state[DEPTH]] + width if state[DEPTH] >= 0 else width
        if top > stack.shape[1]:
            stack = wider(stack, 2 * top)
        if state[DEPTH] + 2 > frames.shape[1]:
            frames = wider(frames, 2 * frames.shape[1])


@compiled
def _walked(
    told: tuple[Whole32, int],
    tables: tuple[Whole32, Whole32, Whole32, Whole64],
    rooms: tuple[Whole32, Whole64, Whole64],
    state: Whole64,
    asked: tuple[Bounds, int],
) -> int:
    """Grow depth first, on from where it stopped, until all is found or something is wanted.

    No array is made here, for each that changes hands in a loop is counted, which takes longer than
    what is done with it. Returns the number of patterns.
    """
    found, used = told
    (bounds, worth), names = asked, tables[1]
    _, stack, frames = rooms
    while used <= bounds[1]:
        depth = state[DEPTH]
        if state[GROWS]:
            if not _grow(used - 1, tables, rooms, state, (bounds[0], worth)):
                return used
            continue
        if depth < 0:
            return used
        place = frames[AT, depth]
        if place == frames[END, depth]:
            state[DEPTH] -= 1
            continue
        if used == found.shape[0]:
            state[FOUND_WANTED] = used + 1
            return used
        node = frames[NODE, depth]
        found[used, PARENT], found[used, ADDED] = node, names[stack[CANDIDATE, place]]
        found[used, COUNT], found[used, LENGTH] = stack[SHARED, place], found[node, LENGTH] + 1
        used += 1
        frames[AT, depth] += 1
        if found[node, LENGTH] + 1 < bounds[2]:
            state[LOW] = stack[FROM, place]
            state[HIGH] = state[LOW] + stack[SHARED, place]
            state[GROWS] = 1
    return used


@compiled
def _grow(
    node: int,
    tables: tuple[Whole32, Whole32, Whole32, Whole64],
    rooms: tuple[Whole32, Whole64, Whole64],
    state: Whole64,
    asked: tuple[int, int],
) -> bool:
    """Put what is frequent behind a prefix on the stack; False where it stops for want of room."""
    table, _, counts, starts = tables
    pool, stack, frames = rooms
    depth = state[DEPTH]
    low, high = state[LOW], state[HIGH]
    begin = frames[END, depth] if depth >= 0 else 0
    top = frames[TOP, depth] if depth >= 0 else high
    if begin + counts.size > stack.shape[1] or depth + 1 >= frames.shape[1]:
        return False
    for place in range(low, high):
        last = table[TAIL, pool[place]]
        while table[LAST, last] >= 0:
            counts[table[LAST, last]] += 1
            last += 1
    end, total = _candidates(counts, stack, frames, state, asked[0])
    if end == begin:
        state[GROWS] = 0
        return True
    if (total * asked[1]) > (end - begin) * (high - low + 8 * asked[1]):
        state[ROWS_WANTED] = 1
        frames[NODE, depth + 1], frames[END, depth + 1] = node, end
        return False
    if top + total > pool.size:
        state[POOL_WANTED] = top + total
        return False
    starts[:] = -1
    for place in range(begin, end):
        stack[FROM, place] = top
        starts[stack[CANDIDATE, place]] = top
        top += stack[SHARED, place]
    _project(table, pool, (low, high), starts)
    frames[BEGIN, depth + 1], frames[END, depth + 1] = begin, end
    frames[AT, depth + 1], frames[NODE, depth + 1], frames[TOP, depth + 1] = begin, node, top
    state[DEPTH] += 1
    state[GROWS] = 0
    return True


@compiled
def _candidates(
    counts: Whole32, stack: Whole64, frames: Whole64, state: Whole64, least: int
) -> tuple[int, int]:
    """Put the frequent ones on the stack and forget the counts; where they end, and their sum.

    What is frequent behind a longer prefix is so behind a shorter one.
    """
    depth = state[DEPTH]
    total = 0
    if depth < 0:
        end = 0
        for item in range(counts.size):
            if counts[item] >= least:
                stack[CANDIDATE, end], stack[SHARED, end] = item, counts[item]
                total += counts[item]
                end += 1
    else:
        end = frames[END, depth]
        for place in range(frames[BEGIN, depth], frames[END, depth]):
            item = stack[CANDIDATE, place]
            if counts[item] >= least:
                stack[CANDIDATE, end], stack[SHARED, end] = item, counts[item]
                total += counts[item]
                end += 1
    counts[:] = 0
    return end, total


@compiled
def _project(table: Whole32, pool: Whole32, part: tuple[int, int], starts: Whole64) -> None:
    """Write the first entry of each candidate behind the entries of a prefix."""
    for place in range(part[0], part[1]):
        before = pool[place]
        row = before + 1
        item = table[ITEM, row]
        while item >= 0:
            at = starts[item]
            if at >= 0 and table[PREVIOUS, row] <= before:
                pool[at] = row
                starts[item] = at + 1
            row += 1
            item = table[ITEM, row]

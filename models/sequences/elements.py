"""Frequent sequences of any elements under any constraints: loops that numba compiles.

A prefix is known by all elements where a match of it can end, each with the latest instant at which
such a match begins: what may follow depends on nothing else, and the latest beginning leaves most
room within the span. So a gap that the first match breaks and a later one keeps is not lost. Items
that join the last element are looked for in these elements, those that begin a new one in the
elements that may follow.
"""

import numpy as np

from features.compiled import compiled
from models.sequences.found import ADDED, COUNT, LENGTH, PARENT, longer, wider
from models.sequences.layout import Whole32, Whole64
from models.sequences.windows import (
    BEGINS,
    ENDS,
    FIRST,
    LAST,
    OWNER,
    UNBOUNDED,
    Elements,
    Gaps,
    Occurrences,
    follows,
)

Bounds = tuple[int, int, int, int]
"""Least count, most patterns, most items and most elements of a pattern."""

Given = tuple[Elements, Occurrences]
"""Of `models.sequences.windows.elements_of`, and of `occurrences` in them."""

BEGIN, END, AT, NODE, TOP, PARTS = 0, 1, 2, 3, 4, 5
"""Of a frame: where the candidates of a prefix begin and end on the stack, the one that is next,
the prefix's node, where the pool is free behind the candidates' ends, and the prefix's elements."""

DEPTH, LOW, HIGH, GROWS, FOUND_WANTED, POOL_WANTED, SERIAL = 0, 1, 2, 3, 4, 5, 6
"""Of the state: the frame that is looked at; the part of the pool that belongs to the prefix that
is to be grown; whether one is; the room that is wanted; and how many groups were looked at."""

CANDIDATE, SHARED, FROM, UP_TO = 0, 1, 2, 3
"""Rows of the stack: rank, ``~rank`` of one that joins the last element; number of sequences; and
where in the pool its ends begin and end."""


@compiled
def grown_elements(
    firsts: Whole32,
    given: Given,
    held: tuple[Whole64, Whole32],
    gaps: Gaps,
    bounds: Bounds,
) -> tuple[Whole32, bool]:
    """Sequences that begin with one of some ranks.

    Parameters
    ----------
    firsts
        Ranks.
    given
        See `Given`.
    held
        Of `models.sequences.windows.holders`.
    gaps, bounds
        See there, and `Bounds`.

    Returns
    -------
    tuple
        As `models.sequences.singles.grown_singles`; an item that joins the last element is given as
        ``~rank``.
    """
    told, frequent = given[0][3], held[0].size - 1
    pool = np.empty((2, 1 << 12), np.int64)
    stack, frames = np.empty((4, 4 * frequent + 4), np.int64), np.zeros((6, 16), np.int64)
    work = np.zeros((4, 2 * frequent), np.int64)
    work[2] = -1
    found, used = np.empty((1 << 12, 4), np.int32), 0
    state = np.zeros(7, np.int64)
    for first in firsts:
        begin, end = held[0][first], held[0][first + 1]
        if end - begin > pool.shape[1]:
            pool = np.empty((2, 2 * (end - begin)), np.int64)
        count = _starting(told, held[1], (begin, end), pool)
        if used == found.shape[0]:
            found = longer(found, used, used)
        found[used, PARENT], found[used, ADDED] = -1, first
        found[used, COUNT], found[used, LENGTH] = count, 1
        used += 1
        state[DEPTH], state[LOW], state[HIGH], state[GROWS] = -1, 0, end - begin, int(bounds[2] > 1)
        while used <= bounds[1] and (state[DEPTH] >= 0 or state[GROWS]):
            rooms = (pool, stack, frames, work)
            used = _walked((found, used), given, rooms, state, (gaps, bounds))
            if state[FOUND_WANTED] > found.shape[0]:
                found = longer(found, used, used)
            if state[POOL_WANTED] > pool.shape[1]:
                pool = wider(pool, 2 * state[POOL_WANTED])
            if state[DEPTH] + 2 > frames.shape[1]:
                frames = wider(frames, 2 * frames.shape[1])
            top = 2 * frequent + (frames[END, state[DEPTH]] if state[DEPTH] >= 0 else 0)
            if top > stack.shape[1]:
                stack = wider(stack, 2 * top)
        if used > bounds[1]:
            break
    return found[:used].copy(), used > bounds[1]


@compiled
def _starting(told: Whole64, held: Whole32, part: tuple[int, int], pool: Whole64) -> int:
    """Write where a pattern of one item ends; in how many sequences that is."""
    count, owner = 0, np.int64(-1)
    for number in range(part[1] - part[0]):
        element = held[part[0] + number]
        pool[0, number], pool[1, number] = element, told[BEGINS, element]
        if told[OWNER, element] != owner:
            owner = told[OWNER, element]
            count += 1
    return count


@compiled
def _walked(
    told: tuple[Whole32, int],
    given: Given,
    rooms: tuple[Whole64, Whole64, Whole64, Whole64],
    state: Whole64,
    asked: tuple[Gaps, Bounds],
) -> int:
    """Grow depth first, on from where it stopped, until all is found or there is no room.

    Returns the number of patterns.
    """
    found, used = told
    _, stack, frames, _ = rooms
    bounds = asked[1]
    while used <= bounds[1]:
        depth = state[DEPTH]
        if state[GROWS]:
            last = found[used - 1, ADDED]
            last = ~last if last < 0 else last
            if not _grow((used - 1, last), given, rooms, state, asked):
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
        found[used, PARENT], found[used, ADDED] = node, stack[CANDIDATE, place]
        found[used, COUNT], found[used, LENGTH] = stack[SHARED, place], found[node, LENGTH] + 1
        used += 1
        frames[AT, depth] += 1
        if found[node, LENGTH] + 1 < bounds[2]:
            state[LOW], state[HIGH] = stack[FROM, place], stack[UP_TO, place]
            state[GROWS] = 1
    return used


@compiled
def _grow(
    above: tuple[int, int],
    given: Given,
    rooms: tuple[Whole64, Whole64, Whole64, Whole64],
    state: Whole64,
    asked: tuple[Gaps, Bounds],
) -> bool:
    """Put what is frequent behind a prefix on the stack; False where it stops for want of room."""
    (node, last), (gaps, bounds), (elements, behind) = above, asked, given
    pool, stack, frames, work = rooms
    depth, parts = state[DEPTH], 1
    begin, top = 0, state[HIGH]
    if depth >= 0:
        begin, top = frames[END, depth], frames[TOP, depth]
        parts = frames[PARTS, depth] + int(stack[CANDIDATE, frames[AT, depth] - 1] >= 0)
    width = work.shape[1] // 2
    if begin + 2 * width > stack.shape[1] or depth + 1 >= frames.shape[1]:
        return False
    ends, is_free = (state[LOW], state[HIGH]), _is_free(gaps)
    goes_on = parts < bounds[3]
    reached = _reach(elements, pool, state, top, gaps) if goes_on and not is_free else top
    if reached < 0:
        return False
    state[SERIAL] = _tally(elements, pool, (*ends, last, 0, state[SERIAL]), work)
    state[SERIAL] = _tally(elements, pool, (top, reached, -1, width, state[SERIAL]), work)
    if goes_on and is_free:
        _behind(elements[3], behind, pool, (*ends, 0), work)
    end, total = _candidates(stack, begin, work, bounds[0])
    if end > begin and reached + total > pool.shape[1]:
        state[POOL_WANTED] = reached + total
        work[:2] = 0
        return False
    if end > begin:
        free = _placed(stack, (begin, end), work, reached)
        _project(elements, pool, ends, (last, 0), work)
        _project(elements, pool, (top, reached), (-1, width), work)
        if goes_on and is_free:
            _behind(elements[3], behind, pool, (*ends, 1), work)
        _ended(stack, (begin, end), work)
        frame = (begin, end, begin, node, free, parts)
        for number in range(6):
            frames[number, depth + 1] = frame[number]
        state[DEPTH] += 1
    work[:2], work[2] = 0, -1
    state[GROWS] = 0
    return True


@compiled
def _is_free(gaps: Gaps) -> bool:
    return bool(gaps[0] <= 0 and gaps[1] == UNBOUNDED and gaps[2] == UNBOUNDED)


@compiled
def _placed(stack: Whole64, part: tuple[int, int], work: Whole64, free: int) -> int:
    """Give each candidate the room in the pool that it may need; where the pool is free then."""
    width = work.shape[1] // 2
    for place in range(part[0], part[1]):
        at = stack[CANDIDATE, place]
        number = ~at if at < 0 else at + width
        stack[FROM, place] = free
        work[2, number] = free
        free += work[1, number]
    return free


@compiled
def _ended(stack: Whole64, part: tuple[int, int], work: Whole64) -> None:
    """Note up to where the ends of each candidate were written."""
    width = work.shape[1] // 2
    for place in range(part[0], part[1]):
        at = stack[CANDIDATE, place]
        stack[UP_TO, place] = work[2, ~at if at < 0 else at + width]


@compiled
def _behind(
    told: Whole64,
    behind: Occurrences,
    pool: Whole64,
    part: tuple[int, int, int],
    work: Whole64,
) -> None:
    """Count what is behind the first end in each sequence, or write where, without constraints.

    Items of a sequence are looked at as long as they come behind that end; what they may need in
    the pool is counted by all of their elements. ``part`` has that of the pool, and 1 to write.
    """
    begins, names, ends, places = behind
    width, place = work.shape[1] // 2, part[0]
    while place < part[1]:
        owner, soonest = told[OWNER, pool[0, place]], told[LAST, pool[0, place]]
        while place < part[1] and told[OWNER, pool[0, place]] == owner:
            soonest = min(soonest, told[LAST, pool[0, place]])
            place += 1
        for number in range(begins[owner], begins[owner + 1]):
            if told[FIRST, places[ends[number + 1] - 1]] <= soonest:
                break
            column = names[number] + width
            if part[2] == 0:
                work[0, column] += 1
                work[1, column] += ends[number + 1] - ends[number]
            elif work[2, column] >= 0:
                first = ends[number + 1] - 1
                while first > ends[number] and told[FIRST, places[first - 1]] > soonest:
                    first -= 1
                at = work[2, column]
                for one in range(first, ends[number + 1]):
                    pool[0, at], pool[1, at] = places[one], 0
                    at += 1
                work[2, column] = at


@compiled
def _reach(elements: Elements, pool: Whole64, state: Whole64, top: int, gaps: Gaps) -> int:
    """Write what may follow the ends of a prefix, with the latest beginning; where that ends.

    -1 for want of room.
    """
    heads, _, _, told = elements
    place, high = state[LOW], state[HIGH]
    while place < high:
        owner = told[OWNER, pool[0, place]]
        group = place
        while place < high and told[OWNER, pool[0, place]] == owner:
            place += 1
        end = heads[owner + 1]
        if top + end - heads[owner] > pool.shape[1]:
            state[POOL_WANTED] = top + end - heads[owner]
            return -1
        for other in range(pool[0, group] + 1, end):
            latest = -UNBOUNDED
            for one in range(group, place):
                is_later = pool[1, one] > latest and told[ENDS, other] - pool[1, one] <= gaps[2]
                if is_later and follows(told, pool[0, one], other, gaps):
                    latest = pool[1, one]
            if latest > -UNBOUNDED:
                pool[0, top], pool[1, top] = other, latest
                top += 1
    return top


@compiled
def _tally(
    elements: Elements,
    pool: Whole64,
    part: tuple[int, int, int, int, int],
    work: Whole64,
) -> int:
    """Count items above a rank in some elements, once a sequence, and how many elements have each.

    ``part`` has the part of the pool, that rank, where the counts of items begin in the columns of
    ``work``, and the number of groups so far; rows of ``work`` are the number of sequences, of
    elements, where these are written, and the group that was seen last. Returns that of groups.
    """
    _, starts, items, told = elements
    owner, group = -1, part[4]
    for place in range(part[0], part[1]):
        element = pool[0, place]
        if told[OWNER, element] != owner:
            owner = told[OWNER, element]
            group += 1
        for entry in range(starts[element], starts[element + 1]):
            if items[entry] > part[2]:
                number = items[entry] + part[3]
                work[1, number] += 1
                if work[3, number] != group:
                    work[3, number] = group
                    work[0, number] += 1
    return group


@compiled
def _candidates(stack: Whole64, begin: int, work: Whole64, least: int) -> tuple[int, int]:
    """Put the frequent ones on the stack, those that join first; where they end, and their ends."""
    width = work.shape[1] // 2
    end, total = begin, 0
    for number in range(2 * width):
        if work[0, number] >= least:
            stack[CANDIDATE, end] = ~number if number < width else number - width
            stack[SHARED, end] = work[0, number]
            total += work[1, number]
            end += 1
    return end, total


@compiled
def _project(
    elements: Elements, pool: Whole64, part: tuple[int, int], which: tuple[int, int], work: Whole64
) -> None:
    """Write every element with a candidate as an end of the longer prefix."""
    _, starts, items, _ = elements
    for place in range(part[0], part[1]):
        element, latest = pool[0, place], pool[1, place]
        for entry in range(starts[element], starts[element + 1]):
            if items[entry] > which[0]:
                at = work[2, items[entry] + which[1]]
                if at >= 0:
                    pool[0, at], pool[1, at] = element, latest
                    work[2, items[entry] + which[1]] = at + 1

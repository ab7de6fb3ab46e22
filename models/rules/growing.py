"""Frequent itemsets grown one item at a time: loops that numba compiles.

Items are ranked by the number of baskets that hold them, the rarest first. For each first item the
baskets that hold it are looked at alone: a row of bits for every other item that is frequent among
them. From there on an itemset is grown depth first, and the baskets of a longer one are the bits
that two rows share (Zaki 2000, "Scalable algorithms for association mining", on vertical layouts;
Borgelt 2012, "Frequent item set mining", on rows of a part of the data). An item that is in all
baskets of an itemset (a perfect extension) doubles what is found below without a look at the
baskets.

Closed itemsets keep the rows of items that were passed as well: where a passed item is in all
baskets of an itemset, that one and all that grow from it were found before, with the passed item
in them (Uno, Asai, Uchida and Arimura 2004, "An efficient algorithm for enumerating closed patterns
in transaction databases").
"""

import numpy as np

from features.compiled import compiled
from models.rules.layout import Layout, Whole32, Whole64
from models.rules.projection import (
    ALL,
    AT,
    BASKETS,
    BEGIN,
    CLOSED,
    END,
    FREE,
    NODE,
    PERFECT,
    TOP,
    WORDS,
    Bits,
    Bounds,
    Near,
    beside,
    count_listed,
    fill_marked,
    longer,
    ones,
    rows,
    wider,
)

Path = tuple[Whole64, Whole32, Whole64]
"""Frames of the itemsets that are being grown, perfect extensions, and the state of the walk."""

DEPTH, WANTED_ROWS, WANTED_ENTRIES, WANTED_WORDS, WORTH = 0, 1, 2, 3, 4
"""Of the state: the frame that is looked at, the room that the next step wants, and `listed_worth`
of `grown`."""

Rooms = tuple[Whole64, Bits, Near]
"""The stack of candidates (item, count, where its row of bits begins), those bits, and baskets."""

PARENT, ITEM, COUNT, LENGTH = 0, 1, 2, 3
"""Columns of what is found."""

_MOST_DOUBLINGS = 30


@compiled
def grown(
    firsts: Whole32, layout: Layout, deepest: int, listed_worth: int, bounds: Bounds
) -> tuple[Whole32, bool]:
    """Itemsets that begin with one of some ranks.

    Parameters
    ----------
    firsts
        Ranks.
    layout
        See `models.rules.layout`.
    deepest
        Frequent items of a basket, at most.
    listed_worth
        How many words of bits are joined in the time in which one listed candidate is counted.
    bounds
        See `models.rules.projection`.

    Returns
    -------
    tuple
        Parent, item, count and length of every itemset, shape (itemsets, 4), a parent before its
        children, and whether it was given up. Of closed ones the item of a node that only leads to
        one is given as ``~item``, and the length of one that no frequent itemset holds as
        ``-length``.
    """
    begins = layout[0]
    workspaces = (np.zeros(begins.size, np.int32), np.full(begins.size, -1, np.int32))
    frames = np.zeros((8, deepest + 2), np.int64)
    path = (frames, np.empty(deepest + 1, np.int32), np.zeros(5, np.int64))
    path[2][WORTH] = listed_worth
    rooms = _rooms(2 * begins.size, 1 << 12, 1 << 10, 1 << 12)
    found = np.empty((1 << 12, 4), np.int32)
    used = 0
    for first in firsts:
        count = begins[first + 1] - begins[first]
        beside(first, layout, bounds, (workspaces[0], frames), rooms[0])
        frames[WORDS, 0], frames[BASKETS, 0] = (count + 63) >> 6, count
        rooms = _enough(rooms, count, frames)
        rows(first, layout, rooms, (frames, bounds), workspaces)
        if _is_known(count, rooms[0], path):
            continue
        found = _with_room(found, used, _needed(used, frames, 0, bounds))
        used = _told(found, used, (-1, first, count), path, (0, bounds))
        found, used, rooms = _below(found, used, rooms, path, bounds)
        if used > bounds[1]:
            break
    return found[:used], used > bounds[1]


@compiled
def _rooms(entries: int, words: int, baskets: int, listed: int) -> Rooms:
    near = (
        np.empty(baskets + 1, np.int64),
        np.empty(listed, np.int32),
        np.zeros(entries, np.int64),
    )
    return np.empty((3, entries), np.int64), np.empty(words, np.uint64), near


@compiled
def _enough(rooms: Rooms, baskets: int, frames: Whole64) -> Rooms:
    """Room for a first item with so many baskets; what was in the rooms is not kept."""
    end = frames[END, 0]
    words = end * frames[WORDS, 0]
    stack, pool, near = rooms
    listed = stack[1, :end].sum()
    if pool.size < words:
        pool = np.empty(2 * words, np.uint64)
    starts, listing, marks = near
    if starts.size <= baskets:
        starts = np.empty(2 * baskets + 1, np.int64)
    if listing.size < listed:
        listing = np.empty(2 * listed, np.int32)
    if marks.size < end:
        marks = np.zeros(2 * end, np.int64)
    return stack, pool, (starts, listing, marks)


@compiled
def _is_known(count: int, stack: Whole64, path: Path) -> bool:
    """Whether a first item is in all baskets of one that was passed.

    If not, perfect extensions are marked as such: their count is that of the item.
    """
    frames, perfect, _ = path
    frames[TOP, 0] = frames[END, 0] * frames[WORDS, 0]
    perfects = 0
    for place in range(frames[END, 0]):
        if stack[1, place] == count:
            if place < frames[AT, 0]:
                return True
            perfect[perfects] = stack[0, place]
            perfects += 1
    frames[END, 0] -= perfects  # they have the highest counts, so they are the last
    frames[PERFECT, 0] = perfects
    return False


@compiled
def _below(
    found: Whole32, used: int, rooms: Rooms, path: Path, bounds: Bounds
) -> tuple[Whole32, int, Rooms]:
    """All that grows from the itemset of the first frame."""
    state = path[2]
    state[:WORTH] = 0
    while True:
        used = _walked(found, used, rooms, path, bounds)
        if state[DEPTH] < 0 or used > bounds[1]:
            return found, used, rooms
        stack, pool, near = rooms
        found = _with_room(found, used, state[WANTED_ROWS])
        if state[WANTED_ENTRIES] > stack.shape[1]:
            stack = wider(stack, 2 * state[WANTED_ENTRIES])
        if state[WANTED_WORDS] > pool.size:
            pool = longer(pool, state[WANTED_WORDS])
        rooms = (stack, pool, near)


@compiled
def _walked(found: Whole32, used: int, rooms: Rooms, path: Path, bounds: Bounds) -> int:
    """Grow depth first, on from where it stopped, until all is found or there is no room.

    No array is made here, for each that changes hands in a loop is counted, which takes longer than
    what is done with it. Returns the number of itemsets; the state says what room is wanted.
    """
    frames, _, state = path
    stack, pool, near = rooms
    depth = state[DEPTH]
    while depth >= 0 and used <= bounds[1]:
        place, end = frames[AT, depth], frames[END, depth]
        if place == end:
            depth -= 1
            continue
        state[DEPTH] = depth
        begin = frames[BEGIN, depth] if bounds[3] == CLOSED else place
        words = (end - begin) * frames[WORDS, depth]
        state[WANTED_ENTRIES] = 2 * end - begin
        state[WANTED_WORDS] = frames[TOP, depth] + words
        if state[WANTED_ENTRIES] > stack.shape[1] or state[WANTED_WORDS] > pool.size:
            return used
        if depth == 0 and _is_short(stack[1, place], near, words, path):
            is_known = _counted(rooms, path, begin, place, bounds)
        else:
            is_known = _joined(rooms, path, (depth, begin, place), bounds)
        if not is_known:
            state[WANTED_ROWS] = _needed(used, frames, depth + 1, bounds)
            if state[WANTED_ROWS] > found.shape[0]:
                return used
            node = (frames[NODE, depth], stack[0, place], stack[1, place])
            used = _told(found, used, node, path, (depth + 1, bounds))
        frames[AT, depth] += 1
        depth += 0 if is_known else 1
    state[DEPTH] = -1
    return used


@compiled
def _is_short(count: int, near: Near, words: int, path: Path) -> bool:
    """Whether to go through the baskets of a pair is quicker than through all rows of bits."""
    frames, _, state = path
    baskets = frames[BASKETS, 0]
    return bool(state[WORTH] * count * near[0][baskets] < words * baskets)


@compiled
def _joined(rooms: Rooms, path: Path, where: tuple[int, int, int], bounds: Bounds) -> bool:
    """Put what is frequent beside an itemset and its next candidate on top of the stack.

    Returns whether both are in all baskets of an item that was passed.
    """
    stack, pool, _ = rooms
    frames, perfect, _ = path
    depth, begin, place = where
    end, top = frames[END, depth], frames[TOP, depth]
    words, count, row = frames[WORDS, depth], stack[1, place], stack[2, place]
    perfects = 0 if bounds[3] == CLOSED else frames[PERFECT, depth]
    new = end
    frames[BEGIN, depth + 1] = end
    for other in range(begin, end):
        if other == place:
            frames[AT, depth + 1] = new
            continue
        shared = _shared(pool, row, stack[2, other], top, words)
        if shared < bounds[0]:
            continue
        if shared < count:
            stack[0, new], stack[1, new], stack[2, new] = stack[0, other], shared, top
            new += 1
            top += words
        elif other < place:
            return True
        else:
            perfect[perfects] = stack[0, other]
            perfects += 1
    frames[END, depth + 1], frames[TOP, depth + 1] = new, top
    frames[PERFECT, depth + 1], frames[WORDS, depth + 1] = perfects, words
    return False


@compiled
def _shared(pool: Bits, one: int, other: int, into: int, words: int) -> np.int64:
    """Number of bits that two rows share; the bits themselves are written ``into`` the pool."""
    total = np.uint64(0)
    first, second, third = np.uint64(one), np.uint64(other), np.uint64(into)  # none is negative
    for number in range(words):
        word = np.uint64(number)
        both = pool[first + word] & pool[second + word]
        pool[third + word] = both
        total += ones(both)
    return np.int64(total)


@compiled
def _counted(rooms: Rooms, path: Path, begin: int, place: int, bounds: Bounds) -> bool:
    """What `_joined` does for the first item, by the baskets of its next candidate one by one.

    The rows of bits that are made have these baskets alone.
    """
    stack, pool, near = rooms
    frames, perfect, _ = path
    marks = near[2]
    end, top = frames[END, 0], frames[TOP, 0]
    count, row, words = stack[1, place], stack[2, place], frames[WORDS, 0]
    fewer = (count + 63) >> 6
    listed = count_listed(rooms, (row, words), (begin, place, end), bounds[0])
    perfects = 0 if bounds[3] == CLOSED else frames[PERFECT, 0]
    new, is_known = end, False
    frames[BEGIN, 1] = end
    frames[AT, 1] = end
    for entry in range(end, listed):
        other = stack[0, entry]
        shared = marks[other]
        if shared == count:
            is_known |= other < place
            perfect[perfects] = stack[0, other]
            perfects += 1
            continue
        stack[0, new], stack[1, new], stack[2, new] = stack[0, other], shared, top
        marks[other] = -1 - top
        new += 1
        top += fewer
        if other < place:
            frames[AT, 1] = new
    pool[frames[TOP, 0] : top] = 0
    fill_marked(rooms, row, words)
    marks[: end + frames[PERFECT, 0]] = 0  # perfect extensions of the first item are listed, too
    frames[END, 1], frames[TOP, 1] = new, top
    frames[PERFECT, 1], frames[WORDS, 1] = perfects, fewer
    return is_known


@compiled
def _with_room(found: Whole32, used: int, wanted: int) -> Whole32:
    """The table, longer if it has no room for so many rows."""
    if wanted <= found.shape[0]:
        return found
    made = np.empty((2 * wanted, 4), np.int32)
    made[:used] = found[:used]
    return made


@compiled
def _needed(used: int, frames: Whole64, depth: int, bounds: Bounds) -> int:
    """Rows that a node and what its perfect extensions make of it may end with."""
    perfects = frames[PERFECT, depth]
    if bounds[3] == ALL:
        perfects = 1 << min(perfects, _MOST_DOUBLINGS)
    return int(used + min(perfects + 1, bounds[1] + 2 - used))


@compiled
def _told(
    found: Whole32,
    used: int,
    node: tuple[int, int, int],
    path: Path,
    asked: tuple[int, Bounds],
) -> int:
    """Write one more node, and what its perfect extensions make of it; the number of all.

    Of closed itemsets that is one, at the end of a chain of nodes; of all, every subset of the
    extensions.
    """
    frames, perfect, _ = path
    depth, bounds = asked
    most, longest, is_closed = bounds[1], bounds[2], bounds[3] == CLOSED
    parent, item, count = node
    length = 1 if parent < 0 else abs(found[parent, LENGTH]) + 1
    first = used
    found[used, PARENT], found[used, ITEM] = parent, item
    found[used, COUNT], found[used, LENGTH] = count, length
    used += 1
    for number in range(0 if bounds[3] == FREE else frames[PERFECT, depth]):
        begin, end = (used - 1 if is_closed else first), used
        for above in range(begin, end):
            size = found[above, LENGTH] + 1
            if (is_closed or size <= longest) and used <= most:
                found[used, PARENT], found[used, ITEM] = above, perfect[number]
                found[used, COUNT], found[used, LENGTH] = count, size
                used += 1
        if is_closed:
            found[used - 2, ITEM] = ~found[used - 2, ITEM]
    last = used - 1 if is_closed else first
    frames[NODE, depth] = last
    if found[last, LENGTH] >= longest:
        frames[AT, depth] = frames[END, depth]
    if is_closed and found[last, LENGTH] > longest:
        found[last, ITEM] = ~found[last, ITEM]
    if is_closed and frames[BEGIN, depth] == frames[END, depth]:
        found[last, LENGTH] = -found[last, LENGTH]
    return used

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

from features.compiled import compiled, filling, lean
from models.rules.bits import Bits, longer, shared
from models.rules.dense import dense_rows, words_kept
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
    Bounds,
    Near,
    beside,
    count_listed,
    fill_marked,
    rows,
    wider,
)

Path = tuple[Whole64, Whole32, Whole64, Whole32]
"""Frames of the itemsets that are being grown, perfect extensions, the state of the walk, and the
item of each rank."""

DEPTH, WANTED_ROWS, WANTED_ENTRIES, WANTED_WORDS, WORTH, FIRST, USED = 0, 1, 2, 3, 4, 5, 6
"""Of the state: the frame that is looked at, -1 between two first items; the room that the next
step wants; `listed_worth` of `begun`; how many first items are done; and how many itemsets are
found."""

Rooms = tuple[Whole64, Bits, Near]
"""The stack of candidates (item, count, where its row of bits begins), those bits, and baskets."""

Workspaces = tuple[Whole32, Whole32]
"""A zero and a -1 for each rank, which are there again after each first item."""

Walk = tuple[Whole32, Path, Rooms, Workspaces]
"""What is found, a row for each of the columns below, and all that the walk needs to go on."""

PARENT, ITEM, COUNT, LENGTH = 0, 1, 2, 3
"""Columns of what is found."""

_MOST_DOUBLINGS = 30


def begun(layout: Layout, items: Whole32, listed_worth: int) -> tuple[Path, Rooms, Workspaces]:
    """What a walk needs, before its first step.

    Parameters
    ----------
    layout
        See `models.rules.layout`.
    items
        Item of each rank.
    listed_worth
        How many words of bits are joined in the time in which one listed candidate is counted.
    """
    begins = layout[0]
    deepest = len(items)
    state = np.zeros(7, np.int64)
    state[DEPTH], state[WORTH] = -1, listed_worth
    path = (np.zeros((8, deepest + 2), np.int64), np.empty(deepest + 1, np.int32), state, items)
    near = (
        np.empty((1 << 10) + 1, np.int64),
        np.empty(1 << 12, np.int32),
        np.zeros(2 * begins.size, np.int64),
    )
    rooms = (np.empty((3, 2 * begins.size), np.int64), np.empty(1 << 12, np.uint64), near)
    return path, rooms, (np.zeros(begins.size, np.int32), np.full(begins.size, -1, np.int32))


@filling
def grown(walk: Walk, firsts: Whole32, layout: Layout, bounds: Bounds) -> Rooms:
    """Find itemsets that begin with one of some ranks, from where it stopped before.

    It stops when all are found, more than the bounds allow, or when the state wants more rows than
    there are.

    Parameters
    ----------
    walk
        Where parent, item, count and length of every itemset are written, a parent before its
        children, and what `begun` made. Of closed ones the item of a node that only leads to one is
        told as ``~item``, and the length of one that no frequent itemset holds as ``-length``.
    firsts
        Ranks.
    layout
        See `models.rules.layout`.
    bounds
        See `models.rules.projection`.

    Returns
    -------
    tuple
        The rooms to go on with.
    """
    found, path, rooms, workspaces = walk
    frames, state = path[0], path[2]
    while state[FIRST] < firsts.size and state[USED] <= bounds[1]:
        if state[DEPTH] < 0:
            first = firsts[state[FIRST]]
            count = layout[0][first + 1] - layout[0][first]
            beside(first, layout, bounds, (workspaces[0], frames), rooms[0])
            rooms = _projected(first, layout, bounds, (path, rooms, workspaces))
            if _is_known(count, rooms[0], path):
                state[FIRST] += 1
                continue
            state[WANTED_ROWS] = _needed(state[USED], frames, 0, bounds)
            if state[WANTED_ROWS] > found.shape[1]:
                break
            _tell(found, (-1, first, count), path, 0, bounds)
            state[DEPTH] = 0
        rooms = _below(found, rooms, path, bounds)
        if state[DEPTH] >= 0:
            break
        state[FIRST] += 1
    return rooms


@compiled
def _projected(
    first: int, layout: Layout, bounds: Bounds, walk: tuple[Path, Rooms, Workspaces]
) -> Rooms:
    """The rows of bits of what is frequent beside a first item."""
    path, rooms, workspaces = walk
    frames, bits = path[0], layout[6]
    count = layout[0][first + 1] - layout[0][first]
    frames[WORDS, 0], frames[BASKETS, 0] = (count + 63) >> 6, count
    if bits.size:
        frames[WORDS, 0], frames[BASKETS, 0] = words_kept(count, layout), 0
    rooms = _enough(rooms, frames)
    if bits.size:
        dense_rows(first, layout, rooms, frames)
    else:
        rows(first, layout, rooms, (frames, bounds), workspaces)
    return rooms


@compiled
def _enough(rooms: Rooms, frames: Whole64) -> Rooms:
    """Room for a first item; what was in the rooms is not kept."""
    end, baskets = frames[END, 0], frames[BASKETS, 0]
    words = end * frames[WORDS, 0]
    stack, pool, near = rooms
    listed = stack[1, :end].sum() if baskets else 0
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


@lean
def _is_known(count: int, stack: Whole64, path: Path) -> bool:
    """Whether a first item is in all baskets of one that was passed.

    If not, perfect extensions are marked as such: their count is that of the item.
    """
    frames, perfect, _, _ = path
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
def _below(found: Whole32, rooms: Rooms, path: Path, bounds: Bounds) -> Rooms:
    """All that grows from the itemset of the first frame, as far as there are rows for it."""
    state = path[2]
    while True:
        _go_on(found, rooms, path, bounds)
        is_done = state[DEPTH] < 0 or state[USED] > bounds[1]
        if is_done or state[WANTED_ROWS] > found.shape[1]:
            return rooms
        stack, pool, near = rooms
        if state[WANTED_ENTRIES] > stack.shape[1]:
            stack = wider(stack, 2 * state[WANTED_ENTRIES])
        if state[WANTED_WORDS] > pool.size:
            pool = longer(pool, state[WANTED_WORDS])
        rooms = (stack, pool, near)


@lean
def _go_on(found: Whole32, rooms: Rooms, path: Path, bounds: Bounds) -> None:
    """Grow depth first, on from where it stopped, until all is found or there is no room.

    No array is made here, for each that changes hands in a loop is counted, which takes longer than
    what is done with it. The state says what room is wanted.
    """
    frames, _, state, _ = path
    stack, pool, near = rooms
    depth = state[DEPTH]
    while depth >= 0 and state[USED] <= bounds[1]:
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
            return
        if depth == 0 and _is_short(stack[1, place], near, words, path):
            is_known = _counted(rooms, path, begin, place, bounds)
        else:
            is_known = _joined(rooms, path, (depth, begin, place), bounds)
        if not is_known:
            state[WANTED_ROWS] = _needed(state[USED], frames, depth + 1, bounds)
            if state[WANTED_ROWS] > found.shape[1]:
                return
            node = (frames[NODE, depth], stack[0, place], stack[1, place])
            _tell(found, node, path, depth + 1, bounds)
        frames[AT, depth] += 1
        depth += 0 if is_known else 1
    state[DEPTH] = -1


@lean
def _is_short(count: int, near: Near, words: int, path: Path) -> bool:
    """Whether to go through the baskets of a pair is quicker than through all rows of bits."""
    frames, _, state, _ = path
    baskets = frames[BASKETS, 0]
    return bool(state[WORTH] * count * near[0][baskets] < words * baskets)


@lean
def _joined(rooms: Rooms, path: Path, where: tuple[int, int, int], bounds: Bounds) -> bool:
    """Put what is frequent beside an itemset and its next candidate on top of the stack.

    Returns whether both are in all baskets of an item that was passed.
    """
    stack, pool, _ = rooms
    frames, perfect, _, _ = path
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
        held = shared(pool, row, stack[2, other], top, words)
        if held < bounds[0]:
            continue
        if held < count:
            stack[0, new], stack[1, new], stack[2, new] = stack[0, other], held, top
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


@lean
def _counted(rooms: Rooms, path: Path, begin: int, place: int, bounds: Bounds) -> bool:
    """What `_joined` does for the first item, by the baskets of its next candidate one by one.

    The rows of bits that are made have these baskets alone.
    """
    stack, pool, near = rooms
    frames, perfect, _, _ = path
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
        held = marks[other]
        if held == count:
            is_known |= other < place
            perfect[perfects] = stack[0, other]
            perfects += 1
            continue
        stack[0, new], stack[1, new], stack[2, new] = stack[0, other], held, top
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


@lean
def _needed(used: int, frames: Whole64, depth: int, bounds: Bounds) -> int:
    """Rows that a node and what its perfect extensions make of it may end with."""
    perfects = frames[PERFECT, depth]
    if bounds[3] == ALL:
        perfects = 1 << min(perfects, _MOST_DOUBLINGS)
    return int(used + min(perfects + 1, bounds[1] + 2 - used))


@lean
def _tell(
    found: Whole32, node: tuple[int, int, int], path: Path, depth: int, bounds: Bounds
) -> None:
    """Write one more node, and what its perfect extensions make of it.

    Of closed itemsets that is one, at the end of a chain of nodes; of all, every subset of the
    extensions.
    """
    frames, perfect, state, items = path
    most, longest, is_closed = bounds[1], bounds[2], bounds[3] == CLOSED
    parent, rank, count = node
    length = 1 if parent < 0 else abs(found[LENGTH, parent]) + 1
    first = state[USED]
    found[PARENT, first], found[ITEM, first] = parent, items[rank]
    found[COUNT, first], found[LENGTH, first] = count, length
    used = first + 1
    for number in range(0 if bounds[3] == FREE else frames[PERFECT, depth]):
        item = items[perfect[number]]
        begin, end = (used - 1 if is_closed else first), used
        for above in range(begin, end):
            size = found[LENGTH, above] + 1
            if (is_closed or size <= longest) and used <= most:
                found[PARENT, used], found[ITEM, used] = above, item
                found[COUNT, used], found[LENGTH, used] = count, size
                used += 1
        if is_closed:
            found[ITEM, used - 2] = ~found[ITEM, used - 2]
    state[USED] = used
    last = used - 1 if is_closed else first
    frames[NODE, depth] = last
    if found[LENGTH, last] >= longest:
        frames[AT, depth] = frames[END, depth]
    if is_closed and found[LENGTH, last] > longest:
        found[ITEM, last] = ~found[ITEM, last]
    if is_closed and frames[BEGIN, depth] == frames[END, depth]:
        found[LENGTH, last] = -found[LENGTH, last]

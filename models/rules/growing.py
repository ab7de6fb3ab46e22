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
    longer,
    rows,
    wider,
)

Path = tuple[Whole64, Whole32]
"""Frames of the itemsets that are being grown, and perfect extensions."""

Rooms = tuple[Whole64, Bits, Near]
"""The stack of candidates (item, count, where its row of bits begins), those bits, and baskets."""

PARENT, ITEM, COUNT, LENGTH = 0, 1, 2, 3
"""Columns of what is found."""

_MOST_DOUBLINGS = 30
_WORTH = 2
"""Steps of a join of two rows that take as long as one of a count of listed candidates."""


@compiled
def grown(firsts: Whole32, layout: Layout, deepest: int, bounds: Bounds) -> tuple[Whole32, bool]:
    """Itemsets that begin with one of some ranks.

    Parameters
    ----------
    firsts
        Ranks.
    layout
        See `models.rules.layout`.
    deepest
        Frequent items of a basket, at most.
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
    path = (frames, np.empty(deepest + 1, np.int32))
    rooms = _rooms(1 << 10, 1 << 12, 1 << 10, 1 << 12)
    found = np.empty((1 << 12, 4), np.int32)
    used = 0
    for first in firsts:
        count = begins[first + 1] - begins[first]
        stack = beside(first, layout, bounds, (workspaces[0], frames), rooms[0])
        frames[WORDS, 0], frames[BASKETS, 0] = (count + 63) >> 6, count
        rooms = _enough(stack, rooms, count, frames)
        rows(first, layout, rooms, (frames, bounds), workspaces)
        if _is_known(count, stack, path):
            continue
        found = _room(found, used, path, 0, bounds)
        used = _told(found, used, (-1, first, count), path, (0, bounds))
        found, used, rooms = _below(found, used, rooms, path, bounds)
        if used > bounds[1]:
            break
    return found[:used].copy(), used > bounds[1]


@compiled
def _rooms(entries: int, words: int, baskets: int, listed: int) -> Rooms:
    near = (
        np.empty(baskets + 1, np.int64),
        np.empty(listed, np.int32),
        np.zeros(entries, np.int64),
    )
    return np.empty((3, entries), np.int64), np.empty(words, np.uint64), near


@compiled
def _enough(stack: Whole64, rooms: Rooms, baskets: int, frames: Whole64) -> Rooms:
    """Room for a first item with so many baskets; what was in the rooms is not kept."""
    end = frames[END, 0]
    words = end * frames[WORDS, 0]
    listed = stack[1, :end].sum()
    _, pool, near = rooms
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
    frames, perfect = path
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
    """All that grows from the itemset of the first frame, depth first."""
    frames = path[0]
    depth = 0
    while depth >= 0 and used <= bounds[1]:
        place, end = frames[AT, depth], frames[END, depth]
        if place == end:
            depth -= 1
            continue
        begin = frames[BEGIN, depth] if bounds[3] == CLOSED else place
        words = (end - begin) * frames[WORDS, depth]
        if 2 * end - begin > rooms[0].shape[1]:
            rooms = (wider(rooms[0], 2 * (2 * end - begin)), rooms[1], rooms[2])
        if frames[TOP, depth] + words > rooms[1].size:
            rooms = (rooms[0], longer(rooms[1], frames[TOP, depth] + words), rooms[2])
        frames[AT, depth] += 1
        node = (frames[NODE, depth], rooms[0][0, place], rooms[0][1, place])
        if depth == 0 and _is_short(node[2], rooms[2], words, frames):
            is_known = _counted(rooms, path, begin, bounds)
        else:
            is_known = _joined(rooms, path, depth, begin, bounds)
        if not is_known:
            depth += 1
            found = _room(found, used, path, depth, bounds)
            used = _told(found, used, node, path, (depth, bounds))
    return found, used, rooms


@compiled
def _is_short(count: int, near: Near, words: int, frames: Whole64) -> bool:
    """Whether to go through the baskets of a pair is quicker than through all rows of bits."""
    baskets = frames[BASKETS, 0]
    return bool(_WORTH * count * near[0][baskets] < words * baskets)


@compiled
def _joined(rooms: Rooms, path: Path, depth: int, begin: int, bounds: Bounds) -> bool:
    """Put what is frequent beside an itemset and its next candidate on top of the stack.

    Returns whether both are in all baskets of an item that was passed.
    """
    stack, pool, _ = rooms
    frames, perfect = path
    place, end, top = frames[AT, depth] - 1, frames[END, depth], frames[TOP, depth]
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
        total += _ones(both)
    return np.int64(total)


@compiled
def _counted(rooms: Rooms, path: Path, begin: int, bounds: Bounds) -> bool:
    """What `_joined` does for the first item, by the baskets of its next candidate one by one.

    The rows of bits that are made have these baskets alone.
    """
    stack, pool, near = rooms
    frames, perfect = path
    marks = near[2]
    place, end, top = frames[AT, 0] - 1, frames[END, 0], frames[TOP, 0]
    count, row, words = stack[1, place], stack[2, place], frames[WORDS, 0]
    fewer = (count + 63) >> 6
    _listed_counts(rooms, row, words)
    perfects = 0 if bounds[3] == CLOSED else frames[PERFECT, 0]
    new, is_known = end, False
    frames[BEGIN, 1] = end
    for other in range(begin, end):
        shared = marks[other]
        if other == place:
            frames[AT, 1] = new
        elif shared == count:
            is_known |= other < place
            perfect[perfects] = stack[0, other]
            perfects += 1
        elif shared >= bounds[0]:
            stack[0, new], stack[1, new], stack[2, new] = stack[0, other], shared, top
            marks[other] = -1 - top
            new += 1
            top += fewer
    pool[frames[TOP, 0] : top] = 0
    _marked_rows(rooms, row, words)
    frames[END, 1], frames[TOP, 1] = new, top
    frames[PERFECT, 1], frames[WORDS, 1] = perfects, fewer
    return is_known


@compiled
def _listed_counts(rooms: Rooms, row: int, words: int) -> None:
    """Count how often each candidate is listed in the baskets of a row of bits."""
    _, pool, near = rooms
    starts, listed, marks = near
    for word in range(words):
        bits = pool[row + word]
        while bits != np.uint64(0):
            basket = (word << 6) + _lowest(bits)
            bits &= bits - np.uint64(1)
            for entry in range(starts[basket], starts[basket + 1]):
                marks[listed[entry]] += 1


@compiled
def _marked_rows(rooms: Rooms, row: int, words: int) -> None:
    """Fill the rows of bits of the candidates that are marked, and take all marks away."""
    _, pool, near = rooms
    starts, listed, marks = near
    at = 0
    for word in range(words):
        bits = pool[row + word]
        while bits != np.uint64(0):
            basket = (word << 6) + _lowest(bits)
            bits &= bits - np.uint64(1)
            for entry in range(starts[basket], starts[basket + 1]):
                mark = marks[listed[entry]]
                if mark < 0:
                    pool[(at >> 6) - 1 - mark] |= np.uint64(1) << np.uint64(at & 63)
            at += 1
    marks[:] = 0


@compiled
def _lowest(bits: np.uint64) -> np.int64:
    """Position of the lowest bit that is set: the number of ones below it."""
    return np.int64(_ones(~bits & (bits - np.uint64(1))))


@compiled
def _ones(bits: np.uint64) -> np.uint64:
    """Number of bits that are set; compilers make one instruction of it.

    Source: Warren 2012, "Hacker's delight", 5-1.
    """
    bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = bits & np.uint64(0x3333333333333333)
    bits = pairs + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _room(found: Whole32, used: int, path: Path, depth: int, bounds: Bounds) -> Whole32:
    """The table with room for a node and what its perfect extensions make of it."""
    perfects = path[0][PERFECT, depth]
    if bounds[3] == ALL:
        perfects = 1 << min(perfects, _MOST_DOUBLINGS)
    wanted = used + min(perfects + 1, bounds[1] + 2 - used)
    if wanted <= found.shape[0]:
        return found
    made = np.empty((2 * wanted, 4), np.int32)
    made[:used] = found[:used]
    return made


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
    frames, perfect = path
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

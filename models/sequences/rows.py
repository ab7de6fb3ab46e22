"""Sequences of single items grown in rows of positions, many sequences at a time.

Of every candidate there is a row with its last position in each sequence; a prefix is a row with
the position where its first match ends. A candidate may follow where its last position lies behind
that, so one comparison of two rows counts it, which a processor does for many sequences at once. It
is the vertical layout of Zaki 2001 ("SPADE: an efficient algorithm for mining frequent sequences")
with the last positions of Yang, Wang and Kitsuregawa 2007 (LAPIN). What is not frequent behind a
prefix is not asked for behind a longer one.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.sequences.found import ADDED, COUNT, LENGTH, PARENT, longer, wider
from models.sequences.layout import LAST, PREVIOUS, TAIL, WHERE, Whole32, Whole64

Whole16 = npt.NDArray[np.int16]

Rows = tuple[Whole16, Whole32, Whole32, Whole64, int]
"""Last positions of each candidate, shape (candidates * sequences,); entries from which positions
count, shape (sequences,); entries before each of the same item; candidates (item, count, whether
some sequence has one twice), shape (3, candidates); the node that all of them follow."""

FARTHEST = 32_000
"""Positions that a row may hold."""

_NEVER = 32_767
_CHUNK = 16_384


@compiled
def rows_of(
    table: Whole32, pool: Whole32, part: tuple[int, int], candidates: Whole64, node: int
) -> Rows:
    """Rows of what follows a prefix.

    Parameters
    ----------
    table
        Of `models.sequences.layout.table_of`.
    pool
        Entries where the prefix ends; the part from the first number up to the second is meant.
    part
        Both numbers.
    candidates
        Item and count of each, shape (2, candidates).
    node
        Of the prefix.
    """
    sequences = part[1] - part[0]
    width = candidates.shape[1]
    items = 0
    for number in range(width):
        items = max(items, candidates[0, number] + 1)
    row_of = np.full(items, -1, np.int64)
    chosen = np.zeros((3, width), np.int64)
    for number in range(width):
        chosen[0, number], chosen[1, number] = candidates[0, number], candidates[1, number]
        row_of[candidates[0, number]] = number
    lasts, bases = np.zeros(width * sequences, np.int16), np.empty(sequences, np.int32)
    for number in range(sequences):
        base = pool[part[0] + number]
        bases[number] = base
        place = table[TAIL, base]
        while table[LAST, place] >= 0:
            item = table[LAST, place]
            if item < items and row_of[item] >= 0:
                entry = table[WHERE, place]
                lasts[row_of[item] * sequences + number] = entry - base
                if table[PREVIOUS, entry] > base:
                    chosen[2, row_of[item]] = 1
            place += 1
    return lasts, bases, table[PREVIOUS], chosen, node


@compiled
def in_rows(
    found: Whole32, used: int, names: Whole32, rows: Rows, bounds: tuple[int, int, int]
) -> tuple[Whole32, int]:
    """Patterns that begin with a prefix, all of them behind one another; and their number."""
    width, sequences = rows[3].shape[1], rows[1].size
    stack, frames = np.empty((2, 4 * width), np.int64), np.zeros((4, 16), np.int64)
    ends = np.zeros(16 * sequences, np.int16)
    for number in range(width):
        stack[0, number], stack[1, number] = number, rows[3][1, number]
    frames[1, 0], frames[3, 0] = width, rows[4]
    state = np.zeros(1, np.int64)
    while True:
        used = _walked((found, used), (names, rows), (stack, frames, ends), state, bounds)
        if state[0] < 0 or used > bounds[1]:
            return found, used
        deeper = state[0] + 2
        if used == found.shape[0]:
            found = longer(found, used, used)
        if deeper > frames.shape[1]:
            frames = wider(frames, 2 * deeper)
            farther = np.zeros(2 * deeper * sequences, np.int16)
            farther[: ends.size] = ends
            ends = farther
        if frames[1, state[0]] + width > stack.shape[1]:
            stack = wider(stack, 2 * stack.shape[1])


@compiled
def _walked(
    told: tuple[Whole32, int],
    given: tuple[Whole32, Rows],
    rooms: tuple[Whole64, Whole64, Whole16],
    state: Whole64,
    bounds: tuple[int, int, int],
) -> int:
    """Grow depth first, on from where it stopped, until all is found or there is no room.

    Frames have where candidates begin and end on the stack, the next, and the node above them.
    """
    found, used = told
    names, (lasts, bases, previous, chosen, _) = given
    stack, frames, ends = rooms
    least, most, longest = bounds
    sequences, width = bases.size, chosen.shape[1]
    depth = state[0]
    while depth >= 0 and used <= most:
        place, end, node = frames[2, depth], frames[1, depth], frames[3, depth]
        if place == end:
            depth -= 1
            continue
        state[0] = depth
        if used == found.shape[0] or depth + 2 > frames.shape[1] or end + width > stack.shape[1]:
            return used
        row = stack[0, place]
        length = found[node, LENGTH] + 1
        found[used, PARENT], found[used, ADDED] = node, names[chosen[0, row]]
        found[used, COUNT], found[used, LENGTH] = stack[1, place], length
        used += 1
        frames[2, depth] += 1
        if length >= longest:
            continue
        into = (depth + 1) * sequences
        where = (depth * sequences, into, sequences)
        if chosen[2, row]:
            _follow_back(lasts, row * sequences, ends, where, (bases, previous))
        else:
            _follow(lasts, row * sequences, ends, where)
        new = end
        for other in range(frames[0, depth], end):
            shared = _behind(lasts, stack[0, other] * sequences, ends, into, sequences)
            if shared >= least:
                stack[0, new], stack[1, new] = stack[0, other], shared
                new += 1
        if new > end:
            depth += 1
            frames[0, depth], frames[1, depth], frames[2, depth] = end, new, end
            frames[3, depth] = used - 1
    state[0] = depth
    return used


@compiled
def _behind(lasts: Whole16, row: int, ends: Whole16, at: int, sequences: int) -> np.int64:
    """Sequences in which a candidate lies behind a prefix."""
    total = np.int64(0)
    one, other = np.uint64(row), np.uint64(at)  # none is negative
    for chunk in range(0, sequences, _CHUNK):
        part = np.int16(0)
        for number in range(chunk, min(chunk + _CHUNK, sequences)):
            place = np.uint64(number)
            part = np.int16(part + np.int16(lasts[one + place] > ends[other + place]))
        total += part
    return total


@compiled
def _follow(lasts: Whole16, row: int, ends: Whole16, where: tuple[int, int, int]) -> None:
    """Where a prefix and a candidate end, of which every sequence has one at most."""
    at, into, sequences = where
    one, other, third = np.uint64(row), np.uint64(at), np.uint64(into)
    for number in range(sequences):
        place = np.uint64(number)
        last = lasts[one + place]
        ends[third + place] = last if last > ends[other + place] else np.int16(_NEVER)


@compiled
def _follow_back(
    lasts: Whole16,
    row: int,
    ends: Whole16,
    where: tuple[int, int, int],
    entries: tuple[Whole32, Whole32],
) -> None:
    """Where a prefix and a candidate end, from its last entry back to the first that may."""
    at, into, sequences = where
    bases, previous = entries
    for number in range(sequences):
        last, end = lasts[row + number], ends[at + number]
        if last <= end:
            ends[into + number] = _NEVER
            continue
        entry, first = bases[number] + last, bases[number] + end
        while previous[entry] > first:
            entry = previous[entry]
        ends[into + number] = entry - bases[number]

"""The baskets of one item, looked at alone: loops that numba compiles."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.rules.layout import Layout, Whole32, Whole64, pair

Bits = npt.NDArray[np.uint64]

Near = tuple[Whole64, Whole32, Whole64]
"""Of the baskets of one item: where the candidates of each begin; those candidates, as places on
the stack; and a zero for each candidate, to count and mark with."""

ALL, CLOSED, FREE = 0, 1, 2
"""Every frequent itemset; those that no other item joins without losing a basket; and those whose
every item, in the order of the trie, loses one (generators are among them)."""

Bounds = tuple[int, int, int, int]
"""Baskets of an itemset, at least; itemsets after which to give up; items of an itemset, at most;
and which are wanted."""

BEGIN, AT, END, TOP, NODE, PERFECT, WORDS, BASKETS = 0, 1, 2, 3, 4, 5, 6, 7
"""Of an itemset that is being grown: where its candidates begin on the stack (those that were
passed come first), which of them is next, and where they end; where free bits begin; its node; the
number of its perfect extensions; the length of its rows of bits; and its baskets."""


@compiled
def beside(
    first: int,
    layout: Layout,
    bounds: Bounds,
    workspaces: tuple[Whole32, Whole64],
    stack: Whole64,
) -> None:
    """Put what is frequent beside an item on the stack, those that were passed before the others.

    Each part is in ascending order of counts, which keeps what grows from it small. Counts are
    left filled where pairs have not been counted.
    """
    counts, frames = workspaces
    if layout[5].size:
        used = _counted_pairs(first, layout[5], bounds, layout[0].size - 1, stack)
    else:
        used = _beside_alone(first, layout, bounds, counts, stack)
    passed = 0
    for place in range(used):
        if stack[0, place] < first:
            for row in range(2):
                stack[row, place], stack[row, passed] = stack[row, passed], stack[row, place]
            passed += 1
    _sorted_by_count(stack, 0, passed)
    _sorted_by_count(stack, passed, used)
    frames[BEGIN, 0], frames[AT, 0], frames[END, 0] = 0, passed, used


@compiled
def _counted_pairs(
    first: int, pairs: Whole32, bounds: Bounds, frequent: int, stack: Whole64
) -> int:
    """Put what is frequent beside an item on the stack, by counts of pairs; how many there are."""
    used = 0
    for item in range(0 if bounds[3] == CLOSED else first + 1, frequent):
        if item != first:
            count = pairs[pair(min(item, first), max(item, first), frequent)]
            if count >= bounds[0]:
                stack[0, used], stack[1, used] = item, count
                used += 1
    return used


@compiled
def _beside_alone(
    first: int, layout: Layout, bounds: Bounds, counts: Whole32, stack: Whole64
) -> int:
    """The same by the baskets of the item; counts are left filled."""
    begins, holders, up_to, heads, items, _ = layout
    used = 0
    for place in range(begins[first], begins[first + 1]):
        basket = holders[place]
        begin = heads[basket] if bounds[3] == CLOSED else heads[basket] + up_to[place]
        for entry in range(begin, heads[basket + 1]):
            item = items[entry]
            counts[item] += 1
            if counts[item] == bounds[0] and item != first:
                stack[0, used] = item
                used += 1
    for place in range(used):
        stack[1, place] = counts[stack[0, place]]
    return used


@compiled
def _sorted_by_count(stack: Whole64, begin: int, end: int) -> None:
    """Entries of a part of the stack in ascending order of counts, equals by item."""
    width = stack[0, begin:end].max() + 1 if end > begin else 1
    order = np.argsort(stack[1, begin:end] * width + stack[0, begin:end])
    for row in range(2):
        stack[row, begin:end] = stack[row, begin:end][order]


@compiled
def rows(
    first: int,
    layout: Layout,
    rooms: tuple[Whole64, Bits, Near],
    asked: tuple[Whole64, Bounds],
    workspaces: tuple[Whole32, Whole32],
) -> None:
    """Which baskets of an item hold each candidate: as rows of bits, and basket by basket.

    Workspaces are left as they were before `beside`.
    """
    begins, holders, up_to, heads, items, pairs = layout
    stack, pool, near = rooms
    starts, listed = near[0], near[1]
    counts, places = workspaces
    frames, bounds = asked
    if pairs.size and frames[END, 0] == 0:
        return
    end, words, is_closed = frames[END, 0], frames[WORDS, 0], bounds[3] == CLOSED
    pool[: end * words] = 0
    for place in range(end):
        places[stack[0, place]] = place
        stack[2, place] = place * words
    used = 0
    for bit in range(begins[first + 1] - begins[first]):
        basket = holders[begins[first] + bit]
        starts[bit] = used
        begin = heads[basket] + (0 if is_closed else up_to[begins[first] + bit])
        for entry in range(begin, heads[basket + 1]):
            item = items[entry]
            counts[item] = 0
            place = places[item]
            if place >= 0:
                pool[place * words + (bit >> 6)] |= np.uint64(1) << np.uint64(bit & 63)
                listed[used] = place
                used += 1
    starts[begins[first + 1] - begins[first]] = used
    for place in range(end):
        places[stack[0, place]] = -1


@compiled
def count_listed(
    rooms: tuple[Whole64, Bits, Near],
    part: tuple[int, int],
    asked: tuple[int, int, int],
    least: int,
) -> int:
    """Count how often each candidate is listed in the baskets of a row of bits.

    Parameters
    ----------
    rooms
        Stack, bits and baskets; the marks are zero and hold the counts afterwards.
    part
        Where the row begins, and its length.
    asked
        From which place on the stack candidates are asked for, which place is no candidate but the
        row's own, and where candidates end.
    least
        Count from which on a candidate's place is put behind the end of the stack, ascending.

    Returns
    -------
    int
        Where these places end.
    """
    stack, pool, near = rooms
    starts, listed, marks = near
    begin, own, end = asked
    used = end
    for word in range(part[1]):
        bits = pool[part[0] + word]
        while bits != np.uint64(0):
            basket = (word << 6) + _lowest(bits)
            bits &= bits - np.uint64(1)
            for entry in range(starts[basket], starts[basket + 1]):
                place = listed[entry]
                marks[place] += 1
                if marks[place] == least and begin <= place < end and place != own:
                    at = used
                    while at > end and stack[0, at - 1] > place:
                        stack[0, at] = stack[0, at - 1]
                        at -= 1
                    stack[0, at] = place
                    used += 1
    return used


@compiled
def fill_marked(rooms: tuple[Whole64, Bits, Near], row: int, words: int) -> None:
    """Fill the rows of bits of the candidates that are marked."""
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


@compiled
def _lowest(bits: np.uint64) -> np.int64:
    """Position of the lowest bit that is set: the number of ones below it."""
    return np.int64(ones(~bits & (bits - np.uint64(1))))


@compiled
def ones(bits: np.uint64) -> np.uint64:
    """Number of bits that are set; compilers make one instruction of it.

    Source: Warren 2012, "Hacker's delight", 5-1.
    """
    bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = bits & np.uint64(0x3333333333333333)
    bits = pairs + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def wider(stack: Whole64, wanted: int) -> Whole64:
    """The stack with room for so many entries."""
    made = np.empty((3, wanted), np.int64)
    made[:, : stack.shape[1]] = stack
    return made


@compiled
def longer(pool: Bits, wanted: int) -> Bits:
    """The pool with room for more than so many words."""
    made = np.empty(2 * wanted, np.uint64)
    made[: pool.size] = pool
    return made

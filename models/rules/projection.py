"""The baskets of one item, looked at alone: loops that numba compiles."""

import numpy as np

from features.compiled import compiled, lean
from models.rules.bits import Bits, lowest
from models.rules.layout import Layout, Whole32, Whole64, pair

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


_DIGIT_BITS = 8
_DIGITS = 1 << _DIGIT_BITS


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
    if layout[5].size or layout[6].size:
        used = _counted_pairs(first, layout[5], bounds, layout[0].size - 1, stack)
    else:
        used = _beside_alone(first, layout, bounds, counts, stack)
    passed = 0
    while passed < used and stack[0, passed] < first:
        passed += 1
    _sort_by_count(stack, 0, passed)
    _sort_by_count(stack, passed, used)
    frames[BEGIN, 0], frames[AT, 0], frames[END, 0] = 0, passed, used


@lean
def _counted_pairs(
    first: int, pairs: Whole32, bounds: Bounds, frequent: int, stack: Whole64
) -> int:
    """Put what is frequent beside an item on the stack, by counts of pairs; how many there are.

    Items come in ascending order.
    """
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
    begins, holders, up_to, heads, items, _, _ = layout
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
    stack[0, :used].sort()
    for place in range(used):
        stack[1, place] = counts[stack[0, place]]
    return used


@compiled
def _sort_by_count(stack: Whole64, begin: int, end: int) -> None:
    """Put a part of the stack in ascending order of counts; equals stay as they are.

    One digit after the other, from the lowest; what is moved passes through the stack's other half.
    """
    spare, shift = stack.shape[1] >> 1, 0
    highest = 0
    for place in range(begin, end):
        highest = max(highest, stack[1, place])
    heads = np.empty(_DIGITS, np.int64)
    while highest >> shift:
        heads[:] = 0
        for place in range(begin, end):
            heads[(stack[1, place] >> shift) & (_DIGITS - 1)] += 1
        at = spare
        for digit in range(_DIGITS):
            at, heads[digit] = at + heads[digit], at
        for place in range(begin, end):
            digit = (stack[1, place] >> shift) & (_DIGITS - 1)
            stack[0, heads[digit]], stack[1, heads[digit]] = stack[0, place], stack[1, place]
            heads[digit] += 1
        for place in range(begin, end):
            stack[0, place] = stack[0, spare + place - begin]
            stack[1, place] = stack[1, spare + place - begin]
        shift += _DIGIT_BITS


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
    begins, holders, up_to, heads, items, pairs, _ = layout
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


@lean
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
            basket = (word << 6) + lowest(bits)
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


@lean
def fill_marked(rooms: tuple[Whole64, Bits, Near], row: int, words: int) -> None:
    """Fill the rows of bits of the candidates that are marked."""
    _, pool, near = rooms
    starts, listed, marks = near
    at = 0
    for word in range(words):
        bits = pool[row + word]
        while bits != np.uint64(0):
            basket = (word << 6) + lowest(bits)
            bits &= bits - np.uint64(1)
            for entry in range(starts[basket], starts[basket + 1]):
                mark = marks[listed[entry]]
                if mark < 0:
                    pool[(at >> 6) - 1 - mark] |= np.uint64(1) << np.uint64(at & 63)
            at += 1


@compiled
def wider(stack: Whole64, wanted: int) -> Whole64:
    """The stack with room for so many entries."""
    made = np.empty((3, wanted), np.int64)
    made[:, : stack.shape[1]] = stack
    return made

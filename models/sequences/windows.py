"""Elements of sequences as constraints see them, and what may follow what: compiled loops.

An element of a pattern is in a sequence where all its items are within one *window*: from one
instant to another that lies at most so far behind it (Srikant and Agrawal 1996, "Mining sequential
patterns: generalizations and performance improvements"). So every pair of such instants of a
sequence is an element of its own, with all items from the one to the other; without a window, that
is every instant with itself.

Between an element that begins at b and ends at e and the next one, from b' to e', b' lies behind e
with b' - e at least the least gap, and e' - b is at most the most gap; from the beginning of the
first element to the end of the last, it is the span at most. (There, a gap has to be more than the
least; here it may be equal.)
"""

import numpy as np

from features.compiled import compiled
from models.sequences.layout import Parts, Whole32, Whole64

Elements = tuple[Whole64, Whole64, Whole32, Whole64]
"""Where the elements of each sequence begin, shape (sequences + 1,); where the items of each
element begin, shape (elements + 1,); ranks of items, ascending within an element; and of each
element the sequence, the first and the last instant by number, and both, shape (5, elements)."""

Occurrences = tuple[Whole64, Whole32, Whole64, Whole32]
"""Where the items of each sequence begin, shape (sequences + 1,); their ranks, what is there last
of all first; where the elements of each begin; and these elements, ascending."""

OWNER, FIRST, LAST, BEGINS, ENDS = 0, 1, 2, 3, 4

Gaps = tuple[int, int, int, int]
"""The least gap, the most, the span, and the window; `UNBOUNDED` where there is none."""

UNBOUNDED = 2**62


@compiled
def elements_of(parts: Parts, instants: Whole64, ranks: Whole32, gaps: Gaps) -> Elements:
    """Elements of the frequent items of all sequences, those without an item left out.

    Parameters
    ----------
    parts
        Of the sequences.
    instants
        Of their elements.
    ranks
        Rank of each item; -1 where it is not frequent.
    gaps
        See `Gaps`; an element is no longer than the window and the span.
    """
    frequent = ranks.max() + 1 if ranks.size else 0
    widest = min(gaps[2], gaps[3])
    size = _pass(parts, instants, (ranks, frequent), widest, _nothing(parts[0].size))
    made = (
        np.zeros(parts[0].size, np.int64),
        np.zeros(size[0] + 1, np.int64),
        np.empty(size[1], np.int32),
        np.empty((5, size[0]), np.int64),
    )
    _pass(parts, instants, (ranks, frequent), widest, made)
    return made


@compiled
def _nothing(sequences: int) -> Elements:
    return (
        np.zeros(sequences, np.int64),
        np.zeros(0, np.int64),
        np.empty(0, np.int32),
        np.empty((5, 0), np.int64),
    )


@compiled
def _pass(
    parts: Parts, instants: Whole64, ranked: tuple[Whole32, int], widest: int, made: Elements
) -> tuple[int, int]:
    """Number of elements and of their items; they are written where there is room."""
    heads, starts, items, told = made
    writes = starts.size > 0
    ranks, frequent = ranked
    seen, held = np.full(frequent, -1, np.int64), np.empty(frequent, np.int32)
    elements, used = 0, 0
    for number in range(parts[0].size - 1):
        for first in range(parts[0][number], parts[0][number + 1]):
            width = 0
            for last in range(first, parts[0][number + 1]):
                if instants[last] - instants[first] > widest:
                    break
                before = width
                for entry in range(parts[1][last], parts[1][last + 1]):
                    rank = ranks[parts[2][entry]]
                    if rank >= 0 and seen[rank] != first:
                        seen[rank] = first
                        held[width] = rank
                        width += 1
                if width == before:
                    continue  # nothing that the shorter one has not
                if writes:
                    items[used : used + width] = np.sort(held[:width])
                    told[OWNER, elements], told[FIRST, elements] = number, first
                    told[LAST, elements] = last
                    told[BEGINS, elements], told[ENDS, elements] = instants[first], instants[last]
                    starts[elements + 1] = used + width
                elements += 1
                used += width
        heads[number + 1] = elements
    return elements, used


@compiled
def holders(elements: Elements, frequent: int) -> tuple[Whole64, Whole32]:
    """Elements that hold each rank, and where those of each begin, shape (frequent + 1,)."""
    _, starts, items, _ = elements
    begins = np.zeros(frequent + 1, np.int64)
    for entry in range(items.size):
        begins[items[entry] + 1] += 1
    for rank in range(frequent):
        begins[rank + 1] += begins[rank]
    found, after = np.empty(items.size, np.int32), begins[:frequent].copy()
    for element in range(starts.size - 1):
        for entry in range(starts[element], starts[element + 1]):
            found[after[items[entry]]] = element
            after[items[entry]] += 1
    return begins, found


@compiled
def occurrences(elements: Elements, frequent: int) -> Occurrences:
    """Where each sequence has each of its items."""
    heads, starts, items, _ = elements
    begins = np.zeros(heads.size, np.int64)
    names, ends = np.empty(items.size, np.int32), np.zeros(items.size + 1, np.int64)
    places = np.empty(items.size, np.int32)
    number_of, seen = np.zeros(frequent, np.int64), np.full(frequent, -1, np.int64)
    used = 0
    for owner in range(heads.size - 1):
        for element in range(heads[owner + 1] - 1, heads[owner] - 1, -1):
            for entry in range(starts[element], starts[element + 1]):
                item = items[entry]
                if seen[item] != owner:
                    seen[item], number_of[item] = owner, used
                    names[used], ends[used + 1] = item, 0
                    used += 1
                ends[number_of[item] + 1] += 1
        for number in range(begins[owner], used):
            ends[number + 1] += ends[number]
        for element in range(heads[owner + 1] - 1, heads[owner] - 1, -1):
            for entry in range(starts[element], starts[element + 1]):
                number = number_of[items[entry]]
                ends[number + 1] -= 1
                places[ends[number + 1]] = element
        for number in range(begins[owner], used):  # each end came down to where its own begin
            ends[number] = ends[number + 1]
        ends[used] = starts[heads[owner + 1]]
        begins[owner + 1] = used
    return begins, names[:used].copy(), ends[: used + 1].copy(), places


@compiled
def follows(told: Whole64, one: int, other: int, gaps: Gaps) -> bool:
    """Whether an element may be the next one behind another of the same sequence."""
    gap = told[BEGINS, other] - told[ENDS, one]
    return bool(
        told[FIRST, other] > told[LAST, one]
        and gap >= gaps[0]
        and told[ENDS, other] - told[BEGINS, one] <= gaps[1]
    )

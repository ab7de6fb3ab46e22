"""Loops of the association rules: every itemset split in two, its parts found exactly.

An itemset's key is the exclusive or of its items' random keys (Zobrist 1970, "A new hashing method
with application for game playing"), so that a part's key costs one step. Keys can collide; what is
found is exact all the same: `placed` makes sure that no two nodes have one key, `first_gap` that
every part of a node is a node, item by item. A part's key is then its own and no other's.

Numbers that these loops share:

``trie`` are parents, items and counts of the nodes, and ``index`` the keys of items, the keys of
nodes and the table of `placed`.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled, lean
from models.rules.baskets import Codes, WholeArray

Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.uint8]

Trie = tuple[Codes, Codes, WholeArray]
Index = tuple[Keys, Keys, Codes]
Work = tuple[WholeArray, WholeArray, WholeArray, Keys]
Bounds = tuple[int, int, int, bool, int]
Split = tuple[int, Bounds, int, int]
Step = tuple[int, int, int, int, bool]
Rule = tuple[int, int, int, int]
Kept = tuple[Codes, WholeArray, WholeArray]

MAY_LEAD, MAY_FOLLOW = 1, 2
"""Flags of an item: it may be in an antecedent, in a consequent."""

GRID = 10_000
"""Steps of confidence at which rules are cut, from 0 to 1."""


@compiled
def keyed(parent: Codes, item: Codes, keys: Keys) -> Keys:
    """Key of each node, shape (nodes,); a parent stands before its children."""
    found = np.empty(len(parent), np.uint64)
    for node in range(len(parent)):
        key = keys[item[node]]
        if parent[node] >= 0:
            key = key ^ found[parent[node]]
        found[node] = key
    return found


@compiled
def placed(found: Keys) -> Codes:
    """Nodes by key in an open table, -1 where it is free; empty where two nodes have one key."""
    size = 2
    while size < 2 * len(found):
        size *= 2
    table = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    for node in range(len(found)):
        at = int(np.int64(found[node] & mask))
        while table[at] >= 0:
            if found[table[at]] == found[node]:
                return np.empty(0, np.int32)
            at = (at + 1) & (size - 1)
        table[at] = node
    return table


@lean
def node_of(key: np.uint64, index: Index) -> int:
    """Node that has the key, or -1."""
    _, found, table = index
    at = int(np.int64(key & np.uint64(len(table) - 1)))
    while table[at] >= 0:
        if found[table[at]] == key:
            return int(table[at])
        at = (at + 1) & (len(table) - 1)
    return -1


@compiled
def first_gap(parent: Codes, item: Codes, index: Index) -> int:
    """First node with a part, one item less, that is no node; -1 where there is none.

    Items are compared, not keys alone.
    """
    keys, found, _ = index
    is_member = np.zeros(len(keys), np.uint8)
    for node in range(len(parent)):
        length, above = 0, node
        while above >= 0:
            is_member[item[above]] = 1
            above, length = int(parent[above]), length + 1
        gap, above = False, int(parent[node])  # without its own item it is its parent
        while above >= 0:
            is_member[item[above]] = 0
            part = node_of(found[node] ^ keys[item[above]], index)
            left = length - 1
            while part >= 0 and is_member[item[part]] == 1:
                part, left = int(parent[part]), left - 1
            gap = gap or part >= 0 or left != 0
            is_member[item[above]] = 1
            above = int(parent[above])
        if gap:
            return node
        above = node
        while above >= 0:
            is_member[item[above]] = 0
            above = int(parent[above])
    return -1


@compiled
def splits(
    trie: Trie, index: Index, most: WholeArray, sides: Flags, limits: WholeArray
) -> tuple[Codes, WholeArray]:
    """Rules of every itemset, by itemset.

    Consequents grow item by item, as confidence only falls with each; where antecedents are held
    shorter than consequents, they grow instead. So the work is that of the rules that are found,
    and of shorter ones on the way to them, never that of all subsets of a long itemset.

    Parameters
    ----------
    trie, index
        See above.
    most
        Baskets that an antecedent may be in for the itemset to be enough of them, shape (nodes,).
    sides
        Flags of each item.
    limits
        Least and most items of an antecedent; of a consequent; most items of an itemset; how many
        rules there may be; the step of the least confidence if rules are only tallied, or -1.

    Returns
    -------
    rules
        Nodes of antecedent, consequent and itemset, shape (rules, 3): all, or one more than there
        may be.
    tally
        First step of confidence from which on all rules fit, and how many these are; -1 and 0 where
        rules are not only tallied.
    """
    parent = trie[0]
    deepest, room = limits[4], limits[5]
    found = np.empty((1024, 3), np.int32)
    tally = np.zeros(GRID + 1 if limits[6] >= 0 else 0, np.int64)
    state = np.array([0, limits[6]])
    work = (
        np.empty((deepest + 1, deepest), np.int64),
        np.empty((deepest + 1, deepest), np.int64),
        np.empty((2, deepest + 1), np.int64),
        np.empty(deepest + 1, np.uint64),
    )
    for node in range(len(parent)):
        if parent[node] >= 0:
            bounds = _begun(node, trie, index, (sides, limits), work)
            if bounds[0] <= bounds[1]:
                split = (node, bounds, int(most[node]), int(room))
                if len(tally) == 0:
                    found = _with_room(found, state[0] + min(1 << bounds[4], room + 1 - state[0]))
                _split(split, trie, index, work, (found, tally, state))
        if len(tally) == 0 and state[0] > room:
            break
    return found[: 0 if len(tally) else state[0]].copy(), state[::-1].copy()


@lean
def _begun(
    node: int, trie: Trie, index: Index, allowed: tuple[Flags, WholeArray], work: Work
) -> Bounds:
    """Where to begin with an itemset, see `_split`; the least size is above the most for nowhere.

    Items that may be on one side only are there; the others are written to the first row of work.
    """
    parent, item, _ = trie
    sides, limits = allowed
    which, _, ends, path = work
    free, ahead, behind = 0, 0, 0
    lead, follow, above = np.uint64(0), np.uint64(0), node
    while above >= 0:
        flags = sides[item[above]]
        if flags == 0:
            return 1, 0, 0, False, 0
        if flags == MAY_LEAD:
            ahead, lead = ahead + 1, lead ^ index[0][item[above]]
        elif flags == MAY_FOLLOW:
            behind, follow = behind + 1, follow ^ index[0][item[above]]
        else:
            which[0, free] = item[above]
            free += 1
        above = int(parent[above])
    length = free + ahead + behind
    least = max(int(limits[2]), length - int(limits[1]), behind)
    most = min(int(limits[3]), length - int(limits[0]), length - ahead)
    ends[0, 0] = free
    if (length - least) - ahead < most - behind:
        path[0] = lead
        return length - most, length - least, ahead, True, free
    path[0] = follow
    return least, most, behind, False, free


@lean
def _split(split: Split, trie: Trie, index: Index, work: Work, kept: Kept) -> None:
    """Add the rules of an itemset, whose one side grows from what must be on it.

    Parameters
    ----------
    split
        The node; least and most items of the side that grows, how many it begins with, whether it
        is the antecedent, and how many items may be on either; baskets that an antecedent may be
        in; how many rules there may be.
    trie, index
        See above.
    work
        Of each depth: items that may be added, the antecedents they make, how many these are and
        how many are done, and the key of the side.
    kept
        Rules; tally; and how many rules are kept, from which step on.
    """
    node, (least, most, begin, is_lead, _), bound, room = split
    which, leads, ends, path = work
    _, tally, state = kept
    if least <= begin and begin > 0:
        lead = node_of(path[0] if is_lead else index[1][node] ^ path[0], index)
        _add((lead, node, bound, room), trie, index, kept)
    depth = -1
    if begin < most:
        depth = 0
        _widen((node, depth, 0, bound, is_lead), trie, index, work)
    while depth >= 0 and (len(tally) > 0 or state[0] <= room):
        at = int(ends[1, depth])
        if at == ends[0, depth]:
            depth -= 1
            continue
        ends[1, depth] = at + 1
        if len(tally) > 0:  # the step may have risen meanwhile
            bound = min(bound, int(trie[2][node] * GRID // max(state[1], 1)))
        if begin + depth + 1 >= least:
            rule = (int(leads[depth, at]), node, bound, room)
            _add(rule, trie, index, kept)
        if begin + depth + 1 < most:
            path[depth + 1] = path[depth] ^ index[0][which[depth, at]]
            depth += 1
            _widen((node, depth, at + 1, bound, is_lead), trie, index, work)


@lean
def _widen(step: Step, trie: Trie, index: Index, work: Work) -> None:
    """Write the items of a depth: those one above, from a position on, that make a rule.

    Parameters
    ----------
    step
        Node of the itemset, depth, position; baskets that an antecedent may be in; whether it is
        the antecedent that grows: then any item is written.
    trie, index, work
        Of `_split`.
    """
    node, depth, first, bound, is_lead = step
    which, leads, ends, path = work
    above, n = max(depth - 1, 0), 0
    for at in range(first, ends[0, above]):
        key = path[depth] ^ index[0][which[above, at]]
        lead = node_of(key if is_lead else index[1][node] ^ key, index)
        if is_lead or trie[2][lead] <= bound:
            which[depth, n], leads[depth, n] = which[above, at], lead
            n += 1
    ends[0, depth], ends[1, depth] = n, 0


@lean
def _add(rule: Rule, trie: Trie, index: Index, kept: Kept) -> None:
    """Add a rule, or tally it, if it is sure enough.

    Parameters
    ----------
    rule
        Antecedent, itemset, baskets that an antecedent may be in, how many rules there may be.
    trie, index, kept
        Of `_split`.
    """
    found, tally, state = kept
    lead, node, bound, room = rule
    if trie[2][lead] > bound:
        return
    if len(tally) > 0:
        step = trie[2][node] * GRID // trie[2][lead]
        if step >= state[1]:
            tally[step] += 1
            state[0] += 1
        while state[0] > room:
            state[0] -= tally[state[1]]
            state[1] += 1
    elif state[0] <= room:
        at = state[0]
        follow = node_of(index[1][node] ^ index[1][lead], index)
        found[at, 0], found[at, 1], found[at, 2] = lead, follow, node
        state[0] += 1


@compiled
def _with_room(found: Codes, rules: int) -> Codes:
    """The rules, with room for so many."""
    if rules <= len(found):
        return found
    wider = np.empty((max(rules, 2 * len(found)), 3), np.int32)
    wider[: len(found)] = found
    return wider

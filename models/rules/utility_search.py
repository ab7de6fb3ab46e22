"""The search for itemsets that bring most: order of the items, threads, and limits that hold."""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt

from models.rules import utility_plain
from models.rules.baskets import WholeArray
from models.rules.utility_kernels import (
    BEGIN,
    BEHIND,
    BOUND,
    ITEM,
    LENGTH,
    PARENT,
    UTILITY,
    Level,
    bundles,
    first_level,
)
from models.rules.utility_ledger import Ledger, UtilityUnclear, checked
from models.tries import ROOT

FEW: Final = 5_000
"""Entries up to which plain Python is tried first."""

PATIENCE: Final = 10_000
"""Itemsets that plain Python looks at before it hands over to what is compiled."""

NODE_BYTES: Final = 21
"""Of an itemset: parent, item and count in 4 each, what it brings in 8, and whether it is meant."""

_PARTS: Final = 64
"""Parts of the work, so that no thread waits long for another."""


_ENDLESS: Final = 2**62
"""More itemsets than there can be."""


@dataclass(frozen=True)
class Limit:
    """What a result may hold; a search that finds more raises its threshold until that fits.

    Attributes
    ----------
    itemsets
        Itemsets that are asked for, at most.
    bytes
        Of all columns, those of itemsets that only lead to others included.
    """

    itemsets: int = 1_000_000
    bytes: int = 1 << 30

    @property
    def nodes(self) -> int:
        """Itemsets in all that the bytes have room for."""
        return min(self.bytes // NODE_BYTES, np.iinfo(np.int32).max)


LIMIT: Final = Limit()
"""What a result may hold unless something else is said."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for.

    Attributes
    ----------
    least
        What an itemset is to bring, 1 or more.
    shortest, longest
        Items of an itemset, those of the stem included.
    best
        How many of the best to keep, with those that equal the last; None for all.
    limit
        What the result may hold.
    threads
        How many look at a time.
    """

    least: int
    shortest: int
    longest: int
    best: int | None
    limit: Limit
    threads: int


@dataclass(frozen=True, eq=False)
class Found:
    """Itemsets that bring ``least`` or more, and those that lead to them.

    Attributes
    ----------
    table
        As `models.rules.utility_kernels.bundles` returns it, with codes instead of ranks.
    asked
        What an itemset was to bring; of the best few, what the last of them brings.
    least
        The same, as raised by a limit.
    limit
        The limit that raised it, in words; None where none did.
    """

    table: WholeArray
    asked: int
    least: int
    limit: str | None


def search(ledger: Ledger, wanted: Wanted) -> Found:
    """All itemsets that are wanted; the same for every number of threads."""
    stem = ledger.stem
    lengths = (wanted.shortest - len(stem), wanted.longest - len(stem))
    known = stem[stem[:, LENGTH] >= wanted.shortest, UTILITY]
    if lengths[1] == 0:
        return _Gathering(wanted, stem, _asked(wanted, known)).found(ledger.order)
    least = _at_the_outset(ledger, wanted)
    if len(ledger.codes) <= FEW:
        table = utility_plain.bundles(ledger.rows(), least, lengths, PATIENCE)
        if table is not None:
            utilities = table[table[:, LENGTH] >= lengths[0], UTILITY]
            asked = _asked(wanted, np.concatenate([known, utilities]))
            gathering = _Gathering(wanted, stem, asked)
            gathering.take(0, table)
            return gathering.found(ledger.order)
    baskets = (ledger.starts, ledger.codes, ledger.worths, ledger.held)
    level = first_level(baskets, ledger.ranks, len(ledger.order), least)
    walk = _Walk(level, len(ledger.order), lengths, wanted.threads)
    best = known if wanted.best is None else walk.best(wanted.best, least, known)
    gathering = _Gathering(wanted, stem, _asked(wanted, best))
    if not walk.gather(gathering, to_the_end=False):
        most = wanted.limit.itemsets
        gathering.lift(walk.best(most + 1, gathering.least, known))
        walk.gather(gathering, to_the_end=True)
    return gathering.found(ledger.order)


def _at_the_outset(ledger: Ledger, wanted: Wanted) -> int:
    """A threshold that none of what is wanted is below.

    The best few are no worse than the best items alone (Ryang and Yun 2015, "Top-k high utility
    pattern mining with effective threshold raising strategies").
    """
    length = len(ledger.stem) + 1
    is_known = wanted.shortest <= length <= wanted.longest
    if wanted.best is None or wanted.best > len(ledger.order) or not is_known:
        return wanted.least
    return max(wanted.least, int(np.sort(ledger.singles())[-wanted.best]))


def _asked(wanted: Wanted, utilities: WholeArray) -> int:
    """What an itemset is to bring; of the best few, what the last of them brings."""
    if wanted.best is None or len(utilities) < wanted.best:
        return wanted.least
    return max(wanted.least, int(np.sort(utilities)[-wanted.best]))


@dataclass(frozen=True, eq=False)
class _Walk:
    """The compiled loop over parts of the first level, by several threads.

    Attributes
    ----------
    level, items
        See `models.rules.utility_kernels.bundles`.
    lengths
        Items of an itemset, those of the stem left out.
    threads
        How many walk at a time.
    """

    level: Level
    items: int
    lengths: tuple[int, int]
    threads: int

    @cached_property
    def parts(self) -> list[WholeArray]:
        """Children of the first level in parts of about as many rows each."""
        children = self.level[2]
        if not len(children):
            return []
        rows = np.cumsum(children[:, BEHIND] - children[:, BEGIN] + 1)
        cuts = np.searchsorted(rows, np.arange(1, _PARTS) * rows[-1] / _PARTS)
        parts = np.split(np.arange(len(children)), np.unique(cuts))
        return [part for part in parts if len(part)]

    def best(self, most: int, least: int, known: WholeArray) -> WholeArray:
        """What the best itemsets bring, ``most`` of them and with those that are known.

        A threshold that few itemsets reach costs little to try, and so does one that is given up
        once too many do. From one that is hardly too low it is raised with what is found.
        """
        low, high = 0, max(least, int(self.level[2][:, BOUND].max(initial=0))) + 1
        while high - low > max(1, high >> 9):
            bar = (low + high) // 2 if low else max(least, high * 3 // 4)
            found, is_whole = self._best(most, bar, known, patience=most)
            if is_whole and (len(found) >= most or bar == least):
                return found
            low, high = (low, bar) if is_whole else (bar, high)
        return self._best(most, max(least, low), known, patience=_ENDLESS)[0]

    def _best(
        self, most: int, least: int, known: WholeArray, patience: int
    ) -> tuple[WholeArray, bool]:
        """The same of those that bring enough, and whether no part was given up."""
        lock, found, is_whole = Lock(), known[known >= least], True

        def look(firsts: WholeArray) -> None:
            nonlocal found, is_whole
            if is_whole:
                enough = least if len(found) < most else max(least, int(found.min()))
                bounds = (enough, most, patience, _ENDLESS)
                heap, is_all = bundles(firsts, self.level, self.items, self.lengths, bounds)
                with lock:
                    is_whole &= is_all
                    found = np.sort(np.concatenate([found, heap[:, 0]]))[-most:]

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(look, reversed(self.parts)))
        return found, is_whole

    def gather(self, gathering: "_Gathering", *, to_the_end: bool) -> bool:
        """Whether everything was found, without giving up where a part alone exceeds a limit."""
        limit = gathering.wanted.limit
        room, is_given_up = (2 * limit.itemsets, 2 * limit.nodes), False

        def look(part: int) -> None:
            nonlocal is_given_up
            is_whole = False
            while not is_whole and not is_given_up:
                bounds = (gathering.least, 0, *room)
                firsts = self.parts[part]
                table, is_whole = bundles(firsts, self.level, self.items, self.lengths, bounds)
                if is_whole or to_the_end:
                    gathering.take(part, table)
                else:
                    is_given_up = True

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(look, reversed(range(len(self.parts)))))
        return not is_given_up


class _Gathering:
    """What threads find, never much more than a limit allows.

    A threshold is raised only so far that what was found by then fits, so it never exceeds the
    lowest at which everything fits; and what is left at the end is all that reaches it.
    """

    def __init__(self, wanted: Wanted, stem: WholeArray, asked: int) -> None:
        self.wanted = wanted
        self.least = asked
        self._stem = stem
        self._asked = asked
        self._limit: str | None = None
        self._parts: dict[int, WholeArray] = {}
        self._lock = Lock()

    def take(self, part: int, table: WholeArray) -> None:
        """Keep what was found of a part, instead of what was found of it before."""
        table[:, LENGTH] += len(self._stem)
        with self._lock:
            self._parts[part] = table
            self._raise()

    def lift(self, utilities: WholeArray) -> None:
        """Take the threshold at which what brings so much, and nothing else, fits the itemsets."""
        with self._lock:
            self._lift({self._itemsets: _fitting(utilities, self.wanted.limit.itemsets)})

    @property
    def _itemsets(self) -> str:
        return f"{self.wanted.limit.itemsets:,} itemsets"

    def _raise(self) -> None:
        """Take the threshold that follows from what was found so far."""
        limit, tables = self.wanted.limit, [self._stem, *self._parts.values()]
        nodes = sum(map(len, tables))
        if nodes <= min(limit.itemsets, limit.nodes):
            return
        utilities = _sorted(table[self._is_meant(table), UTILITY] for table in tables)
        reached = {self._itemsets: _fitting(utilities, limit.itemsets)}
        if nodes > limit.nodes:
            found = [self._reaches(table) for table in tables]
            found[0][:] = max(reaches.max(initial=0) for reaches in found)  # the stem leads to all
            reached[f"{limit.bytes:,} bytes"] = _fitting(_sorted(found), limit.nodes)
        self._lift(reached)

    def _lift(self, reached: dict[str, int]) -> None:
        name = max(reached, key=lambda each: reached[each])
        if reached[name] > self.least:
            self.least, self._limit = reached[name], name
            self._parts = {each: self._pruned(part) for each, part in self._parts.items()}

    def _is_meant(self, table: WholeArray) -> npt.NDArray[np.bool_]:
        return (table[:, UTILITY] >= self.least) & (table[:, LENGTH] >= self.wanted.shortest)

    def _reaches(self, table: WholeArray) -> WholeArray:
        """The most that an itemset, or one that it leads to, brings."""
        found = np.where(table[:, LENGTH] >= self.wanted.shortest, table[:, UTILITY], 0)
        is_below = table[:, PARENT] != ROOT
        for length in range(int(table[:, LENGTH].max(initial=0)), 0, -1):
            at = np.flatnonzero(is_below & (table[:, LENGTH] == length))
            np.maximum.at(found, table[at, PARENT], found[at])
        return found

    def _pruned(self, table: WholeArray) -> WholeArray:
        is_kept = self._reaches(table) >= self.least
        places, kept = np.cumsum(is_kept) - 1, table[is_kept]
        kept[:, PARENT] = np.where(kept[:, PARENT] == ROOT, ROOT, places[kept[:, PARENT]])
        return kept

    def found(self, order: WholeArray) -> Found:
        """All that was found, the parts in their order."""
        self._raise()
        parts = [self._pruned(self._parts[part]) for part in sorted(self._parts)]
        stem = self._stem if any(map(len, parts)) else self._pruned(self._stem)
        tables, nodes = [stem], len(stem)
        for part in parts:
            above = np.where(part[:, PARENT] == ROOT, len(stem) - 1, part[:, PARENT] + nodes)
            part[:, PARENT], part[:, ITEM] = above, order[part[:, ITEM]]
            tables.append(part)
            nodes += len(part)
        return Found(np.concatenate(tables), self._asked, self.least, self._limit)


def _sorted(parts: Iterable[WholeArray]) -> WholeArray:
    return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *parts]))


def _fitting(ascending: WholeArray, most: int) -> int:
    """The smallest whole number that no more than so many reach."""
    return 0 if len(ascending) <= most else int(ascending[-most - 1]) + 1


def wanted_of(
    lengths: tuple[int, int | None],
    must: Collection[object],
    limit: Limit,
    threads: int,
    *,
    least: int = 1,
    best: int | None = None,
) -> Wanted:
    """What is looked for, from what callers say.

    Raises
    ------
    UtilityUnclear
        When a number is too low, or the longest itemset too short.
    """
    shortest, longest = lengths
    checked("min_length", shortest, 1)
    checked("threads", threads, 1)
    checked("a limit's itemsets", limit.itemsets, 1)
    needed = max(shortest, len(set(must)))
    if longest is not None and longest < needed:
        why = "min_length" if needed == shortest else "the items that each must hold"
        message = f"max_length needs to be {needed} or more because of {why}, but it is {longest}"
        raise UtilityUnclear(message)
    longest = np.iinfo(np.int32).max if longest is None else longest
    return Wanted(least, needed, longest, best, limit, threads)

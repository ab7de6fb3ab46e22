"""Window sums by prefix sums: all windows of all as_ofs from one pass over the rows.

Rows lie by customer and day; the sum over a window is the difference of two running sums at the
positions of its two ends. Sums are of whole numbers in 64 bits, so they are exact, whatever the
order of rows, and a difference is right even where the running sum of many customers overflows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from features import kernels
from features.kernels import Days, Doubles, Whole
from features.keys import find
from features.terms import Atom

DAY_BITS = 22
"""Room for a day number: some 5,700 years before and after 1970."""

NO_DAY = -(1 << (DAY_BITS - 1))
"""Before every day."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Timeline:
    """Rows of some customers, by customer and day.

    Attributes
    ----------
    customers
        Keys of the customers, ascending, shape (c,).
    first, last
        Position of each one's first row, and the one after the last, shape (c,); equal for
        customers without a row.
    days
        Day number of each row, shape (n,).
    measures
        SQL to the whole number that it gives for each row, shape (n,).
    """

    customers: Whole
    first: Whole
    last: Whole
    days: Days
    measures: Mapping[str, Whole]
    _whole: "Timeline | None" = field(default=None, repr=False)
    _ends: dict[int, Whole] = field(default_factory=dict, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def of(self, chosen: Whole) -> "Timeline":
        """The same rows, looked at for these customers; ``chosen`` are keys, ascending."""
        place, is_there = find(self.customers, chosen)
        first, last = (np.where(is_there, ends[place], 0) for ends in (self.first, self.last))
        return Timeline(chosen, first, last, self.days, self.measures, self)

    def find(self, days: Iterable[int]) -> None:
        """Look for these days together, which is quicker than one by one."""
        wanted = np.array(sorted({*days} - self._ends.keys(), reverse=True), dtype=np.int64)
        if len(wanted):
            found = kernels.positions(self.days, (self.first, self.last), wanted)
            self._ends.update(zip(wanted.tolist(), found, strict=True))

    def before(self, day: int) -> Whole:
        """Position of each customer's first row on the day or later, shape (c,)."""
        self.find([day])
        return self._ends[day]

    def ends(self, atom: Atom, as_of: int) -> tuple[Whole, Whole]:
        """Positions of the first row in the atom's window and of the first after it, (c,) each."""
        first, last = window_of(atom, as_of)
        return self.before(first), self.before(last)

    def once(self, name: str, make: Callable[["Timeline"], Made]) -> Made:
        """What is made of all rows; made once for all as_ofs and kept under its name."""
        if self._whole is not None:
            return self._whole.once(name, make)
        if name not in self._kept:
            self._kept[name] = make(self)
        made: Made = self._kept[name]
        return made


def window_of(atom: Atom, as_of: int) -> tuple[int, int]:
    """First day of the atom's window, and the one after its last."""
    return NO_DAY if atom.oldest is None else as_of - atom.oldest, as_of - atom.youngest + 1


def timeline(customer: Whole, day: Whole, measures: Mapping[str, Whole]) -> Timeline:
    """The timeline of rows in any order.

    Parameters
    ----------
    customer, day
        Key and day number of each row, at least one, shape (n,).
    measures
        SQL to the whole number that it gives for each row, shape (n,).
    """
    days = day.astype(np.int32)
    if not kernels.is_in_order(customer, days):
        keys = (customer.astype(np.int64) << DAY_BITS) + days
        order = np.argsort(keys, kind="stable")
        customer, days = customer[order], days[order]
        measures = {sql: value[order] for sql, value in measures.items()}
    first = kernels.begins_of(customer)
    last = np.append(first[1:], len(customer))
    return Timeline(customer[first].astype(np.int64), first, last, days, measures)


def atom_values(rows: Timeline, atoms: Iterable[Atom], as_of: int) -> dict[str, Doubles]:
    """Value of atoms for each customer of the timeline, shape (c,), by name; NaN for none.

    Parameters
    ----------
    rows
        The timeline.
    atoms
        Of kinds that look at rows, not at things.
    as_of
        Day number.
    """
    wanted = list(atoms)
    rows.find(day for atom in wanted for day in (*window_of(atom, as_of), as_of))
    found = _sums(rows, [atom for atom in wanted if atom.kind == "sum"], as_of)
    others = (atom for atom in wanted if atom.kind != "sum")
    return found | {atom.name: _KINDS[atom.kind](rows, atom, as_of) for atom in others}


def _sums(rows: Timeline, atoms: Sequence[Atom], as_of: int) -> dict[str, Doubles]:
    if not atoms:
        return {}
    sqls = sorted({atom.sql for atom in atoms})
    running = rows.once(f"running {sqls}", lambda whole: _running(whole, sqls))
    windows = [window_of(atom, as_of) for atom in atoms]
    days = sorted({day for window in windows for day in window})
    ends = np.stack([rows.before(day) for day in days])
    first, last = (np.array([days.index(each[end]) for each in windows]) for end in (0, 1))
    which = np.array([sqls.index(atom.sql) for atom in atoms])
    grown = kernels.grown(running, ends, which, first, last)
    return {atom.name: value for atom, value in zip(atoms, grown, strict=True)}


def _running(rows: Timeline, sqls: Sequence[str]) -> Whole:
    """Sums of measures over the rows before each position, shape (measures, n + 1)."""
    found = np.zeros((len(sqls), len(rows.days) + 1), dtype=np.int64)
    for total, sql in zip(found, sqls, strict=True):
        np.cumsum(rows.measures[sql], out=total[1:])
    return found


def _moment(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    measure = rows.measures[atom.sql]
    return kernels.moments(rows.days, measure, rows.ends(atom, as_of), as_of)


def _since(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    ends, measure = (rows.first, rows.before(as_of)), rows.measures[atom.sql]
    return kernels.newest_ages(rows.days, measure, ends, as_of, atom.rank)


def _first(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    ends, measure = (rows.first, rows.before(as_of)), rows.measures[atom.sql]
    return kernels.oldest_ages(rows.days, measure, ends, as_of)


def _most(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    return kernels.largest(rows.measures[atom.sql], rows.ends(atom, as_of))


def _exceeding(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    ends, other = (rows.first, rows.before(as_of)), rows.measures[atom.than]
    bar = kernels.newest_ages(rows.days, other, ends, as_of, 1)
    return kernels.rows_above(rows.measures[atom.sql], bar, ends)


def _decayed(rows: Timeline, atom: Atom, as_of: int) -> Doubles:
    """A row of age a counts 2 to the power of -a / half_life.

    What a customer's rows so far come to is known on the day of each: it fades from row to row.
    """
    half_life = atom.half_life or 1

    def made(whole: Timeline) -> Doubles:
        longest = int(whole.days.max()) - int(whole.days.min())
        kept = np.exp2(-np.arange(longest + 1) / half_life)
        measure = whole.measures[atom.sql]
        return kernels.faded(whole.days, measure, (whole.first, whole.last), kept)

    faded = rows.once(f"faded {half_life} {atom.sql}", made)
    last = rows.before(as_of)
    newest = np.maximum(last - 1, 0)
    found = faded[newest] * np.exp2((rows.days[newest] - as_of) / half_life)
    return np.where(last > rows.first, found, 0.0)


_KINDS: dict[str, Callable[[Timeline, Atom, int], Doubles]] = {
    "moment": _moment,
    "since": _since,
    "first": _first,
    "most": _most,
    "exceeding": _exceeding,
    "decayed": _decayed,
}

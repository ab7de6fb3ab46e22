"""Window sums by prefix sums: all windows of all as_ofs from one pass over the rows.

Rows are sorted by customer and day; the sum over a window is the difference of two running sums at
the positions of its two ends. Sums are of whole numbers in 64 bits, so they are exact, whatever the
order of rows, and a difference is right even where the running sum of many customers overflows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from features.terms import Atom

Whole = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

DAY_BITS = 22
"""Room for a day number: some 5,700 years before and after 1970."""

FIRST_DAY = -(1 << (DAY_BITS - 1))


@dataclass
class Timeline:
    """Rows of some customers, sorted by customer and day.

    Attributes
    ----------
    customers
        Keys of the customers with a row, ascending, shape (c,).
    starts
        Position of each customer's first row, and the number of rows, shape (c + 1,).
    days
        Day number of each row, shape (n,).
    """

    customers: Whole
    starts: Whole
    days: npt.NDArray[np.int32]
    _ends: dict[int, Whole] = field(default_factory=dict, repr=False)
    _kept: dict[str, Whole] = field(default_factory=dict, repr=False)

    def before(self, day: int) -> Whole:
        """Position of each customer's first row on the day or later, shape (c,)."""
        if day not in self._ends:
            earlier = np.zeros(len(self.days) + 1, dtype=np.int32)
            np.cumsum(self.days < day, out=earlier[1:])
            counted = earlier[self.starts]
            self._ends[day] = self.starts[:-1] + np.diff(counted)
        return self._ends[day]

    def ends(self, atom: Atom, as_of: int) -> tuple[Whole, Whole]:
        """Positions of the first row in the atom's window and of the first after it, (c,) each."""
        last = self.before(as_of - atom.youngest + 1)
        first = self.starts[:-1] if atom.oldest is None else self.before(as_of - atom.oldest)
        return first, last

    def once(self, name: str, make: Callable[[], Whole]) -> Whole:
        """What ``make`` gives; made once for all as_ofs and kept under its name."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]


def timeline(customer: Whole, day: Whole) -> tuple[Timeline, Whole | None]:
    """The timeline of rows in any order, and the order that sorts them; None: they were sorted.

    Parameters
    ----------
    customer, day
        Key and day number of each row, shape (n,).
    """
    keys = (customer << DAY_BITS) + (day - FIRST_DAY)
    order: Whole | None = None
    if np.any(keys[1:] < keys[:-1]):
        order = np.argsort(keys, kind="stable")
        keys, customer, day = keys[order], customer[order], day[order]
    first = np.flatnonzero(np.diff(customer, prepend=-1))
    return Timeline(customer[first], np.append(first, len(keys)), day.astype(np.int32)), order


def running(values: Whole | npt.NDArray[np.bool_]) -> Whole:
    """Sum of the values before each position, shape (n + 1,)."""
    total = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=total[1:])
    return total


def atom_values(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    """Value of an atom for each customer of the timeline, shape (c,); NaN where there is none.

    Parameters
    ----------
    rows
        The timeline.
    atom
        Of a kind that looks at rows, not at things.
    measure
        The atom's measure, a whole number for each row, shape (n,).
    as_of
        Day number.
    """
    return _KINDS[atom.kind](rows, atom, measure, as_of)


def exceeding(rows: Timeline, atom: Atom, measure: Whole, other: Whole, as_of: int) -> Doubles:
    """Rows whose measure is above the age of the newest row with ``other`` above 0, shape (c,).

    Parameters
    ----------
    rows
        The timeline.
    atom
        Of the kind exceeding.
    measure, other
        The atom's measure, and the one that sets the bar: a whole number for each row, shape (n,).
    as_of
        Day number.
    """
    bar = _since(rows, Atom("since", atom.relation, sql=atom.than), other, as_of)
    of_row = np.repeat(bar, np.diff(rows.starts))
    is_above = (measure > of_row) & (rows.days < as_of)
    return np.add.reduceat(is_above.astype(np.float64), rows.starts[:-1])


def _sum(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    first, last = rows.ends(atom, as_of)
    total = rows.once(atom.sql, lambda: running(measure))
    return (total[last] - total[first]).astype(np.float64)


def _moment(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    """The sum of x (A - d) is A times the sum of x less the sum of x d; all three are whole."""
    first, last = rows.ends(atom, as_of)
    origin = int(rows.days[0])
    total = rows.once(atom.sql, lambda: running(measure))
    dated = rows.once(f"dated {atom.sql}", lambda: running(measure * (rows.days - origin)))
    weighted = (as_of - origin) * (total[last] - total[first]) - (dated[last] - dated[first])
    return weighted.astype(np.float64)


def _since(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    """The rows above 0 stand in a row of their own; the one of the rank counts from its end."""
    places = rows.once(f"places {atom.sql}", lambda: np.flatnonzero(measure > 0))
    if not len(places):
        return np.full(len(rows.customers), np.nan)
    counted = rows.once(f"counted {atom.sql}", lambda: running(measure > 0))
    found = counted[rows.before(as_of)] - atom.rank
    is_there = found >= counted[rows.starts[:-1]]
    return np.where(is_there, as_of - rows.days[places[np.maximum(found, 0)]], np.nan)


def _first(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    def next_one() -> Whole:
        places = np.where(measure > 0, np.arange(len(measure)), len(measure))
        return np.minimum.accumulate(places[::-1])[::-1]

    found = rows.once(f"next {atom.sql}", next_one)[rows.starts[:-1]]
    is_there = found < rows.before(as_of)
    return np.where(is_there, as_of - rows.days[np.minimum(found, len(measure) - 1)], np.nan)


def _most(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    first, last = rows.ends(atom, as_of)
    return _between(np.maximum, np.maximum(measure, 0).astype(np.float64), first, last)


def _decayed(rows: Timeline, atom: Atom, measure: Whole, as_of: int) -> Doubles:
    """A row of age a counts 2 to the power of -a / half_life.

    Only rows before as_of are added up: how numpy pairs them must not depend on later ones.
    """
    age = np.maximum(as_of - rows.days, 0)
    weight = np.exp(-np.log(2.0) * np.arange(age.max() + 1) / (atom.half_life or 1))
    return _between(np.add, measure * weight[age], *rows.ends(atom, as_of))


def _between(ufunc: np.ufunc, values: Doubles, first: Whole, last: Whole) -> Doubles:
    """Each customer's values from one position to before another; 0 where there are none."""
    bounds = np.column_stack([first, last]).ravel()
    found = ufunc.reduceat(np.append(values, 0.0), bounds)[::2]
    return np.where(last > first, found, 0.0)


_KINDS: dict[str, Callable[[Timeline, Atom, Whole, int], Doubles]] = {
    "sum": _sum,
    "moment": _moment,
    "since": _since,
    "first": _first,
    "most": _most,
    "decayed": _decayed,
}

"""Different things per window, by the days until each is bought again.

A thing counts in the window [A - w, A) once, by its last purchase before A: that is the one whose
next, if there is any, is on A or later. The days between purchases of a thing are found in one go
over the rows and serve every window of every as_of; the next purchase may be beyond A, but the
count does not depend on how far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features import kernels
from features.kernels import Days, Doubles, Whole
from features.terms import Atom
from features.timeline import Timeline, window_of

KEYS_PER_ROW = 4
"""Room in memory for a key of a thing, by rows, up to which keys need no code of their own."""

_VISITS = ("distinct", "fresh")
_TALLIES = ("squares", "logs", "top", "leader")


@dataclass(frozen=True)
class Things:
    """Rows of some customers, each of which is about a thing.

    Attributes
    ----------
    rows
        The timeline.
    thing
        Of each row, a number below ``size``, shape (n,).
    size
        One more than the largest.
    keys
        Key of each such number; None: the number is the key.
    gaps
        Days to the row before that is about the same thing, and to the one after: of
        `kernels.revisits`.
    """

    rows: Timeline
    thing: Whole
    size: int
    keys: Whole | None
    gaps: tuple[Days, Days]

    def of(self, rows: Timeline) -> "Things":
        """The same, for the customers of another view of the timeline."""
        return replace(self, rows=rows)


def things(rows: Timeline, thing: Whole) -> Things:
    """Things of the rows of a timeline.

    Parameters
    ----------
    rows
        The timeline.
    thing
        Key of each row, not below 0, shape (n,).
    """
    keys: Whole | None = None
    if thing.max() > KEYS_PER_ROW * len(thing):
        keys, thing = np.unique(thing, return_inverse=True)
    thing = thing.astype(np.int32)
    size = int(thing.max()) + 1
    gaps = kernels.revisits(thing, rows.days, (rows.first, rows.last), size)
    return Things(rows, thing, size, keys, gaps)


def thing_values(found: Things, atoms: Iterable[Atom], as_of: int) -> dict[str, Doubles]:
    """Value of atoms for each customer of the timeline, shape (c,), by name; NaN for none.

    Parameters
    ----------
    found
        The things.
    atoms
        Of kinds that look at things.
    as_of
        Day number.
    """
    wanted = list(atoms)
    found.rows.find(day for atom in wanted for day in window_of(atom, as_of))
    visited = [atom for atom in wanted if atom.kind in _VISITS]
    tallied = [atom for atom in wanted if atom.kind in _TALLIES]
    return _visits(found, visited, as_of) | _tallies(found, tallied, as_of)


def _visits(found: Things, atoms: Sequence[Atom], as_of: int) -> dict[str, Doubles]:
    windows = sorted({atom.oldest or 0 for atom in atoms})
    if not windows:
        return {}
    rows = found.rows
    ends = (rows.before(as_of - windows[-1]), rows.before(as_of))
    told = kernels.visits(rows.days, found.gaps, ends, as_of, np.array(windows))
    return {
        atom.name: told[_VISITS.index(atom.kind), windows.index(atom.oldest or 0)] for atom in atoms
    }


def _tallies(found: Things, atoms: Sequence[Atom], as_of: int) -> dict[str, Doubles]:
    told: dict[tuple[str, int | None], Doubles] = {}
    values = {}
    for atom in atoms:
        window = (atom.sql, atom.oldest)
        if window not in told:
            ends, measure = found.rows.ends(atom, as_of), found.rows.measures[atom.sql]
            told[window] = kernels.tallies(found.thing, measure, ends, found.size)
        value = told[window][_TALLIES.index(atom.kind)]
        if atom.kind == "leader" and found.keys is not None:
            is_there = ~np.isnan(value)
            value[is_there] = found.keys[value[is_there].astype(np.int64)]
        values[atom.name] = value
    return values

"""Different things per window without counting them again: by the gaps between purchases of each.

A thing counts in the window [A - w, A) when its last purchase before A lies in it. Purchases of a
thing form runs whose gaps are at most w; a run begins where the gap before is larger, and is over
for the window where the gap after is larger. So the number of things is that of runs begun before
A less that of runs whose last purchase lies before A - w: two running sums serve every as_of. The
gap after a purchase may reach beyond A; the count does not depend on how far.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.terms import Atom
from features.timeline import DAY_BITS, FIRST_DAY, Doubles, Timeline, Whole, running, timeline

THING_BITS = 21
CUSTOMER_BITS = 20
"""Room for the customers of one call: their keys must lie so close together."""

NEVER = 1 << 40
"""Gap before the first purchase of a thing and after the last."""

_LOWEST_FIRST = 1 << 31


@dataclass
class Things:
    """Purchases of some customers by thing: a row per customer, thing and day, sorted by all three.

    Attributes
    ----------
    by_day
        The same rows sorted by customer and day.
    gap_before, gap_after
        Days to the thing's previous and next purchase, in the order of ``by_day``, shape (n,).
    days
        Day number of each row, shape (n,).
    measures
        Name to the sum of a measure over each row's lines, shape (n,).
    pairs
        Position of the first row of each customer and thing, shape (p,).
    thing
        Of each pair, shape (p,).
    people
        Position of each customer's first pair, shape (c,).
    """

    by_day: Timeline
    gap_before: Whole
    gap_after: Whole
    days: Whole
    measures: Mapping[str, Whole]
    pairs: Whole
    thing: Whole
    people: Whole
    _counted: dict[tuple[str, int, int | None, int], Whole] = field(default_factory=dict)

    def within(self, atom: Atom, as_of: int) -> Whole:
        """Sum of the atom's measure over its window, by customer and thing, shape (p,)."""
        window = (atom.measure, atom.youngest, atom.oldest, as_of)
        if window not in self._counted:
            is_seen = self.days <= as_of - atom.youngest
            if atom.oldest is not None:
                is_seen &= self.days >= as_of - atom.oldest
            seen = self.measures[atom.measure] * is_seen
            self._counted = {window: np.add.reduceat(seen, self.pairs)}
        return self._counted[window]


def things(customer: Whole, thing: Whole, day: Whole, measures: Mapping[str, Whole]) -> Things:
    """Things of lines in any order; several lines of a thing on a day count together.

    Parameters
    ----------
    customer, thing, day
        Keys and day number of each line, shape (n,), at least one; see `CUSTOMER_BITS`.
    measures
        Name to a whole number per line; ``lines``, the number of lines, is added.
    """
    first_key = customer.min()
    what, code = _codes(thing)
    keys = ((((customer - first_key) << THING_BITS) + code) << DAY_BITS) + (day - FIRST_DAY)
    order = np.argsort(keys, kind="stable") if measures else None
    keys = np.sort(keys) if order is None else keys[order]
    kept = np.flatnonzero(np.diff(keys, prepend=-1))
    sums = {name: np.add.reduceat(values[order], kept) for name, values in measures.items()}
    sums["lines"] = np.diff(kept, append=len(keys))
    keys = keys[kept]
    pair = keys >> DAY_BITS
    is_new = np.diff(pair, prepend=-1) != 0
    before = np.where(is_new, NEVER, np.diff(keys, prepend=0))
    after = np.append(before[1:], NEVER)
    whose, days = pair >> THING_BITS, (keys & ((1 << DAY_BITS) - 1)) + FIRST_DAY
    by_day, sorting = timeline(whose + first_key, days)
    pairs = np.flatnonzero(is_new)
    found = pair[pairs] & ((1 << THING_BITS) - 1)
    return Things(
        by_day,
        before if sorting is None else before[sorting],
        after if sorting is None else after[sorting],
        days,
        sums,
        pairs,
        found if what is None else what[found],
        np.flatnonzero(np.diff(whose[pairs], prepend=-1)),
    )


def _codes(thing: Whole) -> tuple[Whole | None, Whole]:
    """Keys by code, and the code of each line; None: keys are small enough to be codes."""
    if thing.max() < 1 << THING_BITS:
        return None, thing
    return np.unique(thing, return_inverse=True)


def thing_values(found: Things, atom: Atom, as_of: int) -> Doubles:
    """Value of an atom of things for each customer, shape (c,).

    Parameters
    ----------
    found
        The things.
    atom
        Of a kind that looks at things.
    as_of
        Day number.
    """
    if atom.kind in ("distinct", "fresh"):
        return _runs(found, atom, as_of).astype(np.float64)
    counts = found.within(atom, as_of)
    if atom.kind == "squares":
        return np.add.reduceat(counts.astype(np.float64) ** 2, found.people)
    if atom.kind == "logs":
        n = counts.astype(np.float64)
        return np.add.reduceat(n * np.log(np.maximum(n, 1)), found.people)
    if atom.kind == "top":
        return np.maximum.reduceat(counts, found.people).astype(np.float64)
    packed = np.where(counts > 0, counts * _LOWEST_FIRST + (_LOWEST_FIRST - 1 - found.thing), -1)
    most = np.maximum.reduceat(packed, found.people)
    return np.where(most >= 0, _LOWEST_FIRST - 1 - most % _LOWEST_FIRST, np.nan)


def _runs(found: Things, atom: Atom, as_of: int) -> Whole:
    """Runs that are not over yet; or, of fresh things, first purchases in the window."""
    rows, days = found.by_day, atom.oldest or 0
    least = NEVER if atom.kind == "fresh" else days + 1
    begun = rows.once(f"begun {least}", lambda: running(found.gap_before >= least))
    started, first, last = rows.starts[:-1], rows.before(as_of - days), rows.before(as_of)
    if atom.kind == "fresh":
        return begun[last] - begun[first]
    over = rows.once(f"over {least}", lambda: running(found.gap_after >= least))
    return (begun[last] - begun[started]) - (over[first] - over[started])

"""Rules tried on sequences: trials, successes, their chance in shuffled order, and waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from features.compiled import interpreted
from models.coding import WholeArray
from models.sequences.following import NEVER, log_factorials, trials_behind, trials_of
from models.sequences.patterns import Pattern
from models.sequences.sequences import Sequences
from models.sequences.tails import FloatArray, at_least

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Of the time to the consequent."""

_SMALL: Final = 2_000
"""Elements up to which Python is quicker than loading what is compiled."""

Side = tuple[object, ...]
"""Names of the items of an element."""


class Rule(NamedTuple):
    """Elements of the antecedent in their order, one at least, and the consequent."""

    antecedent: Pattern
    consequent: Side


@dataclass(frozen=True, eq=False)
class Tried:
    """Rules that have enough of successes and confidence; each column has shape (rules,).

    Attributes
    ----------
    rules
        The rules.
    trials, count
        Sequences in which the antecedent was observed for all of the time, and those of them in
        which the consequent followed.
    expected, p
        How many would in shuffled order, and the chance of so many or more.
    waits
        Shape (rules, quantiles): `QUANTILES` of the time to the consequent; NaN without one.
    """

    rules: tuple[Rule, ...]
    trials: WholeArray
    count: WholeArray
    expected: FloatArray
    p: FloatArray
    waits: FloatArray


def tried(
    rules: Sequence[Rule],
    seen: Sequences,
    within: int,
    until: int,
    enough: tuple[int, Fraction] = (0, Fraction(0)),
) -> Tried:
    """The rules that have enough, and what is seen of them.

    Parameters
    ----------
    rules
        Each element of an antecedent follows the one before it ``within`` that time, too.
    seen
        Sequences that end before ``until``.
    within
        Time in which the consequent follows.
    until
        First instant that has not been observed.
    enough
        Successes, and their share of the trials, at least.
    """
    looker = _Looker(seen, within, until)
    chance = interpreted(at_least) if looker.is_small else at_least
    kept, counts, numbers, waits = [], [], [], []
    for rule in rules:
        times, chances = looker.trials(rule)
        succeeded = times[times != NEVER]
        count = len(succeeded)
        if count < enough[0] or count < enough[1] * len(times):
            continue
        kept.append(rule)
        counts.append((len(times), count))
        numbers.append((float(chances.sum()), chance(chances, count)))
        nothing = np.full(len(QUANTILES), np.nan)
        waits.append(np.quantile(succeeded, QUANTILES, method="inverted_cdf") if count else nothing)
    whole = np.array(counts, dtype=np.int64).reshape(-1, 2)
    shares = np.array(numbers, dtype=np.float64).reshape(-1, 2)
    found = np.array(waits, dtype=np.float64).reshape(-1, len(QUANTILES))
    return Tried(tuple(kept), whole[:, 0], whole[:, 1], shares[:, 0], shares[:, 1], found)


class _Looker:
    """Where each item is, and the trials of rules."""

    def __init__(self, seen: Sequences, within: int, until: int) -> None:
        self.labels, self.within, self.until = seen.labels, within, until
        self.is_small = len(seen.instants) <= _SMALL
        owners = np.repeat(np.arange(seen.count, dtype=np.int64), np.diff(seen.elements))
        self.given = (seen.elements, seen.instants, owners)
        order = np.argsort(seen.codes, kind="stable")
        self.elements = seen.places[order].astype(np.int64)
        sizes = np.bincount(seen.codes, minlength=len(seen.labels))
        self.ends = np.concatenate([[0], np.cumsum(sizes)])
        table = interpreted(log_factorials) if self.is_small else log_factorials
        self.logs = table(int(np.diff(seen.elements).max(initial=0)))

    def trials(self, rule: Rule) -> tuple[WholeArray, FloatArray]:
        """Wait and chance of each trial."""
        leads, follows = [self.of(side) for side in rule.antecedent], self.of(rule.consequent)
        rest = (self.given, self.within, self.until, self.logs)
        if len(leads) == 1:
            one = interpreted(trials_of) if self.is_small else trials_of
            return one((leads[0], follows), *rest)
        several = interpreted(trials_behind) if self.is_small else trials_behind
        return several((self.completed(leads), follows), *rest)

    def of(self, side: Side) -> WholeArray:
        """Elements that hold all of a side, ascending; none where an item is not known."""
        places = self.labels.get_indexer(pd.Index(list(side))).tolist()
        if min(places) < 0:
            return np.empty(0, dtype=np.int64)
        each = [self.elements[self.ends[place] : self.ends[place + 1]] for place in places]
        return reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), each)

    def completed(self, steps: Sequence[WholeArray]) -> WholeArray:
        """The first element of each sequence that ends all steps in their order, ascending.

        Of all elements that may end the steps before, the last one before a step is the nearest.
        """
        _, instants, owners = self.given
        ends = steps[0]
        for step in steps[1:]:
            place = np.searchsorted(ends, step) - 1
            after, before = step[place >= 0], ends[place[place >= 0]]
            is_near = instants[after] - instants[before] <= self.within
            ends = after[is_near & (owners[after] == owners[before])]
        return ends[np.unique(owners[ends], return_index=True)[1]]

"""Lifetimes in weeks, those still open among them, as rows of customers and weeks at risk."""

from dataclasses import dataclass

import numpy as np

from models.spec import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """How long each customer was watched, and whether the last week was the end.

    Attributes
    ----------
    weeks
        Shape (n,), from 0 on: weeks watched. 0 says nothing.
    ended
        Shape (n,): whether the customer left in the last of them.
    since
        Shape (n,), at most ``weeks``: weeks that count as seen before; those after it are at risk
        (left truncation). None: 0 for everybody.
    """

    weeks: IntArray
    ended: BoolArray
    since: IntArray | None = None

    def __post_init__(self) -> None:
        entered = self.entered
        if not self.weeks.shape == self.ended.shape == entered.shape or self.weeks.ndim != 1:
            message = (
                f"one lifetime per customer, not {self.weeks.shape}, {self.ended.shape}, "
                f"{entered.shape}"
            )
            raise ValueError(message)
        if np.any(entered < 0) or np.any(entered > self.weeks):
            message = "weeks run from 0 on, and nobody is watched for less than since"
            raise ValueError(message)
        if np.any(self.ended & (self.weeks == 0)):
            message = "who ended was watched for a week at the least"
            raise ValueError(message)

    @property
    def entered(self) -> IntArray:
        """Shape (n,): weeks before the first that is at risk."""
        return np.zeros_like(self.weeks) if self.since is None else self.since

    def where(self, mask: BoolArray) -> "Lifetimes":
        """Those of the mask."""
        since = None if self.since is None else self.since[mask]
        return Lifetimes(self.weeks[mask], self.ended[mask], since)

    def outlasting(self, week: int) -> BoolArray:
        """Shape (n,): who is known to have outlasted a week."""
        found: BoolArray = (self.weeks > week) | ((self.weeks == week) & ~self.ended)
        return found

    def ending_by(self, week: int) -> BoolArray:
        """Shape (n,): who is known to have left in a week or before."""
        found: BoolArray = self.ended & (self.weeks <= week)
        return found


@dataclass(frozen=True, eq=False)
class PersonWeeks:
    """A row per customer and week at risk, all of them or a sample.

    Attributes
    ----------
    row
        Shape (m,), ascending: position of the customer.
    week
        Shape (m,), from 1 on.
    ended
        Shape (m,): whether the customer left in that week.
    weight
        Shape (m,): how many rows it stands for.
    """

    row: IntArray
    week: IntArray
    ended: BoolArray
    weight: FloatArray


def person_weeks(lifetimes: Lifetimes, most: int, seed: int) -> PersonWeeks:
    """Weeks at risk, each with whether it was the end: what a hazard is learnt from.

    The likelihood of lifetimes is that of one coin per row (Singer and Willett 1993, "It's about
    time: using discrete-time survival analysis to study duration and the timing of events",
    equation 11; Tutz and Schmid 2016, "Modeling discrete time-to-event data", section 3.4). Where
    there are more than ``most`` rows, all ends are kept, and of the other rows one is drawn from
    each of as many stretches of equal length as there is room for, with the length as its weight:
    no sum over rows is biased by it, and memory holds the sample alone.

    Parameters
    ----------
    lifetimes
        Of n customers.
    most
        Rows, unless there are more ends than that.
    seed
        Equal seeds draw alike.
    """
    ends = np.flatnonzero(lifetimes.ended & (lifetimes.weeks > lifetimes.entered))
    lasted = lifetimes.weeks - lifetimes.entered
    lasted[ends] -= 1
    until = np.cumsum(lasted)
    total = int(until[-1]) if len(until) else 0
    room = max(0, most - len(ends))
    if total <= room:
        place, weight = np.arange(total), 1.0
    else:
        weight = total / max(room, 1)
        drawn = np.random.default_rng(seed).random(max(room, 1))
        place = np.minimum(((np.arange(len(drawn)) + drawn) * weight).astype(np.int64), total - 1)
    row = np.searchsorted(until, place, side="right")
    week = lifetimes.entered[row] + 1 + place - (until[row] - lasted[row])
    rows, weeks = np.r_[row, ends], np.r_[week, lifetimes.weeks[ends]]
    order = np.lexsort((weeks, rows))
    weights = np.r_[np.full(len(row), weight), np.ones(len(ends))]
    has_ended = np.r_[np.zeros(len(row), dtype=bool), np.ones(len(ends), dtype=bool)]
    return PersonWeeks(rows[order].astype(np.int64), weeks[order], has_ended[order], weights[order])

"""How customers return, and how many would be called lost: what a definition of churn is chosen by.

Read from the warehouse once; what is proposed from it is in `pipelines.proposal`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from features.clock import days_after, days_between, newest_observable, require_history
from features.errors import RegularsError
from features.gaps import gaps
from features.label_rates import Candidates, labelled_rates, returns
from features.segments import Segments, segments_of
from features.settings import Cohort
from features.star import History
from features.warehouse import Connection
from models.survival import Survival, kaplan_meier
from pipelines.config import Business

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MOST_CUTOFFS: Final = 52
"""Days at which label rates are counted; where there are more, steps are made wider."""


class TooLittleHistory(RegularsError):
    """The orders do not reach far enough to say anything about who returns."""


@dataclass(frozen=True)
class Waiting:
    """The gaps of some customers: how long they last, and how many are still open.

    Attributes
    ----------
    name
        Of the segment.
    survival
        Of the gaps with at least one day behind them.
    gaps, still_open
        How many there are, and of these those not seen to end.
    """

    name: str
    survival: Survival
    gaps: int
    still_open: int

    @property
    def open_share(self) -> float:
        """Share (0..1) of the gaps that were never seen to end."""
        return self.still_open / self.gaps if self.gaps else math.nan


@dataclass(frozen=True)
class Rate:
    """Of the cohort of a day, those who would be called lost."""

    as_of: date
    customers: int
    lost: int

    @property
    def share(self) -> float:
        """In 0..1."""
        return self.lost / self.customers


@dataclass(frozen=True)
class Study:
    """What the orders before a day say.

    Attributes
    ----------
    as_of
        Orders before it were seen.
    first_on, last_on
        First and last day of data that were seen.
    candidates
        Horizons and cohort windows that were counted.
    everyone
        All gaps.
    one_time
        Gaps after the first order of a customer; those still open are of one-time buyers.
    segments
        What tells customers apart, and the gaps of each that has any.
    returned
        Of `features.label_rates.returns`.
    """

    as_of: date
    first_on: date
    last_on: date
    candidates: Candidates
    everyone: Waiting
    one_time: Waiting
    segments: Segments
    by_segment: tuple[Waiting, ...]
    returned: pd.DataFrame

    @property
    def days(self) -> int:
        """Days of data that were seen."""
        return days_between(self.first_on, self.last_on) + 1

    def rates(self, horizon_days: int, cohort: Cohort) -> tuple[Rate, ...]:
        """Label rate of each day on which it can be known, the oldest first.

        A day counts when its label is over, and when there are as many days of data before it as
        the label and the cohort's window have.
        """
        label_days = self.candidates.gap_days + horizon_days
        newest = newest_observable(self.last_on, label_days)
        active = cohort.active_within_days if cohort.contract == "none" else None
        known = self.returned
        if cohort.contract == "none":
            known = known[known["orders"] >= cohort.min_orders]
        if active is not None:
            known = known[known["active_days"] <= active]
        counted = known.assign(
            lost=known["customers"].where(~(known["returned_days"] <= horizon_days), 0)
        ).groupby("as_of")[["customers", "lost"]]
        return tuple(
            Rate(as_of, int(customers), int(lost))
            for as_of, customers, lost in counted.sum().itertuples()
            if as_of <= newest
            and days_between(self.first_on, as_of) >= max(label_days, active or 0)
        )


@dataclass(frozen=True)
class Contracts:
    """What a labels table says: it defines churn, so that there is nothing to propose.

    Attributes
    ----------
    segments
        What tells customers apart.
    by_day
        Rate of each as_of, the oldest first.
    by_segment
        Rates of the newest as_of by segment.
    """

    segments: Segments
    by_day: tuple[Rate, ...]
    by_segment: Mapping[str, Rate]


def contracts(
    con: Connection, business: Business, as_of: date | None = None, by: str | None = None
) -> Contracts:
    """Label rates of a business whose labels table defines churn.

    Parameters
    ----------
    con, business
        Warehouse with a labels table, and the config.
    as_of
        Labels of earlier days are seen; None: all.
    by
        See `features.segments.segments_of`.

    Raises
    ------
    LabelsMissing
        When the labels table has no row, or none that early.
    SegmentsUnknown
        When nothing of the name ``by`` tells customers apart.
    """
    segments = segments_of(business.sources, by)
    rows = labelled_rates(con, segments, as_of).to_pylist()
    days = sorted({row["as_of"] for row in rows})
    newest = {row["segment"]: row for row in rows if row["as_of"] == days[-1]}
    by_day = tuple(
        Rate(
            day,
            sum(row["customers"] for row in rows if row["as_of"] == day),
            sum(row["churned"] for row in rows if row["as_of"] == day),
        )
        for day in days
    )
    names = [*segments.names, *(name for name in newest if name not in segments.names)]
    found = {
        name: Rate(days[-1], newest[name]["customers"], newest[name]["churned"])
        for name in names
        if name in newest
    }
    return Contracts(segments, by_day, found)


def study(
    con: Connection,
    business: Business,
    known: History,
    as_of: date | None = None,
    by: str | None = None,
) -> Study:
    """What the orders say about who returns.

    Parameters
    ----------
    con
        Connection to a warehouse with a star that has orders.
    business, known
        Config, and what the star holds.
    as_of
        Orders before it are seen; None: all that the warehouse has, as of the day after the last.
    by
        See `features.segments.segments_of`.

    Raises
    ------
    OutsideHistory
        When the as_of lies outside the orders.
    TooLittleHistory
        When no candidate's label is over for any day, or no customer has bought anything.
    SegmentsUnknown
        When nothing of the name ``by`` tells customers apart.
    """
    segments = segments_of(business.sources, by)
    if known.first_on is None or known.last_on is None:
        raise TooLittleHistory(
            "a proposal needs orders, but the warehouse has none; build it first"
        )
    seen = days_after(known.last_on, 1) if as_of is None else as_of
    require_history([seen], known.first_on, known.last_on)
    last_on = min(known.last_on, days_after(seen, -1))
    asked = candidates(business)
    days = _cutoffs(known.first_on, last_on, business.churn.step_days, asked)
    both = (business.sources, business.behaviour)
    table = gaps(con, seen, last_on, segments).to_pandas()
    if table.empty:
        message = (
            f"a proposal needs purchases of customers, but before {seen} all lines are of nobody, "
            f"returns or fees; look at sources.orders.columns.customer"
        )
        raise TooLittleHistory(message)
    returned = returns(con, days, asked, both, last_on).to_pandas()
    found = [_waiting(name, table[table["segment"] == name]) for name in segments.names]
    return Study(
        seen,
        known.first_on,
        last_on,
        asked,
        _waiting("all customers", table),
        _waiting("after the first order", table[table["is_first"]]),
        segments,
        tuple(each for each in found if each.gaps),
        returned,
    )


def candidates(business: Business) -> Candidates:
    """The windows of the config, and what it says now."""
    churn, cohort, windows = business.churn, business.behaviour.cohort, business.behaviour
    active = {*windows.windows_days, *([cohort.active_within_days or 0])} - {0}
    return Candidates(
        churn.gap_days,
        tuple(sorted({*windows.windows_days, churn.horizon_days})),
        tuple(sorted(active)),
        max(2, cohort.min_orders),
    )


def _cutoffs(first_on: date, last_on: date, step: int, asked: Candidates) -> list[date]:
    """Days whose shortest label is over, at fixed steps back from the end of the data.

    Raises
    ------
    TooLittleHistory
        When there is none.
    """
    shortest = asked.gap_days + asked.horizons_days[0]
    end, newest = days_after(last_on, 1), newest_observable(last_on, shortest)
    room = days_between(first_on, end)
    wide = step * max(1, math.ceil(room / step / MOST_CUTOFFS))
    days = [days_after(end, -back) for back in range(wide, room - shortest + 1, wide)]
    found = [day for day in days if day <= newest]
    if not found and days_between(first_on, newest) >= shortest:
        return [newest]
    if not found:
        message = (
            f"a proposal needs a day with {shortest} days of orders before and after it, but the "
            f"orders that are seen reach from {first_on} to {last_on}; load more of them"
        )
        raise TooLittleHistory(message)
    return found[::-1]


def _waiting(name: str, table: pd.DataFrame) -> Waiting:
    survival = kaplan_meier(table["days"], table["is_open"], table["gaps"])
    still_open = int(table.loc[table["is_open"], "gaps"].sum())
    return Waiting(name, survival, int(table["gaps"].sum()), still_open)

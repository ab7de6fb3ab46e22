"""What a model of lifetimes learns from: on which days, and what was known of them by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.behaviour import build
from features.clock import CutoffsTooEarly, days_after
from features.contract import Column
from features.errors import RegularsError
from features.lifetimes import WEEK_DAYS, build_lifetimes, weeks_watched
from features.settings import ChurnDefinition
from features.star import History
from features.warehouse import Connection
from models.hazard import WEEK_COLUMN
from models.lifetimes import Lifetimes
from pipelines.config import Business, Lifetime
from pipelines.frames import IDENTITY

WEEK: Final = Column(
    name=WEEK_COLUMN,
    unit="weeks",
    window_days=None,
    null_means="never missing",
    meaning="week after as_of whose hazard is asked for",
    sql="1, 2, ...",
)
"""The last input of a registered model of lifetimes; its output is the hazard of that week."""


class NoLifetimes(RegularsError):
    """Nothing tells when customers of this business leave."""


@dataclass(frozen=True)
class LifetimePlan:
    """Days of a training and its test; nothing that is learnt was known later than the test.

    Attributes
    ----------
    as_ofs
        Days to learn from, ascending.
    fitted_until
        First day that the fit does not see: one horizon before the test.
    test
        Day on which the model is tested, and first day that the calibration does not see.
    judged_until
        First day that the test does not see.
    """

    as_ofs: tuple[date, ...]
    fitted_until: date
    test: date
    judged_until: date


@dataclass(frozen=True, eq=False)
class LifetimeFrame:
    """Rows of the behaviour table with their lifetimes.

    Attributes
    ----------
    customers
        Identifiers, shape (n,).
    as_of
        Days, shape (n,).
    features
        Feature columns, shape (n, k), float64.
    lifetimes
        Of the same rows.
    """

    customers: npt.NDArray[np.object_]
    as_of: npt.NDArray[np.datetime64]
    features: pd.DataFrame
    lifetimes: Lifetimes

    def watched(self) -> "LifetimeFrame":
        """The rows that were watched for a week at the least."""
        mask = self.lifetimes.weeks > 0
        return LifetimeFrame(
            self.customers[mask],
            self.as_of[mask],
            self.features[mask].reset_index(drop=True),
            self.lifetimes.where(mask),
        )


@dataclass(frozen=True, eq=False)
class LifetimeParts:
    """The same learning rows as they were known at two times, and the test.

    Attributes
    ----------
    train
        Weeks that were over when the fit ends; 0 for days that were too late for a single one.
    later
        The weeks after those, until the test: what the calibration looks at.
    test
        The test day.
    """

    train: LifetimeFrame
    later: LifetimeFrame
    test: LifetimeFrame

    def known(self) -> Lifetimes:
        """All that was known of the learning rows on the day of the test."""
        return Lifetimes(self.later.lifetimes.weeks, self.later.lifetimes.ended)


def lifetime_plan(churn: ChurnDefinition, asked: Lifetime, known: History) -> LifetimePlan:
    """Days for fit, calibration and test.

    The fit sees what was known one horizon before the test; the calibration sees how the weeks went
    on until the test. Learning days lie ``lifetime.step_days`` apart, the newest of them with one
    week that is over on the day of the test.

    Raises
    ------
    NoLifetimes
        When churn is not silence, so that nothing tells a day.
    CutoffsTooEarly
        When the test leaves too little before or after it.
    """
    newest_test, judged_until = judged_day(churn, asked, known)
    test = asked.test_as_of or newest_test
    if test > newest_test:
        message = (
            f"a test of {asked.weeks} weeks needs {_needed(churn, asked)} days of orders from "
            f"lifetime.test_as_of on, but {test} leaves fewer before {judged_until}; use a day up "
            f"to {newest_test} or fewer lifetime.weeks"
        )
        raise CutoffsTooEarly(message)
    fitted_until = days_after(test, -churn.horizon_days)
    newest = days_after(test, -(churn.horizon_days + WEEK_DAYS - 1))
    days = [days_after(newest, -index * asked.step_days) for index in range(asked.train_cutoffs)]
    first_on = known.first_on or test
    usable = [day for day in days if (day - first_on).days >= churn.horizon_days]
    oldest = usable[-1] if usable else newest
    seen = weeks_watched(oldest, churn.horizon_days, fitted_until, asked.weeks)
    if not usable or seen < asked.weeks:
        message = (
            f"training needs a day that was watched for {asked.weeks} weeks by {fitted_until}, but "
            f"the oldest usable of lifetime.train_cutoffs={asked.train_cutoffs} days "
            f"{asked.step_days} apart, {oldest}, was for {seen}, and orders begin on "
            f"{first_on}; use fewer lifetime.weeks, more cutoffs or a later "
            f"lifetime.test_as_of"
        )
        raise CutoffsTooEarly(message)
    return LifetimePlan(tuple(reversed(usable)), fitted_until, test, judged_until)


def judged_day(churn: ChurnDefinition, asked: Lifetime, known: History) -> tuple[date, date]:
    """Newest day whose lifetimes are known for all weeks, and the first day that was not seen.

    Raises
    ------
    NoLifetimes
        When churn is not silence, so that nothing tells a day.
    """
    if churn.kind != "silent" or known.last_on is None:
        message = (
            "lifetimes need orders and churn.kind: silent, whose day of leaving the orders tell, "
            "but the config has labels, which say whether and not when; use regulars train churn"
        )
        raise NoLifetimes(message)
    until = days_after(known.last_on, 1)
    return days_after(until, -_needed(churn, asked)), until


def _needed(churn: ChurnDefinition, asked: Lifetime) -> int:
    """Days from an as_of on until its last week is known."""
    return churn.horizon_days + WEEK_DAYS * asked.weeks - 1


def lifetime_frame(
    con: Connection, business: Business, as_of: date, known_until: date
) -> LifetimeFrame:
    """Behaviour at one day, and lifetimes as they were known by another.

    Raises
    ------
    RegularsError
        When the day has no history or no cohort, or was not watched for a week.
    """
    behaviour = build(con, [as_of], business.sources, business.behaviour, engine=business.engine)
    rows = behaviour.to_pandas()
    found = _lifetimes(con, business, [as_of], known_until)
    return _frame(rows, Lifetimes(*_weeks_of(rows, found)))


def lifetime_parts(con: Connection, business: Business, chosen: LifetimePlan) -> LifetimeParts:
    """Behaviour and lifetimes of every part of a plan.

    Raises
    ------
    RegularsError
        When a day has no history or no cohort.
    """
    behaviour = build(
        con, chosen.as_ofs, business.sources, business.behaviour, engine=business.engine
    )
    rows = behaviour.to_pandas()
    newest = days_after(chosen.fitted_until, -(business.churn.horizon_days + WEEK_DAYS - 1))
    early = [day for day in chosen.as_ofs if day <= newest]
    before = _weeks_of(rows, _lifetimes(con, business, early, chosen.fitted_until))
    after = _weeks_of(rows, _lifetimes(con, business, chosen.as_ofs, chosen.test))
    return LifetimeParts(
        _frame(rows, Lifetimes(*before)),
        _frame(rows, Lifetimes(*after, before[0])),
        lifetime_frame(con, business, chosen.test, chosen.judged_until),
    )


def _lifetimes(
    con: Connection, business: Business, as_ofs: Sequence[date], known_until: date
) -> pd.DataFrame:
    weeks = business.lifetime.weeks
    found = build_lifetimes(con, as_ofs, business.churn, known_until, weeks)
    return pd.DataFrame(found.to_pandas())


def _weeks_of(
    behaviour: pd.DataFrame, found: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Weeks and ends in the order of the behaviour table; 0 for days that were not asked for."""
    joined = behaviour[IDENTITY].merge(found, on=IDENTITY, how="left", validate="one_to_one")
    ended = joined["ended"].astype("boolean").fillna(value=False)
    return joined["weeks"].fillna(0).to_numpy(dtype=np.int64), ended.to_numpy(dtype=bool)


def _frame(rows: pd.DataFrame, lifetimes: Lifetimes) -> LifetimeFrame:
    return LifetimeFrame(
        rows["customer"].to_numpy(dtype=object),
        rows["as_of"].to_numpy(dtype="datetime64[D]"),
        rows.drop(columns=IDENTITY).reset_index(drop=True),
        lifetimes,
    )

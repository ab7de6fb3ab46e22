"""Which days and customers a model learns from, is calibrated on, and is tested on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from features.clock import CutoffsTooEarly, cutoffs, days_after, newest_observable
from features.labels import labelled_days
from features.star import History
from features.warehouse import Connection
from models.splits import by_customer
from pipelines.config import Churn
from pipelines.versions import Version

Part = Literal["train", "calibration", "test"]
PARTS: Final[tuple[Part, ...]] = ("train", "calibration", "test")
SHARES: Final = (0.6, 0.2, 0.2)
"""Customers in each part where a labelled table has too few days for a split by time."""

SPLIT_SEED: Final = 11
LEAST_OUT_OF_TIME: Final = 3
"""Days that a labelled table needs before it can be split by time."""


@dataclass(frozen=True)
class Origin:
    """Days of one training, calibration and test."""

    train: tuple[date, ...]
    calibration: tuple[date, ...]
    test: tuple[date, ...]


@dataclass(frozen=True)
class Plan:
    """Where evaluation starts from, again and again.

    Attributes
    ----------
    origins
        By test day, the earliest first; the last one is that of the registered model.
    by_customer
        Whether all parts share the days and split customers; there is one origin then.
    """

    origins: tuple[Origin, ...]
    by_customer: bool

    @property
    def earliest(self) -> Origin:
        """Its training days are over before any test day's calibration begins."""
        return self.origins[0]

    @property
    def newest(self) -> Origin:
        """The days of the registered model."""
        return self.origins[-1]

    @property
    def test(self) -> tuple[date, ...]:
        """Every test day, ascending."""
        return tuple(day for origin in self.origins for day in origin.test)

    @property
    def as_ofs(self) -> tuple[date, ...]:
        """Every day of the plan, once, ascending."""
        days = ({*one.train, *one.calibration, *one.test} for one in self.origins)
        return tuple(sorted(set[date]().union(*days)))


def plan(con: Connection, churn: Churn, known: History) -> Plan:
    """Days for training, calibration and test; no day's label reaches into the next part.

    The newest test day is ``churn.test_as_of``, the others lie ``churn.step_days`` before each
    other. One that leaves less than half of the newest one's training days is left out, with all
    before it: it would speak of another, poorer model.

    Raises
    ------
    CutoffsTooEarly
        When the history holds no training day.
    """
    if churn.kind == "labelled":
        return _labelled(labelled_days(con), churn.test_cutoffs)
    if churn.test_as_of is None or known.first_on is None:
        raise CutoffsTooEarly("churn.test_as_of and orders are required for silent churn")
    newest = _origin(churn, churn.test_as_of, known.first_on)
    if not newest.train:
        latest = churn.test_as_of - timedelta(days=2 * churn.label_days)
        message = (
            f"training needs a day with {churn.label_days} days of orders before it, but churn."
            f"test_as_of={churn.test_as_of} leaves {latest} at the latest and orders begin "
            f"on {known.first_on}; choose a later churn.test_as_of or a shorter horizon"
        )
        raise CutoffsTooEarly(message)
    origins = [newest]
    for back in range(1, churn.test_cutoffs):
        test = churn.test_as_of - timedelta(days=back * churn.step_days)
        origin = _origin(churn, test, known.first_on)
        if 2 * len(origin.train) < len(newest.train):
            break
        origins.append(origin)
    return Plan(tuple(reversed(origins)), by_customer=False)


def _origin(churn: Churn, test: date, first_on: date) -> Origin:
    """Days of one test day; training days have a label window of history before them."""
    days = cutoffs(test, churn.label_days, churn.step_days, churn.train_cutoffs)
    usable = tuple(day for day in days.train if (day - first_on).days >= churn.label_days)
    return Origin(usable, (days.calibration,), (days.test,))


def _labelled(days: Sequence[date], most: int) -> Plan:
    if len(days) < LEAST_OUT_OF_TIME:
        newest = (days[-1],)
        return Plan((Origin(newest, newest, newest),), by_customer=True)
    ends = range(max(LEAST_OUT_OF_TIME, len(days) - most + 1, (len(days) + 3) // 2), len(days) + 1)
    origins = (Origin(tuple(days[: end - 2]), (days[end - 2],), (days[end - 1],)) for end in ends)
    return Plan(tuple(origins), by_customer=False)


def review_day(con: Connection, churn: Churn, known: History) -> date:
    """Newest day whose outcome is known: the one on which versions are compared.

    Raises
    ------
    CutoffsTooEarly
        When there are no orders.
    """
    if churn.kind == "labelled":
        return labelled_days(con)[-1]
    if known.last_on is None:
        raise CutoffsTooEarly("a review needs orders, but the warehouse has none; build it first")
    return newest_observable(known.last_on, churn.label_days)


def outcomes_seen_until(version: Version, churn: Churn) -> date:
    """First day on which no outcome that the version has learnt from can lie."""
    days = json.loads(version.said("trained_on")) + json.loads(version.said("calibrated_on"))
    last = max(date.fromisoformat(day) for day in days)
    return days_after(last, churn.label_days if churn.kind == "silent" else 1)


def parts_of(customers: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Index into `PARTS` of each row where customers, not days, are split."""
    return by_customer(list(customers), SHARES, SPLIT_SEED)


def unseen_customers(customers: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Rows of customers that no training or calibration has seen."""
    unseen: npt.NDArray[np.bool_] = parts_of(customers) == PARTS.index("test")
    return unseen

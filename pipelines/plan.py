"""Which days and customers a model learns from, is calibrated on, and is tested on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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
class Plan:
    """Days of each part; when ``by_customer``, all parts share the days and split customers."""

    train: tuple[date, ...]
    calibration: tuple[date, ...]
    test: tuple[date, ...]
    by_customer: bool

    @property
    def as_ofs(self) -> tuple[date, ...]:
        """Every day of the plan, once, ascending."""
        return tuple(sorted({*self.train, *self.calibration, *self.test}))


def plan(con: Connection, churn: Churn, known: History) -> Plan:
    """Days for training, calibration and test; no day's label reaches into the next part.

    Raises
    ------
    CutoffsTooEarly
        When the history holds no training day.
    """
    if churn.kind == "labelled":
        return _labelled(labelled_days(con))
    if churn.test_as_of is None or known.first_on is None:
        raise CutoffsTooEarly("churn.test_as_of and orders are required for silent churn")
    days = cutoffs(churn.test_as_of, churn.label_days, churn.step_days, churn.train_cutoffs)
    usable = tuple(day for day in days.train if (day - known.first_on).days >= churn.label_days)
    if not usable:
        message = (
            f"training needs a day with {churn.label_days} days of orders before it, but churn."
            f"test_as_of={churn.test_as_of} leaves {days.train[-1]} at the latest and orders begin "
            f"on {known.first_on}; choose a later churn.test_as_of or a shorter horizon"
        )
        raise CutoffsTooEarly(message)
    return Plan(usable, (days.calibration,), (days.test,), by_customer=False)


def _labelled(days: Sequence[date]) -> Plan:
    if len(days) < LEAST_OUT_OF_TIME:
        newest = (days[-1],)
        return Plan(newest, newest, newest, by_customer=True)
    return Plan(tuple(days[:-2]), (days[-2],), (days[-1],), by_customer=False)


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

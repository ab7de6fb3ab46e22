"""Customers at a day: their behaviour, what they spent before, and what they spent since."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import FloatArray
from models.spending import seen, spend_of
from models.value.baselines import YEAR

OWN: Final = (
    "value_spend_last_period",
    "value_spend_period_before",
    "value_spend_year_ago",
    "value_spend_ever",
)
"""Columns that a snapshot adds to the behaviour: money within the last equal period, within the one
before it, within the period that is asked for a year (364 days) ago (null: not known), and ever."""


class SnapshotUnclear(RegularsError):
    """Customers of a day are named twice, or a period that is not over is asked for."""


@dataclass(frozen=True, eq=False)
class ValueSnapshot:
    """Customers at a day.

    Attributes
    ----------
    as_of
        The day, since 1970-01-01; nothing from it on is in the figures.
    horizon_days
        Length of the period ``[as_of, as_of + horizon_days)``.
    figures
        By customer: columns of numbers, `OWN` last.
    spend
        Shape (n,): money within the period, returns taken off; None: it is not over.
    """

    as_of: int
    horizon_days: int
    figures: pd.DataFrame
    spend: FloatArray | None

    @property
    def customers(self) -> pd.Index:
        """Who they are."""
        return self.figures.index

    def outcome(self, purpose: str) -> FloatArray:
        """What was spent within the period.

        Raises
        ------
        SnapshotUnclear
            When the period is not over.
        """
        if self.spend is None:
            day = np.datetime64(int(self.as_of), "D")
            message = (
                f"{purpose} needs what customers spent within {self.horizon_days} days from "
                f"{day} on, but these days are not over; use an earlier as_of"
            )
            raise SnapshotUnclear(message)
        return self.spend


def snapshot(
    behaviour: pd.DataFrame,
    purchases: pd.DataFrame,
    as_of: int,
    horizon_days: int,
    known_until: int,
) -> ValueSnapshot:
    """Behaviour and money of customers at a day, with the outcome where it is known.

    Parameters
    ----------
    behaviour
        By customer: columns of the behaviour table at this day. They may be of any type of number,
        flags among them, and hold nulls.
    purchases
        See `models.spending.seen`; of these and other customers, of before and after.
    as_of
        The day, since 1970-01-01.
    horizon_days
        Length of the period that is to be told.
    known_until
        First day of which purchases are not known (completely).

    Raises
    ------
    SnapshotUnclear
        When a customer is there twice.
    PurchasesUnclear
        See `models.spending.seen`.
    """
    customers = behaviour.index
    twice = int(customers.duplicated().sum())
    if twice:
        message = (
            f"a snapshot needs one row of each customer, but {twice:,} of {len(customers):,} rows "
            "name a customer again; keep the rows of one as_of"
        )
        raise SnapshotUnclear(message)
    lines = seen(purchases)
    first = int(lines["day"].min()) if len(lines) else as_of
    last, before = as_of - horizon_days, as_of - 2 * horizon_days
    ago = as_of - YEAR
    own = {
        OWN[0]: spend_of(customers, lines, last, as_of),
        OWN[1]: spend_of(customers, lines, before, last),
        OWN[2]: spend_of(customers, lines, ago, min(ago + horizon_days, as_of)),
        OWN[3]: spend_of(customers, lines, first, as_of),
    }
    if first > ago:
        own[OWN[2]] = pd.Series(np.nan, index=customers)
    end = as_of + horizon_days
    spend = None
    if end <= known_until:
        spend = spend_of(customers, lines, as_of, end).to_numpy(dtype=np.float64)
    return ValueSnapshot(as_of, horizon_days, behaviour.assign(**own), spend)

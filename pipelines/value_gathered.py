"""What a training, a review or a night's scores of value look at, read from the warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from features.behaviour import build, columns, shape_of
from features.clock import Window, days_after
from features.cohort import CohortEmpty
from features.contract import fingerprint
from features.loads import data_fingerprint
from features.spending import build_spending, require_orders
from features.star import History, history
from features.warehouse import Connection
from models.spec import FloatArray
from models.value.baselines import Asked
from models.value.snapshots import ValueSnapshot, snapshot
from models.value.summary import summarised
from pipelines.config import Business
from pipelines.frames import IDENTITY
from pipelines.jobs import Job
from pipelines.value_days import ValueDays, number_of, value_days

MarginSource = Literal["settings", "costs", "unknown"]

SUMMARY: Final = ("repeats", "last_at", "age", "repeat_spend_mean")
"""Columns of `models.value.summary` that a promise of repeat buying is made of."""


@dataclass(frozen=True, eq=False)
class Purse:
    """What customers bought, and how they behaved.

    Attributes
    ----------
    purchases
        customer, day (since 1970-01-01), amount (minor units, returns taken off), orders, margin
        (minor units, null: cost not known), gross (minor units, before returns).
    behaviour
        The behaviour table of all days that are looked at: customer, as_of and its columns.
    known
        What the warehouse holds.
    data_fingerprint
        Of it.
    """

    purchases: pd.DataFrame
    behaviour: pd.DataFrame
    known: History
    data_fingerprint: str

    @property
    def known_until(self) -> int:
        """First day of which nothing is known, since 1970-01-01."""
        return number_of(self.known.last_on) + 1 if self.known.last_on else 0

    def on(self, day: date, horizon_days: int) -> ValueSnapshot:
        """Customers of a day: their behaviour, and what they spent within the horizon."""
        rows = self.behaviour[self.behaviour["as_of"] == day]
        names = pd.Index(rows["customer"], dtype=object, name="customer")
        figures = rows.drop(columns=IDENTITY).set_index(names)
        as_of = number_of(day)
        return snapshot(figures, self.purchases, as_of, horizon_days, self.known_until)

    def before(self, day: date) -> pd.DataFrame:
        """Purchases before a day."""
        return self.purchases[self.purchases["day"] < number_of(day)]


@dataclass(frozen=True, eq=False)
class ValueMaterial:
    """All that one training looks at."""

    days: ValueDays
    purse: Purse


def gathered(job: Job) -> ValueMaterial:
    """What a training looks at.

    Raises
    ------
    SpendingUnclear, NoSpending
        When there are no orders, or no customer that is known bought anything.
    OutsideHistory, HorizonNotObserved
        When the orders do not cover the days.
    CohortEmpty
        When a day has no customers.
    """
    business = job.business
    require_orders(business.sources)
    with job.opened() as con, job.steps.step("spending, behaviour table"):
        days = value_days(business.value, history(con, business.sources))
        try:
            return ValueMaterial(days, purse_of(con, business, days.looked_at))
        except CohortEmpty as error:
            message = (
                f"{error}; value is learnt from up to value.train_cutoffs="
                f"{business.value.train_cutoffs} days before a test: fewer leave out the oldest"
            )
            raise CohortEmpty(message) from error


def purse_of(
    con: Connection, business: Business, days: Sequence[date], until: date | None = None
) -> Purse:
    """Purchases before a day (None: all), and the behaviour table of some days.

    Raises
    ------
    SpendingUnclear, NoSpending
        When there are no orders, or no customer that is known bought anything.
    CohortEmpty
        When a day has no customers.
    """
    known = history(con, business.sources)
    first = known.first_on or days_after(days[0], -1)
    last = until or days_after(known.last_on or days[-1], 1)
    bought = build_spending(con, Window(first, last), business.sources)
    table = build(con, days, business.sources, business.behaviour, engine=business.engine)
    return Purse(_purchases(bought), table.to_pandas(), known, data_fingerprint(con))


def _purchases(bought: pa.Table) -> pd.DataFrame:
    gross = bought["amount"].to_numpy().astype(np.float64)
    margin = bought["margin"].to_numpy(zero_copy_only=False).astype(np.float64)
    return pd.DataFrame(
        {
            "customer": np.array(bought["customer"].to_pylist(), dtype=object),
            "day": bought["day"].to_numpy().astype("datetime64[D]").astype(np.int64),
            "amount": gross - bought["returned"].to_numpy(),
            "orders": bought["orders"].to_numpy(),
            "margin": margin,
            "gross": gross,
        }
    )


def asked_on(business: Business, day: date) -> Asked:
    """The period that is to be told from a day on, for the naive predictors.

    Customers of contracts are no matter of orders: of an earlier day whoever ever ordered counts.
    """
    cohort, asked = business.behaviour.cohort, Asked(number_of(day), business.value.horizon_days)
    if cohort.contract != "none":
        return asked
    return replace(
        asked, active_within_days=cohort.active_within_days, min_orders=cohort.min_orders
    )


def summary_of(purchases: pd.DataFrame, day: date) -> pd.DataFrame:
    """Repeat buying of all customers before a day, by customer, times in weeks; money minor."""
    bought = purchases[purchases["orders"] > 0]
    table = pd.DataFrame(
        {
            "customer": bought["customer"],
            "bought_on": bought["day"].to_numpy().astype("datetime64[D]"),
            "spend": bought["amount"],
        }
    )
    table["bought_on"] = table["bought_on"].astype("datetime64[s]")
    return summarised(table, day).set_index("customer")


def margin_of(business: Business, purchases: pd.DataFrame) -> tuple[float, MarginSource]:
    """What is left of spend as margin, 0..1, and what tells it."""
    given = business.value.margin_share
    if given is not None:
        return given, "settings"
    costed = purchases[purchases["margin"].notna()]
    gross = float(costed["gross"].sum())
    if gross <= 0:
        return 1.0, "unknown"
    return float(np.clip(costed["margin"].sum() / gross, 0.0, 1.0)), "costs"


def quarters_of(purchases: pd.DataFrame, customers: pd.Index) -> pd.Series:
    """Quarter of the first order of each, such as ``2017Q1``; null of who has none."""
    bought = purchases[purchases["orders"] > 0]
    first = bought.groupby("customer")["day"].min().reindex(customers)
    days: FloatArray = first.fillna(0).to_numpy(dtype=np.float64)
    quarters = pd.PeriodIndex(days.astype(np.int64).astype("datetime64[D]"), freq="Q")
    told = pd.Series(quarters.astype(str), index=customers, dtype=object)
    return told.where(first.notna().to_numpy(), None)


def described(business: Business) -> dict[str, str]:
    """By column of the behaviour table: what it is, as a fingerprint."""
    found = columns(shape_of(business.sources, business.behaviour))
    return {column.name: fingerprint([column]) for column in found}

"""Customers by the period of their first order: how many order again later, and what they spend."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.proportions import wilson
from models.spec import FloatArray, IntArray
from models.spending import orders_of, period_of, require_edges, seen


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Triangles: rows are cohorts by the first day of their period, columns are periods since.

    Column 0 is the period of the first order. What has not happened yet is NaN.

    Attributes
    ----------
    customers
        Customers of each cohort.
    active
        How many of them ordered in the period.
    revenue
        Money that came from them in the period, returns taken off.
    is_first_whole
        False: of the earliest cohort some may have ordered before the first day that is known.
    """

    customers: pd.Series
    active: pd.DataFrame
    revenue: pd.DataFrame
    is_first_whole: bool = False

    @property
    def retention(self) -> pd.DataFrame:
        """Share of the cohort that ordered in the period, 0..1; 1 in the first."""
        return self.active.div(self.customers, axis=0)

    @property
    def revenue_per_customer(self) -> pd.DataFrame:
        """Money in the period for each customer of the cohort."""
        return self.revenue.div(self.customers, axis=0)

    @property
    def cumulative_revenue_per_customer(self) -> pd.DataFrame:
        """Money until the end of the period for each customer of the cohort."""
        return self.revenue_per_customer.cumsum(axis=1, skipna=True).where(self.revenue.notna())

    def retained(self, cohort: int, age: int) -> Estimate:
        """A cell of `retention` with its 95 % interval (Wilson); NaN of what was not seen."""
        row, column = self.active.index.get_loc(cohort), self.active.columns.get_loc(age)
        part = self.active.to_numpy(dtype=np.float64)[row, column]
        if np.isnan(part):
            return Estimate(np.nan, np.nan, np.nan)
        return wilson(float(part), float(self.customers.to_numpy()[row]))

    @property
    def by_age(self) -> pd.DataFrame:
        """All cohorts together that were seen so long.

        A row per age: age; cohorts; customers; retention with low and high (95 %, Wilson);
        revenue_per_customer.
        """
        rows = []
        for age in self.active.columns:
            seen_so_long = self.active[age].notna()
            people = float(self.customers[seen_so_long].sum())
            share = wilson(float(self.active.loc[seen_so_long, age].sum()), people)
            money = float(self.revenue.loc[seen_so_long, age].sum())
            told = (share.value, share.low, share.high, money / people if people else np.nan)
            rows.append((age, int(seen_so_long.sum()), int(people), *told))
        columns = ["age", "cohorts", "customers", "retention", "low", "high"]
        return pd.DataFrame(rows, columns=[*columns, "revenue_per_customer"])


def cohorts(purchases: pd.DataFrame, edges: Sequence[int] | IntArray) -> Cohorts:
    """Cohorts of the first order, followed until the end of the last period.

    Parameters
    ----------
    purchases
        See `models.spending.seen`. Who ordered before the first edge belongs to no cohort.
    edges
        Days at which periods begin, and the end of the last, all of them over. Begin with the first
        day that is known, and the first cohort holds customers of before among the new ones.

    Raises
    ------
    PurchasesUnclear, PeriodsUnclear
        See `models.spending`.
    """
    bounds = np.asarray(edges, dtype=np.int64)
    require_edges(bounds)
    periods = len(bounds) - 1
    lines = seen(purchases, int(bounds[-1]))
    orders = orders_of(lines)
    joined = orders.groupby("customer", sort=True, observed=True)["day"].min()
    begun = pd.Series(period_of(joined.to_numpy(dtype=np.int64), bounds), index=joined.index)
    begun = begun[begun >= 0]
    active = _counted(orders, begun, bounds, None)
    revenue = _counted(lines, begun, bounds, "amount")
    sizes = np.bincount(begun.to_numpy(dtype=np.int64), minlength=periods)
    unseen = np.add.outer(np.arange(periods), np.arange(periods)) >= periods
    index = pd.Index(bounds[:-1], name="cohort")
    ages = pd.Index(np.arange(periods), name="age")
    known = len(lines) > 0 and int(lines["day"].min()) < int(bounds[0])
    return Cohorts(
        pd.Series(sizes, index=index, name="customers"),
        pd.DataFrame(np.where(unseen, np.nan, active), index=index, columns=ages),
        pd.DataFrame(np.where(unseen, np.nan, revenue), index=index, columns=ages),
        is_first_whole=known,
    )


def _counted(
    rows: pd.DataFrame, begun: pd.Series, bounds: IntArray, column: str | None
) -> FloatArray:
    """Sum of a column, or customers, by cohort and age, shape (periods, periods)."""
    periods = len(bounds) - 1
    place = period_of(rows["day"].to_numpy(dtype=np.int64), bounds)
    who = begun.index.get_indexer(pd.Index(rows["customer"]))
    cohort = np.append(begun.to_numpy(dtype=np.int64), -1)[who]
    held = (cohort >= 0) & (place >= cohort)
    cells = cohort[held] * periods + place[held] - cohort[held]
    if column is None:
        _, kept = np.unique(who[held] * periods + place[held], return_index=True)
        found = np.bincount(cells[kept], minlength=periods**2)
    else:
        amounts = rows[column].to_numpy(dtype=np.float64)[held]
        found = np.bincount(cells, amounts, minlength=periods**2)
    return found.reshape(periods, periods).astype(np.float64)

"""Profit of customers and periods as far as costs are known, its curve, and tiers by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from models.spec import IntArray
from models.spending import equal_periods
from models.worth.pareto import NoProfitToShare, Pareto, pareto
from models.worth.profitability import COSTS, ledger, net_present_value, totals, unknown_costs
from models.worth.tiers import tier_table, tiers_of
from pipelines.worth_gathered import WorthSeen

Basis = Literal["profit", "revenue_less_known_costs", "revenue"]

TOLD: Final[Mapping[Basis, str]] = {
    "profit": "profit",
    "revenue_less_known_costs": "revenue less the costs that are known",
    "revenue": "revenue",
}
"""What a customer's worth so far is, in words."""


@dataclass(frozen=True, eq=False)
class Profits:
    """What customers left in the last periods; money in minor units.

    Attributes
    ----------
    edges
        Days (since 1970-01-01) at which periods begin, and as_of.
    basis
        What ``worth`` is: profit where all costs are known or assumed; else what can be told.
    worth
        By customer with a purchase or a sending in these periods.
    present
        The same, each period discounted to the first day; see
        `models.worth.profitability.net_present_value`.
    periods
        A row per period: period (first day), customers (who ordered), orders, revenue, each cost
        and profit (NaN where a part is not known), worth.
    unknown
        See `models.worth.profitability.unknown_costs`.
    assumed
        Names of costs that a setting stands for, somewhere.
    curve
        None where there is no profit in all.
    tier, tiers
        By customer, and the table with policies.
    """

    edges: IntArray
    basis: Basis
    worth: pd.Series
    present: pd.Series
    periods: pd.DataFrame
    unknown: pd.DataFrame
    assumed: tuple[str, ...]
    curve: Pareto | None
    tier: pd.Series
    tiers: pd.DataFrame


def profits_of(seen: WorthSeen) -> Profits:
    """Profit of the last periods that settings ask for, as many as the history has.

    A history shorter than one period is one period.
    """
    edges = _edges(seen)
    rows = ledger(seen.purchases, edges, seen.sendings, seen.asked.costs)
    whole = totals(rows)
    basis = _basis(rows, whole)
    worth = whole[basis].rename("worth")
    return Profits(
        edges,
        basis,
        worth,
        net_present_value(rows, edges, seen.asked.discount_rate, basis),
        _periods(rows, basis),
        unknown_costs(rows),
        tuple(name for name in COSTS if rows["assumed"].str.contains(name).any()),
        _curve(worth, seen),
        tiers_of(worth, seen.asked.tier_rows),
        tier_table(worth, seen.asked.tier_rows),
    )


def _edges(seen: WorthSeen) -> IntArray:
    asked = seen.asked
    most = max(asked.profit_days // asked.profit_period_days, 1)
    known = (seen.end - seen.begin) // asked.profit_period_days
    if known < 1:
        return np.array([seen.begin, seen.end], dtype=np.int64)
    found = equal_periods(seen.begin, seen.end, asked.profit_period_days)
    return found[-(min(most, known) + 1) :]


def _basis(rows: pd.DataFrame, whole: pd.DataFrame) -> Basis:
    if whole["profit"].notna().all():
        return "profit"
    is_known = rows[list(COSTS)].fillna(0.0).abs().to_numpy().sum() > 0
    return "revenue_less_known_costs" if is_known else "revenue"


def _periods(rows: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    parts = rows.groupby("period", sort=True)
    found = parts[["orders", "revenue"]].sum()
    found.insert(0, "customers", (rows["orders"] > 0).groupby(rows["period"]).sum())
    for name in (*COSTS, "profit"):
        is_known = ~rows[name].isna().groupby(rows["period"]).any()
        found[name] = parts[name].sum().where(is_known)
    return found.assign(worth=parts[basis].sum()).reset_index()


def _curve(worth: pd.Series, seen: WorthSeen) -> Pareto | None:
    amounts = worth.to_numpy(dtype=np.float64)
    try:
        return pareto(amounts, seen.asked.pareto_share, seed=seen.seed, resamples=seen.resamples)
    except NoProfitToShare:
        return None

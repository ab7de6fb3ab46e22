"""What is left of each customer's revenue, period by period, and what is not known of it.

A cost that nobody recorded is no cost of 0: it stays unknown, the profit with it, and a column says
which. What is assumed instead is asked for by name, and told too.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from models.spec import FloatArray, IntArray
from models.spending import (
    PeriodsUnclear,
    PurchasesUnclear,
    dated,
    is_above_0,
    numbers_or_nulls,
    period_of,
    seen,
)

COSTS: Final = ("product_cost", "serving_cost", "marketing_cost")

DAYS_OF_YEAR: Final = 365.25

_KEYS: Final = ["customer", "period"]


class CostsAssumed(BaseModel):
    """What stands for costs that were not recorded; null: they stay unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    product_cost_share: float | None = Field(
        default=None, ge=0, description="Cost of goods as a share of the money paid for them."
    )
    serving_cost_per_order: float | None = Field(
        default=None, ge=0, description="Money: picking, payment, delivery, service of an order."
    )
    marketing_cost_per_contact: float | None = Field(
        default=None, ge=0, description="Money for each contact."
    )


def ledger(
    purchases: pd.DataFrame,
    edges: Sequence[int] | IntArray,
    contacts: pd.DataFrame | None = None,
    assumed: CostsAssumed | None = None,
) -> pd.DataFrame:
    """Revenue, costs and profit of each customer and period in which something happened.

    .. math:: profit = revenue - product cost - serving cost - marketing cost

    Source: Kumar and Reinartz 2018, "Customer relationship management"; costs to serve by customer:
    Kaplan and Narayanan 2001, "Measuring and managing customer profitability".

    Parameters
    ----------
    purchases
        See `models.spending.seen`; product_cost and serving_cost (money of the line, null
        where not known) may be there.
    edges
        Days at which periods begin, and the end of the last; what lies outside is left out.
    contacts
        A row per contact: customer, day, and cost (money, null where not known) if there is one.
        None: what marketing cost is not known. A table without rows: nobody was contacted.
    assumed
        What stands for unknown costs; None: nothing does.

    Returns
    -------
    pandas.DataFrame
        By customer and period: customer; period (first day); orders; revenue; the columns of
        `COSTS` and profit (NaN: not known); revenue_less_known_costs; unknown, and assumed: names
        of costs that a part of is unknown, or assumed, separated by commas.

    Raises
    ------
    PurchasesUnclear
        When a column is missing or unfit, here or in the contacts.
    PeriodsUnclear
        When the edges do not rise.
    """
    asked = assumed or CostsAssumed()
    bought = _bought(purchases, edges, asked)
    contacted = _contacted(contacts, edges, asked)
    both = bought.join(contacted, how="outer") if contacted is not None else bought
    found = both.sort_index()
    for name in ("orders", "revenue", "product_cost", "serving_cost"):
        found[name] = found[name].where(found.index.isin(bought.index), 0.0)
    if contacted is None:
        found["marketing_cost"] = np.nan
    else:
        found["marketing_cost"] = found["marketing_cost"].where(
            found.index.isin(contacted.index), 0.0
        )
    found["orders"] = found["orders"].astype(np.int64)
    costs = found[list(COSTS)]
    found["profit"] = found["revenue"] - costs.sum(axis=1, skipna=False)
    found["revenue_less_known_costs"] = found["revenue"] - costs.fillna(0.0).sum(axis=1)
    found["unknown"] = _names(costs.isna())
    marks = found.reindex(columns=[f"{name}_assumed" for name in COSTS], fill_value=False)
    found["assumed"] = _names(marks.eq(other=True).set_axis(list(COSTS), axis=1))
    columns = ["orders", "revenue", *COSTS, "profit", "revenue_less_known_costs"]
    return found[[*columns, "unknown", "assumed"]].reset_index()


def _bought(
    purchases: pd.DataFrame, edges: Sequence[int] | IntArray, asked: CostsAssumed
) -> pd.DataFrame:
    """Sums of purchases by customer and period; NaN where a part is not known."""
    lines = _in_periods(seen(purchases), edges)
    if "order" not in lines.columns:
        lines = lines.assign(order=lines["day"])
    goods = _recorded("purchases", lines, "product_cost")
    is_assumed = goods.isna() & (asked.product_cost_share is not None)
    goods = goods.fillna(lines["amount"] * _or_unknown(asked.product_cost_share))
    marks = {"goods_gap": goods.isna(), "goods_assumed": is_assumed}
    parts = lines.assign(goods=goods, **marks).groupby(_KEYS, observed=True)
    orders = _orders(lines, asked).groupby(level=_KEYS, observed=True)
    return pd.DataFrame(
        {
            "orders": orders["is_paid"].sum(),
            "revenue": parts["amount"].sum(),
            "product_cost": parts["goods"].sum().where(~parts["goods_gap"].any()),
            "serving_cost": orders["served"].sum().where(~orders["served_gap"].any()),
            "product_cost_assumed": parts["goods_assumed"].any(),
            "serving_cost_assumed": orders["served_assumed"].any(),
        }
    )


def _orders(lines: pd.DataFrame, asked: CostsAssumed) -> pd.DataFrame:
    """By customer, period and order: whether it brought money, and what it cost to serve.

    Where that is not recorded of all lines, what is assumed stands for the order.
    """
    served = _recorded("purchases", lines, "serving_cost")
    parts = lines.assign(served=served, gap=served.isna()).groupby([*_KEYS, "order"], observed=True)
    is_paid, gap = is_above_0(parts["amount"].sum()), parts["gap"].any()
    instead = is_paid * _or_unknown(asked.serving_cost_per_order)
    cost = parts["served"].sum().where(~gap, instead)
    return pd.DataFrame(
        {
            "is_paid": is_paid,
            "served": cost,
            "served_gap": cost.isna(),
            "served_assumed": gap & cost.notna(),
        }
    )


def _contacted(
    contacts: pd.DataFrame | None, edges: Sequence[int] | IntArray, asked: CostsAssumed
) -> pd.DataFrame | None:
    """What contacts cost by customer and period."""
    if contacts is None:
        return None
    missing = [name for name in ("customer", "day") if name not in contacts.columns]
    if missing:
        message = (
            f"contacts need the columns customer and day, but lack {', '.join(missing)}; name them "
            "so"
        )
        raise PurchasesUnclear(message)
    told = dated("contacts", contacts, ("customer", "day"), PurchasesUnclear)
    rows = _in_periods(told, edges)
    cost = _recorded("contacts", rows, "cost")
    is_assumed = cost.isna() & (asked.marketing_cost_per_contact is not None)
    cost = cost.fillna(_or_unknown(asked.marketing_cost_per_contact))
    parts = rows.assign(paid=cost, gap=cost.isna(), put=is_assumed).groupby(_KEYS, observed=True)
    return pd.DataFrame(
        {
            "marketing_cost": parts["paid"].sum().where(~parts["gap"].any()),
            "marketing_cost_assumed": parts["put"].any(),
        }
    )


def _in_periods(rows: pd.DataFrame, edges: Sequence[int] | IntArray) -> pd.DataFrame:
    place = period_of(rows["day"].to_numpy(dtype=np.int64), edges)
    inside = place >= 0
    begins = np.asarray(edges, dtype=np.int64)[place[inside]]
    return rows[inside].assign(period=begins)


def _recorded(what: str, rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows.columns:
        return pd.Series(np.nan, index=rows.index, dtype=np.float64)
    return numbers_or_nulls(what, rows[name], PurchasesUnclear)


def _or_unknown(value: float | None) -> float:
    return np.nan if value is None else value


def _names(marks: pd.DataFrame) -> pd.Series:
    """Names of the marked columns of each row, separated by commas."""
    values = marks.to_numpy(dtype=bool)
    told = np.full(len(marks), "", dtype=object)
    for name, is_marked in zip(marks.columns, values.T, strict=True):
        joined = np.where(told == "", name, told + ", " + name)
        told = np.where(is_marked, joined, told)
    return pd.Series(told, index=marks.index, dtype=object)


def totals(rows: pd.DataFrame) -> pd.DataFrame:
    """A ledger summed over its periods; by customer.

    What is unknown in one period is unknown in all: profit and that cost are NaN then, and
    ``unknown`` names it; ``revenue_less_known_costs`` stays a number.
    """
    parts = rows.groupby("customer", sort=True, observed=True)
    found = parts[["orders", "revenue", "revenue_less_known_costs"]].sum()
    for name in (*COSTS, "profit"):
        gap = rows[name].isna().groupby(rows["customer"], observed=True).any()
        found[name] = parts[name].sum().where(~gap)
    found["unknown"] = _names(found[list(COSTS)].isna())
    columns = ["orders", "revenue", *COSTS, "profit", "revenue_less_known_costs", "unknown"]
    return found[columns]


def unknown_costs(rows: pd.DataFrame) -> pd.DataFrame:
    """How much of a ledger lacks each cost.

    Returns
    -------
    pandas.DataFrame
        A row per cost: cost; rows (customers and periods) and customers that a part is unknown of;
        revenue of these rows, and its share of all revenue (NaN where that is not above 0).
    """
    whole = float(rows["revenue"].sum())
    table = []
    for name in COSTS:
        lacks = rows[rows[name].isna()]
        revenue = float(lacks["revenue"].sum())
        share = revenue / whole if whole > 0 else np.nan
        table.append((name, len(lacks), int(lacks["customer"].nunique()), revenue, share))
    return pd.DataFrame(table, columns=["cost", "rows", "customers", "revenue", "revenue_share"])


def net_present_value(
    rows: pd.DataFrame, edges: Sequence[int] | IntArray, rate: float, column: str = "profit"
) -> pd.Series:
    r"""Money of each customer worth at the first edge, by customer; NaN where a part is not known.

    .. math:: NPV = \sum_k \frac{CF_k}{(1 + r)^{(e_{k + 1} - e_0) / 365.25}}

    with the money of a period counted at its end, the later side. Source: Brealey, Myers and Allen
    2020, "Principles of corporate finance", chapter 2.

    Parameters
    ----------
    rows
        A ledger of these edges.
    edges
        Days at which its periods begin, and the end of the last.
    rate
        Yearly, above -1, such as .1.
    column
        What is discounted; ``revenue_less_known_costs`` where costs are unknown.

    Raises
    ------
    PeriodsUnclear
        When the edges do not rise, or are not those of the ledger.
    """
    bounds = np.asarray(edges, dtype=np.int64)
    begins = rows["period"].to_numpy(dtype=np.int64)
    place = period_of(begins, bounds)
    strange = sorted(set(begins[(place < 0) | (bounds[place] != begins)].tolist()))
    if strange:
        message = (
            f"a net present value needs the edges of its ledger, but {len(strange)} of its periods "
            f"begin elsewhere, such as on {strange[0]}; pass the same edges"
        )
        raise PeriodsUnclear(message)
    worth = rows[column] * discounts(bounds[place + 1] - bounds[0], rate)
    gap = worth.isna().groupby(rows["customer"], observed=True).any()
    total = worth.groupby(rows["customer"], sort=True, observed=True).sum()
    return total.where(~gap).rename("net_present_value")


def discounts(days: IntArray, rate: float) -> FloatArray:
    """What money after so many days is worth today at a yearly rate, shape of the days."""
    found: FloatArray = (1 + rate) ** (-np.asarray(days, dtype=np.float64) / DAYS_OF_YEAR)
    return found

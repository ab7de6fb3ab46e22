"""Profit beside loyalty: friends, butterflies, barnacles and strangers."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spending import orders_of

UNKNOWN: Final = "unknown"
"""Quadrant of who is not known well enough."""

Quadrant = Literal["friends", "butterflies", "barnacles", "strangers"]


class QuadrantsUnclear(RegularsError):
    """Customers are named twice, or money that is not finite."""


@dataclass(frozen=True, eq=False)
class Quadrants:
    """Profit beside loyalty.

    Attributes
    ----------
    quadrant
        By customer: ``friends`` (profit and duration high), ``butterflies`` (profit high, duration
        low), ``barnacles`` (low, high), ``strangers`` (low, low), or `UNKNOWN`.
    table
        A row per quadrant: quadrant; customers; customers_share; profit; profit_share (NaN where
        all profit is not above 0).
    profit_from, duration_from
        Where high begins.
    """

    quadrant: pd.Series
    table: pd.DataFrame
    profit_from: float
    duration_from: float


def quadrants(
    profit: pd.Series,
    duration: pd.Series,
    profit_from: float | None = None,
    duration_from: float | None = None,
) -> Quadrants:
    """Friends, butterflies, barnacles and strangers.

    Source: Reinartz and Kumar 2002, "The mismanagement of customer loyalty", Harvard Business
    Review 80(7), who take profit and the duration that is projected, from who is still active.

    Parameters
    ----------
    profit
        Money by customer; NaN where it is not known.
    duration
        Of the same customers: how long they are expected to stay, or the chance that they are
        still active (`still_active`, or that of a model of lifetimes).
    profit_from, duration_from
        At or above is high; None: the median of those known. Where half or more share the median,
        all of them are high.

    Raises
    ------
    QuadrantsUnclear
        When a customer is named twice, or a profit is infinite.
    """
    _require(profit, duration)
    last = duration.reindex(profit.index)
    is_known = (profit.notna() & last.notna()).to_numpy()
    cuts = [
        float(values[is_known].median()) if cut is None else cut
        for values, cut in ((profit, profit_from), (last, duration_from))
    ]
    pays, stays = (profit >= cuts[0]).to_numpy(), (last >= cuts[1]).to_numpy()
    names: tuple[Quadrant, ...] = ("friends", "butterflies", "barnacles", "strangers")
    place = np.where(pays, np.where(stays, 0, 1), np.where(stays, 2, 3))
    told = np.where(is_known, np.array(names, dtype=object)[place], UNKNOWN)
    found = pd.Series(told, index=profit.index, name="quadrant", dtype=object)
    order = [*names, UNKNOWN]
    customers = found.value_counts().reindex(order, fill_value=0)
    money = profit.groupby(found).sum().reindex(order, fill_value=0.0)
    whole = float(money.sum())
    table = pd.DataFrame(
        {
            "customers": customers,
            "customers_share": customers / max(len(found), 1),
            "profit": money,
            "profit_share": money / (whole if whole > 0 else np.nan),
        }
    )
    return Quadrants(found, table.rename_axis("quadrant").reset_index(), cuts[0], cuts[1])


def _require(profit: pd.Series, duration: pd.Series) -> None:
    for name, each in (("profit", profit), ("duration", duration)):
        twice = int(each.index.duplicated().sum())
        if twice:
            message = (
                f"quadrants need each customer once, but {twice:,} of {len(each):,} rows of {name} "
                "name one again; sum them"
            )
            raise QuadrantsUnclear(message)
    infinite = int(np.isinf(profit.to_numpy(dtype=np.float64, na_value=np.nan)).sum())
    if infinite:
        message = (
            f"quadrants need a finite profit, or none where it is not known, but {infinite:,} of "
            f"{len(profit):,} are infinite; mend them"
        )
        raise QuadrantsUnclear(message)


def still_active(purchases: pd.DataFrame, as_of: int, window_days: int) -> pd.Series:
    r"""Rough chance that each customer of a window is still active, 0..1, by customer.

    .. math:: P = (t / T)^{n}

    with n the orders within the window, t the days from its first one to the last, and T those from
    the first to ``as_of``. Source: Reinartz and Kumar 2002, after Schmittlein and Morrison 1985. Of
    who ordered on one day it says 0, which is no finding; a model of lifetimes says more.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    orders = orders_of(purchases, as_of)
    days = orders[orders["day"] >= as_of - window_days].groupby("customer", observed=True)["day"]
    first, last, count = days.min(), days.max(), days.size()
    return (((last - first) / (as_of - first)) ** count).rename("still_active")

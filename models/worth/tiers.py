"""Tiers of customers by what they are worth, each with a policy: the user's table decides."""

from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import FloatArray

_ROWS: Final = (
    ("top", 0.01, "a person who knows them; ask before anything that concerns them changes"),
    ("large", 0.05, "first in service and offers; win back at once when they fall silent"),
    ("medium", 0.20, "sell more and across; move them up"),
    ("small", 1.00, "serve well at low cost; offers that pay by themselves"),
)

TIERS: Final = pd.DataFrame(_ROWS, columns=["tier", "share", "policy"])
"""Tiers from the highest down, each up to a share of all customers that is cumulated.

Source of the shares: Curry and Curry 2000, "The customer marketing method", the customer pyramid.
The policies are examples. A table with ``least`` (money, falling) in place of ``share`` cuts by
value instead.
"""


class TiersUnclear(RegularsError):
    """A table of tiers lacks a column, or its bounds do not run one way."""


def tiers_of(value: pd.Series, tiers: pd.DataFrame | None = None) -> pd.Series:
    """Tier of each customer, an ordered category from the highest down; null of unknown value.

    By shares, customers of equal value are in one tier: that of the middle of their ranks. By
    value, a tier begins at its ``least``.

    Parameters
    ----------
    value
        Money by customer: profit, or lifetime value; NaN where it is not known.
    tiers
        See `TIERS`; None: those.

    Raises
    ------
    TiersUnclear
        When the table lacks a column or its bounds do not run one way.
    """
    table = _required(TIERS if tiers is None else tiers)
    known = value.notna().to_numpy()
    amounts = value.to_numpy(dtype=np.float64)[known]
    place = np.full(len(value), -1, dtype=np.int64)
    if "share" in table.columns:
        bounds = table["share"].to_numpy(dtype=np.float64)
        place[known] = np.searchsorted(bounds[:-1], _from_top(amounts), side="right")
    else:
        least = table["least"].to_numpy(dtype=np.float64)
        place[known] = np.searchsorted(-least[:-1], -amounts, side="left")
    names = pd.Index(table["tier"].astype(str))
    codes = pd.Categorical.from_codes(place, categories=names, ordered=True)
    return pd.Series(codes, index=value.index, name="tier")


def _from_top(amounts: FloatArray) -> FloatArray:
    """Share of customers above the middle of each one's equals, 0..1."""
    _, level, counts = np.unique(amounts, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    found: FloatArray = 1 - middle[level] / max(len(amounts), 1)
    return found


def _required(tiers: pd.DataFrame) -> pd.DataFrame:
    bounds = [name for name in ("share", "least") if name in tiers.columns]
    missing = [name for name in ("tier", "policy") if name not in tiers.columns]
    if missing or len(bounds) != 1 or not len(tiers):
        message = (
            f"tiers need rows with the columns tier, policy, and either share or least, but the "
            f"table has {', '.join(map(str, tiers.columns))} and {len(tiers)} rows; see "
            "models.worth.tiers.TIERS"
        )
        raise TiersUnclear(message)
    (by,) = bounds
    values = pd.to_numeric(tiers[by], errors="coerce").to_numpy(dtype=np.float64)
    steps = np.diff(values)
    if by == "share":
        is_right = values[0] > 0 and bool((steps > 0).all()) and values[-1] == 1
        rule = "rise to 1"
    else:
        is_right = bool((steps[:-1] < 0).all()) if len(steps) else True
        is_right &= bool(np.isfinite(values[:-1]).all())
        rule = "fall (that of the last does not matter)"
    if not is_right or tiers["tier"].duplicated().any():
        message = (
            f"tiers need names of their own, and {by} to {rule}, but it is "
            f"{', '.join(f'{each:g}' for each in values)}; order the table from the highest tier "
            "down"
        )
        raise TiersUnclear(message)
    return tiers.assign(**{by: values})


def tier_table(value: pd.Series, tiers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Customers and value of each tier, and its policy.

    Returns
    -------
    pandas.DataFrame
        A row per tier, the highest first: tier; customers, customers_share (of those whose value is
        known); value, value_share (NaN where all value is not above 0); least and most of a
        customer's value (NaN where nobody is in it); policy.

    Raises
    ------
    TiersUnclear
        See `tiers_of`.
    """
    table = TIERS if tiers is None else tiers
    tier = tiers_of(value, table)
    parts = value.groupby(tier, observed=False)
    customers, worth = parts.size(), parts.sum()
    whole = float(worth.sum())
    found = pd.DataFrame(
        {
            "customers": customers,
            "customers_share": customers / max(int(customers.sum()), 1),
            "value": worth,
            "value_share": worth / (whole if whole > 0 else np.nan),
            "least": parts.min(),
            "most": parts.max(),
        }
    )
    found.index = found.index.astype(object)
    found["policy"] = table["policy"].tolist()  # a row of each tier, in the order of the table
    return found.rename_axis("tier").reset_index()

"""Which product stands for the tier above the usual one, and how much of what is above it is."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from models.up_sell.tiers import Tiers
from models.up_sell.unit_prices import sold


def next_products(
    purchases: pd.DataFrame,
    tiers: Tiers,
    as_of: int,
    allowed: Collection[str] | None = None,
    recent_days: int = 56,
) -> pd.DataFrame:
    """A row per need and tier with one above that sold lately, by these: what to offer next.

    Parameters
    ----------
    purchases
        See `models.up_sell.unit_prices.unit_prices`.
    tiers
        Of the products.
    as_of
        Nothing from this day on is seen.
    allowed
        Products that may be offered, as text; None: all.
    recent_days
        Days before ``as_of`` that count.

    Returns
    -------
    pandas.DataFrame
        need; tier (the usual one); to_tier (the next one up); product (as text: the allowed one of
        to_tier with the most purchase days, of equals the first by name); share (0..1: of the days
        on which a customer bought something of the need above the tier, those with the product).

    Raises
    ------
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    lines = sold(purchases, as_of)
    lines = lines[lines["day"] >= as_of - recent_days]
    codes, names = pd.factorize(lines["product"])
    place = pd.Index(tiers.products["product"]).get_indexer(names.astype(str).astype(object))
    of_line = place[codes]
    seen = lines[of_line >= 0][["customer", "day"]].assign(place=of_line[of_line >= 0])
    seen = seen.drop_duplicates()
    known = tiers.products[["need", "tier", "product"]]
    days = np.bincount(seen["place"], minlength=len(known))
    reached = _reached(seen, known)
    offered = known.assign(days=days)[days > 0]
    if allowed is not None:
        offered = offered[offered["product"].isin(list(allowed))]
    offered = offered[offered["tier"] > 0]
    offered = offered.sort_values(
        ["need", "tier", "days", "product"], ascending=[True, True, False, True], kind="stable"
    ).drop_duplicates(["need", "tier"])
    whole = reached.reindex(pd.MultiIndex.from_frame(offered[["need", "tier"]])).to_numpy()
    found = pd.DataFrame(
        {
            "need": offered["need"],
            "tier": offered["tier"] - 1,
            "to_tier": offered["tier"],
            "product": offered["product"],
            "share": offered["days"].to_numpy(dtype=np.float64) / whole,
        }
    )
    return found.reset_index(drop=True)


def _reached(seen: pd.DataFrame, known: pd.DataFrame) -> "pd.Series[int]":
    """By need and tier: days of customers with something of the tier or higher."""
    described = seen[["customer", "day"]].assign(
        need=known["need"].to_numpy()[seen["place"]], tier=known["tier"].to_numpy()[seen["place"]]
    )
    top = described.groupby(["need", "customer", "day"], sort=True)["tier"].max()
    counts = top.reset_index().groupby(["need", "tier"], sort=True).size()
    every = pd.MultiIndex.from_frame(
        known[["need", "tier"]].drop_duplicates().sort_values(["need", "tier"])
    )
    # From the highest tier down: a day that reaches a tier reaches all below it.
    down = counts.reindex(every, fill_value=0).iloc[::-1]
    return down.groupby(level="need", sort=False).cumsum()

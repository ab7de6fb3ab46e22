"""What a unit of each product costs, and which products are sold by weight."""

from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError

LONE_SHARE: Final = 0.25
"""Share of purchases at a price per unit that no other purchase of the product had, above which the
product counts as sold by weight."""

SEEN_LEAST: Final = 10
"""Purchases from which on prices of a product are told apart from chance."""

COLUMNS: Final = ("customer", "day", "product", "quantity", "amount")
"""What purchases need; ``margin`` may be there."""


class PurchasesUnclear(RegularsError):
    """Purchases lack a column, or hold figures that are no numbers."""


def unit_prices(purchases: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """A row per product sold before a day: its price, and whether it is sold by weight.

    What is weighed at the till has nearly as many prices per piece as purchases; the price of
    what is not, comes back. On complete_journey half the purchases of a piece of meat have a price
    of their own, of packed groceries one in a hundred.

    Parameters
    ----------
    purchases
        A row per line: customer, day (since 1970-01-01), product, quantity, amount (minor units).
        Lines without a quantity or amount above 0 are left out.
    as_of
        Nothing from this day on is seen.

    Returns
    -------
    pandas.DataFrame
        product; price (median of what was paid for a unit, minor units); purchases (lines); lone
        (share of them at a price, rounded to minor units, that no other had); is_weighed, False of
        products with fewer than `SEEN_LEAST` purchases.

    Raises
    ------
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    kept = sold(purchases, as_of)
    price = kept["amount"] / kept["quantity"]
    lines = pd.DataFrame({"product": kept["product"], "price": price, "rounded": price.round()})
    by_price = lines.groupby(["product", "rounded"], observed=True, sort=True).size()
    lone = by_price.eq(1).groupby(level=0, observed=True).sum()
    prices = lines.groupby("product", observed=True, sort=True)["price"]
    found = pd.DataFrame({"price": prices.median(), "purchases": prices.size()})
    found["lone"] = lone.reindex(found.index) / found["purchases"]
    is_seen = found["purchases"] >= SEEN_LEAST
    found["is_weighed"] = is_seen & (found["lone"] > LONE_SHARE)
    return found.rename_axis("product").reset_index()


def sold(purchases: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Lines before a day of a customer and a product, with quantity and amount above 0.

    Parameters
    ----------
    purchases
        See `unit_prices`; ``margin`` may be there, and is NaN otherwise.
    as_of
        Nothing from this day on is kept.

    Raises
    ------
    PurchasesUnclear
        When a column is missing or holds no numbers.
    """
    missing = [name for name in COLUMNS if name not in purchases.columns]
    if missing:
        message = (
            f"up-sell needs purchases with the columns {list(COLUMNS)}, but {missing} are missing; "
            f"rename or add them"
        )
        raise PurchasesUnclear(message)
    for name in ("day", "quantity", "amount"):
        if not pd.api.types.is_numeric_dtype(purchases[name]):
            message = (
                f"up-sell needs numbers in the column {name} (day: days since 1970-01-01; amount: "
                f"minor units), but it holds {purchases[name].dtype}; cast it"
            )
            raise PurchasesUnclear(message)
    is_kept = (purchases["day"] < as_of) & (purchases["quantity"] > 0) & (purchases["amount"] > 0)
    is_kept &= purchases["customer"].notna() & purchases["product"].notna()
    kept = purchases.loc[is_kept, list(COLUMNS)].reset_index(drop=True)
    margin = purchases["margin"] if "margin" in purchases.columns else None
    kept["margin"] = np.nan if margin is None else margin[is_kept].to_numpy(dtype=np.float64)
    return kept

"""Our way for a few columns, which polars and pandas make too; none needs a category."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.behaviour.ours import SETTINGS, make, prepare
from benchmarks.behaviour.shop import Shop

__all__ = ["FEW", "build", "prepare"]

FEW = (
    *("days_since_order", "tenure_days", "gap_mean_days", "gap_spread_days", "days_since_contact"),
    *(f"orders_count_{days}d" for days in (28, 91, 182, 364)),
    *(f"spend_{days}d" for days in (28, 91, 182, 364)),
    *(f"lines_per_order_{days}d" for days in (28, 91, 182, 364)),
    *(f"products_count_{days}d" for days in (28, 91, 364)),
    *(f"order_value_mean_{days}d" for days in (91, 364)),
    *(f"discount_share_{days}d" for days in (91, 364)),
    *(f"complaint_contacts_count_{days}d" for days in (91, 364)),
    "returned_lines_share_364d",
)
"""The 27 columns."""


def build(shop: Shop, days: Sequence[date], folder: Path) -> None:
    """The few columns at each of the days, as a config without categories asks for them."""
    make(shop, days, folder, SETTINGS.model_copy(update={"category_level": None}), FEW)

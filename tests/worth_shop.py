"""Made-up purchases of which what customers were worth is described."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from features.settings import Currency
from pipelines.worth_gathered import EPOCH, WorthSeen
from pipelines.worth_settings import Stages, WorthSettings

AS_OF = date(2024, 7, 1)
END = (AS_OF - EPOCH).days


FEW_STEPS = WorthSettings(stages=Stages(steps_most=2))
"""So that a test does not wait."""


def bought(*rows: tuple[str, int, float], costs: float | None = None) -> pd.DataFrame:
    """Purchases: customer, days before as_of, minor units; costs are a share of the money."""
    table = pd.DataFrame(rows, columns=["customer", "before", "amount"])
    known = np.nan if costs is None else costs
    return pd.DataFrame(
        {
            "customer": table["customer"].astype(object),
            "day": END - table["before"],
            "amount": table["amount"].astype(np.float64),
            "product_cost": table["amount"] * known,
        }
    )


def dated(*rows: tuple[Any, ...], figure: str) -> pd.DataFrame:
    """Sendings or contacts: customer, days before as_of, and a figure."""
    table = pd.DataFrame(rows, columns=["customer", "before", figure])
    days = END - table["before"]
    return table.drop(columns="before").assign(day=days)


def seen(purchases: pd.DataFrame, asked: WorthSettings | None = None, **more: Any) -> WorthSeen:
    """What is known of a shop whose first day is that of the first purchase."""
    first = EPOCH + timedelta(days=int(purchases["day"].min())) if len(purchases) else AS_OF
    settings = (asked or FEW_STEPS).in_minor_units(2)
    given = {"horizon_days": 28, "resamples": 50, **more}
    return WorthSeen("shop", Currency(), AS_OF, first, asked=settings, purchases=purchases, **given)


def habits(customers: int = 60, days: int = 400, seed: int = 3) -> pd.DataFrame:
    """Purchases of customers who buy at rates of their own, and some of whom stop."""
    random = np.random.default_rng(seed)
    rows = []
    for place in range(customers):
        gap, stops = 5 + 40 * random.random(), random.integers(0, days // 2)
        day = float(days - random.integers(0, days // 3))
        while day > (stops if place % 3 == 0 else 0):
            rows.append((f"c{place:03}", int(day), float(random.integers(500, 9_000))))
            day -= 1 + random.exponential(gap)
    return bought(*rows)

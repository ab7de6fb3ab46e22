"""Made-up customers whose leaving depends on their behaviour, for tests of models."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Churners:
    """Features by name, who left, and the probability with which each left."""

    features: pd.DataFrame
    churned: BoolArray
    truth: FloatArray

    def first(self, rows: int) -> "Churners":
        """The first customers."""
        return Churners(self.features.iloc[:rows], self.churned[:rows], self.truth[:rows])

    def last(self, rows: int) -> "Churners":
        """The last customers."""
        return Churners(self.features.iloc[-rows:], self.churned[-rows:], self.truth[-rows:])


def churners(rows: int, seed: int = 1) -> Churners:
    """Customers who leave when they stay away long for someone who orders as often as they do.

    ``gap_mean_days`` is missing for a fifth of them and ``color`` says nothing.
    """
    random = np.random.default_rng(seed)
    orders = random.poisson(6, rows).astype(np.float64)
    recency = random.exponential(60 / (1 + orders))
    gap = np.where(random.random(rows) < 0.2, np.nan, 90 / (1 + orders))
    spend = orders * random.lognormal(3, 0.5, rows) * 100
    odds = 0.9 * np.log1p(recency) - 0.5 * orders + 0.4 * np.isnan(gap) - 0.5
    truth = 1 / (1 + np.exp(-odds))
    features = pd.DataFrame(
        {
            "days_since_order": recency.round(),
            "orders_count_28d": random.binomial(orders.astype(np.int64), 0.3).astype(np.float64),
            "orders_count_182d": orders,
            "spend_28d": spend.round(),
            "gap_mean_days": gap,
            "color": random.normal(size=rows),
        }
    )
    return Churners(features, random.random(rows) < truth, truth)

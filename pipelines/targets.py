"""To whom an offer should be made: what it is expected to earn, and a choice within a budget."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from models.contacts import Choice, chosen_under_budget, expected_profit
from models.economics import CustomerEconomics, Economics
from models.spec import FloatArray
from pipelines.config import Budget

TARGETED = pa.schema(
    [
        pa.field("expected_profit", pa.float64()),
        pa.field("offer", pa.bool_()),
    ]
)
"""``expected_profit`` is what an offer to the customer is expected to earn, in minor units, below 0
where it costs more; ``offer`` says whether to make one. Both are null where the config has no
economics, or where the model's chances do not come true."""


@dataclass(frozen=True)
class Targets:
    """What offers are expected to earn, and who gets one.

    Attributes
    ----------
    expected_profit
        Shape (n,), minor units: of an offer to each, whether it is made or not.
    choice
        Who gets one; money in units of the currency.
    """

    expected_profit: FloatArray
    choice: Choice

    def rows(self, wanted: slice) -> pa.RecordBatch:
        """`TARGETED` of some customers."""
        profit, offered = self.expected_profit[wanted], self.choice.contacted[wanted]
        return pa.RecordBatch.from_arrays([pa.array(profit), pa.array(offered)], schema=TARGETED)


def targets(
    probability: FloatArray,
    features: pd.DataFrame,
    economics: Economics,
    digits: int,
    budget: Budget | None,
) -> Targets:
    """The choice among all customers.

    Parameters
    ----------
    probability
        Shape (n,), calibrated.
    features
        The n customers' values, at least of the column that says what they are worth.
    economics
        What an offer costs and brings.
    digits
        Minor units are ``10 ** -digits`` of the currency.
    budget
        Limit of all offers; None: everybody for whom one is worth it.
    """
    stakes = CustomerEconomics.of(economics, features, digits)
    limit = budget or Budget(customers=len(probability))
    choice = chosen_under_budget(probability, stakes, money=limit.money, customers=limit.customers)
    return Targets(np.round(expected_profit(probability, stakes) * 10**digits), choice)


def untargeted(rows: int) -> pa.RecordBatch:
    """So many rows of nothing."""
    return pa.RecordBatch.from_arrays([pa.nulls(rows, f.type) for f in TARGETED], schema=TARGETED)

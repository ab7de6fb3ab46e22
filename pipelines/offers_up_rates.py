"""What a registered version knows of steps up beside its trees: rates and numbers, and back."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from models.up_sell.candidates import HABITS
from models.up_sell.rates import Rates
from pipelines.offers_up import Up

RATES: Final = "up_rates"
"""Kind of the numbers that belong to the table of rates; nothing is predicted of it."""

KNOWN_UNTIL: Final = "known_until"

_SCHEMA: Final = pa.schema(
    {
        "need": pa.string(),
        **dict.fromkeys(("tier", "habit", "pairs", "bought"), pa.int64()),
        **dict.fromkeys(("transition_rate", "own_past"), pa.float64()),
    }
)


def up_rates(up: Up | None) -> pa.Table:
    """Rates by need, tier and habit, see `models.up_sell.rates.Rates`; empty where none is used."""
    if up is None:
        return _SCHEMA.empty_table()
    return pa.Table.from_pandas(up.rates.table, _SCHEMA, preserve_index=False)


def line_of(up: Up) -> dict[str, float]:
    """Slope and intercept on the log-odds of the trees, as ``score`` and ``intercept``."""
    if up.model is None:
        return {}
    return {"score": up.model.line.slope, "intercept": up.model.line.intercept}


def numbers_of(up: Up) -> dict[str, float]:
    """The other numbers, by name."""
    rates = up.rates
    found = {"overall": rates.overall, "prior": rates.prior, "horizon": float(rates.horizon)}
    found |= dict(zip(HABITS, rates.by_habit.tolist(), strict=True))
    return found if up.model is None else found | {KNOWN_UNTIL: float(up.model.known_until)}


def rates_from(table: pa.Table, numbers: Mapping[str, float]) -> Rates:
    """The rates that a table and its numbers are of."""
    habits = np.array([numbers[name] for name in HABITS])
    prior, horizon = numbers["prior"], int(numbers["horizon"])
    return Rates(numbers["overall"], habits, table.to_pandas(), prior, horizon)

"""Goals of the benchmark of up-sell are read from the trial."""

import numpy as np
import pandas as pd

from benchmarks.up_sell import goals_of, told
from models.up_sell.candidates import UpPairs
from models.up_sell.trials import compared


def test_goals_are_low_ends_and_calibration_errors_of_all_and_new_pairs() -> None:
    keys = pd.DataFrame({"customer": range(100), "need": "tea", "tier": 0, "to_tier": 1})
    bought = np.arange(100) % 4 == 0
    habit = np.arange(100) // 50 * 2
    pairs = UpPairs(keys, (), np.empty((100, 0)), habit, bought, 0, 28)
    said = {
        "model": np.where(bought, 0.9, 0.1),
        "transition_rate": np.full(100, 0.25),
        "own_rate": np.where(bought, 0.9, 0.1),
    }
    found = compared(pairs, said, resamples=50)
    goals = goals_of("price 28", found)
    assert list(goals) == [
        f"price 28, {population}: {goal}"
        for population in ("all", "new")
        for goal in (
            "precision over transition rate, low end",
            "precision over every baseline, low end",
            "calibration error",
        )
    ]
    assert goals["price 28, all: precision over transition rate, low end"]["met"]
    assert goals["price 28, all: precision over every baseline, low end"]["value"] == 0.0
    assert goals["price 28, all: calibration error"] == {"value": 0.1, "bound": 0.02, "met": False}
    assert "own_rate is used instead" in told(found)
